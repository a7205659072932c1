// SPDX-License-Identifier: MIT
// The words of a control line as values. Every error names the word and what is allowed.
#pragma once

#include <libmcu/model/bytes.hpp>
#include <libmcu/model/civil_time.hpp>
#include <libmcu/model/result.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace mcusim {

using Words = std::vector<std::string>;

/// Splits at blanks; single or double quotes keep blanks together ('2013-09-10 21:06:17').
Words split_line(std::string_view line);

mcu::Error invalid(std::string_view what, std::string_view given, std::string_view allowed);

mcu::Result<int> whole_number(std::string_view what, const std::string& word, int min, int max);
mcu::Result<double> real_number(std::string_view what, const std::string& word, double min,
                                double max);
mcu::Result<bool> on_or_off(std::string_view what, const std::string& word);
/// Pairs of hex digits, with or without blanks: {"40", "43"} or {"4043"}.
mcu::Result<mcu::Bytes> hex_bytes(std::string_view what, const Words& words, std::size_t first);
/// "2013-09-10 21:06:17", the blank or a T between date and time; in one word or two.
mcu::Result<mcu::CivilTime> civil_time(const Words& words, std::size_t first);

} // namespace mcusim

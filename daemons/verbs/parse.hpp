// SPDX-License-Identifier: MIT
// Words of a command line as values. Pure; every error says what is allowed.
#pragma once

#include <libmcu/model/bytes.hpp>
#include <libmcu/model/result.hpp>
#include <libmcu/model/units.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace nasmcu {

/// "35", "35.5" or "35%": 0 to 100. A NaN or an infinity is no percentage.
mcu::Result<mcu::Duty> parse_percent(std::string_view word);

/// True for a word that can only be meant as a fan's value, not as its name: "auto", "why", "50".
bool is_fan_value(std::string_view word);

/// Whole seconds from 1 to 99, as DeviceShutdown takes them.
mcu::Result<int> parse_delay(std::string_view word);

/// Bytes in hex: "40 54 33", "405433", "0x40". At most `limit` bytes.
mcu::Result<mcu::Bytes> parse_hex(const std::vector<std::string>& words, std::size_t limit);

} // namespace nasmcu

// SPDX-License-Identifier: MIT
// Small helpers for words that people write: strict numbers, safe quoting.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcu {

std::string_view trim(std::string_view text);                ///< without blanks at both ends
std::string lower(std::string_view text);                    ///< ASCII only, whatever the locale
std::vector<std::string> split_words(std::string_view text); ///< at blanks; no empty words

/// For messages: 'text' with control characters as \xNN, cut behind 60 characters, so that a
/// hostile file can neither colour nor flood a terminal.
std::string in_quotes(std::string_view text);

/// "a, b, c".
std::string join(const std::vector<std::string_view>& words, std::string_view between = ", ");

/// The whole text as a decimal number, or nothing: no blanks, no exponent, no "nan", no locale.
std::optional<long> parse_integer(std::string_view text);
std::optional<double> parse_decimal(std::string_view text);
/// yes/no, true/false, on/off, 1/0 in any case.
std::optional<bool> parse_bool(std::string_view text);

/// "20", "33.3": no trailing zeros.
std::string number_text(double value);

} // namespace mcu

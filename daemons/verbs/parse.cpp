// SPDX-License-Identifier: MIT
#include <verbs/parse.hpp>

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace nasmcu {
namespace {

mcu::Error invalid(std::string what) { return {mcu::Errc::invalid_argument, std::move(what)}; }

/// -1 for a character that is no hex digit.
int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

} // namespace

mcu::Result<mcu::Duty> parse_percent(std::string_view word) {
  const mcu::Error error = invalid(fmt::format("'{}' is not a percentage from 0 to 100", word));
  std::string_view digits = word;
  if (digits.ends_with('%')) digits.remove_suffix(1);
  double value = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (code != std::errc() || end != digits.data() + digits.size()) return error;
  if (!std::isfinite(value) || !in_range(mcu::Duty{value})) return error;
  return mcu::Duty{value + 0.0}; // makes -0 a plain 0
}

bool is_fan_value(std::string_view word) {
  if (word == "auto" || word == "why") return true;
  return !word.empty() && std::string_view("0123456789+-.").find(word[0]) != std::string_view::npos;
}

mcu::Result<int> parse_delay(std::string_view word) {
  int seconds = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), seconds);
  if (code != std::errc() || end != word.data() + word.size() || seconds < 1 || seconds > 99)
    return invalid(
        fmt::format("'{}' is not a delay: allowed are whole seconds from 1 to 99", word));
  return seconds;
}

mcu::Result<mcu::Bytes> parse_hex(const std::vector<std::string>& words, std::size_t limit) {
  mcu::Bytes bytes;
  for (const std::string& word : words) {
    std::string_view digits = word;
    if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
    const mcu::Error error = invalid(
        fmt::format("'{}' is no hex: write bytes of two digits, as in 40 54 33 or 405433", word));
    if (digits.empty()) return error;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
      while (i < digits.size() && digits[i] == ' ') ++i; // "40 54 33" as one quoted word
      if (i == digits.size()) break;
      if (i + 1 == digits.size()) return error;
      const int high = hex_digit(digits[i]), low = hex_digit(digits[i + 1]);
      if (high < 0 || low < 0) return error;
      if (bytes.size() == limit) return invalid(fmt::format("more than {} bytes", limit));
      bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
  }
  return bytes;
}

} // namespace nasmcu

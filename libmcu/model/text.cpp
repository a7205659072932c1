// SPDX-License-Identifier: MIT
#include <libmcu/model/text.hpp>

#include <libmcu/model/ini.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace mcu {
namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

} // namespace

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  for (text = trim(text); !text.empty(); text = trim(text)) {
    const auto end = std::min(text.find_first_of(blanks), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

std::string in_quotes(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  constexpr std::size_t most = 60;
  std::string result = "'";
  for (const char c : text.substr(0, most)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      result += c;
    } else {
      result += "\\x";
      result += digits[byte >> 4U];
      result += digits[byte & 0x0FU];
    }
  }
  return result + (text.size() > most ? "...'" : "'");
}

std::string join(const std::vector<std::string_view>& words, std::string_view between) {
  std::string result;
  for (const std::string_view word : words) {
    if (!result.empty()) result += between;
    result += word;
  }
  return result;
}

std::optional<long> parse_integer(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

std::optional<double> parse_decimal(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || !is_digit(digits.front())) return {};
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

std::optional<bool> parse_bool(std::string_view text) {
  for (const std::string_view word : {"yes", "true", "on", "1"})
    if (same_word(text, word)) return true;
  for (const std::string_view word : {"no", "false", "off", "0"})
    if (same_word(text, word)) return false;
  return {};
}

std::string number_text(double value) {
  char buffer[32];
  // Two decimals are finer than any sensor or pwm step here.
  const double rounded = std::round(value * 100) / 100;
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, rounded).ptr;
  return {buffer, end};
}

} // namespace mcu

// SPDX-License-Identifier: MIT
#include <mcusim/arguments.hpp>

#include <libmcu/model/text.hpp>

#include <array>
#include <cstdio>
#include <optional>

namespace mcusim {

Words split_line(std::string_view line) {
  Words words;
  std::optional<std::string> word;
  char quote = '\0';
  for (const char c : line) {
    if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        *word += c;
      }
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      if (word) words.push_back(*std::exchange(word, std::nullopt));
    } else {
      if (!word) word.emplace();
      if (c == '\'' || c == '"') {
        quote = c;
      } else {
        *word += c;
      }
    }
  }
  if (word) words.push_back(*word);
  return words;
}

mcu::Error invalid(std::string_view what, std::string_view given, std::string_view allowed) {
  return {mcu::Errc::invalid_argument, std::string(what) + " cannot be " + mcu::in_quotes(given) +
                                           "; allowed: " + std::string(allowed)};
}

mcu::Result<int> whole_number(std::string_view what, const std::string& word, int min, int max) {
  const std::optional<long> value = mcu::parse_integer(word);
  if (value && *value >= min && *value <= max) return static_cast<int>(*value);
  return invalid(what, word, std::to_string(min) + " to " + std::to_string(max));
}

mcu::Result<double> real_number(std::string_view what, const std::string& word, double min,
                                double max) {
  const std::optional<double> value = mcu::parse_decimal(word);
  if (value && *value >= min && *value <= max) return *value;
  return invalid(what, word, mcu::number_text(min) + " to " + mcu::number_text(max));
}

mcu::Result<bool> on_or_off(std::string_view what, const std::string& word) {
  const std::optional<bool> value = mcu::parse_bool(word);
  if (value) return *value;
  return invalid(what, word, "0, 1, off, on");
}

static int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

mcu::Result<mcu::Bytes> hex_bytes(std::string_view what, const Words& words, std::size_t first) {
  static constexpr std::string_view allowed = "pairs of hex digits, such as 40 43 32";
  mcu::Bytes bytes;
  for (std::size_t at = first; at < words.size(); ++at) {
    for (const std::string& word : split_line(words[at])) {
      if (word.size() % 2 != 0) return invalid(what, word, allowed);
      for (std::size_t i = 0; i < word.size(); i += 2) {
        const int high = digit(word[i]);
        const int low = digit(word[i + 1]);
        if (high < 0 || low < 0) return invalid(what, word, allowed);
        bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
      }
    }
  }
  if (bytes.empty()) return invalid(what, "", allowed);
  return bytes;
}

mcu::Result<mcu::CivilTime> civil_time(const Words& words, std::size_t first) {
  static constexpr std::string_view allowed = "'YYYY-MM-DD HH:MM:SS', years 2000 to 2099";
  std::string text;
  for (std::size_t at = first; at < words.size(); ++at) {
    if (!text.empty()) text += ' ';
    text += words[at];
  }
  // The layout is checked by hand: scanf would take signs, blanks and short fields.
  static constexpr std::string_view layout = "dddd-dd-dd dd:dd:dd";
  if (text.size() == layout.size() && text[10] == 'T') text[10] = ' ';
  bool fits = text.size() == layout.size();
  for (std::size_t i = 0; fits && i < layout.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    fits = layout[i] == 'd' ? is_digit : text[i] == layout[i];
  }
  if (!fits) return invalid("clock", text, allowed);
  const auto field = [&text](std::size_t at, std::size_t size) {
    return std::stoi(text.substr(at, size));
  };
  const mcu::CivilTime time{field(0, 4),  field(5, 2),  field(8, 2),
                            field(11, 2), field(14, 2), field(17, 2)};
  const mcu::Status status = mcu::check(time);
  if (!status.ok()) return status.error();
  return time;
}

} // namespace mcusim

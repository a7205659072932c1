// SPDX-License-Identifier: MIT
#include <alertd/mail_text.hpp>

#include <libmcu/model/printable.hpp>
#include <libmcu/model/text.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace nasmcu::alertd {
namespace {

constexpr std::size_t mail_line = 76;

std::uint32_t octet(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<std::uint8_t>(text[at]) : 0;
}

std::string base64(std::string_view text) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const std::uint32_t three =
        octet(text, i) << 16U | octet(text, i + 1) << 8U | octet(text, i + 2);
    for (std::size_t digit = 0; digit < 4; ++digit)
      result += i + digit > text.size() ? '=' : digits[three >> (18 - 6 * digit) & 0x3FU];
  }
  return result;
}

bool needs_encoding(std::string_view value, const std::vector<std::string>& words) {
  const bool ascii = std::all_of(value.begin(), value.end(),
                                 [](char c) { return static_cast<std::uint8_t>(c) < 0x80; });
  const bool looks_encoded = value.find("=?") != std::string_view::npos;
  return !ascii || looks_encoded ||
         std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word.size() > 60; });
}

/// Encoded words of at most 64 characters, one a line: whole characters in each, as the RFC wants.
std::string encoded_words(std::string_view value) {
  constexpr std::size_t bytes_each = 39;
  std::string result;
  while (!value.empty()) {
    const std::string_view part = mcu::clip(value, bytes_each);
    result += (result.empty() ? "=?UTF-8?B?" : "\n =?UTF-8?B?") + base64(part) + "?=";
    value.remove_prefix(part.size());
  }
  return result;
}

/// What may not stand as it is in a line of quoted-printable. A dot at the front could end the
/// mail, "From " could begin another one for what carries it, and blanks at the end get lost.
bool must_quote(std::string_view line, std::size_t at, bool at_front) {
  const std::uint32_t byte = octet(line, at);
  if (byte < 0x20 || byte >= 0x7F || byte == '=') return true;
  if (at_front && (byte == '.' || line.substr(at).starts_with("From "))) return true;
  return byte == ' ' && at + 1 == line.size();
}

std::string quoted_line(std::string_view line) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string result;
  std::size_t column = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    std::string piece(1, line[i]);
    if (must_quote(line, i, column == 0)) {
      const std::uint32_t byte = octet(line, i);
      piece = {'=', digits[byte >> 4U], digits[byte & 0x0FU]};
    }
    // One column is left for the mark that the line goes on.
    if (column + piece.size() > mail_line - 1) {
      result += "=\n";
      column = 0;
      --i; // again, at the front of the next line
      continue;
    }
    result += piece;
    column += piece.size();
  }
  return result;
}

} // namespace

std::string mail_header(const std::string& name, std::string_view value) {
  // A model's name can have any length; a list of mails shows the first 80.
  constexpr std::size_t most = 400;
  const std::string line = mcu::one_line(value);
  const std::string_view text = mcu::clip(line, most);
  const auto words = mcu::split_words(text);
  std::string result = name + ":";
  if (needs_encoding(text, words)) return result + " " + encoded_words(text) + "\n";
  std::size_t column = result.size();
  for (const std::string& word : words) {
    const bool fold = column + 1 + word.size() > mail_line;
    result += (fold ? "\n " : " ") + word;
    column = (fold ? 0 : column) + 1 + word.size();
  }
  return result + "\n";
}

std::string mail_date(WallTime time) {
  static constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed",
                                                      "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000",
                days.at(std::chrono::weekday(day).c_encoding()), static_cast<unsigned>(date.day()),
                months.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

std::string quoted_printable(std::string_view text) {
  const std::string lines = mcu::plain_lines(text);
  std::string result;
  for (std::string_view rest = lines; !rest.empty();) {
    const auto end = rest.find('\n');
    result += quoted_line(rest.substr(0, end)) + "\n";
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return result;
}

} // namespace nasmcu::alertd

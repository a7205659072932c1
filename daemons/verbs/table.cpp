// SPDX-License-Identifier: MIT
#include <verbs/table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace nasmcu {
namespace {

/// Columns on the screen: a UTF-8 character is one, however many bytes it has.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80;
  }));
}

} // namespace

std::string paint(const std::string& text, Tone tone, bool color) {
  if (!color || tone == Tone::plain || text.empty()) return text;
  const char* code = tone == Tone::dim    ? "2"
                     : tone == Tone::good ? "32"
                     : tone == Tone::warn ? "33"
                     : tone == Tone::bad  ? "1;31"
                                          : "1";
  return fmt::format("\033[{}m{}\033[0m", code, text);
}

std::string heading(const std::string& title, bool color) {
  return "\n" + paint(title, Tone::title, color) + "\n";
}

std::string harmless(std::string text) {
  for (char& c : text)
    if (static_cast<std::uint8_t>(c) < 0x20 || c == 0x7F) c = ' ';
  return text;
}

std::vector<std::string> aligned_lines(const std::vector<Row>& rows, bool color) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows)
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      if (widths.size() <= i) widths.resize(i + 1);
      widths[i] = std::max(widths[i], width(row[i].text));
    }
  std::vector<std::string> lines;
  for (const Row& row : rows) {
    std::string line = "  ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += paint(harmless(row[i].text), row[i].tone, color);
      if (i + 1 < row.size() && widths[i] > 0)
        line += std::string(widths[i] - width(row[i].text) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(line + "\n");
  }
  return lines;
}

std::string aligned(const std::vector<Row>& rows, bool color) {
  std::string out;
  for (const std::string& line : aligned_lines(rows, color)) out += line;
  return out;
}

} // namespace nasmcu

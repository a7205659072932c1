// SPDX-License-Identifier: MIT
// What libmcu/model/ini.cpp uses of inih: lines "key = value" or "key: value", with comments. It
// takes the section headings out itself.
#include <ini.h>

#include <array>
#include <cctype>
#include <string>

namespace {

// As Debian builds inih.
constexpr int longest_line = 200;

bool blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

std::string trim(const std::string& text) {
  std::size_t begin = 0, end = text.size();
  while (begin < end && blank(text[begin])) ++begin;
  while (end > begin && blank(text[end - 1])) --end;
  return text.substr(begin, end - begin);
}

/// Without a comment: ';' at the start or behind a blank begins one.
std::string without_comment(const std::string& text) {
  for (std::size_t at = 0; at < text.size(); ++at)
    if (text[at] == ';' && (at == 0 || blank(text[at - 1]))) return text.substr(0, at);
  return text;
}

} // namespace

extern "C" int ini_parse_stream(ini_reader reader, void* stream, ini_handler handler, void* user) {
  std::array<char, longest_line> buffer{};
  int first_error = 0;
  for (int number = 1; reader(buffer.data(), longest_line, stream) != nullptr; ++number) {
    const std::string line = trim(buffer.data());
    if (line.empty() || line.front() == ';' || line.front() == '#') continue;
    const std::size_t equals = without_comment(line).find_first_of("=:");
    bool good = equals != std::string::npos;
    if (good) {
      const std::string name = trim(line.substr(0, equals));
      const std::string value = trim(without_comment(line.substr(equals + 1)));
      good = handler(user, "", name.c_str(), value.c_str()) != 0;
    }
    if (!good && first_error == 0) first_error = number;
  }
  return first_error;
}

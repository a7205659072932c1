// SPDX-License-Identifier: MIT
// A corpus file. NAME.seed is written by people: a line that begins with # is a comment, "text"
// stands for its characters (\n \r \t \\ \" as in C++), and two hex digits for a byte. Any other
// file is its own bytes.
#pragma once

#include "fuzz.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace fuzz {

inline char unescaped(char c) {
  switch (c) {
  case 'n': return '\n';
  case 'r': return '\r';
  case 't': return '\t';
  default: return c;
  }
}

/// What stands between two quotes; `at` is behind the first and ends behind the second.
inline void add_quoted(Bytes& bytes, const std::string& line, std::size_t& at) {
  for (; at < line.size() && line[at] != '"'; ++at) {
    if (line[at] == '\\' && at + 1 < line.size()) {
      bytes.push_back(static_cast<std::uint8_t>(unescaped(line[++at])));
      continue;
    }
    bytes.push_back(static_cast<std::uint8_t>(line[at]));
  }
  if (at == line.size()) throw std::runtime_error("a quote is not closed: " + line);
  ++at;
}

inline Bytes parse_seed(const std::string& text) {
  Bytes bytes;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) continue;
    for (std::size_t at = 0; at < line.size();) {
      if (line[at] == ' ') {
        ++at;
      } else if (line[at] == '"') {
        add_quoted(bytes, line, ++at);
      } else {
        const std::string digits = line.substr(at, 2);
        if (digits.size() != 2 || digits.find_first_not_of("0123456789ABCDEF") != std::string::npos)
          throw std::runtime_error("not two hex digits: " + line.substr(at));
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits, nullptr, 16)));
        at += 2;
      }
    }
  }
  return bytes;
}

inline Bytes read_seed(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (path.extension() == ".seed") return parse_seed(text);
  return bytes_of(text);
}

} // namespace fuzz

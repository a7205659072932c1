// SPDX-License-Identifier: MIT
#include <common/mountinfo.hpp>

#include <libmcu/model/text.hpp>

#include <algorithm>
#include <vector>

namespace nasmcu {
namespace {

bool is_octal(char c) { return c >= '0' && c <= '7'; }

/// "\040" and the like: the kernel writes blanks, line feeds and backslashes so.
std::string without_escapes(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view digits = text.substr(at + 1, 3);
    const bool escape = text[at] == '\\' && digits.size() == 3 && digits[0] <= '3' &&
                        std::all_of(digits.begin(), digits.end(), is_octal);
    if (!escape) {
      plain += text[at];
      continue;
    }
    plain += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
    at += digits.size();
  }
  return plain;
}

bool has_option(std::string_view options, std::string_view wanted) {
  while (!options.empty()) {
    const auto end = std::min(options.find(','), options.size());
    if (options.substr(0, end) == wanted) return true;
    options.remove_prefix(std::min(end + 1, options.size()));
  }
  return false;
}

} // namespace

// "36 35 98:0 /root /mnt rw,noatime master:1 - ext4 /dev/sda1 rw,errors=continue"
std::optional<MountLine> parse_mount_line(std::string_view line) {
  const std::vector<std::string> words = mcu::split_words(line);
  constexpr std::size_t fixed = 6, behind = 3;
  if (words.size() < fixed + 1 + behind) return {};
  // Any number of optional fields stands before the lone hyphen.
  const auto hyphen = std::find(words.begin() + fixed, words.end(), "-");
  if (words.end() - hyphen < static_cast<std::ptrdiff_t>(1 + behind)) return {};
  MountLine result;
  result.of_root = words[3] == "/";
  result.mount.point = without_escapes(words[4]);
  result.mount.read_only = has_option(words[5], "ro");
  result.mount.type = hyphen[1];
  result.mount.source = without_escapes(hyphen[2]);
  result.mount.super_read_only = has_option(hyphen[3], "ro");
  return result;
}

} // namespace nasmcu

// SPDX-License-Identifier: MIT
#include <libmcu/model/printable.hpp>

#include <cstdint>

namespace mcu {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

std::uint32_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

/// How many bytes a character has that begins with `lead`; 0: none does.
std::size_t length_by_lead(std::uint32_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

/// The bytes of the character at the front; 0 when there is none: a stray or missing byte, an
/// overlong form, a surrogate, beyond U+10FFFF.
std::size_t character_length(std::string_view text) {
  const std::size_t length = length_by_lead(byte_at(text, 0));
  if (length <= 1 || length > text.size()) return length > text.size() ? 0 : length;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte_at(text, i) & 0xC0U) != 0x80) return 0;
  const std::uint32_t two = byte_at(text, 0) << 8U | byte_at(text, 1);
  const bool overlong = (two >= 0xE080 && two < 0xE0A0) || (two >= 0xF080 && two < 0xF090);
  const bool surrogate = two >= 0xEDA0 && two < 0xEDC0;
  const bool beyond = two >= 0xF490 && two < 0xF4C0;
  return overlong || surrogate || beyond ? 0 : length;
}

/// Of a whole character. C1 (U+0080 to U+009F) moves the cursor on some terminals.
bool is_control(std::string_view character) {
  const std::uint32_t lead = byte_at(character, 0);
  return lead < 0x20 || lead == 0x7F || (lead == 0xC2 && byte_at(character, 1) < 0xA0);
}

/// Calls `each` with every character of the text, U+FFFD for what is none.
template <class Each>
void for_each_character(std::string_view text, Each each) {
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    each(length == 0 ? replacement : text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

} // namespace

std::string valid_utf8(std::string_view text) {
  std::string result;
  for_each_character(text, [&](std::string_view character) { result += character; });
  return result;
}

std::string one_line(std::string_view text) {
  std::string result;
  bool gap = false;
  for_each_character(text, [&](std::string_view character) {
    if (character == " " || is_control(character)) {
      gap = true;
      return;
    }
    if (gap && !result.empty()) result += ' ';
    gap = false;
    result += character;
  });
  return result;
}

std::string plain_lines(std::string_view text) {
  std::string result;
  bool return_before = false; // a CR waits for its LF
  for_each_character(text, [&](std::string_view character) {
    if (return_before && character != "\n") result += ' ';
    return_before = character == "\r";
    if (return_before) return;
    if (character != "\n" && is_control(character))
      result += ' ';
    else
      result += character;
  });
  if (return_before) result += ' ';
  return result;
}

std::string_view clip(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (byte_at(text, most) & 0xC0U) == 0x80) --most;
  return text.substr(0, most);
}

} // namespace mcu

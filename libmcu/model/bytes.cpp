// SPDX-License-Identifier: MIT
#include <libmcu/model/bytes.hpp>

namespace mcu {

std::string to_hex(ByteView bytes) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size() * 3);
  for (const std::uint8_t byte : bytes) {
    if (!text.empty()) text += ' ';
    text += digits[byte >> 4U];
    text += digits[byte & 0x0FU];
  }
  return text;
}

} // namespace mcu

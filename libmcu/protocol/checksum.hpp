// SPDX-License-Identifier: MIT
#pragma once

#include <libmcu/model/bytes.hpp>

namespace mcu {

/// XOR of all bytes; 0 over a message that ends in its own checksum.
constexpr std::uint8_t xor_of(ByteView bytes) {
  unsigned sum = 0;
  for (const std::uint8_t byte : bytes) sum ^= byte;
  return static_cast<std::uint8_t>(sum);
}

} // namespace mcu

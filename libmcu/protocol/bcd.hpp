// SPDX-License-Identifier: MIT
// Binary-coded decimals: 59 travels as 0x59.
#pragma once

#include <cstdint>
#include <optional>

namespace mcu {

/// Precondition: `value` is 0 to 99.
constexpr std::uint8_t to_bcd(int value) {
  return static_cast<std::uint8_t>(value / 10 * 16 + value % 10);
}

/// Nothing for a byte with a digit above 9.
constexpr std::optional<int> from_bcd(std::uint8_t byte) {
  const int tens = byte / 16;
  const int units = byte % 16;
  if (tens > 9 || units > 9) return std::nullopt;
  return tens * 10 + units;
}

} // namespace mcu

// SPDX-License-Identifier: MIT
// Bytes on the wire are always unsigned: with a signed char, 0xFA and 0xFB would compare as
// negative.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mcu {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// Upper-case hex with one space between bytes: "40 43 32 31". Empty for no bytes.
std::string to_hex(ByteView bytes);

} // namespace mcu

// SPDX-License-Identifier: MIT
#include <libmcu/model/thermistor.hpp>

#include <array>
#include <cmath>
#include <string>

namespace mcu {
namespace {

constexpr std::size_t entries = 204;

// The same in every public source, so it is the vendor's. Behind a row: its first index.
// clang-format off
constexpr std::array<std::uint8_t, entries> original = {
    116, 115, 114, 113, 112, 111, 110, 109, 108, 107, 106, 105, 104, 103, 102, 101, // 0
    100, 99, 98, 97, 96, 95, 94, 93, 92, 91, 90, 89, 88, 87, 86, 85,       // 16
    84, 83, 82, 81, 80, 79, 78, 77, 76, 75, 74, 73, 72, 71, 70, 69,        // 32
    68, 67, 66, 65, 65, 64, 63, 62, 62, 61, 61, 60, 59, 58, 58, 57,        // 48
    56, 56, 55, 54, 54, 53, 52, 52, 51, 51, 50, 49, 49, 48, 48, 47,        // 64
    47, 46, 46, 45, 44, 44, 43, 43, 42, 42, 41, 41, 40, 40, 39, 39,        // 80
    39, 38, 38, 37, 37, 36, 36, 35, 35, 34, 34, 33, 33, 33, 32, 32,        // 96
    31, 31, 30, 30, 30, 29, 29, 28, 28, 27, 27, 27, 27, 26, 25, 25,        // 112
    25, 24, 24, 23, 23, 37, 27, 27, 25, 25, 25, 24, 24, 23, 23, 22,        // 128
    22, 22, 21, 21, 20, 20, 20, 19, 19, 18, 18, 18, 17, 17, 16, 16,        // 144
    16, 15, 15, 14, 14, 14, 13, 13, 12, 12, 12, 11, 11, 10, 10, 9,         // 160
    9, 9, 8, 8, 7, 7, 7, 6, 6, 5, 5, 4, 4, 4, 3, 3,                        // 176
    2, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0};                                   // 192
// clang-format on

/// The only jump upwards is at 133 to 135 (37, 27, 27 between 23 and 25); 37 is hexadecimal 25.
/// Repaired so that one reading there does not look like 14 degrees of sudden heat.
constexpr std::array<std::uint8_t, entries> repaired() {
  std::array<std::uint8_t, entries> table = original;
  table[133] = 23;
  table[134] = 24;
  table[135] = 25;
  return table;
}
constexpr std::array<std::uint8_t, entries> table = repaired();

} // namespace

Result<Celsius> thermistor(std::uint8_t raw) {
  // 0 would be 116 degrees and is what a shorted sensor, or an echoed request, looks like.
  if (raw == 0 || raw >= entries)
    return Error{Errc::protocol, "the MCU's temperature sensor is faulty or missing: raw value " +
                                     std::to_string(raw) + ", a working one gives 1 to 203"};
  return Celsius{static_cast<double>(table.at(raw))};
}

std::optional<Celsius> thermistor_original(std::uint8_t raw) {
  if (raw >= entries) return std::nullopt;
  return Celsius{static_cast<double>(original.at(raw))};
}

std::uint8_t raw_for(Celsius temperature) {
  const auto distance = [&](std::size_t raw) {
    return std::abs(table.at(raw) - temperature.value);
  };
  std::size_t nearest = 1;
  for (std::size_t raw = 2; raw < entries; ++raw)
    if (distance(raw) < distance(nearest)) nearest = raw;
  std::size_t last = nearest;
  while (last + 1 < entries && table.at(last + 1) == table.at(nearest)) ++last;
  return static_cast<std::uint8_t>((nearest + last) / 2);
}

} // namespace mcu

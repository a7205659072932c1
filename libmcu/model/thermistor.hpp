// SPDX-License-Identifier: MIT
// The thermistor table of the D-Link family: a raw byte, low when hot, to whole degrees.
#pragma once

#include <libmcu/model/result.hpp>
#include <libmcu/model/units.hpp>

#include <cstdint>
#include <optional>

namespace mcu {

/// The temperature that `raw` stands for, with the vendor's mistake at 133 to 135 repaired.
/// `protocol` for 0 and for 204 and above: no working sensor gives these.
Result<Celsius> thermistor(std::uint8_t raw);

/// What the vendor's own table says (37 at 133, 116 at 0), for comparison with old programs;
/// nothing from 204 on, where the table ends.
std::optional<Celsius> thermistor_original(std::uint8_t raw);

/// The raw byte (1 to 203) whose temperature is nearest to `temperature`; the middle one of
/// several.
std::uint8_t raw_for(Celsius temperature);

} // namespace mcu

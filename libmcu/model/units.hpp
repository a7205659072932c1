// SPDX-License-Identifier: MIT
// Physical quantities as types, so that a duty can never be passed for a temperature.
#pragma once

#include <compare>

namespace mcu {

/// Temperature in degrees Celsius. A failed reading is never a Celsius: it is an Error.
struct Celsius {
  double value = 0;
  auto operator<=>(const Celsius&) const = default;
};

/// Fan speed in revolutions per minute.
struct Rpm {
  unsigned value = 0;
  auto operator<=>(const Rpm&) const = default;
};

/// Fan duty in percent, 0 (stopped) to 100 (full).
struct Duty {
  double percent = 0;
  auto operator<=>(const Duty&) const = default;
};

inline constexpr Duty full_duty{100};

/// True when `duty` is a number from 0 to 100 (a NaN is not).
constexpr bool in_range(Duty duty) { return duty.percent >= 0 && duty.percent <= 100; }

} // namespace mcu

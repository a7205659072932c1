// SPDX-License-Identifier: MIT
// Between the duty that the temperature asks for and the one that is set: a fan that changes its
// speed seldom and slowly is one that nobody hears. Pure: time is an argument.
//
// What is limited is comfort, never cooling in need: the caller lets heat at the top of a rule,
// failsafe and a hand's duty pass at once.
#pragma once

#include <fancontrol/policy.hpp>
#include <fancontrol/smooth.hpp>

#include <chrono>
#include <deque>
#include <optional>
#include <string>

namespace nasmcu::fancontrol {

/// How a duty may change. 0 is no limit of that kind.
struct Shape {
  double ramp_up = 0;            ///< percent per minute
  double ramp_down = 0;          ///< percent per minute
  std::chrono::seconds dwell{0}; ///< no lower duty before this long after the last change
  unsigned changes = 0;          ///< per hour
  bool operator==(const Shape&) const = default;
};
/// For curves: rises at once, falls slowly.
inline constexpr Shape curve_shape{0, 10, std::chrono::seconds{60}, 30};

/// A ramp waits until it allows so much, percent: a change at every poll would use up the changes
/// of the hour.
inline constexpr double ramp_step = 5;

/// The nearest duty that the fan can do at or above `wanted`, as mcud will set it.
mcu::Duty real(const FanLimits& fan, mcu::Duty wanted);

struct ShapeMemory {
  std::optional<mcu::Duty> duty; ///< in force; nothing: the next one passes
  Instant changed;               ///< when it was set
  int side = 0;                  ///< 1: more is wanted than is in force, -1: less, 0: neither
  Instant since;                 ///< how long already; a ramp begins here
  std::deque<Instant> changes;   ///< the limited changes of the last hour, oldest first
};

struct Shaped {
  mcu::Duty duty;
  std::string limit; ///< why it is not what was wanted; empty: it is
  ShapeMemory next;
};

/// Passes as it is, and counts as no change of the hour.
Shaped pass(ShapeMemory memory, mcu::Duty wanted, Instant now);

/// The duty to set when `wanted` is asked for, in what the fan can really do.
///
/// Half of the changes of an hour are kept for rising. When only they are left a rise is taken in
/// bigger steps, the last of them to full speed: the fan is rather too fast than too slow then.
Shaped shape(const Shape& limits, const FanLimits& fan, ShapeMemory memory, mcu::Duty wanted,
             Instant now);

} // namespace nasmcu::fancontrol

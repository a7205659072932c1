// SPDX-License-Identifier: MIT
// Which duty a fan gets: the lease holder's wish, unless the board must be protected from it.
// Pure: wishes, readings and time in; a duty and its reason out.
#pragma once

#include <mcud/lease.hpp>

#include <libmcu/model/board.hpp>
#include <libmcu/model/units.hpp>

#include <optional>
#include <string>
#include <vector>

namespace nasmcu {

/// A duty that a person asked for while no daemon drives the fan.
struct HandDuty {
  static constexpr std::chrono::minutes lifetime{30};
  mcu::Duty duty;
  Instant until;
};

/// What the guard knows of one sensor with a limit.
struct LimitReading {
  std::string sensor;
  mcu::Celsius max;
  std::optional<mcu::Celsius> value; ///< the last believable reading
  Instant since;                     ///< of that reading; of the start before the first
  bool over = false;                 ///< was at its limit at the last decision, see next()
};

struct GuardInputs {
  bool suspended = false;        ///< the box sleeps, or is about to
  bool held = false;             ///< somebody holds the lease
  std::optional<mcu::Duty> wish; ///< what the holder asked for; nothing before its first Set
  std::optional<HandDuty> hand;
  std::vector<LimitReading> limits;
  std::chrono::seconds sensor_timeout{30};
};

struct GuardDecision {
  mcu::Duty duty;
  bool failsafe = false;
  std::string why;
  bool operator==(const GuardDecision&) const = default;
};

/// A sensor that reached its limit must cool this far below it before the fan is given back.
inline constexpr double limit_hysteresis = 3.0;

/// The limit's state after a reading: over at max, and until it is limit_hysteresis below.
bool over_limit(const LimitReading& reading);

/// First match wins: the box goes to sleep, a sensor at its limit, a sensor not read for too long,
/// a duty by hand (never below failsafe), the lease holder's duty, failsafe.
GuardDecision decide(const mcu::FanSpec& fan, const GuardInputs& inputs, Instant now);

/// When decide() could change its mind by time alone.
std::optional<Instant> next_change(const GuardInputs& inputs, Instant now);

} // namespace nasmcu

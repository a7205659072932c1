// SPDX-License-Identifier: MIT
// What a configuration would have done with the temperatures of a trace. Pure.
#pragma once

#include <fancontrol/control.hpp>
#include <fancontrol/trace.hpp>

#include <map>
#include <string>
#include <vector>

namespace nasmcu::fancontrol {

/// The boards' limits by sensor.
using Limits = std::map<std::string, mcu::Celsius>;

struct Summary {
  double seconds = 0;     ///< of the trace
  unsigned changes = 0;   ///< of the speed, as far as the fan can tell them apart
  double above_limit = 0; ///< seconds in which a sensor was at or above its limit
  double failsafe = 0;    ///< seconds
  double mean_duty = 0;   ///< percent
  mcu::Duty lowest{100}, highest{0};
  std::vector<std::string> missing; ///< sensors that the fan follows, and the trace has not
  std::vector<std::string> unused;  ///< the other way round

  double changes_per_hour() const { return seconds > 0 ? changes * 3600 / seconds : 0; }
};

/// Decides at every poll of the plan, from the trace's first second to its last. The temperatures
/// are the trace's whatever the fan does. A sensor that the trace has not is left out, like that of
/// an empty bay; `invalid_argument` when that is all of them.
mcu::Result<Summary> simulate(const Plan& plan, const Trace& trace, const Limits& limits);

} // namespace nasmcu::fancontrol

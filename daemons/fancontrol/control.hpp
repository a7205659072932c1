// SPDX-License-Identifier: MIT
// One step of a fan's control: readings and time in; a duty, its reason and the next state out.
// nas-fand does it at every poll, `mcuctl fan NAME simulate` over a trace. Pure.
//
//   readings -> smoothed -> a demand each -> the highest wins -> shaped -> pushed if it stalls
#pragma once

#include <fancontrol/plan.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu::fancontrol {

struct Input {
  std::vector<Reading> readings; ///< one for each source of the plan, in its order
  std::optional<mcu::Duty> manual;
  std::optional<Spin> spin; ///< nothing: no tachometer, or nobody knows
  Instant now;
};

/// What a fan's control remembers. A new lease begins with an empty one.
struct State {
  Memories memories;
  std::map<std::string, Window> windows; ///< by sensor
  ShapeMemory shape;
  StallMemory stall;
};

struct Step {
  Decision decision;            ///< what to set, and why in one line
  std::vector<Demand> demands;  ///< of every source
  std::optional<Instant> again; ///< decide again then, if that is before the next poll
  State next;
};

/// Heat at the top of a rule raises the duty at once; failsafe and a duty set by hand pass as they
/// are. The reason names the winner, those it won over, and the limit in force.
Step control(const Plan& plan, const State& state, const Input& input);

} // namespace nasmcu::fancontrol

// SPDX-License-Identifier: MIT
#include <fancontrol/shaper.hpp>

#include <fancontrol/words.hpp>

#include <algorithm>
#include <cmath>

namespace nasmcu::fancontrol {
namespace {

constexpr std::chrono::hours cap_window{1};

/// The changes that are left; nothing without a cap.
std::optional<unsigned> changes_left(const Shape& limits, const ShapeMemory& memory) {
  if (limits.changes == 0) return std::nullopt;
  const auto used = static_cast<unsigned>(memory.changes.size());
  return limits.changes - std::min(used, limits.changes);
}

std::string cap_words(const Shape& limits, unsigned left) {
  return std::to_string(limits.changes - left) + " of " + std::to_string(limits.changes) +
         " changes of this hour are used";
}

/// What a ramp allows since it began, in whole percent; nothing without one.
std::optional<double> ramp_room(double per_minute, Instant since, Instant now) {
  if (per_minute <= 0) return std::nullopt;
  const std::chrono::duration<double, std::ratio<60>> minutes = now - since;
  // The times of the polls are not round: a hair less than a whole percent counts as one.
  return std::floor(per_minute * minutes.count() + 0.01);
}

struct Move {
  mcu::Duty duty;
  std::string limit;
};

Move ramp(double per_minute, const ShapeMemory& memory, mcu::Duty wanted, Instant now) {
  const double gap = wanted.percent - memory.duty->percent;
  const auto room = ramp_room(per_minute, memory.since, now);
  // A small gap waits for a whole step too: less wanted must never give more.
  if (!room || *room >= std::max(std::abs(gap), ramp_step)) return {wanted, ""};
  const std::string words = std::string(gap < 0 ? "falling" : "rising") + " no faster than " +
                            number(per_minute) + " % a minute";
  const double step = *room < ramp_step ? 0 : std::copysign(*room, gap);
  return {{memory.duty->percent + step}, words};
}

Move rise(const Shape& limits, const ShapeMemory& memory, mcu::Duty wanted, Instant now) {
  Move ramped = ramp(limits.ramp_up, memory, wanted, now);
  const auto left = changes_left(limits, memory);
  if (!left || *left * 2 > limits.changes || ramped.duty == *memory.duty) return ramped;
  if (*left == 0) return {*memory.duty, cap_words(limits, *left)};
  const double rest = mcu::full_duty.percent - memory.duty->percent;
  const mcu::Duty least{std::ceil(memory.duty->percent + rest / *left)};
  if (least <= ramped.duty) return ramped;
  return {least, cap_words(limits, *left) + ", so it rises in bigger steps"};
}

Move fall(const Shape& limits, const ShapeMemory& memory, mcu::Duty wanted, Instant now) {
  const auto left = changes_left(limits, memory);
  if (left && *left * 2 <= limits.changes)
    return {*memory.duty, cap_words(limits, *left) + ", the rest is kept for rising"};
  if (now - memory.changed < limits.dwell)
    return {*memory.duty,
            "not falling within " + std::to_string(limits.dwell.count()) + " s of the last change"};
  return ramp(limits.ramp_down, memory, wanted, now);
}

void set(ShapeMemory& memory, mcu::Duty duty, Instant now) {
  if (memory.duty == duty) return;
  memory.duty = duty;
  memory.changed = memory.since = now;
}

} // namespace

mcu::Duty real(const FanLimits& fan, mcu::Duty wanted) {
  mcu::FanSpec spec;
  spec.levels = fan.levels;
  spec.min = fan.min;
  spec.max = fan.max;
  spec.stop = fan.may_stop;
  return mcu::fit(spec, wanted);
}

Shaped pass(ShapeMemory memory, mcu::Duty wanted, Instant now) {
  set(memory, wanted, now);
  memory.side = 0;
  return {wanted, "", memory};
}

Shaped shape(const Shape& limits, const FanLimits& fan, ShapeMemory memory, mcu::Duty wanted,
             Instant now) {
  if (limits == Shape{}) return pass(std::move(memory), wanted, now);
  std::erase_if(memory.changes, [now](Instant at) { return at <= now - cap_window; });
  const mcu::Duty goal = real(fan, wanted);
  if (memory.duty) memory.duty = real(fan, *memory.duty); // what passed was not asked so
  if (!memory.duty || goal == *memory.duty) return pass(std::move(memory), goal, now);

  const int side = goal > *memory.duty ? 1 : -1;
  if (side != memory.side) memory.since = now;
  memory.side = side;
  const Move move = side > 0 ? rise(limits, memory, goal, now) : fall(limits, memory, goal, now);
  const mcu::Duty duty = real(fan, move.duty);
  if (duty != *memory.duty) {
    set(memory, duty, now);
    memory.changes.push_back(now);
  }
  return {duty, duty == goal ? "" : move.limit, memory};
}

} // namespace nasmcu::fancontrol

// SPDX-License-Identifier: MIT
#include <fancontrol/stall.hpp>

#include <fancontrol/words.hpp>

#include <algorithm>
#include <utility>

namespace nasmcu::fancontrol {
namespace {

std::string slow_words(const StallRule& rule) {
  return rule.below ? "slower than " + std::to_string(rule.below->value) + " rpm"
                    : "standing still";
}

bool is_slow(const StallRule& rule, const StallMemory& memory, const Spin& spin) {
  return rule.below ? spin.rpm < *rule.below : memory.turned && spin.rpm.value == 0;
}

/// Counts what was seen since the last decision. A fan that nobody drives may stand still.
void look(const StallRule& rule, StallMemory& memory, const std::optional<Spin>& spin,
          Instant now) {
  if (!spin || spin->duty.percent <= 0) {
    memory.slow = 0;
    memory.turning.reset();
    return;
  }
  memory.turned = memory.turned || spin->rpm.value > 0;
  if (is_slow(rule, memory, *spin)) {
    if (memory.slow == 0) memory.slow_since = now;
    memory.slow = std::min(memory.slow + 1, slow_polls);
    memory.turning.reset();
    return;
  }
  memory.slow = 0;
  if (!memory.turning) memory.turning = now;
  if (now - *memory.turning >= trusted_after) memory.stalled = false;
}

void begin(StallMemory& memory, mcu::Duty boost, std::string reason, Instant now) {
  memory.until = now + boost_time;
  memory.boost = boost;
  memory.reason = std::move(reason);
}

/// Begins a boost where one is needed.
void decide_boost(const StallRule& rule, StallMemory& memory, mcu::Duty before, mcu::Duty wanted,
                  Instant now) {
  const bool starts = before.percent <= 0 && wanted.percent > 0;
  if (starts && rule.start_boost > wanted)
    return begin(memory, rule.start_boost, "it is starting", now);
  const bool long_slow = memory.slow >= slow_polls && now - memory.slow_since >= slow_time;
  if (memory.stalled || !long_slow || wanted.percent <= 0) return;
  memory.slow = 0;
  std::erase_if(memory.boosts, [now](Instant at) { return at <= now - boost_window; });
  memory.stalled = memory.boosts.size() >= boosts_allowed;
  if (memory.stalled) return;
  memory.boosts.push_back(now);
  begin(memory, mcu::full_duty, "it is " + slow_words(rule), now);
}

} // namespace

Push push(const StallRule& rule, StallMemory memory, const std::optional<Spin>& spin,
          mcu::Duty wanted, mcu::Duty failsafe, Instant now) {
  const mcu::Duty before = std::exchange(memory.wanted, wanted).value_or(wanted);
  if (memory.until && now >= *memory.until) memory.until.reset();
  if (!memory.until) {
    look(rule, memory, spin, now);
    decide_boost(rule, memory, before, wanted, now);
  }
  Push out{wanted, memory.stalled, "", memory.until, {}};
  if (memory.stalled) {
    out.duty = std::max(wanted, failsafe);
    out.why = "stalled: " + slow_words(rule) + ", and " + std::to_string(boosts_allowed) +
              " boosts did not help: at least failsafe " + percent(failsafe);
  } else if (memory.until && wanted.percent > 0) {
    out.duty = std::max(wanted, memory.boost);
    out.why = "boost of " + percent(memory.boost) + " for " + std::to_string(boost_time.count()) +
              " s, since " + memory.reason;
  }
  out.next = std::move(memory);
  return out;
}

} // namespace nasmcu::fancontrol

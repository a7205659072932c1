// SPDX-License-Identifier: MIT
#include <fancontrol/control.hpp>

#include <fancontrol/words.hpp>

#include <cmath>

namespace nasmcu::fancontrol {
namespace {

/// A failed reading keeps the window; a sensor that is asleep or absent begins afresh.
Reading smoothed(const Plan& plan, const Source& source, State& state, const Reading& reading,
                 Instant now) {
  Window& window = state.windows[reading.sensor];
  if (!reading.value) {
    const mcu::Errc code = reading.value.error().code;
    if (code == mcu::Errc::asleep || code == mcu::Errc::unsupported) window.clear();
    return reading;
  }
  if (!std::isfinite(reading.value->value)) return reading;
  const auto top = top_of(rule_of(plan, source));
  auto [value, next] = smooth(window, *reading.value, plan.smoothing, top, now);
  window = std::move(next);
  return {reading.sensor, value};
}

/// Tells of the mean where it is not what the sensor shows.
std::string smoothing_words(const Plan& plan, const std::vector<Reading>& readings,
                            const std::vector<Demand>& demands, const std::string& sensor) {
  for (std::size_t i = 0; i < demands.size(); ++i) {
    if (demands[i].sensor != sensor || demands[i].outcome != Outcome::read) continue;
    const std::string shown = degrees(readings[i].value->value);
    if (shown == degrees(demands[i].at.value)) return "";
    return "; mean of " + number(static_cast<double>(plan.smoothing.count())) + " s, now " + shown;
  }
  return "";
}

void shape_it(const Plan& plan, Decision& decision, State& state, Instant now) {
  const mcu::Duty wanted = decision.duty;
  if (decision.mode == Mode::manual) {
    state.shape = {}; // what comes after it passes too
    return;
  }
  Shaped shaped = shape(plan.shape, plan.fan.limits, state.shape, wanted, now);
  const bool heat = decision.heat && wanted > shaped.duty;
  if (decision.mode == Mode::failsafe || heat) shaped = pass(state.shape, wanted, now);
  if (!shaped.limit.empty()) decision.why += "; " + shaped.limit + ": " + percent(shaped.duty);
  decision.duty = shaped.duty;
  state.shape = std::move(shaped.next);
}

std::optional<Instant> push_it(const Plan& plan, Decision& decision, State& state,
                               const Input& input) {
  Push pushed = push(plan.stall, std::move(state.stall), input.spin, decision.duty,
                     plan.fan.limits.failsafe, input.now);
  state.stall = std::move(pushed.next);
  if (pushed.stalled) {
    decision.why = pushed.why + "; " + decision.why;
    decision.mode = Mode::failsafe;
  } else if (!pushed.why.empty()) {
    decision.why += "; " + pushed.why;
  }
  decision.duty = pushed.duty;
  return pushed.again;
}

} // namespace

Step control(const Plan& plan, const State& state, const Input& input) {
  Step step;
  State& next = step.next;
  next = state;
  next.memories.clear();
  for (std::size_t i = 0; i < plan.sources.size() && i < input.readings.size(); ++i) {
    const Source& source = plan.sources[i];
    const Reading reading = smoothed(plan, source, next, input.readings[i], input.now);
    const auto known = state.memories.find(reading.sensor);
    const Memory memory = known == state.memories.end() ? Memory{} : known->second;
    step.demands.push_back(ask(rule_of(plan, source), memory, reading, plan.fan.limits));
    next.memories[reading.sensor] = step.demands.back().next;
  }
  step.decision = decide(step.demands, input.manual, plan.fan.limits);
  step.decision.why += smoothing_words(plan, input.readings, step.demands, step.decision.sensor);
  const std::string others = losers(step.demands, step.decision);
  if (step.decision.mode != Mode::failsafe && !others.empty())
    step.decision.why += ", won over " + others;
  shape_it(plan, step.decision, next, input.now);
  step.again = push_it(plan, step.decision, next, input);
  return step;
}

} // namespace nasmcu::fancontrol

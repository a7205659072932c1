// SPDX-License-Identifier: MIT
#include <fancontrol/simulate.hpp>

#include <algorithm>
#include <utility>

namespace nasmcu::fancontrol {
namespace {

Instant instant(double second) {
  return Instant{} + std::chrono::milliseconds(static_cast<std::int64_t>(second * 1000));
}

double seconds_of(Instant at) { return std::chrono::duration<double>(at - Instant{}).count(); }

/// Temperatures without a name are those of the fan's first sensor.
Trace with_names(Trace trace, const Plan& plan) {
  auto unnamed = trace.sensors.extract("");
  if (unnamed.empty()) return trace;
  unnamed.key() = plan.sources.front().name;
  trace.sensors.insert(std::move(unnamed)); // one that is named too keeps its own
  return trace;
}

void compare_sensors(const Plan& plan, const Trace& trace, Summary& summary) {
  for (const Source& source : plan.sources)
    if (!trace.sensors.contains(source.name)) summary.missing.push_back(source.name);
  for (const auto& [sensor, samples] : trace.sensors)
    if (std::none_of(plan.sources.begin(), plan.sources.end(),
                     [&name = sensor](const Source& source) { return source.name == name; }))
      summary.unused.push_back(sensor);
}

bool above_limit(const Trace& trace, const Limits& limits, double second) {
  return std::any_of(limits.begin(), limits.end(), [&](const auto& limit) {
    const Reading reading = reading_at(trace, limit.first, second);
    return reading.value.ok() && *reading.value >= limit.second;
  });
}

/// One step, and how long it holds.
void add(Summary& summary, const Plan& plan, const Decision& decision,
         std::optional<mcu::Duty>& before, double span) {
  const mcu::Duty duty = real(plan.fan.limits, decision.duty);
  if (before && *before != duty) ++summary.changes;
  before = duty;
  summary.lowest = std::min(summary.lowest, duty);
  summary.highest = std::max(summary.highest, duty);
  summary.mean_duty += duty.percent * span;
  if (decision.mode == Mode::failsafe) summary.failsafe += span;
}

} // namespace

mcu::Result<Summary> simulate(const Plan& plan, const Trace& raw, const Limits& limits) {
  const Trace trace = with_names(raw, plan);
  Summary summary;
  compare_sensors(plan, trace, summary);
  if (summary.missing.size() == plan.sources.size())
    return mcu::Error{mcu::Errc::invalid_argument,
                      "the trace has none of the sensors that the fan follows: " +
                          sensor_words(plan)};
  summary.seconds = trace.end - trace.begin;
  State state;
  std::optional<mcu::Duty> before;
  for (double now = trace.begin; now < trace.end || !before;) {
    Input input{{}, std::nullopt, std::nullopt, instant(now)};
    for (const Source& source : plan.sources)
      input.readings.push_back(reading_at(trace, source.name, now));
    Step step = control(plan, state, input);
    double next = now + static_cast<double>(plan.poll.count());
    if (step.again) next = std::min(next, std::max(seconds_of(*step.again), now + 0.001));
    const double span = std::min(next, trace.end) - now;
    add(summary, plan, step.decision, before, span);
    if (above_limit(trace, limits, now)) summary.above_limit += span;
    state = std::move(step.next);
    now = next;
  }
  if (summary.seconds > 0)
    summary.mean_duty /= summary.seconds;
  else
    summary.mean_duty = before->percent;
  return summary;
}

} // namespace nasmcu::fancontrol

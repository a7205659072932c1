// SPDX-License-Identifier: MIT
#include <mcud/guard.hpp>

#include <algorithm>
#include <cstdio>

namespace nasmcu {
namespace {

std::string number(double value, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text, "%.1f %s", value, unit);
  return text;
}

GuardDecision failsafe(const mcu::FanSpec& fan, std::string why) {
  return {fan.failsafe, true, std::move(why)};
}

bool stale(const LimitReading& reading, const GuardInputs& inputs, Instant now) {
  return now >= reading.since + inputs.sensor_timeout;
}

} // namespace

bool over_limit(const LimitReading& reading) {
  if (!reading.value) return reading.over;
  const double release = reading.over ? limit_hysteresis : 0;
  return reading.value->value >= reading.max.value - release;
}

GuardDecision decide(const mcu::FanSpec& fan, const GuardInputs& inputs, Instant now) {
  if (inputs.suspended) return failsafe(fan, "the box goes to sleep");
  for (const LimitReading& reading : inputs.limits)
    if (over_limit(reading) && reading.value)
      return failsafe(fan, "sensor " + reading.sensor + " at " +
                               number(reading.value->value, "°C") + " reached its limit of " +
                               number(reading.max.value, "°C"));
  for (const LimitReading& reading : inputs.limits)
    if (stale(reading, inputs, now))
      return failsafe(fan, "sensor " + reading.sensor + " gave no believable reading for " +
                               std::to_string(inputs.sensor_timeout.count()) + " s");
  if (inputs.hand && now < inputs.hand->until) {
    const mcu::Duty duty = std::max(mcu::fit(fan, inputs.hand->duty), fan.failsafe);
    return {duty, false, "set by hand for 30 minutes, never below failsafe"};
  }
  if (inputs.held && inputs.wish)
    return {mcu::fit(fan, *inputs.wish), false, "as the lease holder asked"};
  if (inputs.held) return failsafe(fan, "the lease holder has not set a duty yet");
  return failsafe(fan, "nobody drives the fan");
}

std::optional<Instant> next_change(const GuardInputs& inputs, Instant now) {
  std::optional<Instant> next;
  const auto consider = [&next, now](Instant at) {
    if (at > now && (!next || at < *next)) next = at;
  };
  if (inputs.hand) consider(inputs.hand->until);
  for (const LimitReading& reading : inputs.limits) consider(reading.since + inputs.sensor_timeout);
  return next;
}

} // namespace nasmcu

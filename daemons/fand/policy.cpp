// SPDX-License-Identifier: MIT
#include <fand/policy.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace nasmcu::fand {
namespace {

using Speed = Memory::Speed;

/// Without superfluous zeros: "25", "37.5".
std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g", value);
  return text.data();
}

std::string degrees(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f °C", value);
  return text.data();
}

std::string percent(mcu::Duty duty) { return number(duty.percent) + " %"; }

mcu::Duty duty_of(Speed speed) {
  switch (speed) {
  case Speed::stop: return {0};
  case Speed::half: return {50};
  case Speed::full:
  case Speed::unknown: break;
  }
  return mcu::full_duty;
}

const char* word(Speed speed) {
  switch (speed) {
  case Speed::stop: return "stop";
  case Speed::half: return "half";
  case Speed::full:
  case Speed::unknown: break;
  }
  return "full";
}

/// dns320l-daemon's table; the first row that matches wins. It had one gap: with an unknown speed
/// and low - hysteresis <= t < low it sent nothing, and the fan kept what the MCU had chosen. Here
/// mcud holds the fan in failsafe until the first decision, so "nothing" would mean failsafe for as
/// long as the temperature stays there; half is the lowest speed that both neighbours allow.
Speed step(const StepRule& rule, Speed speed, double t) {
  if (t < rule.low - rule.hysteresis) return Speed::stop;
  if (t < rule.low) return speed == Speed::full || speed == Speed::unknown ? Speed::half : speed;
  if (t < rule.high - rule.hysteresis) return Speed::half;
  if (t < rule.high) return speed == Speed::full ? Speed::full : Speed::half;
  return Speed::full;
}

/// Whole percent: a sensor's last digit shall not become a new pwm value at every poll.
mcu::Duty interpolate(const std::vector<mcu::CurvePoint>& points, double t) {
  if (points.empty()) return mcu::full_duty;
  const auto above = std::find_if(points.begin(), points.end(),
                                  [&](const mcu::CurvePoint& point) { return t < point.at.value; });
  if (above == points.begin()) return points.front().duty;
  const auto& below = *(above - 1);
  if (above == points.end()) return below.duty;
  const double share = (t - below.at.value) / (above->at.value - below.at.value);
  const double rise = above->duty.percent - below.duty.percent;
  return {std::round(below.duty.percent + share * rise)};
}

Demand ask_rule(const StepRule& rule, Memory memory, double t) {
  memory.speed = step(rule, memory.speed, t);
  return {duty_of(memory.speed), t >= rule.high, false, word(memory.speed), memory};
}

Demand ask_rule(const Curve& curve, Memory memory, double t) {
  const auto raised_at = memory.raised_at;
  const bool held = raised_at && t < raised_at->value && t > raised_at->value - curve.hysteresis;
  if (!held) memory.raised_at = mcu::Celsius{t};
  const auto duty = interpolate(curve.points, memory.raised_at->value);
  std::string words = percent(duty);
  if (duty != interpolate(curve.points, t)) words += " since " + degrees(raised_at->value);
  const bool heat = curve.points.empty() || t >= curve.points.back().at.value;
  return {duty, heat, false, words, memory};
}

std::string unstoppable(mcu::Duty duty, const FanLimits& fan) {
  return duty.percent > 0 || fan.may_stop ? "" : "; this fan may not stop, so its lowest speed";
}

Demand failed(const std::string& reason, const Memory& memory, const Reading& reading,
              const FanLimits& fan) {
  return {fan.failsafe, false, true,
          "no reading of " + reading.sensor + " (" + reason + "): failsafe " +
              percent(fan.failsafe),
          memory};
}

bool lower(const Demand& a, const Demand& b) { return a.duty < b.duty; }

bool overrides(const Demand& demand) { return demand.heat || demand.duty == mcu::full_duty; }

} // namespace

std::string to_string(const Rule& rule) {
  if (const auto* steps = std::get_if<StepRule>(&rule))
    return "low " + number(steps->low) + ", high " + number(steps->high) + ", hysteresis " +
           number(steps->hysteresis);
  const auto& curve = std::get<Curve>(rule);
  std::string text = "curve";
  for (const auto& point : curve.points)
    text += " " + number(point.at.value) + ":" + number(point.duty.percent);
  return text + ", hysteresis " + number(curve.hysteresis);
}

Demand ask(const Rule& rule, const Memory& memory, const Reading& reading, const FanLimits& fan) {
  if (!reading.value.ok()) return failed(reading.value.error().what, memory, reading, fan);
  const double t = reading.value.value().value;
  if (!std::isfinite(t)) return failed("it is not a number", memory, reading, fan);
  auto demand = std::visit([&](const auto& kind) { return ask_rule(kind, memory, t); }, rule);
  demand.why =
      degrees(t) + " on " + reading.sensor + ": " + demand.why + " (" + to_string(rule) + ")";
  return demand;
}

std::string_view name(Mode mode) {
  switch (mode) {
  case Mode::waiting: return "waiting";
  case Mode::automatic: return "auto";
  case Mode::manual: return "manual";
  case Mode::failsafe: return "failsafe";
  }
  return "failsafe";
}

Decision decide(const std::vector<Demand>& demands, std::optional<mcu::Duty> manual,
                const FanLimits& fan) {
  if (demands.empty())
    return {fan.failsafe, Mode::failsafe, "no sensor: failsafe " + percent(fan.failsafe)};
  const auto& top = *std::max_element(demands.begin(), demands.end(), lower);
  const auto failure = std::find_if(demands.begin(), demands.end(),
                                    [](const Demand& demand) { return demand.failed; });
  if (failure != demands.end()) {
    if (manual && *manual > top.duty)
      return {*manual, Mode::failsafe, failure->why + "; " + percent(*manual) + " set by hand"};
    const bool hotter = top.duty > failure->duty;
    return {top.duty, Mode::failsafe, failure->why + (hotter ? "; " + top.why : "")};
  }
  if (!manual) return {top.duty, Mode::automatic, top.why + unstoppable(top.duty, fan)};

  const auto by_hand = percent(*manual) + " set by hand";
  if (top.duty > *manual && std::any_of(demands.begin(), demands.end(), overrides))
    return {top.duty, Mode::manual, by_hand + ", but heat asks for more: " + top.why};
  return {*manual, Mode::manual,
          by_hand + unstoppable(*manual, fan) + "; the rule would be " + top.why};
}

} // namespace nasmcu::fand

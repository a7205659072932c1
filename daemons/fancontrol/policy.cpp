// SPDX-License-Identifier: MIT
#include <fancontrol/policy.hpp>

#include <fancontrol/words.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace nasmcu::fancontrol {
namespace {

using Speed = Memory::Speed;

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

/// What a rule says to a temperature.
struct Answer {
  mcu::Duty duty;
  bool heat;
  std::string words;
  Memory next;
};

Answer ask_rule(const StepRule& rule, Memory memory, double t) {
  memory.speed = step(rule, memory.speed, t);
  return {duty_of(memory.speed), t >= rule.high, word(memory.speed), memory};
}

Answer ask_rule(const Curve& curve, Memory memory, double t) {
  const auto raised_at = memory.raised_at;
  const bool held = raised_at && t < raised_at->value && t > raised_at->value - curve.hysteresis;
  if (!held) memory.raised_at = mcu::Celsius{t};
  const auto duty = interpolate(curve.points, memory.raised_at->value);
  std::string words = percent(duty);
  if (duty != interpolate(curve.points, t)) words += " since " + degrees(raised_at->value);
  const bool heat = curve.points.empty() || t >= curve.points.back().at.value;
  return {duty, heat, words, memory};
}

std::string unstoppable(mcu::Duty duty, const FanLimits& fan) {
  return duty.percent > 0 || fan.may_stop ? "" : "; this fan may not stop, so its lowest speed";
}

std::string no_reading(const std::string& of, const FanLimits& fan) {
  return "no reading of " + of + ": failsafe " + percent(fan.failsafe);
}

Demand failed(const Reading& reading, const std::string& reason, const Memory& memory,
              const FanLimits& fan) {
  return {reading.sensor, Outcome::failed,
          fan.failsafe,   {},
          false,          no_reading(reading.sensor + " (" + reason + ")", fan),
          memory};
}

Demand without_value(const Rule& rule, const Memory& memory, const Reading& reading,
                     const FanLimits& fan) {
  const mcu::Error& error = reading.value.error();
  switch (error.code) {
  case mcu::Errc::asleep:
    return {reading.sensor, Outcome::asleep, lowest(rule), {}, false, "asleep", {}};
  case mcu::Errc::unsupported:
    return {reading.sensor, Outcome::absent, fan.failsafe, {}, false, error.what, {}};
  default: return failed(reading, error.what, memory, fan);
  }
}

std::vector<Demand> those(const std::vector<Demand>& all, Outcome outcome) {
  std::vector<Demand> some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some),
               [outcome](const Demand& demand) { return demand.outcome == outcome; });
  return some;
}

/// "disk1, disk2"; with reasons "disk1 (the bay is empty), disk2 (the bay is empty)".
std::string list(const std::vector<Demand>& demands, bool reasons) {
  std::string text;
  for (const Demand& one : demands)
    text += (text.empty() ? "" : ", ") + one.sensor + (reasons ? " (" + one.why + ")" : "");
  return text;
}

/// By duty, and the hotter one where two ask for the same.
bool lower(const Demand& a, const Demand& b) {
  return a.duty < b.duty || (a.duty == b.duty && a.at < b.at);
}

/// The demands that count: of the sensors that could be read or failed; where there are none, one
/// for all that are asleep; where there are none either, one failure for all that are absent.
std::vector<Demand> counting(const std::vector<Demand>& all, const FanLimits& fan) {
  std::vector<Demand> counted;
  std::copy_if(all.begin(), all.end(), std::back_inserter(counted), [](const Demand& demand) {
    return demand.outcome == Outcome::read || demand.outcome == Outcome::failed;
  });
  if (!counted.empty()) return counted;
  if (const auto asleep = those(all, Outcome::asleep); !asleep.empty()) {
    Demand one = *std::max_element(asleep.begin(), asleep.end(), lower);
    one.why = list(asleep, false) + (asleep.size() == 1 ? " is" : " are") +
              " asleep: the rule's lowest duty, " + percent(one.duty);
    return {one};
  }
  const auto absent = those(all, Outcome::absent);
  Demand none;
  none.sensor = absent.empty() ? "" : absent.front().sensor;
  none.outcome = Outcome::failed;
  none.duty = fan.failsafe;
  none.why = absent.empty() ? "no sensor: failsafe " + percent(fan.failsafe)
                            : no_reading(list(absent, true), fan);
  return {none};
}

bool is_heat(const Demand& demand) { return demand.heat; }
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

mcu::Duty lowest(const Rule& rule) {
  const auto* curve = std::get_if<Curve>(&rule);
  if (curve == nullptr) return duty_of(Speed::stop);
  return curve->points.empty() ? mcu::full_duty : curve->points.front().duty;
}

std::optional<mcu::Celsius> top_of(const Rule& rule) {
  if (const auto* steps = std::get_if<StepRule>(&rule)) return mcu::Celsius{steps->high};
  const auto& points = std::get<Curve>(rule).points;
  if (points.empty()) return std::nullopt;
  return points.back().at;
}

Demand ask(const Rule& rule, const Memory& memory, const Reading& reading, const FanLimits& fan) {
  if (!reading.value.ok()) return without_value(rule, memory, reading, fan);
  const double t = reading.value.value().value;
  if (!std::isfinite(t)) return failed(reading, "it is not a number", memory, fan);
  const auto answer = std::visit([&](const auto& kind) { return ask_rule(kind, memory, t); }, rule);
  const std::string why =
      degrees(t) + " on " + reading.sensor + ": " + answer.words + " (" + to_string(rule) + ")";
  return {reading.sensor, Outcome::read, answer.duty, {t}, answer.heat, why, answer.next};
}

std::vector<Demand> ask_all(const Rule& rule, const Memories& memories,
                            const std::vector<Reading>& readings, const FanLimits& fan) {
  std::vector<Demand> demands;
  for (const Reading& reading : readings) {
    const auto known = memories.find(reading.sensor);
    demands.push_back(ask(rule, known == memories.end() ? Memory{} : known->second, reading, fan));
  }
  return demands;
}

Memories remember(const std::vector<Demand>& demands) {
  Memories memories;
  for (const Demand& demand : demands) memories[demand.sensor] = demand.next;
  return memories;
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
  const auto counted = counting(demands, fan);
  const auto& top = *std::max_element(counted.begin(), counted.end(), lower);
  const bool heat = std::any_of(counted.begin(), counted.end(), is_heat);
  const auto failure = std::find_if(counted.begin(), counted.end(), [](const Demand& demand) {
    return demand.outcome == Outcome::failed;
  });
  if (failure != counted.end()) {
    const auto& whose = failure->sensor;
    if (manual && *manual > top.duty)
      return {*manual, Mode::failsafe, failure->why + "; " + percent(*manual) + " set by hand",
              whose, heat};
    const bool hotter = top.duty > failure->duty;
    return {top.duty, Mode::failsafe, failure->why + (hotter ? "; " + top.why : ""), whose, heat};
  }
  if (!manual)
    return {top.duty, Mode::automatic, top.why + unstoppable(top.duty, fan), top.sensor, heat};

  const auto by_hand = percent(*manual) + " set by hand";
  if (top.duty > *manual && std::any_of(counted.begin(), counted.end(), overrides))
    return {top.duty, Mode::manual, by_hand + ", but heat asks for more: " + top.why, top.sensor,
            heat};
  return {*manual, Mode::manual,
          by_hand + unstoppable(*manual, fan) + "; the rule would be " + top.why, top.sensor, heat};
}

std::string losers(const std::vector<Demand>& demands, const Decision& decision) {
  std::string text;
  for (const Demand& demand : demands) {
    if (demand.sensor == decision.sensor || demand.outcome != Outcome::read) continue;
    text += (text.empty() ? "" : ", ") + demand.sensor + " " + degrees(demand.at.value) + ": " +
            percent(demand.duty);
  }
  return text;
}

} // namespace nasmcu::fancontrol

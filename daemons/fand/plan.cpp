// SPDX-License-Identifier: MIT
#include <fand/plan.hpp>

#include <algorithm>

namespace nasmcu::fand {
namespace {

/// Lease and reading must fit together: a reading that hangs is given up early enough for the next
/// Set to arrive within the lease's 30 s, at most 10 s after the Set or Renew before it.
constexpr std::chrono::milliseconds longest_patience{15000};

/// The name that every board uses for its main sensor.
constexpr const char* usual_sensor = "board";

template <class Facts>
std::string names(const std::vector<Facts>& all) {
  std::string text;
  for (const auto& each : all) text += (text.empty() ? "" : ", ") + each.name;
  return text.empty() ? "none" : text;
}

template <class Facts>
const Facts* find(const std::vector<Facts>& all, const std::string& name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Facts& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

FanConfig section(const Config& config, const std::string& name) {
  const auto found = config.fans.find(name);
  return found == config.fans.end() ? FanConfig{} : found->second;
}

Rule choose_rule(const Config& config, const FanConfig& own, const FanFacts& fan) {
  const bool steps = config.step_rule || fan.curve.empty();
  if (own.curve.empty() && steps) {
    const StepRuleConfig rule = config.step_rule.value_or(StepRuleConfig{});
    return StepRule{double(rule.low), double(rule.high),
                    own.hysteresis.value_or(double(rule.hysteresis))};
  }
  Curve curve{own.curve.empty() ? fan.curve : own.curve};
  curve.hysteresis = own.hysteresis.value_or(curve.hysteresis);
  return curve;
}

Source source(const std::string& wanted, const std::vector<SensorFacts>& sensors) {
  if (const SensorFacts* sensor = find(sensors, wanted)) return {sensor->name, sensor->path, ""};
  return {wanted, "", "this board has no sensor " + wanted + ", only: " + names(sensors)};
}

std::vector<Source> choose_sources(const FanConfig& own, const FanFacts& fan,
                                   const std::vector<SensorFacts>& sensors) {
  const auto& wanted = own.sensors.empty() ? fan.sensors : own.sensors;
  std::vector<Source> sources;
  sources.reserve(wanted.size());
  for (const std::string& name : wanted) sources.push_back(source(name, sensors));
  if (!sources.empty()) return sources;
  const bool first = find(sensors, usual_sensor) == nullptr && !sensors.empty();
  return {source(first ? sensors.front().name : usual_sensor, sensors)};
}

} // namespace

Plan make_plan(const Config& config, const FanFacts& fan, const std::vector<SensorFacts>& sensors) {
  const FanConfig own = section(config, fan.name);
  Plan plan;
  plan.fan = fan;
  plan.rule = choose_rule(config, own, fan);
  plan.sources = choose_sources(own, fan, sensors);
  plan.poll = config.fan_poll;
  plan.patience = std::min<std::chrono::milliseconds>(config.sensor_timeout, longest_patience);
  return plan;
}

std::string sensor_words(const Plan& plan) {
  return (plan.sources.size() == 1 ? "sensor " : "sensors ") + names(plan.sources);
}

std::vector<std::string> complaints(const Config& config, const Inventory& inventory) {
  std::vector<std::string> all;
  for (const auto& [name, section] : config.fans)
    if (find(inventory.fans, name) == nullptr)
      all.push_back("[Fan " + name +
                    "] is ignored: this board has no such fan, only: " + names(inventory.fans));
  return all;
}

} // namespace nasmcu::fand

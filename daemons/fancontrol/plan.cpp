// SPDX-License-Identifier: MIT
#include <fancontrol/plan.hpp>

#include <algorithm>

namespace nasmcu::fancontrol {
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

/// A sensor's own curve, or the fan's rule with the sensor's own hysteresis.
std::optional<Rule> own_rule(const FanConfig& own, const Rule& common, const std::string& sensor) {
  const auto found = own.own.find(sensor);
  if (found == own.own.end()) return std::nullopt;
  const SensorRuleConfig& mine = found->second;
  Rule rule = common;
  if (!mine.curve.empty()) rule = Curve{mine.curve, own.hysteresis.value_or(Curve{}.hysteresis)};
  if (mine.hysteresis)
    std::visit([&mine](auto& kind) { kind.hysteresis = *mine.hysteresis; }, rule);
  return rule;
}

Source source(const std::string& wanted, const std::vector<SensorFacts>& sensors) {
  if (const SensorFacts* sensor = find(sensors, wanted))
    return {sensor->name, sensor->path, "", sensor->bay, {}};
  return {wanted, "", "this board has no sensor " + wanted + ", only: " + names(sensors), "", {}};
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

bool only_curves(const Plan& plan) {
  return std::all_of(plan.sources.begin(), plan.sources.end(), [&](const Source& source) {
    return std::holds_alternative<Curve>(rule_of(plan, source));
  });
}

void choose_limits(Plan& plan, const FanConfig& own) {
  const bool curves = only_curves(plan);
  const std::chrono::seconds none{0};
  plan.smoothing = own.smoothing.value_or(curves ? curve_smoothing : none);
  plan.shape = curves ? curve_shape : Shape{};
  plan.shape.ramp_up = own.ramp_up.value_or(plan.shape.ramp_up);
  plan.shape.ramp_down = own.ramp_down.value_or(plan.shape.ramp_down);
  plan.shape.dwell = own.dwell.value_or(plan.shape.dwell);
  plan.shape.changes = own.changes_per_hour.value_or(plan.shape.changes);
  plan.stall = {plan.fan.stall_below, mcu::Duty{own.start_boost.value_or(0)}};
}

} // namespace

Plan make_plan(const Config& config, const FanFacts& fan, const std::vector<SensorFacts>& sensors) {
  const FanConfig own = section(config, fan.name);
  Plan plan;
  plan.fan = fan;
  plan.rule = choose_rule(config, own, fan);
  plan.sources = choose_sources(own, fan, sensors);
  for (Source& each : plan.sources) each.own = own_rule(own, plan.rule, each.name);
  choose_limits(plan, own);
  plan.poll = config.fan_poll;
  plan.patience = std::min<std::chrono::milliseconds>(config.sensor_timeout, longest_patience);
  return plan;
}

const Rule& rule_of(const Plan& plan, const Source& source) {
  return source.own ? *source.own : plan.rule;
}

Inventory inventory_of(const mcu::Board& board) {
  Inventory inventory;
  for (const mcu::FanSpec& spec : board.fans) {
    FanFacts fan;
    fan.name = spec.name;
    fan.limits = {spec.failsafe, spec.stop, spec.levels, spec.min, spec.max};
    fan.curve = spec.curve;
    fan.sensors = spec.sensors;
    fan.has_tach = spec.tach.has_value();
    fan.stall_below = spec.stall_below;
    inventory.fans.push_back(fan);
  }
  for (const mcu::SensorSpec& spec : board.sensors)
    inventory.sensors.push_back({spec.name, "board file", ""});
  return inventory;
}

std::string rule_words(const Plan& plan) {
  std::string text = to_string(plan.rule);
  for (const Source& each : plan.sources)
    if (each.own) text += "; " + each.name + ": " + to_string(*each.own);
  return text;
}

std::string sensor_words(const Plan& plan) {
  return (plan.sources.size() == 1 ? "sensor " : "sensors ") + names(plan.sources);
}

std::vector<std::string> complaints(const Config& config, const Inventory& inventory) {
  std::vector<std::string> all;
  for (const auto& [name, section] : config.fans) {
    const FanFacts* fan = find(inventory.fans, name);
    if (fan == nullptr) {
      all.push_back("[Fan " + name +
                    "] is ignored: this board has no such fan, only: " + names(inventory.fans));
      continue;
    }
    const Plan plan = make_plan(config, *fan, inventory.sensors);
    for (const auto& [sensor, rule] : section.own) {
      if (find(plan.sources, sensor) != nullptr) continue;
      std::string words = "[Fan " + name;
      words += "]: what it says of sensor " + sensor;
      words += " is ignored: the fan follows only: " + names(plan.sources);
      all.push_back(std::move(words));
    }
  }
  return all;
}

} // namespace nasmcu::fancontrol

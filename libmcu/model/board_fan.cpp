// SPDX-License-Identifier: MIT
#include <libmcu/model/board_parse.hpp>

#include <libmcu/model/text.hpp>

namespace mcu {
namespace {

// Half speed is the least that is called safe: it must keep a full box of disks alive unattended.
constexpr double lowest_failsafe = 50;

std::vector<Duty> read_levels(IniReader& in) {
  const IniEntry* entry = in.take("levels");
  std::vector<Duty> levels;
  if (entry == nullptr) return levels;
  for (const std::string& word : split_words(entry->value)) {
    const auto percent = parse_decimal(word);
    const bool rises = percent && (levels.empty() || *percent > levels.back().percent);
    if (!rises || !in_range(Duty{*percent}) || levels.size() == 16) {
      in.reject(*entry, "up to 16 rising percentages from 0 to 100 are allowed, such as 0 50 100");
      return {};
    }
    levels.push_back(Duty{*percent});
  }
  if (levels.empty() || levels.back().percent < lowest_failsafe) {
    in.reject(*entry, "the highest level must be 50 percent or more");
    return {};
  }
  return levels;
}

/// Levels say themselves what the lowest and the highest duty are.
void read_range(IniReader& in, FanSpec& fan) {
  fan.levels = read_levels(in);
  const auto min = in.decimal("min", 0, 100);
  const auto max = in.decimal("max", lowest_failsafe, 100);
  if (in.section().find("levels") != nullptr) {
    if (min || max) in.error(0, in.title() + " has levels: leave min and max out");
    if (fan.levels.empty()) return;
    fan.min = fan.levels.front().percent > 0 || fan.levels.size() == 1 ? fan.levels.front()
                                                                       : fan.levels[1];
    fan.max = fan.levels.back();
    return;
  }
  fan.min = Duty{min.value_or(0)};
  fan.max = Duty{max.value_or(100)};
  if (fan.min > fan.max) in.error(0, in.title() + " min is above max");
}

void read_stop(IniReader& in, FanSpec& fan) {
  fan.stop = in.yes_no("stop").value_or(false);
  const bool continuous = in.section().find("levels") == nullptr;
  if (fan.stop && !fan.levels.empty() && fan.levels.front().percent > 0)
    in.error(in.take("stop")->line, in.title() + " stop = yes needs the level 0 in levels");
  if (fan.stop || !continuous || fan.min.percent > 0) return;
  const IniEntry* min = in.take("min");
  in.error(min != nullptr ? min->line : 0,
           in.title() + " needs min above 0, the lowest percentage at which the fan surely turns; "
                        "only with stop = yes it may be left out");
}

void read_failsafe(IniReader& in, FanSpec& fan) {
  const IniEntry* entry = in.take("failsafe");
  const auto wanted = in.decimal("failsafe", lowest_failsafe, 100);
  fan.failsafe = Duty{wanted.value_or(fan.max.percent)};
  if (!wanted) return;
  if (fan.failsafe < fan.min || fan.failsafe > fan.max)
    in.reject(*entry, "it must lie between the fan's lowest and highest duty, " +
                          number_text(fan.min.percent) + " to " + number_text(fan.max.percent));
}

void read_tach(IniReader& in, FanSpec& fan) {
  fan.tach = read_device(in, "tach", DeviceKind::tach);
  const IniEntry* entry = in.take("stall-below");
  const auto rpm = in.integer("stall-below", 1, 20000);
  if (!rpm) return;
  fan.stall_below = Rpm{static_cast<unsigned>(*rpm)};
  if (in.section().find("tach") == nullptr)
    in.reject(*entry, "without tach there is no speed to compare with");
}

void read_fan_curve(IniReader& in, FanSpec& fan) {
  const IniEntry* entry = in.take("curve");
  if (entry == nullptr) return;
  auto curve = parse_curve(entry->value);
  if (curve)
    fan.curve = *curve;
  else
    in.reject(*entry, curve.error().what);
}

/// That they exist is checked at the end: a sensor may stand further down.
void read_sensors(IniReader& in, FanSpec& fan) {
  const IniEntry* entry = in.take("sensors");
  if (entry == nullptr) return;
  fan.sensors = split_words(entry->value);
  if (fan.sensors.empty()) in.reject(*entry, "names of sensors are needed, such as disk1 disk2");
}

} // namespace

FanSpec read_fan(IniReader& in, const std::string& name) {
  FanSpec fan;
  fan.name = name;
  fan.device = read_device(in, "device", DeviceKind::fan).value_or(DeviceUri{});
  read_range(in, fan);
  read_stop(in, fan);
  const IniEntry* invert = in.take("invert");
  fan.invert = in.yes_no("invert").value_or(false);
  if (fan.invert && fan.device.scheme == "mcu")
    in.reject(*invert, "a fan on the MCU is never inverted: leave it out");
  read_failsafe(in, fan);
  read_tach(in, fan);
  read_fan_curve(in, fan);
  read_sensors(in, fan);
  fan.alarm = read_device(in, "alarm", DeviceKind::alarm);
  fan.kernel = read_device(in, "kernel", DeviceKind::fan);
  fan.kernel_tach = read_device(in, "kernel-tach", DeviceKind::tach);
  if (const IniEntry* entry = in.take("conflict")) {
    const auto conflict = conflict_from_name(entry->value);
    if (conflict)
      fan.conflict = *conflict;
    else
      in.reject(*entry, "stand-back, take-over or refuse is allowed");
  }
  return fan;
}

} // namespace mcu

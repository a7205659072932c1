// SPDX-License-Identifier: MIT
#include <alertd/box_health.hpp>

#include <libmcu/model/text.hpp>

#include <algorithm>
#include <utility>

namespace nasmcu::alertd {
namespace {

/// A temperature about the limit shall not tell people at every degree.
constexpr double cooled_down = 3;

/// Nothing: it cannot be told.
std::optional<bool> is_stalled(const FanHealth& fan) {
  if (fan.alarm) return true;
  if (fan.duty <= 0) return false;
  if (!fan.rpm) return std::nullopt;
  // A limit of 0 would find no fan ever.
  return *fan.rpm < std::max(1U, fan.stall_below.value_or(1));
}

std::string duty_words(const FanHealth& fan) {
  const std::string duty = mcu::number_text(fan.duty) + " %";
  return duty + (fan.in_failsafe ? " (failsafe)" : "") + (fan.why.empty() ? "" : ": " + fan.why);
}

std::string fan_words(const FanHealth& fan) {
  std::string text = "It is driven at " + duty_words(fan) + "\n";
  if (fan.rpm) text += "Its speed is " + std::to_string(*fan.rpm) + " rpm";
  if (fan.rpm && fan.stall_below)
    text += ", and should be at least " + std::to_string(*fan.stall_below) + " rpm";
  if (fan.rpm) text += ".\n";
  if (fan.alarm) text += "Its own alarm is raised.\n";
  return text + "Look for dust, a cable in its way or a loose plug; else replace it.";
}

std::string or_unknown(const std::string& reason) {
  return reason.empty() ? "the reason is not known" : reason;
}

} // namespace

std::vector<Finding> BoxHealth::judge(const BoxSeen& seen, Time now) {
  last_ = std::exchange(found_, {});
  before_ = std::exchange(since_, {});
  if (lasts("mcud.silent", !seen.mcud, patience_.mcud, now)) {
    say("mcud.silent", "mcud does not answer: fans, sensors and LEDs are not watched",
        or_unknown(seen.why) + "\nLook at it with: systemctl status mcud", "silent");
    return found_;
  }
  if (!seen.mcud) {
    since_.insert(before_.begin(), before_.end());
    return found_ = last_;
  }
  if (lasts("mcu.link", seen.has_link && !seen.link_up, patience_.link, now))
    say("mcu.link", "the microcontroller does not answer",
        or_unknown(seen.link_reason) +
            "\nFans behind it run as it decides by itself. Look at it with: mcuctl status",
        "down");
  for (const FanHealth& fan : seen.fans) judge_fan(fan, now);
  for (const SensorHealth& sensor : seen.sensors) judge_sensor(sensor, now);
  return found_;
}

void BoxHealth::judge_fan(const FanHealth& fan, Time now) {
  if (!fan.present) return;
  const std::string id = "fan." + fan.name + ".stalled";
  const bool wrong = is_stalled(fan).value_or(last_found(id) != nullptr);
  if (lasts(id, wrong, patience_.fan, now))
    say(id, "fan " + fan.name + " stands still or is too slow", fan_words(fan), "stalled");
}

void BoxHealth::judge_sensor(const SensorHealth& sensor, Time now) {
  if (!sensor.present || sensor.asleep) return;
  judge_heat(sensor);
  const std::string id = "sensor." + sensor.name + ".lost";
  if (lasts(id, !sensor.valid, patience_.sensor, now))
    say(id, "sensor " + sensor.name + " gives no believable temperature",
        or_unknown(sensor.reason) + "\nFans that depend on it are driven at their failsafe duty.",
        "lost", Severity::warning);
}

void BoxHealth::judge_heat(const SensorHealth& sensor) {
  const std::string id = "sensor." + sensor.name + ".hot";
  const Finding* before = last_found(id);
  if (!sensor.valid) {
    if (before != nullptr) found_.push_back(*before);
    return;
  }
  if (!sensor.max) return;
  const bool cooling = before != nullptr && sensor.celsius > *sensor.max - cooled_down;
  const bool too_hot = sensor.celsius >= *sensor.max || cooling; // neither is true of a NaN
  if (!too_hot) return;
  say(id, "sensor " + sensor.name + " is too hot",
      "It shows " + mcu::number_text(sensor.celsius) + " °C; the board allows less than " +
          mcu::number_text(*sensor.max) +
          " °C.\nFans that depend on it are driven at their failsafe duty. See that air can flow, "
          "and switch the box off if it does not cool down.",
      "too hot");
}

void BoxHealth::say(std::string id, std::string subject, std::string text, std::string state,
                    Severity severity) {
  Finding finding;
  finding.id = std::move(id);
  finding.severity = severity;
  finding.subject = std::move(subject);
  finding.text = std::move(text);
  finding.state = std::move(state);
  found_.push_back(std::move(finding));
}

bool BoxHealth::lasts(const std::string& id, bool wrong, std::chrono::seconds patience, Time now) {
  if (!wrong) return false;
  const auto before = before_.find(id);
  const Time since = before == before_.end() ? now : before->second;
  since_.emplace(id, since);
  return now - since >= patience;
}

const Finding* BoxHealth::last_found(const std::string& id) const {
  const auto same = [&](const Finding& one) { return one.id == id; };
  const auto found = std::find_if(last_.begin(), last_.end(), same);
  return found == last_.end() ? nullptr : &*found;
}

} // namespace nasmcu::alertd

// SPDX-License-Identifier: MIT
#include <alertd/lights.hpp>

#include <libmcu/model/text.hpp>

#include <algorithm>
#include <iterator>

namespace nasmcu::alertd {
namespace {

constexpr int minutes_a_day = 24 * 60;

/// What a fault LED says, by rising priority.
enum class Shown : unsigned char { ok, warning, rebuilding, failed, identify };

Shown shown_for(Severity severity) {
  switch (severity) {
  case Severity::warning: return Shown::warning;
  case Severity::rebuilding: return Shown::rebuilding;
  case Severity::failed: break;
  }
  return Shown::failed;
}

mcu::LedState led_state_for(Shown shown) {
  switch (shown) {
  case Shown::ok: return mcu::LedState::off;
  case Shown::rebuilding: return mcu::LedState::blink_slow;
  case Shown::identify: return mcu::LedState::blink_fast;
  case Shown::warning:
  case Shown::failed: break;
  }
  return mcu::LedState::on;
}

/// "7:05" or "07:05" as minutes; nothing beyond 24:00.
std::optional<int> minute_from_clock(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 2 || text.size() != colon + 3)
    return {};
  int hour = 0, minute = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == colon) continue;
    if (text[i] < '0' || text[i] > '9') return {};
    int& number = i < colon ? hour : minute;
    number = number * 10 + (text[i] - '0');
  }
  const int minutes = hour * 60 + minute;
  if (minute > 59 || minutes > minutes_a_day) return {};
  return minutes;
}

bool has_led(const mcu::Board& board, std::string_view led) {
  return std::any_of(board.leds.begin(), board.leds.end(),
                     [led](const mcu::LedSpec& one) { return one.name == led; });
}

bool makes_day(std::span<const Alert> alerts) {
  return std::any_of(alerts.begin(), alerts.end(),
                     [](const Alert& alert) { return !alert.acknowledged; });
}

} // namespace

bool Hours::contains(int minute) const {
  if (from <= until) return from <= minute && minute < until;
  return from <= minute || minute < until;
}

mcu::Result<Hours> parse_hours(std::string_view text) {
  const auto dash = text.find('-');
  if (dash != std::string_view::npos) {
    const auto from = minute_from_clock(mcu::trim(text.substr(0, dash)));
    const auto until = minute_from_clock(mcu::trim(text.substr(dash + 1)));
    if (from && until && *from < minutes_a_day) return Hours{*from, *until};
  }
  return mcu::Error{mcu::Errc::invalid_argument,
                    mcu::in_quotes(text) +
                        " is no span of hours; write it as 22:00-07:00, from 00:00 to 24:00"};
}

LightRules light_rules(const mcu::Board& board, const std::vector<std::string>& night_leds,
                       std::optional<Hours> night_hours) {
  LightRules rules;
  for (const mcu::BaySpec& bay : board.bays)
    if (has_led(board, bay.led)) rules.bays[bay.name] = bay.led;
  if (has_led(board, "status-fault")) rules.box = "status-fault";
  std::copy_if(night_leds.begin(), night_leds.end(), std::back_inserter(rules.night),
               [&board](const std::string& led) { return has_led(board, led); });
  rules.night_hours = night_hours;
  return rules;
}

Lights plan_lights(const LightRules& rules, std::span<const Alert> alerts,
                   const std::vector<std::string>& identified, int minute_of_day) {
  std::map<std::string, Shown> wanted;
  const auto ask = [&wanted](const std::string& led, Shown shown) {
    Shown& now = wanted.try_emplace(led, Shown::ok).first->second;
    now = std::max(now, shown);
  };
  for (const auto& [bay, led] : rules.bays) ask(led, Shown::ok);
  if (!rules.box.empty()) ask(rules.box, Shown::ok);

  for (const Alert& alert : alerts) {
    const auto bay = rules.bays.find(alert.finding.bay);
    if (bay != rules.bays.end())
      ask(bay->second, shown_for(alert.finding.severity));
    else if (!rules.box.empty())
      ask(rules.box, Shown::failed);
  }
  for (const std::string& name : identified)
    if (const auto bay = rules.bays.find(name); bay != rules.bays.end())
      ask(bay->second, Shown::identify);

  Lights lights;
  for (const auto& [led, shown] : wanted) lights[led] = led_state_for(shown);
  if (!rules.night_hours) return lights;
  const bool dark = rules.night_hours->contains(minute_of_day) && !makes_day(alerts);
  // Only adds: a LED that shows alerts is no night LED.
  for (const std::string& led : rules.night)
    lights.try_emplace(led, dark ? mcu::LedState::off : mcu::LedState::on);
  return lights;
}

Lights differences(const Lights& shown, const Lights& wanted) {
  Lights changed;
  for (const auto& [led, state] : wanted) {
    const auto now = shown.find(led);
    if (now == shown.end() || now->second != state) changed[led] = state;
  }
  return changed;
}

} // namespace nasmcu::alertd

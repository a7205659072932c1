// SPDX-License-Identifier: MIT
// The state of the D-Link MCU and what the control socket may set.
#include <mcusim/sim_dns320l.hpp>

#include <libmcu/model/thermistor.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace mcusim {

using mcu::Bytes;
using mcu::Done;
using mcu::Status;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// The DNS-320L pulls its line to the SoC low once the button has been down this long.
static constexpr seconds line_hold{5};

std::uint8_t SimDns320l::raw_temperature() const {
  if (fixed_raw_) return static_cast<std::uint8_t>(*fixed_raw_);
  const std::uint8_t raw = mcu::raw_for(mcu::Celsius{thermal_.celsius()});
  // 133 to 135 are mistakes of the vendor's table, which old programs still use: 129 to 131 stand
  // for the same temperatures in both.
  return static_cast<std::uint8_t>(raw >= 133 && raw <= 135 ? raw - 4 : raw);
}

/// Steps 0, 1, 2 as stopped, 3000 and 6000 rpm (the D-Link MCU reports no speed); the WD's fan
/// turns 25 rpm for each step of pwm, and not at all below 1200, the slowest its tacho byte can
/// say.
int SimDns320l::rpm() const {
  if (rpm_) return *rpm_;
  if (tacho_byte_ >= 0) return tacho_byte_ == 0 ? 0 : 300'000 / tacho_byte_;
  if (!powered_) return 0;
  if (family_ == Family::dlink) return fan_ * 3000;
  return fan_ * 25 < 1200 ? 0 : fan_ * 25;
}

std::uint8_t SimDns320l::tacho() const {
  if (!rpm_ && tacho_byte_ >= 0) return static_cast<std::uint8_t>(tacho_byte_);
  const int turns = rpm();
  return static_cast<std::uint8_t>(turns <= 0 ? 0 : std::clamp(300'000 / turns, 1, 255));
}

double SimDns320l::airflow(Time) const { return rpm() / 6000.0; }

void SimDns320l::shut_down(std::uint8_t delay, Time now) {
  // The sources disagree on the coding; `set delay-coding` chooses. Asking again starts anew.
  const int value = bcd_delay_ ? (delay >> 4U) * 10 + (delay & 0x0FU) : delay;
  cut_at_ = now + seconds(value);
}

void SimDns320l::power_on(Time) {
  powered_ = true;
  ready_ = false;
  cut_at_.reset();
  led_ = "blink";
  fan_ = family_ == Family::wd ? 0x50 : 1;
}

void SimDns320l::on_press(Time now) {
  if (!powered_) power_on(now);
}

void SimDns320l::elapse(Time now) {
  if (cut_at_ && now >= *cut_at_) {
    cut_at_.reset();
    powered_ = false;
  }
  const bool woken = clock_.alarm_due(now);
  if (woken && !powered_) power_on(now);
}

nlohmann::json SimDns320l::describe_fan() const {
  static constexpr const char* words[] = {"stop", "half", "full"};
  nlohmann::json fan = {{"rpm", rpm()}, {"rpm_set", rpm_.has_value() || tacho_byte_ >= 0}};
  if (family_ == Family::wd) {
    fan["pwm"] = fan_;
    fan["duty"] = std::round(fan_ * 1000.0 / 255) / 10;
  } else {
    fan["level"] = fan_;
    fan["step"] = words[fan_];
    fan["duty"] = fan_ * 50;
  }
  return fan;
}

void SimDns320l::describe(nlohmann::json& state, Time now) {
  const std::optional<Duration> down = held(now);
  state["raw_temperature"] = raw_temperature();
  state["fan"] = describe_fan();
  state["leds"] = {{"power", powered_ ? led_ : "off"}};
  state["ready"] = ready_;
  state["recovery"] = recovery_;
  state["wol"] = wake_on_lan_;
  state["button"]["line"] = down && *down >= line_hold ? 0 : 1;
  state["clock"] = clock_.text(now);
  state["clock_raw"] = mcu::to_hex(clock_.raw(now));
  const DlinkAlarm& alarm = clock_.alarm;
  for (std::size_t i = 0; i < alarm.fields.size(); ++i) {
    const std::uint8_t value = alarm.fields[i];
    state["alarm"][std::string(alarm_names[i])] = (value >> 4U) * 10 + (value & 0x0FU);
  }
  state["alarm"]["enabled"] = alarm.enabled;
  state["alarm"]["flag"] = alarm.flag;
  if (cut_at_) {
    const auto left = std::chrono::duration_cast<milliseconds>(*cut_at_ - now).count();
    state["shutdown"] = {{"remaining_ms", left}};
  }
}

// ---- settings ---------------------------------------------------------------------------------

void SimDns320l::add_settings() {
  if (family_ == Family::wd) {
    add_number("pwm N", 0, 255, fan_);
    add_setting("fan-bytes R|auto", [this](const Words& words, Time) -> Status {
      if (words[1] == "auto") {
        tacho_byte_ = -1;
        return Done{};
      }
      const mcu::Result<Bytes> byte = hex_bytes("fan-bytes", words, 1);
      if (!byte.ok()) return byte.error();
      if (byte.value().size() != 1) return invalid("fan-bytes", words[1], "one byte in hex, auto");
      tacho_byte_ = byte.value().front();
      return Done{};
    });
  } else {
    add_number("fan 0|1|2", 0, 2, fan_);
  }
  add_flag("recovery 0|1", recovery_);
  add_flag("wol 0|1", wake_on_lan_);
  add_setting("ack-gap MS", [this](const Words& words, Time) -> Status {
    const mcu::Result<double> ms = real_number("ack-gap", words[1], 0, 10'000);
    if (!ms.ok()) return ms.error();
    ack_gap_ = std::chrono::microseconds(std::llround(ms.value() * 1000));
    return Done{};
  });
  add_setting("unknown silent|ack", [this](const Words& words, Time) -> Status {
    if (words[1] != "silent" && words[1] != "ack") {
      return invalid("unknown", words[1], "silent, ack");
    }
    ack_unknown_ = words[1] == "ack";
    return Done{};
  });
  add_setting("delay-coding binary|bcd", [this](const Words& words, Time) -> Status {
    if (words[1] != "binary" && words[1] != "bcd") {
      return invalid("delay-coding", words[1], "binary, bcd");
    }
    bcd_delay_ = words[1] == "bcd";
    return Done{};
  });
  add_clock_settings();
}

void SimDns320l::add_clock_settings() {
  add_setting("clock TIME...", [this](const Words& words, Time now) -> Status {
    const mcu::Result<mcu::CivilTime> time = civil_time(words, 1);
    if (!time.ok()) return time.error();
    clock_.set(time.value(), now);
    return Done{};
  });
  add_setting("clock-raw HEX...", [this](const Words& words, Time now) -> Status {
    const mcu::Result<Bytes> bytes = hex_bytes("clock-raw", words, 1);
    if (!bytes.ok()) return bytes.error();
    if (bytes.value().size() != 7) return invalid("clock-raw", words[1], "seven bytes in hex");
    clock_.set_raw(bytes.value(), now);
    return Done{};
  });
  add_setting("alarm FIELD N", [this](const Words& words, Time) { return set_alarm(words); });
  add_setting("alarm-flag N", [this](const Words& words, Time) -> Status {
    const mcu::Result<int> value = whole_number("alarm-flag", words[1], 0, 255);
    if (!value.ok()) return value.error();
    clock_.alarm.flag = static_cast<std::uint8_t>(value.value());
    return Done{};
  });
}

Status SimDns320l::set_alarm(const Words& words) {
  if (words[1] == "enabled") {
    const mcu::Result<bool> on = on_or_off("alarm enabled", words[2]);
    if (!on.ok()) return on.error();
    clock_.alarm.enabled = on.value();
    return Done{};
  }
  const auto* const found = std::find(alarm_names.begin(), alarm_names.end(), words[1]);
  if (found == alarm_names.end()) {
    return invalid("alarm", words[1], "month, day, hour, minute, second, enabled");
  }
  const mcu::Result<int> value = whole_number("alarm " + words[1], words[2], 0, 99);
  if (!value.ok()) return value.error();
  clock_.alarm.fields[static_cast<std::size_t>(found - alarm_names.begin())] =
      static_cast<std::uint8_t>(value.value() / 10 * 16 + value.value() % 10);
  return Done{};
}

} // namespace mcusim

// SPDX-License-Identifier: MIT
#include <verbs/render.hpp>

#include <verbs/table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace nasmcu {
namespace {

/// The row of a device that is not there, or tells nothing; nothing for one that does.
std::optional<Row> silent_row(const DeviceView& view, const std::string& when_invalid) {
  const std::string reason = view.reason.empty() ? "" : " (" + plain_reason(view.reason) + ")";
  if (!view.present) return Row{{view.name, Tone::dim}, {"not available" + reason, Tone::dim}};
  if (!view.valid) return Row{{view.name}, {when_invalid + reason, Tone::warn}};
  return std::nullopt;
}

Row row_of(const SensorView& sensor) {
  if (sensor.present && sensor.asleep)
    return {{sensor.name}, {asleep_text(sensor.reason), Tone::dim}};
  if (auto row = silent_row(sensor, "no reading")) return *row;
  const bool hot = sensor.max && sensor.celsius >= *sensor.max;
  const bool warm = sensor.max && sensor.celsius >= *sensor.max - 5;
  Row row = {{sensor.name},
             {number_text(sensor.celsius) + " °C", hot    ? Tone::bad
                                                   : warm ? Tone::warn
                                                          : Tone::good}};
  if (sensor.max) row.push_back({"limit " + number_text(*sensor.max) + " °C", Tone::dim});
  return row;
}

/// Who drives the fan and why: "auto: 38 °C at board".
Cell driver_of(const FanView& fan) {
  std::string who = fan.in_failsafe           ? "failsafe"
                    : !fan.mode.empty()       ? fan.mode
                    : fan.holder.empty()      ? "nobody drives it"
                    : fan.holder == "by hand" ? fan.holder
                                              : "held by " + fan.holder;
  // "waiting" is the mode, and the first word of its reason.
  if (!fan.why.empty()) who = fan.why.starts_with(who + ": ") ? fan.why : who + ": " + fan.why;
  return {who, fan.in_failsafe ? Tone::warn : Tone::plain};
}

Row row_of(const FanView& fan) {
  if (!fan.present) return *silent_row(fan, "");
  Row row = {{fan.name}};
  row.push_back(fan.valid ? Cell{number_text(fan.duty) + " %"} : Cell{"? %", Tone::warn});
  row.push_back({fan.rpm ? fmt::format("{} rpm", *fan.rpm) : ""});
  Cell driver = driver_of(fan);
  if (fan.alarm) driver = {"ALARM, it does not turn; " + driver.text, Tone::bad};
  if (!fan.conflict.empty()) {
    const bool told = driver.text.find(fan.conflict) != std::string::npos;
    driver = {told ? driver.text : driver.text + "; " + fan.conflict, Tone::warn};
  }
  if (!fan.valid && !fan.reason.empty()) driver.text += " (" + fan.reason + ")";
  row.push_back(std::move(driver));
  return row;
}

Row row_of(const LedView& led) {
  if (!led.present) return *silent_row(led, "");
  if (led.state.empty()) return {{led.name}, {"unknown", Tone::dim}};
  return {{led.name}, {led.state, led.state == "off" ? Tone::plain : Tone::good}};
}

Row row_of(const ButtonView& button) {
  if (auto row = silent_row(button, "unknown")) return *row;
  return {{button.name},
          {button.pressed ? "pressed" : "released", button.pressed ? Tone::warn : Tone::plain}};
}

Row row_of(const DeviceView& other) {
  if (auto row = silent_row(other, "unknown")) return *row;
  return {{other.name}, {"there", Tone::good}};
}

/// Buzzer, clock and power, as far as they are fitted.
std::vector<DeviceView> others(const Snapshot& snapshot) {
  std::vector<DeviceView> fitted;
  for (const auto& one : {snapshot.buzzer, snapshot.clock, snapshot.power})
    if (one) fitted.push_back(*one);
  return fitted;
}

template <class View>
std::string rows_text(const std::vector<View>& views, bool color) {
  std::vector<Row> rows;
  for (const View& view : views) rows.push_back(row_of(view));
  return aligned(rows, color);
}

template <class View>
std::string section(const std::string& title, const std::vector<View>& views, bool color) {
  if (views.empty()) return "";
  return heading(title, color) + rows_text(views, color);
}

Tone tone_of(LinkQuality::State state) {
  switch (state) {
  case LinkQuality::State::ok: return Tone::good;
  case LinkQuality::State::degraded: return Tone::warn;
  case LinkQuality::State::down: return Tone::bad;
  case LinkQuality::State::none: break;
  }
  return Tone::dim;
}

std::string_view name(LinkQuality::State state) {
  switch (state) {
  case LinkQuality::State::ok: return "ok";
  case LinkQuality::State::degraded: return "degraded";
  case LinkQuality::State::down: return "down";
  case LinkQuality::State::none: break;
  }
  return "none";
}

std::string backend_text(const Snapshot& snapshot) {
  std::string out = snapshot.backend;
  if (!snapshot.link.protocol.empty()) out += ": " + snapshot.link.protocol;
  if (!snapshot.link.port.empty()) out += " on " + snapshot.link.port;
  if (!snapshot.backend_reason.empty()) out += " (" + snapshot.backend_reason + ")";
  return out;
}

Json json(const std::optional<DeviceView>& view, const char* kind) {
  return view ? device_json(*view, kind, Json(), "") : Json();
}

Json link_json(const LinkView& link) {
  const LinkQuality quality = judge(link);
  Json statistics = Json::object();
  for (const auto& [key, count] : link.statistics) statistics[key] = count;
  return {{"state", name(quality.state)},
          {"up", link.up},
          {"reason", link.reason},
          {"protocol", link.protocol},
          {"port", link.port},
          {"error_share", std::round(quality.error_share * 1e6) / 1e6},
          {"typical_ms", std::round(quality.typical_ms * 1000) / 1000},
          {"statistics", std::move(statistics)}};
}

} // namespace

Json device_json(const DeviceView& view, const char* kind, Json value, const char* unit) {
  return {{"kind", kind},
          {"name", view.name},
          {"present", view.present},
          {"valid", view.valid},
          {"value", view.present && view.valid ? std::move(value) : Json()},
          {"unit", unit},
          {"reason", view.reason}};
}

LinkQuality judge(const LinkView& link) {
  // From 1 % on something is wrong with the wire: a healthy one shows no errors for days.
  constexpr double degraded_from = 0.01;
  const auto count = [&link](const char* key) {
    const auto it = link.statistics.find(key);
    return it == link.statistics.end() ? std::uint64_t{0} : it->second;
  };
  LinkQuality quality;
  if (link.protocol.empty()) {
    quality.words = "no MCU link";
    return quality;
  }
  const auto tries = count("tries"), exchanges = count("exchanges");
  const auto bad = std::min(count("timeouts") + count("bad_replies"), tries);
  if (tries > 0) quality.error_share = static_cast<double>(bad) / static_cast<double>(tries);
  if (exchanges > 0)
    quality.typical_ms =
        static_cast<double>(count("rtt_total_us")) / static_cast<double>(exchanges) / 1000.0;
  if (!link.up) {
    quality.state = LinkQuality::State::down;
    quality.words = "down" + (link.reason.empty() ? "" : ": " + link.reason);
    return quality;
  }
  // Kept by the kernel's driver, which does not let us count.
  if (link.statistics.empty()) {
    quality.state = LinkQuality::State::ok;
    quality.words = "ok: the kernel's driver keeps it";
    return quality;
  }
  const bool degraded = quality.error_share >= degraded_from;
  quality.state = degraded ? LinkQuality::State::degraded : LinkQuality::State::ok;
  quality.words = fmt::format("{}: {:.1f} % errors in {} tries", name(quality.state),
                              quality.error_share * 100, tries);
  if (exchanges > 0) quality.words += fmt::format(", typically {:.1f} ms", quality.typical_ms);
  return quality;
}

std::string asleep_text(const std::string& reason) {
  return reason.empty() ? "asleep" : "asleep (" + plain_reason(reason) + ")";
}

std::string text(const std::vector<SensorView>& sensors, bool color) {
  return rows_text(sensors, color);
}
std::string text(const std::vector<FanView>& fans, bool color) { return rows_text(fans, color); }
std::string text(const std::vector<LedView>& leds, bool color) { return rows_text(leds, color); }
std::string text(const std::vector<ButtonView>& buttons, bool color) {
  return rows_text(buttons, color);
}

std::string text(const Snapshot& snapshot, bool color) {
  const LinkQuality quality = judge(snapshot.link);
  std::string out = paint(snapshot.board_name, Tone::title, color) + " (" + snapshot.board + ")\n";
  out += aligned({{{"back end"}, {backend_text(snapshot)}},
                  {{"link"}, {quality.words, tone_of(quality.state)}}},
                 color);
  out += section("Temperatures", snapshot.sensors, color);
  out += section("Fans", snapshot.fans, color);
  out += section("LEDs", snapshot.leds, color);
  out += section("Buttons", snapshot.buttons, color);
  out += section("Others", others(snapshot), color);
  return out;
}

Json json(const SensorView& sensor) {
  Json out = device_json(sensor, "sensor", sensor.celsius, "°C");
  out["max"] = sensor.max ? Json(*sensor.max) : Json();
  out["asleep"] = sensor.asleep;
  return out;
}

Json json(const FanView& fan) {
  Json out = device_json(fan, "fan", fan.duty, "%");
  out["rpm"] = fan.rpm ? Json(*fan.rpm) : Json();
  out["mode"] = fan.mode;
  out["holder"] = fan.holder;
  out["failsafe"] = fan.failsafe;
  out["in_failsafe"] = fan.in_failsafe;
  out["why"] = fan.why;
  out["alarm"] = fan.alarm;
  out["conflict"] = fan.conflict;
  return out;
}

Json json(const LedView& led) {
  return device_json(led, "led", led.state.empty() ? Json() : Json(led.state), "");
}

Json json(const ButtonView& button) { return device_json(button, "button", button.pressed, ""); }

Json json(const Snapshot& snapshot) {
  return {{"board", {{"id", snapshot.board}, {"name", snapshot.board_name}}},
          {"backend", snapshot.backend},
          {"backend_reason", snapshot.backend_reason},
          {"link", link_json(snapshot.link)},
          {"sensors", json(snapshot.sensors)},
          {"fans", json(snapshot.fans)},
          {"leds", json(snapshot.leds)},
          {"buttons", json(snapshot.buttons)},
          {"buzzer", json(snapshot.buzzer, "buzzer")},
          {"clock", json(snapshot.clock, "clock")},
          {"power", json(snapshot.power, "power")},
          {"alerts", Json::array()}}; // filled in by who asks nas-alertd
}

} // namespace nasmcu

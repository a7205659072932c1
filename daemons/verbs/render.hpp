// SPDX-License-Identifier: MIT
// Views of devices as text for people and JSON for programs. Pure.
#pragma once

#include <verbs/outcome.hpp>

#include <string>
#include <vector>

namespace nasmcu {

/// What the link's counters mean in words.
struct LinkQuality {
  enum class State { none, ok, degraded, down } state = State::none;
  double error_share = 0; ///< failed tries of all tries, 0 to 1
  double typical_ms = 0;  ///< mean round trip; 0 before the first answer
  std::string words;      ///< "ok: 0.0 % errors in 120 tries, typically 1.9 ms"
};
LinkQuality judge(const LinkView& link);

/// What is said of a disk at rest in place of its temperature.
std::string asleep_text(const std::string& reason);

/// Sections of `status`, one line for each device, aligned; `color` for a terminal.
std::string text(const std::vector<SensorView>& sensors, bool color);
std::string text(const std::vector<FanView>& fans, bool color);
std::string text(const std::vector<LedView>& leds, bool color);
std::string text(const std::vector<ButtonView>& buttons, bool color);
std::string text(const Snapshot& snapshot, bool color);

/// {kind, name, present, valid, value, unit, reason}; `value` only while it may be believed.
Json device_json(const DeviceView& view, const char* kind, Json value, const char* unit);

/// That, and what the kind has more.
Json json(const SensorView& sensor);
Json json(const FanView& fan);
Json json(const LedView& led);
Json json(const ButtonView& button);
Json json(const Snapshot& snapshot);

template <class View>
Json json(const std::vector<View>& views) {
  Json list = Json::array();
  for (const View& view : views) list.push_back(json(view));
  return list;
}

} // namespace nasmcu

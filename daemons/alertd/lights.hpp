// SPDX-License-Identifier: MIT
// Which LED shows what: computed from the whole set of alerts, so that nothing is ever left lit.
// Pure.
#pragma once

#include <alertd/alert.hpp>

#include <libmcu/model/board.hpp>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nasmcu::alertd {

/// Minutes behind midnight, local time. from > until: over midnight. from == until: never.
struct Hours {
  int from = 0, until = 0;
  bool contains(int minute) const;
  bool operator==(const Hours&) const = default;
};
/// "22:00-07:00", the end up to 24:00; `invalid_argument` with what is allowed.
mcu::Result<Hours> parse_hours(std::string_view text);

/// The board's LEDs as alerts use them.
struct LightRules {
  std::map<std::string, std::string> bays; ///< bay -> fault LED; a bay without one is left out
  std::string box;                ///< for what belongs to no bay: "status-fault", else empty
  std::vector<std::string> night; ///< LEDs that are dark in `night_hours`: "power", "usb"
  std::optional<Hours> night_hours;
};
/// From the board: [bay N] led; "status-fault" where there is one. Night LEDs that the board does
/// not have are left out.
LightRules light_rules(const mcu::Board& board, const std::vector<std::string>& night_leds,
                       std::optional<Hours> night_hours);

using Lights = std::map<std::string, mcu::LedState>; ///< by LED

/// All LEDs that alerts have a say in. A bay: identify (blink-fast) > failed (on) > rebuilding
/// (blink-slow) > warning (on) > off; bays that share a LED show what matters most. The box's LED:
/// on with any alert that no bay's LED shows. An acknowledged alert still shows. Night LEDs are on
/// by day, off at night; an alert that is not acknowledged makes day of it. Without night hours
/// they are not ours to switch; and a LED that shows alerts is no night LED.
Lights plan_lights(const LightRules& rules, std::span<const Alert> alerts,
                   const std::vector<std::string>& identified, int minute_of_day);

/// What has to be sent so that `shown` becomes `wanted`: LEDs that differ or were never sent. One
/// that is no longer wanted keeps what it shows.
Lights differences(const Lights& shown, const Lights& wanted);

} // namespace nasmcu::alertd

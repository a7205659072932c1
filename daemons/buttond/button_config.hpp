// SPDX-License-Identifier: MIT
// [Button NAME] of nasmcu.conf, and what is done where it is silent.
#pragma once

#include <buttond/action.hpp>
#include <buttond/gesture.hpp>

#include <libmcu/model/ini.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu::buttond {

/// One section; nothing: the default of the button's name.
struct ButtonConfig {
  std::optional<Action> press, long_press, on, off; ///< Press, LongPress, On, Off
  milliseconds hold{2000};                          ///< Hold: seconds, 0.5 to 30
  milliseconds debounce{50};                        ///< Debounce_ms, 10 to 1000
  bool at_start = false;                            ///< AtStart
  bool feedback = true;                             ///< Feedback
  std::chrono::seconds limit{60};                   ///< Timeout of unit and run: 1 to 3600
  bool operator==(const ButtonConfig&) const = default;
};

struct Config {
  std::map<std::string, ButtonConfig> buttons; ///< by name, lower case
};

struct ConfigFile {
  Config config;
  std::vector<mcu::Diagnostic> diagnostics;
};

/// Only the sections [Button NAME]. Unknown keys are warnings, bad values errors with file:line,
/// the value and what is allowed. Later files win key by key. Lines that are no INI at all are
/// make_config()'s to name.
ConfigFile make_button_config(const std::vector<mcu::IniFile>& files);

/// What mcud tells of a button.
struct ButtonFacts {
  std::string name, path;
  std::string key; ///< "KEY_POWER"; empty: no input device
  bool is_switch = false;
  milliseconds resolution{0}, held{0};
  bool present = true; ///< it is there now
  bool known = false;  ///< the two below may be believed
  bool pressed = false;
  Instant since;
};

/// What is in force for one button.
struct Rules {
  Timing timing;
  Action press, long_press, on, off;
  bool feedback = true;
  std::chrono::seconds limit{60};

  const Action& action(Gesture gesture) const;
  bool does_something() const;
};
Rules make_rules(const Config& config, const ButtonFacts& facts);

/// Sections without their button, and keys that this button cannot have; a line each.
std::vector<std::string> complaints(const Config& config, const std::vector<ButtonFacts>& buttons);

/// logind's words for the keys that are ours while we run, "handle-power-key:handle-reboot-key";
/// empty: none.
std::string keys_to_inhibit(const Config& config, const std::vector<ButtonFacts>& buttons);

} // namespace nasmcu::buttond

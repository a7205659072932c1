// SPDX-License-Identifier: MIT
// [Alert] and [Alert NAME] of nasmcu.conf.
#pragma once

#include <alertd/filesystems.hpp>
#include <alertd/lights.hpp>
#include <alertd/smartd.hpp>
#include <alertd/sound.hpp>

#include <libmcu/model/ini.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu::alertd {

/// [Alert NAME]: a check of the owner's own.
struct UserCheck {
  std::string name; ///< [a-z0-9-]{1,32}
  std::string file; ///< File: wrong while it exists
  /// Command: program and arguments, no shell; wrong unless exit 0
  std::vector<std::string> command;
  std::chrono::seconds every{300};       ///< Every, in minutes: 1 to 1440
  std::chrono::seconds limit{30};        ///< Timeout, in seconds: 1 to 300
  Severity severity = Severity::warning; ///< Severity: warning or failed
  bool operator==(const UserCheck&) const = default;
};

struct AlertConfig {
  std::string mail;           ///< Mail: who gets mails, "root, me@example.org"; empty: nobody
  std::string sendmail;       ///< Sendmail; empty: ROOT/usr/sbin/sendmail
  SoundRules sound;           ///< Buzzer, QuietHours, BeepEvery (minutes, 0 to 1440)
  std::optional<Hours> night; ///< NightHours
  std::vector<std::string> night_leds;       ///< NightLeds
  std::chrono::minutes smart_interval{30};   ///< SmartInterval, 5 to 1440
  PollerRule poller = PollerRule::automatic; ///< Poller: auto, nas-alertd or smartd
  std::string smartctl;                      ///< Smartctl; empty: ROOT/usr/sbin/smartctl
  SpaceLimits space;                         ///< SpaceWarn, SpaceFail: percent, 50 to 100
  std::chrono::minutes missing_grace{2};     ///< MissingAfter, 1 to 60
  std::vector<UserCheck> checks;
};

struct AlertConfigFile {
  AlertConfig config;
  std::vector<mcu::Diagnostic> diagnostics;
};

/// Only the sections [Alert] and [Alert NAME]. Unknown keys are warnings, bad values errors with
/// file:line, the value and what is allowed. Later files win key by key. A check without File and
/// Command, or with both, is an error. Lines that are no INI at all are make_config()'s to name.
AlertConfigFile make_alert_config(const std::vector<mcu::IniFile>& files);

} // namespace nasmcu::alertd

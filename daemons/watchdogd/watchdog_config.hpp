// SPDX-License-Identifier: MIT
// [Watchdog] of nasmcu.conf. Pure.
#pragma once

#include <libmcu/model/ini.hpp>

#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace nasmcu::watchdogd {

/// What a nas-fand or mcud means that the box wants and that has not come since the box started.
enum class Absent : unsigned char {
  alert,  ///< an alert, and no reset: a reset would hardly bring it
  reset,  ///< a failure as any other
  ignore, ///< nothing
};

struct WatchdogConfig {
  std::string device; ///< Device: a path or an identity; empty: the board's, or the only one
  std::chrono::seconds timeout{60};   ///< Timeout, 2 to 3600
  std::chrono::seconds pretimeout{0}; ///< PreTimeout, 0 to 3599; 0: none
  bool no_way_out = false;            ///< NoWayOut: a stop leaves the device armed
  bool keepalive_only = false;        ///< KeepaliveOnly: fed without any check

  std::set<std::string> checks = {"fan", "mcu", "disk", "test"}; ///< Checks
  std::set<std::string> alert_only;                              ///< AlertOnly: of `checks`
  std::chrono::seconds grace{30};         ///< Grace: a check may fail so long, 5 to 600
  std::chrono::seconds restart_grace{60}; ///< RestartGrace: a daemon may be away, 10 to 600
  std::chrono::seconds warning{20};       ///< Warning: told before feeding stops, 5 to 300
  unsigned resets = 3;                    ///< Resets: 0 to 3, then it only alerts
  Absent absent = Absent::alert;          ///< Absent

  std::vector<std::string> disks = {"root"}; ///< Disks: root, and bays of the board
  std::chrono::seconds disk_timeout{30};     ///< DiskTimeout: a read may take so long, 5 to 300
  std::vector<std::string> test;             ///< Test: a program and its arguments
  std::chrono::seconds test_timeout{30};     ///< TestTimeout, 1 to 300
  std::chrono::seconds test_every{60};       ///< TestEvery, 5 to 3600
};

struct WatchdogConfigFile {
  WatchdogConfig config;
  std::vector<mcu::Diagnostic> diagnostics;
};

/// Only the section [Watchdog]. Unknown keys are warnings, bad values errors with file:line, the
/// value and what is allowed. Later files win key by key.
WatchdogConfigFile make_watchdog_config(const std::vector<mcu::IniFile>& files);

} // namespace nasmcu::watchdogd

// SPDX-License-Identifier: MIT
// /etc/nasmcu/nasmcu.conf: a superset of dns320l-daemon.ini, whose keys keep their meaning.
#pragma once

#include <libmcu/model/board.hpp>
#include <libmcu/model/ini.hpp>

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu {

/// [Serial]
struct SerialConfig {
  std::string port;                                  ///< empty: the board's
  unsigned tries = 3;                                ///< NumberOfRetries + 1; 1 to 10
  std::optional<std::chrono::microseconds> byte_gap; ///< nothing: the protocol's own
  std::chrono::milliseconds timeout{500};            ///< Timeout_ms, 50 to 10000
};

/// [Daemon]: the command port and the clock at start and end.
struct DaemonConfig {
  unsigned server_port = 57367;          ///< 0: no TCP
  std::string server_addr = "127.0.0.1"; ///< a numeric address
  bool remote_control = false;           ///< changing verbs from other machines; never power
  bool sync_time_on_startup = false;
  bool sync_time_on_shutdown = false;
  std::optional<int> device_shutdown_delay; ///< seconds, 1 to 99; nothing: the board's
};

/// [Fan]: the old three-step rule, and the loop's times for every fan.
struct StepRuleConfig {
  int low = 45, high = 50, hysteresis = 2; ///< TempLow, TempHigh, Hysteresis; degrees Celsius
};

/// [Fan NAME] Curve SENSOR, Hysteresis SENSOR
struct SensorRuleConfig {
  std::vector<mcu::CurvePoint> curve; ///< empty: the fan's rule
  std::optional<double> hysteresis;   ///< degrees Celsius, 0 to 20; nothing: the fan's
};

/// [Fan NAME]
struct FanConfig {
  std::vector<mcu::CurvePoint> curve;          ///< empty: the board's
  std::optional<double> hysteresis;            ///< degrees Celsius, 0 to 20
  std::vector<std::string> sensors;            ///< empty: the board's for this fan
  std::optional<mcu::Conflict> conflict;       ///< nothing: the board's
  std::map<std::string, SensorRuleConfig> own; ///< by sensor, lower case
  // Nothing: as the rule has it. 0 is off, or no limit.
  std::optional<std::chrono::seconds> smoothing; ///< 0 to 600
  std::optional<double> ramp_up, ramp_down;      ///< percent per minute, 0 to 6000
  std::optional<std::chrono::seconds> dwell;     ///< 0 to 3600
  std::optional<unsigned> changes_per_hour;      ///< 4 to 3600, or 0
  std::optional<double> start_boost;             ///< percent, 0 to 100
};

/// [Wake]: the box is started at this local time, when it is off.
struct WakeConfig {
  struct TimeOfDay {
    int hour = 0, minute = 0;
  };
  std::optional<TimeOfDay> at;                                        ///< nothing: never by itself
  std::array<bool, 7> days{true, true, true, true, true, true, true}; ///< from Sunday on
};

struct Config {
  std::string origin; ///< the file it was read from, for messages; empty: built-in defaults
  SerialConfig serial;
  DaemonConfig daemon;
  std::chrono::seconds fan_poll{10};       ///< [Fan] PollTime, 1 to 60
  std::chrono::seconds sensor_timeout{30}; ///< [Fan] SensorTimeout, 5 to 600
  /// Set when the file has any of TempLow, TempHigh, Hysteresis in [Fan]: then the old rule drives
  /// every fan that has no curve of its own in this file.
  std::optional<StepRuleConfig> step_rule;
  std::map<std::string, FanConfig> fans; ///< by name, lower case
  std::optional<bool> clock_utc;         ///< [Clock] UTC; nothing: the board's
  bool clock_after_ntp = true;           ///< [Clock] SyncAfterNTP
  WakeConfig wake;
};

struct ConfigFile {
  Config config; ///< defaults where the file is silent
  std::vector<mcu::Diagnostic> diagnostics;
};

/// Checks and converts. Unknown keys and the [GPIO] section are warnings; a bad value is an error
/// that names the value and what is allowed. Later files win key by key.
ConfigFile make_config(const std::vector<mcu::IniFile>& files);

/// The files of load_config(), for programs that read sections of their own.
struct ConfigSources {
  std::vector<mcu::IniFile> files;
  std::string origin; ///< their names, for messages
  std::vector<mcu::Diagnostic> unreadable;
};
ConfigSources read_config_files(const std::string& file, const std::string& root);

/// FILE as given, or ROOT/etc/nasmcu/nasmcu.conf and nasmcu.conf.d/*.conf (in name order; a missing
/// default file is no error, a missing FILE is).
ConfigFile load_config(const std::string& file, const std::string& root);

} // namespace nasmcu

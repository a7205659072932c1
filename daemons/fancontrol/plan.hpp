// SPDX-License-Identifier: MIT
// What the configuration and the board together want of one fan's control.
#pragma once

#include <common/config.hpp>
#include <fancontrol/policy.hpp>
#include <fancontrol/shaper.hpp>
#include <fancontrol/stall.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace nasmcu::fancontrol {

/// A fan as mcud describes it.
struct FanFacts {
  std::string name;
  std::string path; ///< of its D-Bus object
  FanLimits limits;
  std::vector<mcu::CurvePoint> curve; ///< the board's proposal; may be empty
  std::vector<std::string> sensors;   ///< that it cools, in the board's words; may be empty
  bool has_tach = false;
  mcu::Rpm rpm{};                        ///< when it was looked at; 0 also means unknown
  std::optional<mcu::Rpm> stall_below{}; ///< nothing: not known
};

struct SensorFacts {
  std::string name;
  std::string path;
  std::string bay{}; ///< whose disk it measures; empty: none
};

struct Inventory {
  std::vector<FanFacts> fans;
  std::vector<SensorFacts> sensors;
};

/// A sensor that a fan follows.
struct Source {
  std::string name;
  std::string path; ///< empty: the board has no such sensor, and `missing` says so
  std::string missing;
  std::string bay{};         ///< whose disk it measures; empty: none
  std::optional<Rule> own{}; ///< nothing: the fan's rule
  bool operator==(const Source&) const = default;
};

struct Plan {
  FanFacts fan;
  Rule rule;                         ///< of the sensors without one of their own
  std::vector<Source> sources;       ///< at least one
  std::chrono::seconds smoothing{0}; ///< of the sensors' readings
  Shape shape;
  StallRule stall;
  std::chrono::seconds poll{10};
  std::chrono::milliseconds patience{15000}; ///< how long one reading may take
};

/// The rule is the fan's own curve in the configuration, else the step rule in the configuration,
/// else the board's curve, else the step rule with the old daemon's numbers. The sensors are the
/// fan's own in the configuration, else the board's for this fan, else the board's main sensor.
/// Smoothing and limits of change are those of the configuration, else curve_smoothing and
/// curve_shape when only curves drive the fan, else none.
inline constexpr std::chrono::seconds curve_smoothing{30};
Plan make_plan(const Config& config, const FanFacts& fan, const std::vector<SensorFacts>& sensors);

const Rule& rule_of(const Plan& plan, const Source& source);

/// The fans and sensors of a board file, as far as a plan needs them.
Inventory inventory_of(const mcu::Board& board);

/// "curve 35:20 65:100, hysteresis 3; disk1: curve 40:20 50:100, hysteresis 2".
std::string rule_words(const Plan& plan);

/// "sensor board", "sensors disk1, disk2".
std::string sensor_words(const Plan& plan);

/// Sections and keys of the configuration that this box has no use for, one line each.
std::vector<std::string> complaints(const Config& config, const Inventory& inventory);

} // namespace nasmcu::fancontrol

// SPDX-License-Identifier: MIT
// What the configuration and the board together want of one fan's control.
#pragma once

#include <common/config.hpp>
#include <fand/policy.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace nasmcu::fand {

/// A fan as mcud describes it.
struct FanFacts {
  std::string name;
  std::string path; ///< of its D-Bus object
  FanLimits limits;
  std::vector<mcu::CurvePoint> curve; ///< the board's proposal; may be empty
  std::vector<std::string> sensors;   ///< that it cools, in the board's words; may be empty
};

struct SensorFacts {
  std::string name;
  std::string path;
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
  bool operator==(const Source&) const = default;
};

struct Plan {
  FanFacts fan;
  Rule rule;
  std::vector<Source> sources; ///< at least one
  std::chrono::seconds poll{10};
  std::chrono::milliseconds patience{15000}; ///< how long one reading may take
};

/// The rule is the fan's own curve in the configuration, else the step rule in the configuration,
/// else the board's curve, else the step rule with the old daemon's numbers. The sensors are the
/// fan's own in the configuration, else the board's for this fan, else the board's main sensor.
Plan make_plan(const Config& config, const FanFacts& fan, const std::vector<SensorFacts>& sensors);

/// "sensor board", "sensors disk1, disk2".
std::string sensor_words(const Plan& plan);

/// Sections of the configuration that this box has no use for, one line each.
std::vector<std::string> complaints(const Config& config, const Inventory& inventory);

} // namespace nasmcu::fand

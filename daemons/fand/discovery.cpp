// SPDX-License-Identifier: MIT
#include <fand/discovery.hpp>

#include <bus/objects.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace nasmcu::fand {
namespace {

using Point = sdbus::Struct<double, double>;

FanFacts make_fan(const std::string& path, const Properties& properties) {
  FanFacts fan;
  fan.name = property<std::string>(properties, "Name");
  fan.path = path;
  fan.limits.failsafe.percent = property<double>(properties, "Failsafe");
  fan.limits.may_stop = property<bool>(properties, "MayStop");
  for (const auto& point : property<std::vector<Point>>(properties, "Curve"))
    fan.curve.push_back({mcu::Celsius{std::get<0>(point)}, mcu::Duty{std::get<1>(point)}});
  fan.sensors = property<std::vector<std::string>>(properties, "Sensors");
  for (const double level : property<std::vector<double>>(properties, "Levels"))
    fan.limits.levels.push_back({level});
  fan.limits.min.percent = property<double>(properties, "Minimum");
  fan.limits.max.percent = property<double>(properties, "Maximum");
  fan.has_tach = property<bool>(properties, "HasTach");
  fan.rpm = mcu::Rpm{property<std::uint32_t>(properties, "Rpm")};
  if (const auto rpm = property<std::uint32_t>(properties, "StallBelow"); rpm > 0)
    fan.stall_below = mcu::Rpm{rpm};
  return fan;
}

/// sdbus-c++ throws where a property has another type than the XML says.
Result<Inventory> take(const ObjectTree& objects) {
  Inventory inventory;
  for (const auto& [path, interfaces] : objects) {
    try {
      if (const auto fan = interfaces.find("io.nasmcu1.Fan"); fan != interfaces.end())
        inventory.fans.push_back(make_fan(path, fan->second));
      if (const auto sensor = interfaces.find("io.nasmcu1.Sensor"); sensor != interfaces.end())
        inventory.sensors.push_back({property<std::string>(sensor->second, "Name"), path,
                                     property<std::string>(sensor->second, "Bay")});
    } catch (const sdbus::Error& error) {
      return mcu::Error{mcu::Errc::protocol,
                        "mcud describes " + std::string(path) + " badly: " + error.getMessage()};
    }
  }
  return inventory;
}

} // namespace

Task<Result<Inventory>> discover(Bus& bus, std::string mcud) {
  const Result<ObjectTree> tree = co_await managed_objects(bus, std::move(mcud));
  if (!tree) co_return tree.error();
  co_return take(*tree);
}

sdbus::Slot follow_fan(Bus& bus, const std::string& path, std::function<void(mcu::Rpm rpm)> on_rpm,
                       std::function<void(const std::string& words)> on_conflict) {
  const auto heard = [rpm_changed = std::move(on_rpm),
                      conflict_changed = std::move(on_conflict)](sdbus::Message& message) {
    try {
      std::string interface;
      Properties changed;
      message >> interface >> changed;
      if (interface != "io.nasmcu1.Fan") return;
      if (const auto rpm = changed.find("Rpm"); rpm != changed.end())
        rpm_changed({rpm->second.get<std::uint32_t>()});
      if (const auto conflict = changed.find("Conflict"); conflict != changed.end())
        conflict_changed(conflict->second.get<std::string>());
    } catch (const sdbus::Error& error) {
      spdlog::warn("mcud tells of a change badly: {}", error.getMessage());
    }
  };
  return bus.watch_signal({mcud_name, path, "org.freedesktop.DBus.Properties"}, "PropertiesChanged",
                          heard);
}

} // namespace nasmcu::fand

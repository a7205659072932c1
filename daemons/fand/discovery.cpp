// SPDX-License-Identifier: MIT
#include <fand/discovery.hpp>

#include <bus/objects.hpp>

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
        inventory.sensors.push_back({property<std::string>(sensor->second, "Name"), path});
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

} // namespace nasmcu::fand

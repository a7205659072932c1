// SPDX-License-Identifier: MIT
#include <fand/discovery.hpp>

#include <map>

namespace nasmcu::fand {
namespace {

using Properties = std::map<std::string, sdbus::Variant>;
using Objects = std::map<sdbus::ObjectPath, std::map<std::string, Properties>>;
using Point = sdbus::Struct<double, double>;

template <class T>
T get(const Properties& properties, const char* name) {
  const auto found = properties.find(name);
  if (found == properties.end())
    throw compat::make_error("io.nasmcu1.Error.Protocol", std::string("no property ") + name);
  return found->second.get<T>();
}

FanFacts make_fan(const std::string& path, const Properties& properties) {
  FanFacts fan;
  fan.name = get<std::string>(properties, "Name");
  fan.path = path;
  fan.limits.failsafe.percent = get<double>(properties, "Failsafe");
  fan.limits.may_stop = get<bool>(properties, "MayStop");
  for (const auto& point : get<std::vector<Point>>(properties, "Curve"))
    fan.curve.push_back({mcu::Celsius{std::get<0>(point)}, mcu::Duty{std::get<1>(point)}});
  return fan;
}

/// sdbus-c++ throws where a property has another type than the XML says.
Result<Inventory> take(const Objects& objects) {
  Inventory inventory;
  for (const auto& [path, interfaces] : objects) {
    try {
      if (const auto fan = interfaces.find("io.nasmcu1.Fan"); fan != interfaces.end())
        inventory.fans.push_back(make_fan(path, fan->second));
      if (const auto sensor = interfaces.find("io.nasmcu1.Sensor"); sensor != interfaces.end())
        inventory.sensors.push_back({get<std::string>(sensor->second, "Name"), path});
    } catch (const sdbus::Error& error) {
      return mcu::Error{mcu::Errc::protocol,
                        "mcud describes " + std::string(path) + " badly: " + error.getMessage()};
    }
  }
  return inventory;
}

} // namespace

Task<Result<Inventory>> discover(Bus& bus, std::string mcud) {
  const Target manager{std::move(mcud), "/io/nasmcu1", "org.freedesktop.DBus.ObjectManager"};
  const auto got = co_await bus.call<Objects>(manager, "GetManagedObjects", call_timeout);
  if (!got) co_return got.error();
  co_return take(std::get<0>(*got));
}

} // namespace nasmcu::fand

// SPDX-License-Identifier: MIT
// The suite's object tree as a client sees it.
#pragma once

#include <bus/bus.hpp>
#include <bus/property_value.hpp>

#include <map>
#include <string>
#include <string_view>

namespace nasmcu {

inline constexpr const char* mcud_name = "io.nasmcu1.mcud";
inline constexpr const char* fand_name = "io.nasmcu1.fand";
inline constexpr const char* alertd_name = "io.nasmcu1.alertd";
inline constexpr const char* root_path = "/io/nasmcu1";

/// "/io/nasmcu1/KIND/NAME", or without the name for the one of its kind. A D-Bus path has no '-':
/// it becomes '_'.
std::string object_path(std::string_view kind, std::string_view name);

/// The ObjectManager at the top of a daemon's tree.
class RootObject final : public sdbus::AdaptorInterfaces<sdbus::ObjectManager_adaptor> {
public:
  explicit RootObject(sdbus::IConnection& connection)
      : AdaptorInterfaces(connection, sdbus::ObjectPath(root_path)) {
    registerAdaptor();
  }
  ~RootObject() { unregisterAdaptor(); }
};

using Properties = std::map<std::string, PropertyValue>;
/// By path and interface, as ObjectManager tells them.
using ObjectTree = std::map<sdbus::ObjectPath, std::map<std::string, Properties>>;

Task<Result<ObjectTree>> managed_objects(Bus& bus, std::string service,
                                         std::chrono::milliseconds timeout = call_timeout);

/// A property; throws sdbus::Error when it is missing or of another type than the XML says.
template <class T>
T property(const Properties& properties, const char* name) {
  const auto found = properties.find(name);
  if (found == properties.end())
    throw compat::make_error("io.nasmcu1.Error.Protocol", std::string("no property ") + name);
  return found->second.get<T>();
}

/// What nas-fand says about one fan.
struct FanControlView {
  std::string mode; ///< "auto", "manual", "failsafe", "waiting"
  std::string why;
};
/// By fan; empty when nas-fand does not run, or hangs: what mcud says is then all there is to tell.
Task<std::map<std::string, FanControlView>> fan_controls(Bus& bus);

} // namespace nasmcu

// SPDX-License-Identifier: MIT
#include <bus/objects.hpp>

namespace nasmcu {

std::string object_path(std::string_view kind, std::string_view name) {
  std::string path = std::string(root_path) + "/" + std::string(kind);
  if (!name.empty()) path += "/";
  for (const char letter : name) path += letter == '-' ? '_' : letter;
  return path;
}

Task<Result<ObjectTree>> managed_objects(Bus& bus, std::string service) {
  const Target manager{std::move(service), root_path, "org.freedesktop.DBus.ObjectManager"};
  auto got = co_await bus.call<ObjectTree>(manager, "GetManagedObjects", call_timeout);
  if (!got) co_return got.error();
  co_return std::get<0>(std::move(*got));
}

Task<Result<std::map<std::string, FanControlView>>> fan_controls(Bus& bus) {
  std::map<std::string, FanControlView> controls;
  const Result<ObjectTree> found = co_await managed_objects(bus, fand_name);
  if (!found && found.error().code == mcu::Errc::not_running) co_return controls;
  if (!found) co_return found.error();
  for (const auto& [path, interfaces] : *found) {
    const auto control = interfaces.find("io.nasmcu1.FanControl");
    if (control == interfaces.end()) continue;
    try {
      const Properties& properties = control->second;
      FanControlView& view = controls[property<std::string>(properties, "Name")];
      view.mode = property<std::string>(properties, "Mode");
      view.why = property<std::string>(properties, "Why");
    } catch (const sdbus::Error& error) {
      co_return mcu::Error{mcu::Errc::protocol, "nas-fand describes " + std::string(path) +
                                                    " badly: " + error.getMessage()};
    }
  }
  co_return controls;
}

} // namespace nasmcu

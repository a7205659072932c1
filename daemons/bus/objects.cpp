// SPDX-License-Identifier: MIT
#include <bus/objects.hpp>

namespace nasmcu {

std::string object_path(std::string_view kind, std::string_view name) {
  std::string path = std::string(root_path) + "/" + std::string(kind);
  if (!name.empty()) path += "/";
  for (const char letter : name) path += letter == '-' ? '_' : letter;
  return path;
}

Task<Result<ObjectTree>> managed_objects(Bus& bus, std::string service,
                                         std::chrono::milliseconds timeout) {
  const Target manager{std::move(service), root_path, "org.freedesktop.DBus.ObjectManager"};
  auto got = co_await bus.call<ObjectTree>(manager, "GetManagedObjects", timeout);
  if (!got) co_return got.error();
  co_return std::get<0>(std::move(*got));
}

namespace {

/// nas-fand answers from memory; a frozen one must not hold up who asks how the box is.
constexpr std::chrono::milliseconds fand_patience{1000};

} // namespace

Task<std::map<std::string, FanControlView>> fan_controls(Bus& bus) {
  std::map<std::string, FanControlView> controls;
  const Result<ObjectTree> found = co_await managed_objects(bus, fand_name, fand_patience);
  if (!found) co_return controls;
  for (const auto& [path, interfaces] : *found) {
    const auto control = interfaces.find("io.nasmcu1.FanControl");
    if (control == interfaces.end()) continue;
    try {
      const Properties& properties = control->second;
      const FanControlView view{property<std::string>(properties, "Mode"),
                                property<std::string>(properties, "Why")};
      controls[property<std::string>(properties, "Name")] = view;
    } catch (const sdbus::Error&) {
      // Another version of nas-fand; its fan is shown without it.
    }
  }
  co_return controls;
}

} // namespace nasmcu

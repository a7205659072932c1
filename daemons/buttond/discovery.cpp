// SPDX-License-Identifier: MIT
#include <buttond/discovery.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace nasmcu::buttond {
namespace {

constexpr const char* button_interface = "io.nasmcu1.Button";

/// An MCU that does not answer at once is asked again twice, 500 ms each.
constexpr milliseconds read_patience{2000};

Instant instant(std::uint64_t microseconds) {
  constexpr std::uint64_t century = 100ULL * 366 * 24 * 3600 * 1000000;
  if (microseconds > century) return {};
  return Instant(std::chrono::microseconds(static_cast<std::int64_t>(microseconds)));
}

ButtonFacts make_button(const std::string& path, const Properties& properties) {
  ButtonFacts button;
  button.name = property<std::string>(properties, "Name");
  button.path = path;
  button.key = property<std::string>(properties, "Key");
  button.is_switch = property<bool>(properties, "Switch");
  button.resolution = milliseconds(property<std::uint32_t>(properties, "Resolution"));
  button.held = milliseconds(property<std::uint32_t>(properties, "Held"));
  button.present = property<bool>(properties, "Present");
  button.known = property<bool>(properties, "Valid");
  button.pressed = property<bool>(properties, "Pressed");
  button.since = instant(property<std::uint64_t>(properties, "Since"));
  return button;
}

/// sdbus-c++ throws where a property has another type than the XML says.
Result<std::vector<ButtonFacts>> take(const ObjectTree& objects) {
  std::vector<ButtonFacts> buttons;
  for (const auto& [path, interfaces] : objects) {
    const auto found = interfaces.find(button_interface);
    if (found == interfaces.end()) continue;
    try {
      buttons.push_back(make_button(path, found->second));
    } catch (const sdbus::Error& error) {
      return mcu::Error{mcu::Errc::protocol,
                        "mcud describes " + std::string(path) + " badly: " + error.getMessage()};
    }
  }
  return buttons;
}

} // namespace

Task<Result<std::vector<ButtonFacts>>> discover(Bus& bus, std::string mcud) {
  const Result<ObjectTree> tree = co_await managed_objects(bus, std::move(mcud));
  if (!tree) co_return tree.error();
  co_return take(*tree);
}

sdbus::Slot follow_button(Bus& bus, const std::string& path,
                          std::function<void(const Change&)> on_change) {
  const auto heard = [changed = std::move(on_change)](sdbus::Message& message) {
    try {
      std::string interface;
      Properties properties;
      message >> interface >> properties;
      if (interface != button_interface || !properties.contains("Pressed")) return;
      Change change;
      change.present = property<bool>(properties, "Present");
      change.known = property<bool>(properties, "Valid");
      change.pressed = property<bool>(properties, "Pressed");
      change.since = instant(property<std::uint64_t>(properties, "Since"));
      changed(change);
    } catch (const sdbus::Error& error) {
      spdlog::warn("mcud tells of a change badly: {}", error.getMessage());
    }
  };
  return bus.watch_signal({mcud_name, path, "org.freedesktop.DBus.Properties"}, "PropertiesChanged",
                          heard);
}

Task<std::optional<bool>> read_button(Bus& bus, std::string path) {
  const Target button(mcud_name, std::move(path), button_interface);
  const auto got = co_await bus.call<bool>(button, "Read", read_patience);
  if (!got) co_return std::nullopt;
  co_return std::get<0>(*got);
}

} // namespace nasmcu::buttond

// SPDX-License-Identifier: MIT
// io.nasmcu1.Buttons: what a client sees, and the signals when it changes.
#pragma once

#include <bus/objects.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace nasmcu::buttond {

inline constexpr const char* buttond_name = "io.nasmcu1.buttond";

/// The properties of io.nasmcu1.Buttons.
struct View {
  struct Button {
    std::string name, state, actions;
    bool operator==(const Button&) const = default;
  };
  std::vector<Button> buttons;
  std::string inhibits;
  bool going_down = false;
  std::string last_button, last_gesture, last_outcome;
  std::uint64_t last_time = 0; ///< seconds since the epoch
};

/// One object on the bus. It lives as long as one connection.
class Face {
public:
  Face(Bus& bus, sdbus::IConnection& connection, View view);
  ~Face();
  Face(const Face&) = delete;
  Face& operator=(const Face&) = delete;

  /// Takes over the new values and announces those that differ.
  void show(const View& view);
  /// The signal Felt.
  void tell(const std::string& button, const std::string& gesture, const std::string& action);

private:
  class Object;
  Bus& bus_;
  RootObject root_;
  std::unique_ptr<Object> object_;
};

} // namespace nasmcu::buttond

// SPDX-License-Identifier: MIT
// io.nasmcu1.FanControl of one fan: what a client sees, and the signals when it changes.
#pragma once

#include <bus/bus.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace nasmcu::fand {

/// The properties of io.nasmcu1.FanControl.
struct View {
  std::string name;
  bool present = false;
  bool valid = false; ///< whether `temperature` may be believed
  std::string reason = "waiting for mcud";
  std::string mode = "waiting";
  double duty = 0; ///< wanted last, percent
  std::string why = "waiting for mcud";
  std::string sensor;
  double temperature = 0; ///< degrees Celsius
};

/// How far the loop has come: asked for at the moment, never announced.
struct Progress {
  std::uint64_t cycles = 0; ///< decisions
  bool overdue = false;     ///< it has missed its own deadline
};

/// What a client may ask for.
struct Requests {
  std::function<Task<Result<std::string>>(double duty)> set_manual;
  std::function<Task<Result<std::string>>()> set_auto;
  std::function<Progress()> progress;
};

/// One object on the bus. It lives as long as one connection.
class Face {
public:
  Face(Bus& bus, sdbus::IConnection& connection, View view, Requests requests);
  ~Face();
  Face(const Face&) = delete;
  Face& operator=(const Face&) = delete;

  /// Takes over the new values and announces those that differ.
  void show(const View& view);

private:
  class Object;
  Bus& bus_;
  std::unique_ptr<Object> object_;
};

} // namespace nasmcu::fand

// SPDX-License-Identifier: MIT
// mcud's devices as D-Bus objects below /io/nasmcu1. Built anew for each connection.
#pragma once

#include <bus/bus.hpp>
#include <mcud/core.hpp>

#include <memory>
#include <string>

namespace nasmcu {

class Objects {
public:
  Objects(Bus& bus, Core& core, sdbus::IConnection& connection);
  ~Objects();

  /// Announces what changed to everybody who listens.
  void changed(Core::Kind kind, const std::string& name);

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace nasmcu

// SPDX-License-Identifier: MIT
// One device that tells of itself (a button) or lasts (a beep), on a fake root: OneDevice, and the
// loop turned until something is seen.
#pragma once

#include "one_device.hpp"

#include <libmcu/devices/input_hub.hpp>

struct LineBox : OneDevice {
  bool until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io.restart();
      io.run_one_for(std::chrono::milliseconds(5));
    }
    return true;
  }
  /// Lets everything that is under way come to its end; how many handlers that took.
  std::size_t turn_for(std::chrono::milliseconds time) {
    io.restart();
    return io.run_for(time);
  }
};

/// What a button told.
struct Told {
  explicit Told(mcu::Button& button) {
    button.on_edge = [this](bool pressed) { all.push_back(pressed); };
  }
  std::vector<bool> all;
};

// SPDX-License-Identifier: MIT
// Many events, few calls: when a burst is told.
#pragma once

#include <libmcu/link/task.hpp>

#include <algorithm>
#include <chrono>
#include <optional>

namespace mcu {

/// 50 ms behind the first event of a burst, and at most every 500 ms.
class Burst {
public:
  static constexpr auto delay = std::chrono::milliseconds(50);
  static constexpr auto distance = std::chrono::milliseconds(500);

  void event(SteadyTime now) {
    if (!due_) due_ = told_ ? std::max(now + delay, *told_ + distance) : now + delay;
  }
  /// When to tell; nothing: nothing to tell.
  std::optional<SteadyTime> due() const { return due_; }
  void told(SteadyTime now) {
    due_.reset();
    told_ = now;
  }

private:
  std::optional<SteadyTime> due_, told_;
};

} // namespace mcu

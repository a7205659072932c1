// SPDX-License-Identifier: MIT
// The feeding path: one thread that allocates nothing, waits for nobody and feeds the device as
// long as it may. The main loop has to allow it again and again: one that hangs feeds no longer.
#pragma once

#include <watchdogd/device.hpp>

#include <atomic>
#include <chrono>

#include <pthread.h>

namespace nasmcu::watchdogd {

class Feeder {
public:
  using Time = std::chrono::steady_clock::time_point;

  /// `device` outlives it. `real`: with real-time priority, so that a busy box still feeds.
  Feeder(Device& device, bool real);
  ~Feeder(); ///< ends the thread
  Feeder(const Feeder&) = delete;
  Feeder& operator=(const Feeder&) = delete;

  void allow_until(Time time);
  void withhold() { allow_until(Time::min()); }

  /// The device took none of the last feedings.
  bool refused() const { return refused_; }
  /// Why it runs without real-time priority; 0: it has it, or need not.
  int scheduling_error() const { return scheduling_error_; }

private:
  static void* run(void* self);
  void feed_now_and_then();

  Device& device_;
  const int pause_ms_;
  const bool real_;
  std::atomic<Time::rep> until_{Time::min().time_since_epoch().count()};
  std::atomic<bool> ended_{false}, refused_{false};
  std::atomic<int> scheduling_error_{0};
  int wake_ = -1; ///< an eventfd
  pthread_t thread_{};
  bool started_ = false;
};

/// Keeps this process in memory, page by page as it touches them, and from the out-of-memory
/// killer. What failed, in words; empty when all is well.
std::string protect_process();

} // namespace nasmcu::watchdogd

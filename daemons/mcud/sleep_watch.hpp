// SPDX-License-Identifier: MIT
// Learns from logind when the box goes to sleep and is back, and has it wait for the fans.
#pragma once

#include <bus/bus.hpp>

#include <functional>
#include <optional>

namespace nasmcu {

/// Without logind (not installed, not running now, no right to delay sleep) nothing is missing but
/// this: a sleep hook can tell mcud instead. Lives until the io_context has run out of work.
class SleepWatch {
public:
  explicit SleepWatch(Bus& bus) : bus_(bus) {}

  /// The box goes to sleep (true: waited for, five seconds at most by logind's default), or is
  /// back.
  std::function<Task<Status>(bool going)> on_sleep;

  void connected(); ///< watches logind on the fresh connection
  void lost();

  /// Whether logind waits for us before the box sleeps.
  bool delays() const { return delay_.has_value(); }

private:
  void logind_changed(bool there);
  Task<void> look();
  Task<void> take_delay();
  Task<void> follow(bool going);

  Bus& bus_;
  sdbus::Slot owner_watch_;
  sdbus::Slot sleep_watch_;
  std::optional<sdbus::UnixFd> delay_; ///< logind waits until it is closed
  bool asked_ = false;                 ///< take_delay() is under way
  bool ask_again_ = false;             ///< of another logind by now
  bool going_ = false;                 ///< sleep is announced
};

} // namespace nasmcu

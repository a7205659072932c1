// SPDX-License-Identifier: MIT
// systemd-logind: asked to power off and the like, and kept from handling the keys that are ours.
#pragma once

#include <bus/bus.hpp>

#include <functional>
#include <optional>
#include <string>

namespace nasmcu::buttond {

/// Without logind nothing is missing but this. Lives until the io_context has run out of work.
class Logind {
public:
  explicit Logind(Bus& bus) : bus_(bus) {}

  /// The system goes down (true), or its shutdown was called off.
  std::function<void(bool going)> on_shutdown;
  /// It goes to sleep, or is back.
  std::function<void(bool going)> on_sleep;
  /// held() has changed.
  std::function<void()> on_held;

  void connected();
  void lost();
  /// Gives back what it holds.
  void stop();

  /// Keys that logind shall leave alone from now on, as its Inhibit() takes them; empty: none.
  void want(std::string keys);
  /// Those that it leaves alone now.
  const std::string& held() const { return held_; }

  bool there() const { return there_; }
  /// "PowerOff", "Reboot" or "Suspend", without asking anybody.
  Task<Status> ask(std::string method);

private:
  void changed(bool there);
  Task<void> look();
  Task<void> settle();
  Task<void> look_at_shutdown();
  void let_go();

  Bus& bus_;
  sdbus::Slot owner_watch_, shutdown_watch_, sleep_watch_;
  std::string wanted_, held_, refused_;
  std::optional<sdbus::UnixFd> inhibitor_; ///< logind handles the keys again when it is closed
  std::uint64_t life_ = 0;                 ///< counts logind's lives
  bool there_ = false;
  bool settling_ = false;
};

} // namespace nasmcu::buttond

// SPDX-License-Identifier: MIT
// /dev/watchdogN: what the driver can do and has made of our wishes, and the way to feed it.
#pragma once

#include <libmcu/kernel/files.hpp>
#include <libmcu/model/board.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu::watchdogd {

struct DeviceWish {
  std::chrono::seconds timeout{60};
  std::chrono::seconds pretimeout{0}; ///< 0: none
};

/// What the driver said.
struct DeviceTold {
  std::string node;                ///< "/dev/watchdog0"
  std::string identity;            ///< "Orion Watchdog"
  std::chrono::seconds timeout{0}; ///< in force; 0: the driver does not tell
  std::chrono::seconds pretimeout{0};
  bool can_stop = true;             ///< a clean close stops it
  std::optional<bool> reset_before; ///< it started the box by a reset; nothing: it cannot tell
  std::vector<std::string> remarks; ///< wishes that were not met, in words
};

/// The few things that a driver is asked; an error has the driver's words.
class DeviceCalls {
public:
  virtual ~DeviceCalls() = default;
  struct Support {
    std::string identity;
    unsigned options = 0; ///< WDIOF_...
  };
  virtual mcu::Result<Support> support() = 0;
  virtual mcu::Result<int> set_timeout(int time) = 0; ///< returns what it became
  virtual mcu::Result<int> timeout() = 0;
  virtual mcu::Result<int> set_pretimeout(int time) = 0;
  virtual mcu::Result<int> boot_status() = 0;
  /// From any thread: allocates nothing, waits for nothing. False when the driver refused.
  virtual bool feed() noexcept = 0;
  /// What makes the following close a stop ('V').
  virtual bool allow_stop() noexcept = 0;
};

/// An open device. To drop it without disarm() leaves it armed, as a crash would.
class Device {
public:
  /// Which one: by a path or an identity, else the board's, else the only one. `unsupported` where
  /// there is none, with what there is.
  static mcu::Result<std::string> find(const mcu::Files& files, const std::string& root,
                                       const std::string& wanted,
                                       const std::optional<mcu::WatchdogSpec>& board);
  /// Opens and arms it. `busy` when another process has it. Below another root only a fake is
  /// opened.
  static mcu::Result<std::unique_ptr<Device>> open(const std::string& node, const std::string& root,
                                                   const DeviceWish& wish);
  /// The same on calls that are there already. `range`: what the kernel allows, in words, or empty.
  Device(std::unique_ptr<DeviceCalls> calls, std::string node, bool no_way_out,
         const std::string& range, const DeviceWish& wish);

  const DeviceTold& told() const { return told_; }
  bool feed() noexcept { return calls_->feed(); }
  /// Another wish, after a reload.
  void use(const DeviceWish& wish);
  /// The longest time-out up to `time` that the driver takes, for the way down.
  std::chrono::seconds stretch(std::chrono::seconds time);
  /// Stops and closes it; false when it goes on.
  bool disarm();

private:
  std::unique_ptr<DeviceCalls> calls_;
  DeviceTold told_;
  std::string range_;
  unsigned options_ = 0;
};

} // namespace nasmcu::watchdogd

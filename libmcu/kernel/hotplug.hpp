// SPDX-License-Identifier: MIT
// Tells when devices come or go.
#pragma once

#include <libmcu/link/task.hpp>

#include <functional>
#include <memory>
#include <string>

namespace mcu {

/// On the real machine udev's events (or the kernel's own, where udev does not run) of the
/// subsystems that boards use; under another root inotify on the folders that stand for them.
/// Neither is polled: nothing happening costs nothing.
class HotPlug {
public:
  virtual ~HotPlug() = default;
  /// Something came or went; called once for a burst, 50 ms behind its first event at most 500.
  std::function<void()> on_change;
  virtual void start() = 0;
  virtual void stop() = 0;
};

/// `root` as everywhere: empty for the real machine.
std::unique_ptr<HotPlug> make_hotplug(asio::any_io_executor executor, const std::string& root);

} // namespace mcu

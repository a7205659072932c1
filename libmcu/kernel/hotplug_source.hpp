// SPDX-License-Identifier: MIT
// Internal to HotPlug: where its events come from.
#pragma once

#include <memory>
#include <string>

namespace mcu {

class HotPlugSource {
public:
  virtual ~HotPlugSource() = default;
  virtual int fd() const = 0;
  /// Takes all events that wait; true when one of them is about a device that came or went.
  virtual bool take() = 0;
  /// Before everybody looks again: a folder that appeared is watched from now on.
  virtual void renew() {}
};

/// Null when the kernel's events cannot be had.
std::unique_ptr<HotPlugSource> make_udev_source();
std::unique_ptr<HotPlugSource> make_inotify_source(const std::string& root);

} // namespace mcu

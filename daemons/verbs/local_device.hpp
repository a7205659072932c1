// SPDX-License-Identifier: MIT
// LocalBox's way to a device, or to the words why there is none.
#pragma once

#include <verbs/local_box.hpp>
#include <verbs/outcome.hpp>

#include <memory>
#include <string>
#include <vector>

namespace nasmcu {

/// A device that is away together with the link is a link's failure, not a missing function.
inline mcu::Error absent(mcu::Inventory& inventory, const std::string& what,
                         const std::string& reason) {
  const bool down = inventory.link() && !inventory.link()->up();
  return {down ? mcu::Errc::link_down : mcu::Errc::unsupported,
          what + " is not available: " + plain_reason(reason)};
}

/// The device of that name, or an error with the names that this board has.
template <class Device>
Result<Device*> named(mcu::Inventory& inventory,
                      const std::vector<std::unique_ptr<Device>>& devices, const std::string& kind,
                      const std::string& name) {
  std::vector<std::string> names;
  for (const auto& device : devices) {
    if (device->name() == name) {
      const mcu::Availability there = device->availability();
      if (!there.present) return absent(inventory, kind + " " + name, there.reason);
      return device.get();
    }
    names.push_back(device->name());
  }
  if (names.empty()) return mcu::Error{mcu::Errc::unsupported, "this board has no " + kind};
  return mcu::Error{mcu::Errc::unsupported,
                    "no " + kind + " '" + name + "' on this board; it has: " + join(names)};
}

/// A device that a board has once or not at all.
template <class Device>
Result<Device*> fitted(mcu::Inventory& inventory, Device* device, const std::string& kind) {
  if (!device) return mcu::Error{mcu::Errc::unsupported, "this board has no " + kind};
  const mcu::Availability there = device->availability();
  if (!there.present) return absent(inventory, kind, there.reason);
  return device;
}

} // namespace nasmcu

// SPDX-License-Identifier: MIT
#include <fand/disk_reading.hpp>

#include <algorithm>

namespace nasmcu::fand {

mcu::Result<mcu::Celsius> smart_reading(const std::vector<DiskView>& disks, const std::string& bay,
                                        std::time_t now) {
  using mcu::Errc;
  using mcu::Error;
  const auto disk = std::find_if(disks.begin(), disks.end(), [&](const DiskView& one) {
    return one.present && one.bay == bay;
  });
  if (disk == disks.end()) return Error{Errc::unsupported, "bay " + bay + " is empty"};
  if (disk->asleep) return Error{Errc::asleep, "the disk in bay " + bay + " is at rest"};
  if (!disk->celsius)
    return Error{Errc::unsupported,
                 "neither drivetemp nor SMART tells how warm the disk in bay " + bay + " is"};
  if (now - disk->last_read > oldest_smart_reading)
    return Error{Errc::unsupported, "the disk in bay " + bay + " was read too long ago"};
  return mcu::Celsius{*disk->celsius};
}

} // namespace nasmcu::fand

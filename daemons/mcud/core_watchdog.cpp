// SPDX-License-Identifier: MIT
// What a client of the command port asks about the watchdog goes to nas-watchdogd.
#include <mcud/core.hpp>

namespace nasmcu {

Task<Result<WatchdogView>> Core::watchdog() { return watchdogd().watchdog(); }

Task<Status> Core::announce(std::string why, std::chrono::seconds time) {
  return watchdogd().announce(std::move(why), time);
}

} // namespace nasmcu

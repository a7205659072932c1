// SPDX-License-Identifier: MIT
#include <common/watchdog_service.hpp>

namespace nasmcu {
namespace {

mcu::Error no_watchdog_daemon() {
  return {mcu::Errc::not_running,
          "nas-watchdogd is not running: start it with systemctl start nas-watchdogd"};
}

} // namespace

Task<Result<WatchdogView>> WatchdogService::watchdog() { co_return no_watchdog_daemon(); }
Task<Status> WatchdogService::announce(std::string, std::chrono::seconds) {
  co_return no_watchdog_daemon();
}

} // namespace nasmcu

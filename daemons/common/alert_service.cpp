// SPDX-License-Identifier: MIT
#include <common/alert_service.hpp>

namespace nasmcu {

mcu::Error no_alert_daemon() {
  return {mcu::Errc::not_running,
          "nas-alertd is not running: start it with systemctl start nas-alertd"};
}

Task<Result<AlertList>> AlertService::alerts() { co_return no_alert_daemon(); }
Task<Status> AlertService::acknowledge_alert(std::string) { co_return no_alert_daemon(); }
Task<Status> AlertService::mute_alerts(std::chrono::seconds) { co_return no_alert_daemon(); }
Task<Result<std::string>> AlertService::test_alerts() { co_return no_alert_daemon(); }
Task<Result<std::vector<DiskView>>> AlertService::disks() { co_return no_alert_daemon(); }
Task<Result<std::string>> AlertService::identify_bay(std::string, bool) {
  co_return no_alert_daemon();
}
Task<Status> AlertService::forget_bay(std::string) { co_return no_alert_daemon(); }
Task<Result<std::string>> AlertService::test_disk(std::string, std::string) {
  co_return no_alert_daemon();
}

} // namespace nasmcu

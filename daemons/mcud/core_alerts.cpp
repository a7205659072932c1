// SPDX-License-Identifier: MIT
// What a client of the command port asks about alerts and disks goes to nas-alertd.
#include <mcud/core.hpp>

namespace nasmcu {

Task<Result<AlertList>> Core::alerts() { return alertd().alerts(); }

Task<Status> Core::acknowledge_alert(std::string id) {
  return alertd().acknowledge_alert(std::move(id));
}

Task<Status> Core::mute_alerts(std::chrono::seconds time) { return alertd().mute_alerts(time); }

Task<Result<std::string>> Core::test_alerts() { return alertd().test_alerts(); }

Task<Result<std::vector<DiskView>>> Core::disks() { return alertd().disks(); }

Task<Result<std::string>> Core::identify_bay(std::string bay, bool on) {
  return alertd().identify_bay(std::move(bay), on);
}

Task<Status> Core::forget_bay(std::string bay) { return alertd().forget_bay(std::move(bay)); }

Task<Result<std::string>> Core::test_disk(std::string bay, std::string kind) {
  return alertd().test_disk(std::move(bay), std::move(kind));
}

} // namespace nasmcu

// SPDX-License-Identifier: MIT
// nas-alertd as its clients see it: mcuctl, and mcud for its command port.
#pragma once

#include <bus/objects.hpp>
#include <common/alert_service.hpp>

namespace nasmcu {

/// Answers `not_running` while nobody owns the name.
class AlertdClient final : public AlertService {
public:
  explicit AlertdClient(Bus& bus) : bus_(bus) {}

  Task<Result<AlertList>> alerts() override;
  Task<Status> acknowledge_alert(std::string id) override;
  Task<Status> mute_alerts(std::chrono::seconds time) override;
  Task<Result<std::string>> test_alerts() override;
  Task<Result<std::vector<DiskView>>> disks() override;
  Task<Result<std::string>> identify_bay(std::string bay, bool on) override;
  Task<Status> forget_bay(std::string bay) override;
  Task<Result<std::string>> test_disk(std::string bay, std::string kind) override;

private:
  Task<Result<ObjectTree>> objects();
  /// A method of io.nasmcu1.Alerts.
  template <class... Out, class... In>
  Task<Result<std::tuple<Out...>>> call(std::string method, std::chrono::milliseconds timeout,
                                        In... arguments);

  Bus& bus_;
};

} // namespace nasmcu

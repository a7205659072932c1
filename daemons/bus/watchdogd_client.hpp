// SPDX-License-Identifier: MIT
// nas-watchdogd as its clients see it: mcuctl, mcud for its command port, and nas-alertd.
#pragma once

#include <bus/objects.hpp>
#include <common/watchdog_service.hpp>

namespace nasmcu {

inline constexpr const char* watchdogd_name = "io.nasmcu1.watchdogd";

/// Answers `not_running` while nobody owns the name.
class WatchdogdClient final : public WatchdogService {
public:
  explicit WatchdogdClient(Bus& bus) : bus_(bus) {}

  Task<Result<WatchdogView>> watchdog() override;
  Task<Status> announce(std::string why, std::chrono::seconds time) override;

private:
  Task<mcu::Error> in_our_words(mcu::Error error);

  Bus& bus_;
};

} // namespace nasmcu

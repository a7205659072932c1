// SPDX-License-Identifier: MIT
// What nas-watchdogd can be asked for. daemons/bus/watchdogd_client.hpp asks it;
// io.nasmcu1.Watchdog documents the words.
#pragma once

#include <libmcu/link/task.hpp>
#include <libmcu/model/result.hpp>

#include <chrono>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

namespace nasmcu {

using mcu::Result;
using mcu::Status;
using mcu::Task;

struct WatchdogCheckView {
  std::string name, verdict, why;
  std::int64_t age = -1; ///< seconds since its last look; -1: none yet
  bool only_alerts = false;
};

struct WatchdogView {
  std::string state, reason, check;
  bool armed = false, feeding = false;
  std::string armed_reason; ///< why it is not
  std::string device, identity;
  unsigned timeout = 0, pretimeout = 0; ///< seconds
  std::vector<std::string> remarks;
  bool no_way_out = false, keepalive_only = false;
  std::vector<WatchdogCheckView> checks;
  unsigned resets = 0, most_resets = 0;
  std::time_t last_reset = 0; ///< 0: none
  std::string last_reason;
};

/// By itself it is a nas-watchdogd that does not run: every answer is `not_running`.
class WatchdogService {
public:
  virtual ~WatchdogService() = default;

  virtual Task<Result<WatchdogView>> watchdog();
  /// For so long nothing that fails leads to a reset; 0 ends that.
  virtual Task<Status> announce(std::string why, std::chrono::seconds time);
};

} // namespace nasmcu

// SPDX-License-Identifier: MIT
// io.nasmcu1.Watchdog: what a client sees, and the signals when it changes.
#pragma once

#include <watchdogd/guard.hpp>

#include <bus/bus.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace nasmcu::watchdogd {

struct WatchdogShown {
  std::string state, reason, check;
  bool armed = false;
  std::string armed_reason;
  bool feeding = false;
  std::string device, identity;
  std::uint32_t timeout = 0, pretimeout = 0;
  std::vector<std::string> remarks;
  bool no_way_out = false, keepalive_only = false;
  std::uint32_t resets = 0, most_resets = 0;
  std::int64_t last_reset = 0;
  std::string last_reason;
};

struct WatchdogRequests {
  std::function<Status(std::string why, std::uint32_t time)> announce;
  std::function<std::vector<Guard::View>()> checks;
};

/// The object on the bus. It lives as long as one connection.
class WatchdogFace {
public:
  WatchdogFace(Bus& bus, sdbus::IConnection& connection, WatchdogShown shown,
               WatchdogRequests requests);
  ~WatchdogFace();
  WatchdogFace(const WatchdogFace&) = delete;
  WatchdogFace& operator=(const WatchdogFace&) = delete;

  /// Takes over the new values and announces those that differ.
  void show(WatchdogShown shown);

private:
  class Object;
  Bus& bus_;
  std::unique_ptr<Object> object_;
};

} // namespace nasmcu::watchdogd

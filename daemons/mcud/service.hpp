// SPDX-License-Identifier: MIT
// mcud as a process: the core, its face on the bus and on the command port, signals, readiness.
#pragma once

#include <bus/alertd_client.hpp>
#include <bus/bus.hpp>
#include <bus/watchdogd_client.hpp>
#include <common/program.hpp>
#include <common/service_process.hpp>
#include <mcud/core.hpp>
#include <mcud/fand_client.hpp>
#include <mcud/objects.hpp>
#include <mcud/sleep_watch.hpp>
#include <port/server.hpp>

#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <string>

namespace nasmcu {

class Service {
public:
  Service(mcu::asio::io_context& io, CommonOptions options, Config config,
          std::unique_ptr<mcu::Inventory> inventory);

  /// Starts everything and returns; the process ends when the io_context has nothing left to do,
  /// which is at once when another program owns the hardware.
  void start();
  int exit_code() const { return process_.exit_code(); }

private:
  void open_bus();
  void open_port();
  void reload();
  void end();
  Task<void> shut_down();
  Task<void> set_clocks_at_start();
  Task<void> set_clock_after_ntp();
  void say_status();
  bool polls_turn();

  mcu::asio::io_context& io_;
  CommonOptions options_;
  Config config_;
  System system_;
  std::unique_ptr<mcu::Inventory> inventory_;
  Core core_;
  Bus bus_;
  FandClient fan_daemon_;
  AlertdClient alert_daemon_;
  WatchdogdClient watchdog_daemon_;
  SleepWatch sleep_watch_;
  std::unique_ptr<Objects> objects_; ///< while the bus is there
  CommandPort port_;
  ServiceProcess process_;
  mcu::asio::steady_timer clock_timer_;
  mcu::asio::steady_timer ntp_timer_;
  std::uint64_t last_beat_ = 0; ///< of the polling loop
  mcu::SteadyTime moved_ = std::chrono::steady_clock::now();
};

} // namespace nasmcu

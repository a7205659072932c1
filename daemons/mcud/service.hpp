// SPDX-License-Identifier: MIT
// mcud as a process: the core, its face on the bus and on the command port, signals, readiness.
#pragma once

#include <bus/alertd_client.hpp>
#include <bus/bus.hpp>
#include <bus/watchdogd_client.hpp>
#include <common/program.hpp>
#include <mcud/core.hpp>
#include <mcud/fand_client.hpp>
#include <mcud/objects.hpp>
#include <mcud/sleep_watch.hpp>
#include <port/server.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

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
  int exit_code() const { return exit_code_; }

private:
  void open_bus();
  void open_port();
  void wait_for_signal();
  void reload();
  void end(int code);
  Task<void> shut_down();
  Task<void> set_clocks_at_start();
  Task<void> set_clock_after_ntp();
  Task<void> feed_watchdog(std::chrono::microseconds interval);
  void say_status();

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
  mcu::asio::signal_set signals_;
  mcu::asio::steady_timer watchdog_;
  mcu::asio::steady_timer clock_timer_;
  mcu::asio::steady_timer ntp_timer_;
  std::string status_;
  bool ending_ = false;
  int exit_code_ = 0;
};

} // namespace nasmcu

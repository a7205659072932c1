// SPDX-License-Identifier: MIT
// nas-watchdogd: feeds the hardware watchdog only while the box is well. See nas-watchdogd(8).
#include <watchdogd/watchdogd.hpp>

#include <spdlog/spdlog.h>

int main(int argc, char** argv) {
  nasmcu::CommonOptions options;
  if (const auto code = nasmcu::begin_service(
          "nas-watchdogd", "Feeds the hardware watchdog only while the box is well.", argc, argv,
          options))
    return *code;

  nasmcu::watchdogd::WatchdogConfigFile file = nasmcu::watchdogd::load_watchdog_config(options);
  if (!nasmcu::report(file.diagnostics)) return nasmcu::exit_usage;
  if (const auto unknown = nasmcu::unknown_box(options))
    return nasmcu::end_on_unknown_box(*unknown);
  auto board = nasmcu::find_board(options);
  if (!board) {
    spdlog::error("{}", board.error().what);
    return nasmcu::exit_usage;
  }

  // Before anything is opened: a busy box must not push us out of memory.
  if (options.root.empty())
    if (const std::string wrong = nasmcu::watchdogd::protect_process(); !wrong.empty())
      spdlog::warn("{}", wrong);
  boost::asio::io_context io(1);
  nasmcu::watchdogd::Watchdogd daemon(io, options, std::move(*board), std::move(file.config));
  daemon.start();
  io.run();
  return daemon.exit_code();
}

// SPDX-License-Identifier: MIT
// nas-watchdogd: feeds the hardware watchdog only while the box is well. See nas-watchdogd(8).
#include <watchdogd/main.hpp>

#include <watchdogd/watchdogd.hpp>

#include <spdlog/spdlog.h>

namespace nasmcu::watchdogd {

int main(int argc, char** argv) {
  CommonOptions options;
  if (const auto code =
          begin_service("nas-watchdogd", "Feeds the hardware watchdog only while the box is well.",
                        argc, argv, options))
    return *code;

  WatchdogConfigFile file = load_watchdog_config(options);
  if (!report(file.diagnostics)) return exit_usage;
  if (const auto unknown = unknown_box(options)) return end_on_unknown_box(*unknown);
  auto board = find_board(options);
  if (!board) {
    spdlog::error("{}", board.error().what);
    return exit_usage;
  }

  // Before anything is opened: a busy box must not push us out of memory.
  if (options.root.empty())
    if (const std::string wrong = protect_process(); !wrong.empty()) spdlog::warn("{}", wrong);
  boost::asio::io_context io(1);
  Watchdogd daemon(io, options, std::move(*board), std::move(file.config));
  daemon.start();
  io.run();
  return daemon.exit_code();
}

} // namespace nasmcu::watchdogd

// SPDX-License-Identifier: MIT
// nas-alertd: says what is wrong with the box and its disks, on LEDs, by sound and in words. See
// nas-alertd(8).
#include <alertd/alertd.hpp>

#include <spdlog/spdlog.h>

int main(int argc, char** argv) {
  nasmcu::CommonOptions options;
  if (const auto code = nasmcu::begin_service(
          "nas-alertd", "Health of disks, arrays, fans and the box: LEDs, buzzer, mail and hooks.",
          argc, argv, options))
    return *code;

  nasmcu::alertd::AlertConfigFile file = nasmcu::alertd::load_alert_config(options);
  if (!nasmcu::report(file.diagnostics)) return nasmcu::exit_usage;
  if (const auto unknown = nasmcu::unknown_box(options))
    return nasmcu::end_on_unknown_box(*unknown);
  auto board = nasmcu::find_board(options);
  if (!board) {
    spdlog::error("{}", board.error().what);
    return nasmcu::exit_usage;
  }

  boost::asio::io_context io(1);
  nasmcu::alertd::Alertd alertd(io, options, std::move(*board), std::move(file.config));
  alertd.start();
  io.run();
  return alertd.exit_code();
}

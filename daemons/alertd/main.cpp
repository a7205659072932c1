// SPDX-License-Identifier: MIT
// nas-alertd: says what is wrong with the box and its disks, on LEDs, by sound and in words. See
// nas-alertd(8).
#include <alertd/alertd.hpp>

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

int main(int argc, char** argv) {
  CLI::App app{"Health of disks, arrays, fans and the box: LEDs, buzzer, mail and hooks.",
               "nas-alertd"};
  nasmcu::CommonOptions options;
  nasmcu::add_common_options(app, options);
  if (const auto code = nasmcu::parse(app, argc, argv, options)) return *code;
  nasmcu::set_up_log("nas-alertd", options.log_level);

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

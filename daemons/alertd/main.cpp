// SPDX-License-Identifier: MIT
// nas-alertd: says what is wrong with the box and its disks, on LEDs, by sound and in words. See
// nas-alertd(8).
#include <alertd/main.hpp>

#include <alertd/alertd.hpp>

#include <spdlog/spdlog.h>

namespace nasmcu::alertd {

int main(int argc, char** argv) {
  CommonOptions options;
  if (const auto code = begin_service(
          "nas-alertd", "Health of disks, arrays, fans and the box: LEDs, buzzer, mail and hooks.",
          argc, argv, options))
    return *code;

  AlertConfigFile file = load_alert_config(options);
  if (!report(file.diagnostics)) return exit_usage;
  if (const auto unknown = unknown_box(options)) return end_on_unknown_box(*unknown);
  auto board = find_board(options);
  if (!board) {
    spdlog::error("{}", board.error().what);
    return exit_usage;
  }

  boost::asio::io_context io(1);
  Alertd alertd(io, options, std::move(*board), std::move(file.config));
  alertd.start();
  io.run();
  return alertd.exit_code();
}

} // namespace nasmcu::alertd

// SPDX-License-Identifier: MIT
// nas-buttond: what a press of the box's buttons does. See nas-buttond(8).
#include <buttond/main.hpp>

#include <buttond/buttond.hpp>
#include <common/program.hpp>

namespace nasmcu::buttond {

int main(int argc, char** argv) {
  CommonOptions options;
  if (const auto code = begin_service(
          "nas-buttond", "Presses of the box's buttons and switches, and what they do.", argc, argv,
          options))
    return *code;

  Settings settings = load_settings(options);
  if (!report(settings.diagnostics)) return exit_usage;
  // mcud ends there too; waiting for it would only puzzle people.
  if (const auto unknown = unknown_box(options)) return end_on_unknown_box(*unknown);

  boost::asio::io_context io(1);
  Buttond buttond(io, options, std::move(settings));
  buttond.start();
  io.run();
  return buttond.exit_code();
}

} // namespace nasmcu::buttond

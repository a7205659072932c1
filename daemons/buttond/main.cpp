// SPDX-License-Identifier: MIT
// nas-buttond: what a press of the box's buttons does. See nas-buttond(8).
#include <buttond/buttond.hpp>
#include <common/program.hpp>

int main(int argc, char** argv) {
  nasmcu::CommonOptions options;
  if (const auto code = nasmcu::begin_service(
          "nas-buttond", "Presses of the box's buttons and switches, and what they do.", argc, argv,
          options))
    return *code;

  nasmcu::buttond::Settings settings = nasmcu::buttond::load_settings(options);
  if (!nasmcu::report(settings.diagnostics)) return nasmcu::exit_usage;
  // mcud ends there too; waiting for it would only puzzle people.
  if (const auto unknown = nasmcu::unknown_box(options))
    return nasmcu::end_on_unknown_box(*unknown);

  boost::asio::io_context io(1);
  nasmcu::buttond::Buttond buttond(io, options, std::move(settings));
  buttond.start();
  io.run();
  return buttond.exit_code();
}

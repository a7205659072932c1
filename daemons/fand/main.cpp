// SPDX-License-Identifier: MIT
// nas-fand: keeps the fans as fast as the temperature asks for. See nas-fand(8).
#include <common/program.hpp>
#include <fand/fand.hpp>

int main(int argc, char** argv) {
  nasmcu::CommonOptions options;
  if (const auto code = nasmcu::begin_service(
          "nas-fand", "Fan control: reads mcud's sensors and drives its fans over D-Bus.", argc,
          argv, options))
    return *code;

  nasmcu::ConfigFile file = nasmcu::load_config(options.config, options.root);
  if (!nasmcu::report(file.diagnostics)) return nasmcu::exit_usage;
  // mcud ends there too; waiting for it would only puzzle people.
  if (const auto unknown = nasmcu::unknown_box(options))
    return nasmcu::end_on_unknown_box(*unknown);

  boost::asio::io_context io(1);
  nasmcu::fand::Fand fand(io, options, std::move(file.config));
  fand.start();
  io.run();
  return fand.exit_code();
}

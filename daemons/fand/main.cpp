// SPDX-License-Identifier: MIT
// nas-fand: keeps the fans as fast as the temperature asks for. See nas-fand(8).
#include <common/program.hpp>
#include <fand/fand.hpp>

#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
  CLI::App app{"Fan control: reads mcud's sensors and drives its fans over D-Bus.", "nas-fand"};
  nasmcu::CommonOptions options;
  nasmcu::add_common_options(app, options);
  if (const auto code = nasmcu::parse(app, argc, argv, options)) return *code;
  nasmcu::set_up_log("nas-fand", options.log_level);

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

// SPDX-License-Identifier: MIT
// nas-fand: keeps the fans as fast as the temperature asks for. See nas-fand(8).
#include <fand/main.hpp>

#include <common/program.hpp>
#include <fand/fand.hpp>

namespace nasmcu::fand {

int main(int argc, char** argv) {
  CommonOptions options;
  if (const auto code = begin_service(
          "nas-fand", "Fan control: reads mcud's sensors and drives its fans over D-Bus.", argc,
          argv, options))
    return *code;

  ConfigFile file = load_config(options.config, options.root);
  if (!report(file.diagnostics)) return exit_usage;
  // mcud ends there too; waiting for it would only puzzle people.
  if (const auto unknown = unknown_box(options)) return end_on_unknown_box(*unknown);

  boost::asio::io_context io(1);
  Fand fand(io, options, std::move(file.config));
  fand.start();
  io.run();
  return fand.exit_code();
}

} // namespace nasmcu::fand

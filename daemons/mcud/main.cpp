// SPDX-License-Identifier: MIT
#include <mcud/main.hpp>

#include <mcud/service.hpp>

#include <spdlog/spdlog.h>

namespace nasmcu::mcud {

int main(int argc, char** argv) {
  CommonOptions options;
  if (const auto code = begin_service(
          "mcud", "Owns the board's hardware and offers its devices on D-Bus and the command port.",
          argc, argv, options))
    return *code;

  const ConfigFile config = load_config(options.config, options.root);
  if (!report(config.diagnostics)) return exit_usage;
  mcu::Result<mcu::Board> board = find_board(options);
  if (!board && board.error().code == mcu::Errc::unsupported)
    return end_on_unknown_box(board.error().what);
  if (!board) {
    spdlog::error("{}", board.error().what);
    return exit_usage;
  }
  mcu::asio::io_context io(1);
  auto inventory = mcu::Inventory::make(io.get_executor(), std::move(board).value(),
                                        inventory_options(config.config, options.root));
  if (!inventory) {
    spdlog::error("{}", inventory.error().what);
    return exit_usage;
  }
  Service service(io, options, config.config, std::move(inventory).value());
  service.start();
  io.run();
  return service.exit_code();
}

} // namespace nasmcu::mcud

// SPDX-License-Identifier: MIT
// mcusim: plays a NAS microcontroller on a pseudo terminal or a socket.
#include <mcusim/board.hpp>
#include <mcusim/control.hpp>
#include <mcusim/faults.hpp>
#include <mcusim/simulator.hpp>

#include <common/program.hpp>

#include <libmcu/model/text.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <csignal>
#include <ctime>

#include <sys/prctl.h>

namespace {

struct Options {
  nasmcu::CommonOptions common;
  mcusim::SimulatorOptions simulator;
  std::string protocol;
  std::string control;
};

std::vector<std::string> strings(const std::vector<std::string_view>& views) {
  return {views.begin(), views.end()};
}

void describe(CLI::App& app, Options& options) {
  mcusim::SimulatorOptions& simulator = options.simulator;
  mcusim::McuOptions& mcu = simulator.mcu;
  nasmcu::add_common_options(app, options.common);
  app.add_option("--protocol", options.protocol, "play this MCU, without a board file")
      ->type_name("NAME")
      ->check(CLI::IsMember(strings(mcusim::sim_mcu_names())));
  app.add_option("--link", simulator.link, "make this a symbolic link to the pseudo terminal")
      ->type_name("PATH");
  app.add_option("--listen", simulator.listen, "a Unix stream socket is the wire instead")
      ->type_name("SOCK");
  app.add_option("--control", options.control, "Unix socket for commands")->type_name("SOCK");
  app.add_flag("--pace", simulator.pace, "bytes take their time on the wire");
  app.add_option("--seed", mcu.seed, "repeats the same chance (default 1)")->type_name("N");
  app.add_option("--fault", simulator.faults,
                 "KIND[=RATE|on|off|once][,...]; may be repeated. KIND: " +
                     mcu::join(mcusim::fault_names()))
      ->type_name("SPEC");
  app.add_option("--trace", simulator.trace, "write every byte to this file as JSON Lines")
      ->type_name("FILE");
  app.add_option("--ambient", mcu.ambient, "air temperature in degrees Celsius (default 25)")
      ->type_name("C")
      ->check(CLI::Range(-40.0, 100.0));
  app.add_option("--heat", mcu.heat, "heat of the box in watts (default 15)")
      ->type_name("W")
      ->check(CLI::Range(0.0, 1000.0));
}

/// What the options mean together; an error in words for what cannot be.
mcu::Status complete(Options& options) {
  mcusim::SimulatorOptions& simulator = options.simulator;
  const auto usage = [](const char* text) { return mcu::Error{mcu::Errc::invalid_argument, text}; };
  if (simulator.link.empty() == simulator.listen.empty()) {
    return usage("give one of --link PATH and --listen SOCK");
  }
  if (options.protocol.empty() == options.common.board.empty()) {
    return usage("give one of --board NAME|FILE and --protocol NAME");
  }
  // The two frames of a D-Link reply are apart on a paced wire anyway, and the speed of a host is
  // measured against the bare wire.
  if (simulator.pace) simulator.mcu.ack_gap = std::chrono::microseconds(0);
  const mcu::Result<mcu::CivilTime> now = mcu::to_civil(std::time(nullptr), false);
  if (now.ok()) simulator.mcu.clock = now.value();
  if (!options.protocol.empty()) {
    simulator.protocol = options.protocol;
    return mcusim::check(simulator);
  }
  const mcu::Result<mcu::Board> board = nasmcu::find_board(options.common);
  if (!board.ok()) return board.error();
  const mcu::Status played = mcusim::play_board(board.value(), simulator);
  return played.ok() ? mcusim::check(simulator) : played;
}

int run(const Options& options) {
  // Without this the kernel may add 50 us to every timer, half a byte of the wire.
  ::prctl(PR_SET_TIMERSLACK, 1);
  boost::asio::io_context io(1);
  mcusim::Simulator simulator(io.get_executor(), options.simulator);
  mcusim::Control control(io.get_executor(), options.control,
                          [&simulator](std::string_view line) { return simulator.command(line); });
  mcu::Status status = simulator.start();
  if (status.ok() && !options.control.empty()) status = control.start();
  if (!status.ok()) {
    spdlog::error("{}", status.error().what);
    return nasmcu::exit_failed;
  }
  spdlog::info("{} at {}", options.simulator.protocol, simulator.link_path());
  boost::asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](boost::system::error_code, int) {
    control.stop();
    simulator.stop();
  });
  io.run();
  return nasmcu::exit_done;
}

} // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Plays the microcontroller of a NAS, for tests and for work without the box.",
               "mcusim");
  describe(app, options);
  if (const auto code = nasmcu::parse(app, argc, argv, options.common)) return *code;
  nasmcu::set_up_log("mcusim", options.common.log_level);
  const mcu::Status status = complete(options);
  if (!status.ok()) {
    spdlog::error("{}", status.error().what);
    return nasmcu::exit_usage;
  }
  return run(options);
}

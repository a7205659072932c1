// SPDX-License-Identifier: MIT
#include <mcuctl/call.hpp>

#include <common/config.hpp>
#include <libmcu/devices/inventory.hpp>
#include <verbs/local_box.hpp>
#include <verbs/outcome.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>

namespace nasmcu::mcuctl {
namespace {

/// The first mistake; the rest is for `mcuctl check`.
std::optional<Outcome> mistakes(const std::vector<mcu::Diagnostic>& diagnostics) {
  const auto first =
      std::find_if(diagnostics.begin(), diagnostics.end(), [](const mcu::Diagnostic& one) {
        return one.severity == mcu::Diagnostic::Severity::error;
      });
  if (first == diagnostics.end()) return std::nullopt;
  return usage(mcu::to_string(*first));
}

Task<void> run(mcu::Inventory& inventory, Session session, std::string verb, Arguments arguments,
               Outcome& outcome) {
  inventory.start();
  const mcu::Link* link = inventory.link();
  // Failsafe is tried whatever happens: a board may have fans that hang elsewhere.
  if (link && !link->up() && verb != "failsafe")
    outcome =
        fail({mcu::Errc::link_down, link->down_reason() + "; while mcud runs, leave --direct out"});
  else
    outcome = co_await run_verb(session, verb, arguments);
  inventory.stop();
}

} // namespace

Outcome run_direct(const Call& call) {
  Session session = call.session;
  const Verb* verb = find_verb(call.verb);
  mcu::asio::io_context io(1);
  Outcome outcome;
  if (verb && verb->needs != Needs::box) {
    mcu::asio::co_spawn(
        io,
        [](Session own, const Call& of, Outcome& out) -> Task<void> {
          out = co_await run_verb(own, of.verb, of.arguments);
        }(session, call, outcome),
        mcu::asio::detached);
    io.run();
    return outcome;
  }
  const ConfigFile config = load_config(session.options.config, session.options.root);
  if (const auto wrong = mistakes(config.diagnostics)) return *wrong;
  mcu::Result<mcu::Board> board = find_board(session.options);
  if (!board) return usage(board.error().what);
  auto inventory = mcu::Inventory::make(io.get_executor(), std::move(board).value(),
                                        inventory_options(config.config, session.options.root));
  if (!inventory) return usage(inventory.error().what);
  const System system(session.options.root, "mcuctl");
  LocalBoxOptions options;
  options.clock_utc = config.config.clock_utc;
  options.shutdown_delay = config.config.daemon.device_shutdown_delay;
  LocalBox box(**inventory, system, options);
  session.box = &box;
  mcu::asio::co_spawn(io, run(**inventory, session, call.verb, call.arguments, outcome),
                      mcu::asio::detached);
  io.run();
  return outcome;
}

} // namespace nasmcu::mcuctl

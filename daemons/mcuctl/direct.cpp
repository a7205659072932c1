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
  const mcu::Status taken = inventory.start();
  if (!taken) {
    // Busy: somebody else owns the hardware, and the words say so already.
    const bool busy = taken.error().code == mcu::Errc::busy;
    outcome = fail({taken.error().code,
                    taken.error().what + (busy ? "" : "; while mcud runs, leave --direct out")});
    co_return;
  }
  const mcu::Link* link = inventory.link();
  // Failsafe is tried whatever happens: a board may have fans that hang elsewhere.
  if (link && !link->up() && verb != "failsafe")
    outcome =
        fail({mcu::Errc::link_down, link->down_reason() + "; while mcud runs, leave --direct out"});
  else
    outcome = co_await run_verb(session, verb, arguments);
  // What was set by hand stays as it is; but nobody looks after a fan in failsafe from here on, so
  // whoever had it before mcud gets it back.
  if (verb == "failsafe") {
    const mcu::Status given = co_await inventory.give_back();
    if (!given && outcome.exit == exit_done) outcome = fail(given.error());
  }
  inventory.stop();
}

} // namespace

Outcome run_direct(const Call& call) {
  Session session = call.session;
  const Verb* verb = find_verb(call.verb);
  mcu::asio::io_context io(1);
  Outcome outcome;
  if (verb && needs_of(*verb, call.arguments) != Needs::box) {
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
  // A mistake in the configuration is one of the reasons for which failsafe is called: what is
  // wrong there has its default.
  const auto wrong = mistakes(config.diagnostics);
  if (wrong && call.verb != "failsafe") return *wrong;
  mcu::Result<mcu::Board> board = find_board(session.options);
  if (!board) return usage(board.error().what);
  mcu::InventoryOptions with = inventory_options(config.config, session.options.root);
  with.settle_at_start = call.verb == "failsafe";
  auto inventory = mcu::Inventory::make(io.get_executor(), std::move(board).value(), with);
  if (!inventory) return usage(inventory.error().what);
  const System system(session.options.root, "mcuctl");
  LocalBoxOptions options;
  options.clock_utc = config.config.clock_utc;
  options.shutdown_delay = config.config.daemon.device_shutdown_delay;
  options.wake = config.config.wake;
  LocalBox box(**inventory, system, options);
  session.box = &box;
  mcu::asio::co_spawn(io, run(**inventory, session, call.verb, call.arguments, outcome),
                      mcu::asio::detached);
  io.run();
  return outcome;
}

} // namespace nasmcu::mcuctl

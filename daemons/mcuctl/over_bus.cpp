// SPDX-License-Identifier: MIT
#include <mcuctl/bus_box.hpp>
#include <mcuctl/call.hpp>

#include <bus/bus.hpp>
#include <verbs/outcome.hpp>

#include <boost/asio/io_context.hpp>

#include <cctype>
#include <cstdlib>
#include <string_view>

namespace nasmcu::mcuctl {
namespace {

/// A value in a D-Bus address: everything but these characters is written as %XX.
std::string escape(std::string_view value) {
  constexpr std::string_view plain = "-_/.\\*";
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += digits[byte / 16];
      out += digits[byte % 16];
    }
  }
  return out;
}

/// The other machine's system bus, through systemd's bridge; "--" keeps a host from being an
/// option.
void use_bus_of(const std::string& host) {
  const std::string address =
      "unixexec:path=ssh,argv1=-xT,argv2=--,argv3=" + escape(host) + ",argv4=systemd-stdio-bridge";
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", address.c_str(), 1);
}

Task<void> run(Bus& bus, Session session, std::string verb, Arguments arguments, Outcome& outcome) {
  BusBox box(bus);
  session.box = &box;
  outcome = co_await run_verb(session, verb, arguments);
  bus.stop();
}

} // namespace

Outcome run_over_bus(const Call& call) {
  if (!call.host.empty()) use_bus_of(call.host);
  mcu::asio::io_context io(1);
  Bus bus(io.get_executor(), "");
  bus.start();
  if (!bus.connected()) {
    bus.stop();
    if (needs_of(*find_verb(call.verb), call.arguments) != Needs::box) return run_direct(call);
    return fail({mcu::Errc::not_running,
                 call.host.empty() ? "there is no system bus: start it and mcud, or use --direct"
                                   : "cannot reach the system bus of " + call.host});
  }
  Outcome outcome;
  mcu::asio::co_spawn(io, run(bus, call.session, call.verb, call.arguments, outcome),
                      mcu::asio::detached);
  io.run();
  return outcome;
}

} // namespace nasmcu::mcuctl

// SPDX-License-Identifier: MIT
#include <shutdown/frame.hpp>

#include <libmcu/link/link.hpp>
#include <libmcu/link/serial.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <utility>

namespace nasmcu::shutdown {
namespace {

using mcu::Errc;
using mcu::Error;
using mcu::Status;
using std::chrono::milliseconds;

/// These MCUs forget half a frame (of a program that was killed) after 20 to 50 ms.
constexpr milliseconds forgetting{60};

/// A program that was killed a moment ago may still hold the port.
mcu::Task<Status> wait_for_port(mcu::Link& link, Time until) {
  const mcu::asio::any_io_executor executor = co_await mcu::asio::this_coro::executor;
  mcu::asio::steady_timer timer(executor);
  while (!link.up() && std::chrono::steady_clock::now() < until) {
    timer.expires_after(milliseconds(20));
    co_await mcu::expired(timer);
  }
  if (!link.up()) co_return Error{Errc::link_down, "not sent: " + link.down_reason()};
  timer.expires_after(forgetting);
  co_await mcu::expired(timer);
  co_return Status();
}

mcu::Task<void> talk(mcu::Link& link, mcu::cmd::PowerOff command,
                     const std::function<Status()>& may, Time until, Outcome& outcome) {
  Status allowed = co_await wait_for_port(link, until);
  if (allowed) allowed = may();
  if (allowed) {
    outcome.sent = true;
    mcu::Command frame = command;
    const mcu::Result<mcu::Reply> reply = co_await link.ask(std::move(frame));
    outcome.ok = reply.ok();
    outcome.words = reply ? "" : reply.error().what;
    // The port was lost, or the codec said no, before a byte was written.
    if (link.stats().tries == 0) outcome.sent = false;
  } else {
    outcome = {false, allowed.error().what, false};
  }
  link.stop();
}

} // namespace

Outcome send_power_off(Supply supply, Wire wire, const std::function<Status()>& may, Time until) {
  mcu::asio::io_context io(1);
  mcu::LineSettings line = supply.protocol->line();
  if (wire.baud != 0) line.baud = wire.baud;
  mcu::LinkOptions options;
  options.baud = line.baud;
  options.byte_gap = wire.byte_gap.value_or(line.byte_gap);
  options.tries = 1;
  options.power_off_allowed = true;
  // What is there is for the port, and then for the answer.
  const auto left =
      std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
  options.timeout = std::clamp(left / 2, milliseconds(50), milliseconds(500));
  const mcu::cmd::PowerOff command{supply.delay, supply.coding};
  mcu::Link link(io.get_executor(), mcu::make_serial(io.get_executor(), supply.port, line),
                 std::move(supply.protocol), options);
  Outcome outcome{false, "the time was over", false};
  link.start();
  const Time port_until = std::chrono::steady_clock::now() + left / 4;
  mcu::asio::co_spawn(io, talk(link, command, may, port_until, outcome), mcu::asio::detached);
  io.run_until(until);
  return outcome;
}

} // namespace nasmcu::shutdown

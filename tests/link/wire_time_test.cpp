// SPDX-License-Identifier: MIT
// A wire takes its time, so an answer that comes too early is an older command's.
#include "scripted_transport.hpp"

#include <libmcu/link/wire_time.hpp>

#include <catch.hpp>

using namespace mcu;
using namespace mcu::testing;

TEST_CASE("a port is taken for a wire when eight answers took their time") {
  WireTime wire(1ms);
  const WireTime::Time sent(1s);
  const auto earliest = wire.earliest(sent, 7);
  CHECK(earliest == sent + 6ms);
  for (int i = 0; i < 8; ++i) {
    CHECK_FALSE(wire.is_wire());
    wire.proven(earliest, sent + 7ms);
  }
  CHECK(wire.is_wire());
  SECTION("until one of them did not") {
    wire.proven(earliest, sent + 5ms);
    CHECK_FALSE(wire.is_wire());
    for (int i = 0; i < 20; ++i) wire.proven(earliest, sent + 7ms);
    CHECK_FALSE(wire.is_wire());
  }
  SECTION("until one was too early to be believed") {
    wire.came_early();
    CHECK_FALSE(wire.is_wire());
  }
  SECTION("until the port was opened again") {
    wire.reopened();
    CHECK_FALSE(wire.is_wire());
    for (int i = 0; i < 8; ++i) wire.proven(earliest, earliest);
    CHECK(wire.is_wire());
  }
}

namespace {

// A byte takes a millisecond: four of a request and three of an acknowledge behind them.
LinkOptions slow(unsigned tries) {
  LinkOptions options = quick(tries);
  options.baud = 9600;
  return options;
}

/// The MCU behind a wire at that speed.
void on_the_wire(Wire& wire, const Bytes& request) {
  const Bytes reply = wt_answer(request);
  wire.say(reply, (request.size() + reply.size()) * 11 / 10 * 1ms);
}

/// As the request goes out the MCU says once more what it said to the one before.
void too_early(Wire& wire, const Bytes&) { wire.say(accepted); }

void too_early_and_in_time(Wire& wire, const Bytes& request) {
  wire.say(accepted);
  on_the_wire(wire, request);
}

/// Readings enough to show that this is a wire, and that it is busy: then nobody waits for the
/// moment at which a surplus would be in.
Task<bool> show(Bench& bench) {
  for (int i = 0; i < 8; ++i) {
    bench.wire->next.push_back(on_the_wire);
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    if (degrees(read) != 42) co_return false;
  }
  bench.wire->sent.clear();
  co_return true;
}

} // namespace

TEST_CASE("a doubled acknowledge on a busy wire never answers the next set") {
  Bench bench(protocol("wt61p803"), slow(1));
  REQUIRE(bench.run([&]() -> Task<void> {
    const bool shown = co_await show(bench);
    CHECK(shown);
    bench.wire->next = {on_the_wire, too_early};
    const Result<Reply> fan = co_await bench.link->ask(cmd::SetFanDuty{Duty{100}});
    CHECK(fan.ok());
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{});
    CHECK_FALSE(beep.ok());
    if (!beep.ok()) CHECK(beep.error().code == Errc::protocol);
    // The next one has proof again before it is sent.
    bench.wire->next = {on_the_wire, on_the_wire};
    const Result<Reply> again = co_await bench.link->ask(cmd::Beep{});
    CHECK(again.ok());
  }));
  CHECK(bench.wire->frames() ==
        std::vector<Bytes>{fan_request(255), beep_request, version_request, beep_request});
  CHECK(bench.link->stats().resyncs == 1);
}

TEST_CASE("a set whose own acknowledge comes behind another is sent again, after silence") {
  Bench bench(protocol("wt61p803"), slow(2));
  REQUIRE(bench.run([&]() -> Task<void> {
    const bool shown = co_await show(bench);
    CHECK(shown);
    bench.wire->next = {on_the_wire, too_early_and_in_time, on_the_wire};
    const Result<Reply> fan = co_await bench.link->ask(cmd::SetFanDuty{Duty{100}});
    CHECK(fan.ok());
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{});
    CHECK(beep.ok());
  }));
  CHECK(bench.wire->frames() == std::vector<Bytes>{fan_request(255), beep_request, beep_request});
  CHECK(bench.link->stats().retries == 1);
}

TEST_CASE("what a port carries at once is believed, however busy it is") {
  Bench bench(protocol("wt61p803"), slow(1));
  bench.wire->answer = wt_answer;
  REQUIRE(bench.run([&]() -> Task<void> {
    for (int i = 0; i < 8; ++i) {
      const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
      CHECK(degrees(read) == 42);
    }
    const Result<Reply> fan = co_await bench.link->ask(cmd::SetFanDuty{Duty{100}});
    CHECK(fan.ok());
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{});
    CHECK(beep.ok());
  }));
  CHECK(bench.link->stats().bad_replies == 0);
}

TEST_CASE("clean sets on a busy wire need no proof") {
  Bench bench(protocol("wt61p803"), slow(1));
  REQUIRE(bench.run([&]() -> Task<void> {
    const bool shown = co_await show(bench);
    CHECK(shown);
    bench.wire->next = {on_the_wire, on_the_wire, on_the_wire};
    const Result<Reply> fan = co_await bench.link->ask(cmd::SetFanDuty{Duty{100}});
    CHECK(fan.ok());
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{});
    CHECK(beep.ok());
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK(degrees(read) == 42);
  }));
  CHECK(bench.wire->frames() ==
        std::vector<Bytes>{fan_request(255), beep_request, temperature_request});
  CHECK(bench.link->stats().bad_replies == 0);
}

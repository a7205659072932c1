// SPDX-License-Identifier: MIT
// Replies that are waited for as a whole: when they are looked at, and who is woken.
#include "scripted_transport.hpp"

#include <libmcu/link/reply_pace.hpp>

#include <catch.hpp>

using namespace mcu;
using namespace mcu::testing;

namespace {

constexpr ReplyPace::Duration byte_time = 87us;
const ReplyPace::Time start = ReplyPace::Time() + 1h;

/// The MCU sends byte by byte.
std::function<void(Wire&, const Bytes&)> trickle(Bytes reply, std::chrono::milliseconds first) {
  return [reply, first](Wire& wire, const Bytes&) {
    for (std::size_t i = 0; i < reply.size(); ++i)
      wire.say({reply[i]}, first + std::chrono::milliseconds(i));
  };
}

} // namespace

TEST_CASE("polls have time, a flood of requests has not, and afterwards there is time again") {
  ReplyPace pace(byte_time);
  ReplyPace::Time now = start;
  for (int poll = 0; poll < 100; ++poll) CHECK(pace.take_turn(now += 500ms));
  // All that a box asks at once: still no flood.
  for (int read = 0; read < 7; ++read) CHECK(pace.take_turn(now += 2ms));
  for (int more = 0; more < 2; ++more) pace.take_turn(now += 2ms);
  for (int answer = 0; answer < 100; ++answer) CHECK_FALSE(pace.take_turn(now += 2ms));
  CHECK(pace.take_turn(now += 1s));
}

TEST_CASE("an MCU that answers late is given its time, and a little less from then on") {
  ReplyPace pace(byte_time);
  CHECK(pace.lateness() == 2 * byte_time);
  pace.was_late(3ms);
  CHECK(pace.lateness() == 3ms + byte_time);
  ReplyPace::Duration before = pace.lateness();
  for (int read = 0; read < 10; ++read) {
    pace.was_in_time();
    CHECK(pace.lateness() < before);
    before = pace.lateness();
  }
  CHECK(pace.lateness() > 2ms);
  for (int read = 0; read < 10'000; ++read) pace.was_in_time();
  CHECK(pace.lateness() == byte_time);
}

TEST_CASE("no answer is waited for longer than 20 ms beyond its time because one was late") {
  ReplyPace pace(byte_time);
  pace.was_late(400ms);
  CHECK(pace.lateness() == 20ms);
  pace.was_late(-1ms); // the look was cut short, and the reply in before its time
  CHECK(pace.lateness() == byte_time);
}

TEST_CASE("a reply that is slower than the wire wakes somebody for each byte only once") {
  Bench bench(protocol("wt61p803"));
  const Bytes reply = temperature_reply(42);
  // On a busy machine a known reply may be later than any before, and is learned again.
  constexpr int known = 8;
  for (int n = 0; n <= known; ++n) bench.wire->next.push_back(trickle(reply, 1ms));
  int first = 0, least = 99;
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> learning = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK(degrees(learning) == 42);
    first = bench.wire->woken;
    for (int n = 0; n < known && least > 0; ++n) {
      const int before = bench.wire->woken;
      const Result<Reply> again = co_await bench.link->ask(cmd::ReadTemperature{});
      CHECK(degrees(again) == 42);
      least = std::min(least, bench.wire->woken - before);
    }
  }));
  CHECK(first > 0);
  CHECK(first <= static_cast<int>(reply.size()));
  CHECK(least == 0);
  CHECK(bench.link->stats().timeouts == 0);
  CHECK(bench.link->stats().retries == 0);
}

TEST_CASE("a flood of requests is not held up") {
  Bench bench(protocol("wt61p803"));
  bench.wire->answer = wt_answer;
  int woken = 0;
  REQUIRE(bench.run([&]() -> Task<void> {
    for (int i = 0; i < 40; ++i) {
      if (i == 20) woken = bench.wire->woken;
      const Result<Reply> reply = co_await bench.link->ask(cmd::ReadTemperature{});
      CHECK(degrees(reply) == 42);
    }
  }));
  CHECK(bench.wire->woken - woken == 20);
}

TEST_CASE("a port that vanishes while a reply is gathered is told at once") {
  LinkOptions patient = quick();
  patient.timeout = 10s;
  Bench bench(protocol("wt61p803"), patient);
  bench.wire->next.push_back([](Wire& wire, const Bytes&) { wire.hang_up(); });
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> reply = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK_FALSE(reply.ok());
    if (!reply.ok()) CHECK(reply.error().code == Errc::link_down);
  }));
}

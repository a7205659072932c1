// SPDX-License-Identifier: MIT
// Failsafe cannot wait: what an urgent command overtakes, and what it must not break.
#include "scripted_transport.hpp"

#include <catch.hpp>

using namespace mcu;
using namespace mcu::testing;

namespace {

const Command failsafe = cmd::SetFanDuty{Duty{100}};
const Bytes failsafe_request = fan_request(255);

} // namespace

TEST_CASE("an urgent command goes before everything that waits") {
  Bench bench(protocol("wt61p803"));
  bench.wire->answer = wt_answer;
  REQUIRE(bench.run([&]() -> Task<void> {
    const auto first = bench.beside(bench.link->ask(cmd::ReadTemperature{}));
    const auto second = bench.beside(bench.link->ask(cmd::Identify{}));
    const auto urgent = bench.beside(bench.link->ask(failsafe, Urgency::urgent));
    const Result<Reply> set = co_await bench.ended(urgent);
    CHECK(set.ok());
    CHECK_FALSE(second->has_value());
    const Result<Reply> read = co_await bench.ended(second);
    CHECK(read.ok());
    CHECK(first->has_value());
  }));
  const std::vector<Bytes> frames = bench.wire->frames();
  REQUIRE(frames.size() == 3);
  CHECK(frames.back() == version_request);
}

TEST_CASE("an urgent command lets the try in flight finish and ends its retries") {
  Bench bench(protocol("wt61p803"));
  bench.wire->next.push_back([&](Wire&, const Bytes&) { bench.changed.notify(); }); // and silence
  bench.wire->answer = wt_answer;
  REQUIRE(bench.run([&]() -> Task<void> {
    const auto silent = bench.beside(bench.link->ask(cmd::ReadTemperature{}));
    while (bench.wire->sent.empty()) co_await bench.changed.wait();
    const Result<Reply> set = co_await bench.link->ask(failsafe, Urgency::urgent);
    CHECK(set.ok());
    const Result<Reply> read = co_await bench.ended(silent);
    CHECK_FALSE(read.ok());
    if (!read.ok()) CHECK(read.error().code == Errc::timeout);
  }));
  REQUIRE(bench.wire->sent.size() >= 2);
  CHECK(bench.wire->sent[0].bytes == temperature_request);
  CHECK(bench.wire->sent[1].bytes == failsafe_request);
  CHECK(bench.wire->sent[1].at - bench.wire->sent[0].at >= quick().timeout);
  CHECK(bench.link->stats().failures == 1);
}

TEST_CASE("an urgent command cuts a pause between tries short") {
  LinkOptions options = quick();
  options.backoff = 5000ms;
  options.timeout = 5000ms; // the pause is never longer than a time-out
  Bench bench(protocol("wt61p803"), options);
  bench.wire->answer = wt_answer;
  bench.wire->next.push_back(reply_with({0x40, 0x54, 0x33, 0x11, 0x0D})); // a wrong checksum
  SteadyTime asked{};
  REQUIRE(bench.run([&]() -> Task<void> {
    const auto pausing = bench.beside(bench.link->ask(cmd::ReadTemperature{}));
    co_await bench.pause(20ms);
    asked = std::chrono::steady_clock::now();
    const Result<Reply> set = co_await bench.link->ask(failsafe, Urgency::urgent);
    CHECK(set.ok());
    const Result<Reply> read = co_await bench.ended(pausing);
    CHECK_FALSE(read.ok());
  }));
  CHECK(bench.wire->sent[1].bytes == failsafe_request);
  CHECK(bench.wire->sent[1].at - asked < 1s);
}

TEST_CASE("while the line is unsure an urgent frame is sent at once, and then answered for") {
  LinkOptions options = quick(1);
  options.quiet = 300ms; // longer than the time-out, so that silence has still to be waited for
  Bench bench(protocol("wt61p803"), options);
  bench.wire->answer = wt_answer;
  bench.wire->next.push_back(reply_with(accepted, 60ms)); // the beep's, late
  bench.wire->next.push_back(drop);                       // the shot is not heard
  SteadyTime asked{};
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{});
    CHECK_FALSE(beep.ok());
    asked = std::chrono::steady_clock::now();
    const Result<Reply> set = co_await bench.link->ask(failsafe, Urgency::urgent);
    CHECK(set.ok());
  }));
  CHECK(bench.wire->frames() ==
        std::vector<Bytes>{beep_request, failsafe_request, version_request, failsafe_request});
  REQUIRE(bench.wire->sent.size() == 4);
  CHECK(bench.wire->sent[1].at - asked < options.quiet); // no quiet period before the shot
  CHECK(bench.wire->sent[2].at - bench.wire->sent[1].at >= options.quiet);
}

TEST_CASE("the late answer of something else does not answer an urgent command") {
  Bench bench(protocol("wt61p803"), quick(1));
  bench.wire->next.push_back(reply_with(accepted, 60ms)); // the beep's
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{});
    CHECK_FALSE(beep.ok());
    const Result<Reply> set = co_await bench.link->ask(failsafe, Urgency::urgent);
    CHECK_FALSE(set.ok()); // nothing else ever answered
  }));
}

TEST_CASE("a second urgent command behind one that waits for silence is on the wire at once too") {
  LinkOptions options = quick(1);
  options.quiet = 400ms;
  Bench bench(protocol("wt61p803"), options);
  bench.wire->answer = wt_answer;
  bench.wire->next.push_back(drop);
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{});
    CHECK_FALSE(beep.ok());
    const auto first = bench.beside(bench.link->ask(cmd::SetFanDuty{Duty{0}}, Urgency::urgent));
    const auto second = bench.beside(bench.link->ask(failsafe, Urgency::urgent));
    const Result<Reply> set_first = co_await bench.ended(first);
    CHECK(set_first.ok());
    const Result<Reply> set_second = co_await bench.ended(second);
    CHECK(set_second.ok());
  }));
  REQUIRE(bench.wire->sent.size() >= 4);
  CHECK(bench.wire->sent[1].bytes == fan_request(0));
  CHECK(bench.wire->sent[2].bytes == failsafe_request);
  CHECK(bench.wire->sent[2].at - bench.wire->sent[1].at < options.quiet);
  CHECK(bench.wire->sent.back().bytes == failsafe_request); // the order of the asking is kept
}

TEST_CASE("the late answer to an urgent frame sent in a pause does not answer who pauses") {
  LinkOptions options = quick(2);
  options.backoff = 20ms;
  Bench bench(protocol("wt61p803"), options);
  // The MCU answers in order: what is read behind the second frame comes after its acknowledge.
  constexpr auto late = 35ms;
  bench.wire->next.push_back(drop);                       // the first is not heard
  bench.wire->next.push_back(reply_with(accepted, late)); // the second, sent while that one pauses
  bench.wire->next.push_back([&](Wire& wire, const Bytes& request) {
    if (request != fan_request(0)) wire.say(wt_answer(request), late + 1ms);
  });
  bench.wire->answer = [](const Bytes& request) {
    return request == fan_request(0) ? Bytes{} : wt_answer(request); // nor is it later
  };
  REQUIRE(bench.run([&]() -> Task<void> {
    const auto first = bench.beside(bench.link->ask(cmd::SetFanDuty{Duty{0}}, Urgency::urgent));
    const auto second = bench.beside(bench.link->ask(failsafe, Urgency::urgent));
    const Result<Reply> set_first = co_await bench.ended(first);
    CHECK_FALSE(set_first.ok());
    const Result<Reply> set_second = co_await bench.ended(second);
    CHECK(set_second.ok());
  }));
  const std::vector<Bytes> frames = bench.wire->frames();
  REQUIRE(frames.size() >= 3);
  CHECK(frames[0] == fan_request(0));
  CHECK(frames[1] == failsafe_request);
  CHECK(frames[2] == version_request); // its answer proves that nothing older is on its way
}

TEST_CASE("a command that had not been sent yet is put back by an urgent one and not failed") {
  LinkOptions options = quick(2);
  options.quiet = 300ms;
  Bench bench(protocol("wt61p803"), options);
  bench.wire->answer = wt_answer;
  bench.wire->next.push_back(drop);
  bench.wire->next.push_back(drop);
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> lost = co_await bench.link->ask(cmd::SetFanDuty{Duty{50}});
    CHECK_FALSE(lost.ok());
    const auto waiting = bench.beside(bench.link->ask(cmd::Beep{})); // waits for silence first
    co_await bench.pause(5ms);
    const Result<Reply> set = co_await bench.link->ask(failsafe, Urgency::urgent);
    CHECK(set.ok());
    CHECK_FALSE(waiting->has_value());
    const Result<Reply> beep = co_await bench.ended(waiting);
    CHECK(beep.ok());
  }));
  CHECK(bench.wire->sent.back().bytes == beep_request);
}

TEST_CASE("what waits to set the fan is not sent behind an urgent command that sets it") {
  Bench bench(protocol("wt61p803"));
  bench.wire->answer = wt_answer;
  REQUIRE(bench.run([&]() -> Task<void> {
    const auto read = bench.beside(bench.link->ask(cmd::ReadTemperature{}));
    const auto slow = bench.beside(bench.link->ask(cmd::SetFanDuty{Duty{20}}));
    const auto beep = bench.beside(bench.link->ask(cmd::Beep{}));
    const auto urgent = bench.beside(bench.link->ask(failsafe, Urgency::urgent));
    const Result<Reply> set = co_await bench.ended(urgent);
    CHECK(set.ok());
    const Result<Reply> undone = co_await bench.ended(slow);
    CHECK_FALSE(undone.ok());
    if (!undone.ok()) CHECK(undone.error().code == Errc::busy);
    const Result<Reply> beeped = co_await bench.ended(beep);
    CHECK(beeped.ok());
    CHECK(read->has_value());
  }));
  CHECK(bench.wire->frames() ==
        std::vector<Bytes>{failsafe_request, temperature_request, beep_request});
}

TEST_CASE("a fan command that waits for silence is not sent behind an urgent one either") {
  LinkOptions options = quick(1);
  options.quiet = 300ms;
  Bench bench(protocol("wt61p803"), options);
  bench.wire->answer = wt_answer;
  bench.wire->next.push_back(drop);
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> lost = co_await bench.link->ask(cmd::Beep{});
    CHECK_FALSE(lost.ok());
    const auto slow = bench.beside(bench.link->ask(cmd::SetFanDuty{Duty{20}})); // for silence
    co_await bench.pause(5ms);
    const Result<Reply> set = co_await bench.link->ask(failsafe, Urgency::urgent);
    CHECK(set.ok());
    const Result<Reply> undone = co_await bench.ended(slow);
    CHECK_FALSE(undone.ok());
  }));
  CHECK(bench.wire->sent.back().bytes == failsafe_request);
  for (const auto& sent : bench.wire->sent) CHECK(sent.bytes != fan_request(51));
}

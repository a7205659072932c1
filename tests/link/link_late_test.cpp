// SPDX-License-Identifier: MIT
// A late, repeated or unasked reply never answers another command's request, and none is believed
// for ever.
#include "scripted_transport.hpp"

#include <catch.hpp>

#include <thread>

using namespace mcu;
using namespace mcu::testing;

TEST_CASE("a late reply of one read never answers another read") {
  Bench bench(protocol("wt61p803"), quick(1));
  bench.wire->answer = wt_answer;
  bench.wire->next.push_back(reply_with(temperature_reply(42), 60ms));
  bench.wire->next.push_back(drop);
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> late = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK_FALSE(late.ok());
    const Result<Reply> other = co_await bench.link->ask(cmd::Identify{});
    CHECK_FALSE(other.ok());
  }));
  CHECK(bench.link->stats().stray_bytes == 5);
}

TEST_CASE("a late acknowledge never answers another set") {
  Bench bench(protocol("wt61p803"), quick(1));
  bench.wire->answer = wt_answer;
  bench.wire->next.push_back(reply_with(accepted, 60ms)); // the fan's comes after its time
  bench.wire->next.push_back(
      [](Wire& wire, const Bytes& request) { wire.say(wt_answer(request)); });
  bench.wire->next.push_back(drop); // the beep is not heard
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> fan = co_await bench.link->ask(cmd::SetFanDuty{Duty{100}});
    CHECK_FALSE(fan.ok());
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{});
    CHECK_FALSE(beep.ok());
  }));
  CHECK(bench.wire->frames() ==
        std::vector<Bytes>{fan_request(255), version_request, beep_request});
  CHECK(bench.link->stats().resyncs == 1);
}

TEST_CASE("a late acknowledge never answers a read, nor a late reading a set") {
  Bench bench(protocol("wt61p803"), quick(1));
  bench.wire->answer = wt_answer;
  bench.wire->next.push_back(reply_with(accepted, 60ms));
  bench.wire->next.push_back(drop);
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> fan = co_await bench.link->ask(cmd::SetFanDuty{Duty{100}});
    CHECK_FALSE(fan.ok());
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK_FALSE(read.ok());
    bench.wire->next.push_back(reply_with(temperature_reply(50), 60ms));
    const Result<Reply> later = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK_FALSE(later.ok());
    bench.wire->next.push_back(drop); // probe, by a read that is not owed
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{});
    CHECK_FALSE(beep.ok());
  }));
  CHECK(bench.wire->frames().back() == version_request);
}

TEST_CASE("the probe after an error is one that was not asked before") {
  Bench bench(protocol("wt61p803"), quick(1));
  bench.wire->answer = wt_answer;
  bench.wire->next.push_back(drop);
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> version = co_await bench.link->ask(cmd::Identify{});
    CHECK_FALSE(version.ok());
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{});
    CHECK(beep.ok());
  }));
  CHECK(bench.wire->frames() ==
        std::vector<Bytes>{version_request, temperature_request, beep_request});
}

TEST_CASE("an unanswered probe costs a try, and the command is not sent on an unsure line") {
  Bench bench(protocol("wt61p803"), quick(1));
  bench.wire->next.push_back(drop);
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> fan = co_await bench.link->ask(cmd::SetFanDuty{Duty{100}});
    CHECK_FALSE(fan.ok());
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{});
    CHECK_FALSE(beep.ok());
    if (!beep.ok()) CHECK(beep.error().code == Errc::timeout);
  }));
  CHECK(bench.wire->frames() == std::vector<Bytes>{fan_request(255), version_request});
  CHECK(bench.link->stats().tries == 1);
}

TEST_CASE("the same bytes again need no probe") {
  Bench bench(protocol("wt61p803"));
  bench.wire->answer = wt_answer;
  bench.wire->next.push_back(drop);
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> fan = co_await bench.link->ask(cmd::SetFanDuty{Duty{100}});
    CHECK(fan.ok());
    const Result<Reply> again = co_await bench.link->ask(cmd::SetFanDuty{Duty{100}});
    CHECK(again.ok());
  }));
  CHECK(bench.wire->frames() == std::vector<Bytes>(3, fan_request(255)));
  CHECK(bench.link->stats().resyncs == 0);
}

TEST_CASE("a clean read of something else proves the line, so that no probe is needed") {
  Bench bench(protocol("wt61p803"));
  bench.wire->answer = wt_answer;
  bench.wire->next.push_back(drop);
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> fan = co_await bench.link->ask(cmd::SetFanDuty{Duty{100}});
    CHECK(fan.ok());
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK(read.ok());
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{});
    CHECK(beep.ok());
  }));
  CHECK(bench.link->stats().resyncs == 0);
  CHECK(bench.wire->sent.size() == 4);
}

TEST_CASE("a reading older than a deadline does not answer the same question either") {
  Bench bench(protocol("wt61p803"), quick(1));
  bench.wire->answer = wt_answer;
  bench.wire->next.push_back(drop);
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> lost = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK_FALSE(lost.ok());
    const auto beyond = bench.link->deadline() + 10ms;
    co_await bench.pause(std::chrono::duration_cast<std::chrono::milliseconds>(beyond));
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK(degrees(read) == 42);
  }));
  CHECK(bench.wire->frames() ==
        std::vector<Bytes>{temperature_request, version_request, temperature_request});
}

TEST_CASE("a doubled acknowledge never answers the next set") {
  LinkOptions options = quick(1);
  options.baud = 9600; // eight bytes last 8 ms
  Bench bench(protocol("wt61p803"), options);
  bench.wire->answer = wt_answer;
  SECTION("in one piece") {
    bench.wire->next.push_back(reply_with({0x40, 0x30, 0x70, 0x40, 0x30, 0x70}));
  }
  SECTION("a little later") {
    bench.wire->next.push_back([](Wire& wire, const Bytes&) {
      wire.say(accepted);
      wire.say(accepted, 2ms);
    });
  }
  SECTION("a byte at a time") {
    bench.wire->one_by_one = true;
    bench.wire->next.push_back(reply_with({0x40, 0x30, 0x70, 0x40, 0x30, 0x70}));
  }
  bench.wire->next.push_back(
      [](Wire& wire, const Bytes& request) { wire.say(wt_answer(request)); });
  bench.wire->next.push_back(drop);
  REQUIRE(bench.run([&]() -> Task<void> {
    const auto fan = bench.beside(bench.link->ask(cmd::SetFanDuty{Duty{100}}));
    const auto beep = bench.beside(bench.link->ask(cmd::Beep{})); // queued right behind
    const Result<Reply> fan_set = co_await bench.ended(fan);
    CHECK(fan_set.ok());
    const Result<Reply> beeped = co_await bench.ended(beep);
    CHECK_FALSE(beeped.ok());
  }));
  CHECK(bench.wire->frames() ==
        std::vector<Bytes>{fan_request(255), version_request, beep_request});
  CHECK(bench.link->stats().stray_bytes == 3);
}

TEST_CASE(
    "what is here before the request is sent is not its answer, even when nobody read it yet") {
  Bench bench(protocol("wt61p803"), quick(1));
  bench.wire->next.push_back(drop);
  REQUIRE(bench.run([&]() -> Task<void> {
    bench.wire->slip(temperature_reply(99));
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK_FALSE(read.ok());
  }));
  CHECK(bench.link->stats().stray_bytes == 5);
}

TEST_CASE("what was received while idle is thrown away and counted before a request is sent") {
  Bench bench(protocol("wt61p803"), quick(1));
  bench.wire->next.push_back(drop);
  REQUIRE(bench.run([&]() -> Task<void> {
    bench.wire->say(temperature_reply(99));
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK_FALSE(read.ok());
  }));
  CHECK(bench.link->stats().stray_bytes == 5);
}

namespace {

/// An answer that is there at once, to a process that is stopped for a while right behind its
/// request.
std::function<void(Wire&, const Bytes&)> stopped_for(std::chrono::milliseconds time) {
  return [time](Wire& wire, const Bytes& request) {
    wire.say(wt_answer(request));
    std::this_thread::sleep_for(time);
  };
}

} // namespace

TEST_CASE("an answer that came in time is read even when the process was too busy to look") {
  Bench bench(protocol("wt61p803"), quick(1));
  bench.wire->next.push_back(stopped_for(quick().timeout + 10ms));
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK(degrees(read) == 42);
  }));
}

TEST_CASE("a process that was stopped for longer than a deadline does not believe what it finds") {
  Bench bench(protocol("wt61p803"), quick(1));
  const auto beyond = bench.link->deadline() + 10ms;
  bench.wire->next.push_back(
      stopped_for(std::chrono::duration_cast<std::chrono::milliseconds>(beyond)));
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK_FALSE(read.ok());
    if (!read.ok()) CHECK(read.error().code == Errc::timeout);
  }));
}

TEST_CASE("good data whose acknowledge is lost is accepted at the deadline") {
  Bench bench(protocol("dns320l"));
  const Bytes data{0xFA, 0x03, 0x08, 0x00, 0x00, 0x5C, 0xFB};
  const Bytes acknowledge{0xFA, 0x30, 0x00, 0x00, 0x00, 0x00, 0xFB};
  bench.wire->next.push_back(reply_with(data));
  bench.wire->answer = [&](const Bytes& request) {
    if (request[2] != 0x02) return acknowledge;
    Bytes both{0xFA, 0x03, 0x02, 0x02, 0x00, 0x01, 0xFB};
    both.insert(both.end(), acknowledge.begin(), acknowledge.end());
    return both;
  };
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK(degrees(read) == 40);
    const Result<Reply> ready = co_await bench.link->ask(cmd::Ready{});
    CHECK(ready.ok());
  }));
  CHECK(bench.link->stats().missing_acks == 1);
  CHECK(bench.link->stats().resyncs == 1); // the lost acknowledge could have been Ready's
  REQUIRE(bench.wire->sent.size() == 3);
  CHECK(bench.wire->sent[1].bytes[2] == 0x02);
}

namespace {

/// One letter each; sets are acknowledged by a bare 'k', nothing can be read.
class Mute final : public Protocol {
public:
  std::string_view name() const override { return "mute"; }
  LineSettings line() const override { return {}; }
  Result<Exchange> encode(const Command& command) const override {
    if (std::holds_alternative<cmd::Ready>(command)) return Exchange{{'r'}, {1}, true};
    return Exchange{{'b'}, {1}, true};
  }
  Taken take(ByteView rx, const Awaiting* awaiting) const override {
    if (rx.empty()) return {};
    return {awaiting && rx[0] == 'k' ? Taken::Kind::reply : Taken::Kind::noise, 1};
  }
  Result<Reply> decode(const Command&, const Exchange&, std::span<const Bytes>) const override {
    return Reply(Done{});
  }
  std::optional<Command> parse_request(ByteView) const override { return std::nullopt; }
  std::vector<std::vector<int>> power_frames() const override { return {}; }
};

} // namespace

TEST_CASE("without a probe, silence as long as a time-out stands for the proof") {
  Bench bench(std::make_unique<Mute>(), quick(1));
  bench.wire->next.push_back(reply_with({'k'}, 55ms)); // while the silence is waited for
  bench.wire->answer = [](const Bytes&) { return Bytes{'k'}; };
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> late = co_await bench.link->ask(cmd::Ready{});
    CHECK_FALSE(late.ok());
    co_await bench.pause(20ms); // 'k' comes now
    const Result<Reply> unsure = co_await bench.link->ask(cmd::Beep{});
    CHECK(unsure.ok());
  }));
  REQUIRE(bench.wire->sent.size() == 2);
  CHECK(bench.wire->sent[1].at - bench.wire->sent[0].at >= 55ms + quick().timeout);
}

TEST_CASE("without a probe, the wait for the late answer itself is no silence") {
  Bench bench(std::make_unique<Mute>(), quick(1));
  bench.wire->next.push_back(reply_with({'k'}, 55ms)); // after the next command was asked for
  bench.wire->next.push_back(drop);                    // which the MCU does not hear
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> late = co_await bench.link->ask(cmd::Ready{});
    CHECK_FALSE(late.ok());
    const Result<Reply> unheard = co_await bench.link->ask(cmd::Beep{});
    CHECK_FALSE(unheard.ok());
  }));
}

// SPDX-License-Identifier: MIT
// The other two classes of NAS microcontroller through the same Link: single bytes without any
// acknowledge, and lines of text; both with events at any time.
#include "../protocol/pic_like.hpp"
#include "../protocol/pmc_like.hpp"
#include "scripted_transport.hpp"

#include <catch.hpp>

#include <string>

using namespace mcu;
using namespace mcu::testing;

namespace {

Bytes line(const std::string& text) {
  Bytes bytes(text.begin(), text.end());
  bytes.push_back('\r');
  return bytes;
}

struct Heard {
  std::vector<Event> events;
  explicit Heard(Bench& bench) {
    bench.link->on_event = [this, &bench](const Event& event) {
      events.push_back(event);
      bench.changed.notify();
    };
  }
};

/// A healthy PMC at 26 degrees.
Bytes pmc_answer(const Bytes& request) {
  if (request == line("TMP")) return line("TMP=1a");
  if (request == line("VER")) return line("VER=WD PMC v17");
  if (request == line("RPM")) return line("RPM=3e8");
  return line("ACK");
}

} // namespace

TEST_CASE("single bytes: a command without acknowledge is done when it is sent") {
  Bench bench(std::make_unique<PicLike>());
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> fan = co_await bench.link->ask(cmd::SetFanDuty{Duty{100}});
    CHECK(fan.ok());
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{BeepLength::brief});
    CHECK(beep.ok());
  }));
  CHECK(bench.wire->frames() == std::vector<Bytes>{{0x35}, {0x50}});
  CHECK(bench.link->stats().exchanges == 2);
}

TEST_CASE("single bytes: events are delivered while idle and around commands, noise is not") {
  Bench bench(std::make_unique<PicLike>());
  Heard heard(bench);
  REQUIRE(bench.run([&]() -> Task<void> {
    bench.wire->say(Bytes(1, 0x40));
    while (heard.events.empty()) co_await bench.changed.wait();
    bench.wire->say(Bytes(1, 0x00)); // noise
    bench.wire->say(Bytes(1, 0x73)); // not read yet when the next byte is sent
    const Result<Reply> fan = co_await bench.link->ask(cmd::SetFanDuty{Duty{0}});
    CHECK(fan.ok());
    bench.wire->say(Bytes(1, 0xA0));
    while (heard.events.size() < 3) co_await bench.changed.wait();
  }));
  CHECK(heard.events == std::vector<Event>{event::Button{"power", true}, event::FanHealth{1, false},
                                           event::Temperature{Celsius{32}}});
  CHECK(bench.link->stats().events == 3);
  CHECK(bench.link->stats().stray_bytes == 1);
}

TEST_CASE("single bytes: the power byte is refused as a command and as unknown bytes") {
  Bench bench(std::make_unique<PicLike>());
  const Bytes off{0x41};
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> command = co_await bench.link->ask(cmd::PowerOff{});
    CHECK_FALSE(command.ok());
    const Result<Bytes> bytes = co_await bench.link->send_unknown(off);
    CHECK_FALSE(bytes.ok());
  }));
  CHECK(bench.wire->sent.empty());
}

TEST_CASE("text lines: events between replies are delivered and answer nothing") {
  Bench bench(std::make_unique<PmcLike>());
  Heard heard(bench);
  bench.wire->answer = pmc_answer;
  bench.wire->next.push_back([](Wire& wire, const Bytes&) {
    wire.say(line("ALERT"));
    wire.say(line("TMP=1a"), 2ms);
  });
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> temperature = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK(temperature.ok());
    if (temperature.ok()) CHECK(temperature.value() == Reply(Celsius{26}));
    const Result<Reply> fan = co_await bench.link->ask(cmd::SetFanDuty{Duty{50}});
    CHECK(fan.ok());
  }));
  CHECK(heard.events == std::vector<Event>{event::Attention{}});
  CHECK(bench.link->stats().retries == 0);
  CHECK(bench.link->stats().stray_bytes == 0);
}

TEST_CASE("text lines: an event that is half received when a command is due is not torn") {
  Bench bench(std::make_unique<PmcLike>());
  Heard heard(bench);
  bench.wire->answer = pmc_answer;
  const Bytes begin{'A', 'L', 'E'};
  const Bytes end{'R', 'T', '\r'};
  REQUIRE(bench.run([&]() -> Task<void> {
    bench.wire->say(begin);
    bench.wire->say(end, 2ms);
    const Result<Reply> temperature = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK(temperature.ok());
  }));
  CHECK(heard.events == std::vector<Event>{event::Attention{}});
}

TEST_CASE("text lines: a late ACK never acknowledges another set") {
  Bench bench(std::make_unique<PmcLike>(), quick(1));
  bench.wire->answer = pmc_answer;
  bench.wire->next.push_back(reply_with(line("ACK"), 60ms));
  bench.wire->next.push_back(
      [](Wire& wire, const Bytes& request) { wire.say(pmc_answer(request)); });
  bench.wire->next.push_back(drop);
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> half = co_await bench.link->ask(cmd::SetFanDuty{Duty{50}});
    CHECK_FALSE(half.ok());
    const Result<Reply> full = co_await bench.link->ask(cmd::SetFanDuty{Duty{100}});
    CHECK_FALSE(full.ok());
  }));
  CHECK(bench.wire->frames() == std::vector<Bytes>{line("FAN=32"), line("VER"), line("FAN=64")});
}

TEST_CASE("text lines: a refusal is the MCU's own no") {
  Bench bench(std::make_unique<PmcLike>(), quick(1));
  bench.wire->answer = [](const Bytes&) { return line("ERR"); };
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> fan = co_await bench.link->ask(cmd::SetFanDuty{Duty{50}});
    CHECK_FALSE(fan.ok());
    if (!fan.ok()) CHECK(fan.error().code == Errc::protocol);
  }));
  CHECK(bench.link->stats().refusals == 1);
}

// SPDX-License-Identifier: MIT
#include <libmcu/link/mcu.hpp>

#include "scripted_transport.hpp"

#include <catch.hpp>

using namespace mcu;
using namespace mcu::testing;

TEST_CASE("identical reads in flight share one exchange, later ones do not") {
  Bench bench(protocol("wt61p803"));
  Mcu mcu(*bench.link);
  bench.wire->answer = wt_answer;
  REQUIRE(bench.run([&]() -> Task<void> {
    const auto first = bench.beside(mcu.temperature());
    const auto second = bench.beside(mcu.temperature());
    const auto other = bench.beside(mcu.fan_speed());
    const Result<Celsius> one = co_await bench.ended(first);
    const Result<Celsius> two = co_await bench.ended(second);
    CHECK(one.value_or({}) == Celsius{42});
    CHECK(two.value_or({}) == Celsius{42});
    const Result<Rpm> rpm = co_await bench.ended(other);
    CHECK(rpm.value_or({}) == Rpm{300});
    CHECK(bench.wire->sent.size() == 2);
    const Result<Celsius> again = co_await mcu.temperature();
    CHECK(again.ok());
    CHECK(bench.wire->sent.size() == 3);
  }));
}

TEST_CASE("when a shared read fails, all who wait for it get its error") {
  Bench bench(protocol("wt61p803"), quick(1));
  Mcu mcu(*bench.link);
  REQUIRE(bench.run([&]() -> Task<void> {
    const auto first = bench.beside(mcu.temperature());
    const auto second = bench.beside(mcu.temperature());
    const Result<Celsius> one = co_await bench.ended(first);
    const Result<Celsius> two = co_await bench.ended(second);
    CHECK_FALSE(one.ok());
    CHECK_FALSE(two.ok());
    if (!one.ok() && !two.ok()) CHECK(one.error() == two.error());
    bench.wire->answer = wt_answer;
    const Result<Celsius> later = co_await mcu.temperature();
    CHECK(later.ok());
  }));
}

TEST_CASE("settings are never shared: two beeps are two beeps") {
  Bench bench(protocol("wt61p803"));
  Mcu mcu(*bench.link);
  bench.wire->answer = wt_answer;
  REQUIRE(bench.run([&]() -> Task<void> {
    const auto first = bench.beside(mcu.beep(BeepLength::brief));
    const auto second = bench.beside(mcu.beep(BeepLength::brief));
    const Status one = co_await bench.ended(first);
    const Status two = co_await bench.ended(second);
    CHECK(one.ok());
    CHECK(two.ok());
  }));
  CHECK(bench.wire->frames() == std::vector<Bytes>(2, beep_request));
}

TEST_CASE("the halves of a two-colour LED keep what each was last asked for") {
  Bench bench(protocol("wt61p803"));
  Mcu mcu(*bench.link);
  bench.wire->answer = wt_answer;
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<LedState> green = co_await mcu.set_led("status-green", LedState::on);
    CHECK(green.value_or(LedState::off) == LedState::on);
    const Result<LedState> red = co_await mcu.set_led("status-red", LedState::on);
    CHECK(red.value_or(LedState::off) == LedState::on);
    const Result<LedState> dark = co_await mcu.set_led("status-green", LedState::off);
    CHECK(dark.value_or(LedState::on) == LedState::off);
    const Result<LedState> unknown = co_await mcu.set_led("nonsense", LedState::on);
    CHECK_FALSE(unknown.ok());
  }));
  const auto status = [](std::uint8_t byte) { return summed({0x40, 0x43, byte}); };
  CHECK(bench.wire->frames() == std::vector<Bytes>{status(0x36), status(0x44), status(0x37)});
}

TEST_CASE("the duty that the MCU really took is returned") {
  Bench bench(protocol("dns320l"));
  Mcu mcu(*bench.link);
  bench.wire->answer = [](const Bytes&) { return Bytes{0xFA, 0x30, 0, 0, 0, 0, 0xFB}; };
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Duty> taken = co_await mcu.set_fan(Duty{30});
    CHECK(taken.value_or({}) == Duty{50});
  }));
}

TEST_CASE("an alarm is written minute, hour, day, month, second, on; a bad one not at all") {
  Bench bench(protocol("dns320l"));
  Mcu mcu(*bench.link);
  bench.wire->answer = [](const Bytes&) { return Bytes{0xFA, 0x30, 0, 0, 0, 0, 0xFB}; };
  const AlarmTime good{9, 10, 21, 6, 17};
  const AlarmTime bad{13, 10, 21, 6, 17};
  REQUIRE(bench.run([&]() -> Task<void> {
    const Status refused = co_await mcu.set_alarm(bad);
    CHECK_FALSE(refused.ok());
    CHECK(bench.wire->sent.empty());
    const Status set = co_await mcu.set_alarm(good);
    CHECK(set.ok());
  }));
  std::vector<int> registers;
  for (const Bytes& frame : bench.wire->frames()) registers.push_back(frame.at(2));
  CHECK(registers == std::vector<int>{0x0D, 0x0C, 0x0B, 0x0A, 0x0E, 0x10});
}

TEST_CASE("capabilities are what the protocol can encode") {
  Bench bench(protocol("wt61p803"));
  const Mcu mcu(*bench.link);
  const Capabilities able = mcu.capabilities({"usb", "nonsense"});
  CHECK(able.temperature);
  CHECK(able.fan_speed);
  CHECK_FALSE(able.clock);
  CHECK(able.leds == std::vector<std::string>{"usb"});
}

// SPDX-License-Identifier: MIT
// The seam carries the other two classes of NAS microcontroller: single bytes with events and no
// acknowledge, and text lines with event lines between them.
#include <catch.hpp>
#include <tests/protocol/one_try.hpp>
#include <tests/protocol/pic_like.hpp>
#include <tests/protocol/pmc_like.hpp>

#include <string>

using namespace mcu;
using mcu::testing::OneTry;
using mcu::testing::PicLike;
using mcu::testing::PmcLike;

namespace {

Bytes line(const std::string& text) {
  Bytes bytes(text.begin(), text.end());
  bytes.push_back(0x0D);
  return bytes;
}

} // namespace

TEST_CASE("a single-byte MCU is told and never awaited") {
  const PicLike pic;
  const Command green = cmd::SetLed{"status-green", LedState::on, {}};
  const auto exchange = pic.encode(green);
  REQUIRE(exchange.ok());
  CHECK(to_hex(exchange->tx) == "56");
  CHECK(exchange->replies.empty());
  OneTry attempt(pic, green, *exchange);
  REQUIRE(attempt.result);
  CHECK(attempt.result->ok());
  CHECK(pic.encode(cmd::ReadTemperature{}).error().code == Errc::unsupported);
}

TEST_CASE("a single-byte MCU's six fan speeds report the one that was taken") {
  const PicLike pic;
  const Command command = cmd::SetFanDuty{Duty{50}};
  const auto exchange = pic.encode(command);
  REQUIRE(exchange.ok());
  CHECK(to_hex(exchange->tx) == "33");
  const auto reply = pic.decode(command, *exchange, {});
  REQUIRE(reply.ok());
  CHECK(std::get<Duty>(*reply).percent == 60);
  CHECK(pic.encode(cmd::SetFanDuty{Duty{101}}).error().code == Errc::invalid_argument);
}

TEST_CASE("a single-byte MCU's events are found among noise at any time") {
  const PicLike pic;
  OneTry idle(pic, cmd::Beep{}, *pic.encode(cmd::Beep{}));
  idle.receive(Bytes{0x40, 0x43, 0xA6, 0x75, 0x76, 0x00});
  REQUIRE(idle.events.size() == 4);
  CHECK(idle.events[0] == Event(event::Button{"power", true}));
  CHECK(idle.events[1] == Event(event::Temperature{Celsius{38}}));
  CHECK(idle.events[2] == Event(event::FanHealth{2, false}));
  CHECK(idle.events[3] == Event(event::FanHealth{2, true}));
  CHECK(idle.noise == 2);
}

TEST_CASE("a text MCU's line ends where it says, however it arrives") {
  const PmcLike pmc;
  const Command command = cmd::ReadTemperature{};
  const auto exchange = pmc.encode(command);
  REQUIRE(exchange.ok());
  CHECK(exchange->tx == line("TMP"));
  CHECK(exchange->replies == std::vector<std::size_t>{0});
  OneTry attempt(pmc, command, *exchange);
  attempt.receive_singly(line("TMP=26"));
  REQUIRE(attempt.result);
  REQUIRE(attempt.result->ok());
  CHECK(**attempt.result == Reply(Celsius{38}));
}

TEST_CASE("an event line between question and answer disturbs neither") {
  const PmcLike pmc;
  const Command command = cmd::SetFanDuty{Duty{80}};
  const auto exchange = pmc.encode(command);
  REQUIRE(exchange.ok());
  CHECK(exchange->tx == line("FAN=50"));
  CHECK(exchange->ambiguous);
  OneTry attempt(pmc, command, *exchange);
  attempt.receive(line("ALERT"));
  CHECK(!attempt.result);
  attempt.receive(line("ACK"));
  REQUIRE(attempt.result);
  REQUIRE(attempt.result->ok());
  CHECK(**attempt.result == Reply(Duty{80}));
  REQUIRE(attempt.events.size() == 1);
  CHECK(attempt.events[0] == Event(event::Attention{}));
}

TEST_CASE("a text MCU's late answer to another question is noise, its refusal is not") {
  const PmcLike pmc;
  const Command command = cmd::ReadFanSpeed{};
  OneTry attempt(pmc, command, *pmc.encode(command));
  attempt.receive(line("TMP=26"));
  attempt.receive(line("ACK"));
  CHECK(!attempt.result);
  CHECK(attempt.noise == 11);
  attempt.receive(line("ERR"));
  REQUIRE(attempt.result);
  CHECK(attempt.result->error().code == Errc::protocol);

  OneTry good(pmc, command, *pmc.encode(command));
  good.receive(line("RPM=10E0"));
  REQUIRE(good.result);
  CHECK(**good.result == Reply(Rpm{4320}));
}

TEST_CASE("a text MCU's line without end is given up, not collected for ever") {
  const PmcLike pmc;
  const Bytes endless(33, 'x');
  CHECK(pmc.take(endless, nullptr).kind == Taken::Kind::noise);
  CHECK(pmc.take(ByteView(endless).first(20), nullptr).kind == Taken::Kind::need_more);
}

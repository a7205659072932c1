// SPDX-License-Identifier: MIT
#include <catch.hpp>
#include <libmcu/protocol/checksum.hpp>
#include <libmcu/protocol/registry.hpp>
#include <tests/protocol/one_try.hpp>

#include <cmath>

using namespace mcu;
using mcu::testing::OneTry;

namespace {

const Protocol& mcu_protocol() {
  static const auto protocol = make_protocol("wt61p803").value();
  return *protocol;
}

Exchange exchange_for(const Command& command) {
  const auto exchange = mcu_protocol().encode(command);
  if (!exchange.ok()) FAIL(exchange.error().what);
  return *exchange;
}
Errc refused(const Command& command) {
  const auto exchange = mcu_protocol().encode(command);
  REQUIRE(!exchange.ok());
  CHECK(exchange.error().what.size() > 20);
  return exchange.error().code;
}

OneTry answered(const Command& command, const Bytes& bytes) {
  OneTry attempt(mcu_protocol(), command, exchange_for(command));
  attempt.receive_singly(bytes);
  return attempt;
}
/// The answer when exactly these bytes came in time.
Result<Reply> reply(const Command& command, const Bytes& bytes) {
  OneTry attempt = answered(command, bytes);
  attempt.deadline();
  return *attempt.result;
}
Bytes with_check(const Bytes& body) { return mcu_protocol().with_check(body); }

Bytes joined(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

const Command temperature = cmd::ReadTemperature{};
const Bytes good_temperature = {0x40, 0x54, 0x33, 0x26, 0x01};

} // namespace

TEST_CASE("fan duty is rounded to 255 steps, and what turns never gets below the vendor's limit") {
  const auto pwm = [](double percent) {
    return int{exchange_for(cmd::SetFanDuty{{percent}}).tx[4]};
  };
  CHECK(pwm(0) == 0);
  CHECK(pwm(0.01) == 51);
  CHECK(pwm(1) == 51);
  CHECK(pwm(20) == 51);
  CHECK(pwm(20.2) == 52);
  CHECK(pwm(50) == 128);
  CHECK(pwm(100) == 255);
  CHECK(refused(cmd::SetFanDuty{{100.1}}) == Errc::invalid_argument);
  CHECK(refused(cmd::SetFanDuty{{-1}}) == Errc::invalid_argument);
  CHECK(refused(cmd::SetFanDuty{{std::nan("")}}) == Errc::invalid_argument);
  const auto taken = reply(cmd::SetFanDuty{{5}}, {0x40, 0x30, 0x70});
  REQUIRE(taken.ok());
  CHECK(std::get<Duty>(*taken).percent == Approx(20));
}

TEST_CASE("every existing pair of the two-colour status LED goes out as its own byte") {
  const LedState off = LedState::off;
  const LedState on = LedState::on;
  const LedState blink = LedState::blink_slow;
  const auto byte = [](LedState green, LedState red) {
    const auto one = exchange_for(cmd::SetLed{"status-green", green, red}).tx;
    CHECK(one == exchange_for(cmd::SetLed{"status-red", red, green}).tx);
    return int{one[2]};
  };
  CHECK(byte(off, off) == 0x39);
  CHECK(byte(on, off) == 0x36);
  CHECK(byte(off, on) == 0x37);
  CHECK(byte(on, on) == 0x44);
  CHECK(byte(blink, off) == 0x35);
  CHECK(byte(LedState::blink_fast, off) == 0x35);
  CHECK(byte(off, blink) == 0x34);
  CHECK(byte(blink, blink) == 0x38);
}

TEST_CASE("a pair of colours that does not exist shows the red one alone and says so") {
  const Bytes ack = {0x40, 0x30, 0x70};
  const Command green_on = cmd::SetLed{"status-green", LedState::on, LedState::blink_fast};
  CHECK(exchange_for(green_on).tx[2] == 0x34);
  CHECK(*reply(green_on, ack) == Reply(LedShown{LedState::off, LedState::blink_slow}));
  const Command red_on = cmd::SetLed{"status-red", LedState::on, LedState::blink_slow};
  CHECK(exchange_for(red_on).tx[2] == 0x37);
  CHECK(*reply(red_on, ack) == Reply(LedShown{LedState::on, LedState::off}));
  CHECK(mcu_protocol().led_partner("status-red") == "status-green");
  CHECK(mcu_protocol().led_partner("status-green") == "status-red");
  CHECK(!mcu_protocol().led_partner("usb"));
}

TEST_CASE("both blinks of the USB LED are its one blink, which is the fast one") {
  for (const LedState state : {LedState::blink_slow, LedState::blink_fast}) {
    const Command command = cmd::SetLed{"usb", state, {}};
    CHECK(to_hex(exchange_for(command).tx) == "40 43 46 45");
    CHECK(*reply(command, {0x40, 0x30, 0x70}) == Reply(LedShown{LedState::blink_fast, {}}));
  }
}

TEST_CASE("functions, LEDs and buttons that the MCU has not are unsupported") {
  CHECK(refused(cmd::Ready{}) == Errc::unsupported);
  CHECK(refused(cmd::ReadClock{}) == Errc::unsupported);
  CHECK(refused(cmd::SetWakeOnLan{true}) == Errc::unsupported);
  CHECK(refused(cmd::SetPowerRecovery{true}) == Errc::unsupported);
  CHECK(refused(cmd::SetAlarm{}) == Errc::unsupported);
  for (const char* led : {"disk0", "disk5", "disk", "disk11", "diskA", "power", ""})
    CHECK(refused(cmd::SetLed{led, LedState::on, {}}) == Errc::unsupported);
  CHECK(refused(cmd::ReadButton{"copy"}) == Errc::unsupported);
}

TEST_CASE("an EEPROM read keeps to 1 to 32 bytes within 256") {
  CHECK(refused(cmd::ReadEeprom{0, 0}) == Errc::invalid_argument);
  CHECK(refused(cmd::ReadEeprom{0, 33}) == Errc::invalid_argument);
  CHECK(refused(cmd::ReadEeprom{255, 2}) == Errc::invalid_argument);
  CHECK(exchange_for(cmd::ReadEeprom{224, 32}).replies == std::vector<std::size_t>{37});
}

TEST_CASE("WT61P803 replies are declared with their lengths, and bare acknowledges as ambiguous") {
  CHECK(exchange_for(cmd::Identify{}).replies == std::vector<std::size_t>{7});
  CHECK(exchange_for(cmd::ReadFanSpeed{}).replies == std::vector<std::size_t>{7});
  CHECK(exchange_for(temperature).replies == std::vector<std::size_t>{5});
  CHECK(exchange_for(cmd::ReadFanDuty{}).replies == std::vector<std::size_t>{5});
  CHECK_FALSE(exchange_for(temperature).ambiguous);
  CHECK(exchange_for(cmd::Beep{}).replies == std::vector<std::size_t>{3});
  CHECK(exchange_for(cmd::Beep{}).ambiguous);
  for (const Command& probe : mcu_protocol().probes()) CHECK_FALSE(exchange_for(probe).ambiguous);
  CHECK_FALSE(mcu_protocol().probes().empty());
  CHECK(mcu_protocol().line().baud == 115200);
  CHECK(mcu_protocol().line().byte_gap.count() == 0);
}

TEST_CASE("a temperature above 120 degrees is no reading") {
  CHECK(*reply(temperature, with_check({0x40, 0x54, 0x33, 0x78})) == Reply(Celsius{120}));
  CHECK(*reply(temperature, with_check({0x40, 0x54, 0x33, 0xF8})) == Reply(Celsius{120}));
  const auto hot = reply(temperature, with_check({0x40, 0x54, 0x33, 0x79}));
  REQUIRE(!hot.ok());
  CHECK(hot.error().code == Errc::protocol);
  CHECK(hot.error().what.find("121") != std::string::npos);
  CHECK(reply(temperature, with_check({0x40, 0x54, 0x33, 0xFF})).error().code == Errc::protocol);
}

TEST_CASE("a refusal ends any wait at its third byte and is told from damage") {
  for (const std::uint8_t kind : {std::uint8_t{0x38}, std::uint8_t{0x39}}) {
    for (const Command& command : {temperature, Command(cmd::Beep{}), Command(cmd::Identify{}),
                                   Command(cmd::ReadEeprom{0, 32})}) {
      OneTry attempt = answered(command, with_check({0x40, kind}));
      REQUIRE(attempt.result);
      REQUIRE(!attempt.result->ok());
      CHECK(attempt.result->error().code == Errc::protocol);
      CHECK(attempt.result->error().what.find("MCU refused") != std::string::npos);
    }
  }
  const auto damaged = reply(temperature, {0x40, 0x38, 0x79});
  CHECK(damaged.error().what.find("refused") == std::string::npos);
  CHECK(damaged.error().what.find("checksum") != std::string::npos);
  const auto unknown = reply(cmd::Beep{}, with_check({0x40, 0x31}));
  CHECK(unknown.error().code == Errc::protocol);
}

TEST_CASE("a refusal in one chunk with further bytes is seen at once") {
  OneTry attempt(mcu_protocol(), cmd::ReadFanSpeed{}, exchange_for(cmd::ReadFanSpeed{}));
  attempt.receive(Bytes{0x40, 0x39, 0x79, 0x40, 0x46, 0x41});
  REQUIRE(attempt.result);
  CHECK(attempt.result->error().what.find("MCU refused") != std::string::npos);
  CHECK(attempt.noise == 3);
}

TEST_CASE("bytes of another command in front of the reply are dropped and the reply is found") {
  const std::vector<Bytes> strays = {
      {0x40, 0x30, 0x70}, {0x40, 0x43, 0x56, 0x30, 0x65},
      {0x41, 0x41},       {0x40},
      {0x40, 0x54},       {0x00, 0xFF, 0x40, 0x46, 0x41, 0x30, 0x32, 0x00, 0x45}};
  for (const Bytes& stray : strays) {
    INFO(to_hex(stray));
    OneTry attempt = answered(temperature, joined(stray, good_temperature));
    REQUIRE(attempt.result);
    REQUIRE(attempt.result->ok());
    CHECK(**attempt.result == Reply(Celsius{38}));
    CHECK(attempt.noise == stray.size());
  }
}

TEST_CASE("a late duty reply is not the fan's speed, nor the other way round") {
  const Bytes duty = with_check({0x40, 0x46, 0x5A, 0x80});
  const Bytes speed = with_check({0x40, 0x46, 0x41, 0x30, 0x32, 0x00});
  CHECK(*reply(cmd::ReadFanSpeed{}, joined(duty, speed)) == Reply(Rpm{1500}));
  const auto both = reply(cmd::ReadFanDuty{}, joined(speed, duty));
  REQUIRE(both.ok());
  CHECK(std::get<Duty>(*both).percent == Approx(128 / 2.55));
  CHECK(reply(cmd::ReadFanSpeed{}, joined(duty, {0x11, 0x11})).error().code == Errc::timeout);
}

TEST_CASE("the speed reply is known by its first two bytes, whatever the unpublished ones hold") {
  CHECK(*reply(cmd::ReadFanSpeed{}, with_check({0x40, 0x46, 0x00, 0xAA, 0x55, 0xFF})) ==
        Reply(Rpm{2550}));
}

TEST_CASE("an echoed request is never an answer, and the answer behind it is") {
  const std::vector<std::pair<Command, Bytes>> rows = {
      {temperature, good_temperature},
      {cmd::Identify{}, with_check({0x25, 0x56, 1, 2, 3, 4})},
      {cmd::ReadButton{}, with_check({0x40, 0x43, 0x56, 0x31})},
      {cmd::ReadFanSpeed{}, with_check({0x40, 0x46, 0x41, 0x30, 0x32, 0x00})},
      {cmd::ReadEeprom{0x56, 3}, with_check({0xF7, 0xA1, 0x56, 3, 9, 8, 7})},
      {cmd::ReadEeprom{0, 32}, with_check(joined({0xF7, 0xA1, 0, 32}, Bytes(32, 0xFF)))},
      {cmd::Beep{}, {0x40, 0x30, 0x70}},
      {cmd::SetFanDuty{{100}}, {0x40, 0x30, 0x70}},
  };
  for (const auto& [command, answer] : rows) {
    INFO(describe(command));
    const Bytes echo = exchange_for(command).tx;
    CHECK(!reply(command, echo).ok());
    OneTry attempt = answered(command, joined(echo, answer));
    REQUIRE(attempt.result);
    REQUIRE(attempt.result->ok());
    CHECK(**attempt.result == *reply(command, answer));
    CHECK(attempt.noise == echo.size());
  }
}

TEST_CASE("decode alone does not believe an echo or another command's frame either") {
  const auto decode = [](const Command& command, const Bytes& frame) {
    return mcu_protocol().decode(command, exchange_for(command), std::vector<Bytes>{frame});
  };
  // The echo's checksum fits by chance: offset 56, three bytes.
  CHECK(!decode(cmd::ReadEeprom{0x56, 3}, {0xF7, 0xA1, 0x56, 3, 3, 0xF7, 0xA1, 0x56}).ok());
  CHECK(!decode(temperature, with_check({0x40, 0x43, 0x56, 0x30})).ok());
  CHECK(!decode(temperature, with_check({0x40, 0x54, 0x33, 0x26, 0x00})).ok());
  CHECK(decode(temperature, good_temperature).ok());
}

TEST_CASE("39 degrees are read although they begin with the bytes of the request") {
  CHECK(*reply(temperature, with_check({0x40, 0x54, 0x33, 0x27})) == Reply(Celsius{39}));
  // EEPROM content that repeats the request's check byte.
  CHECK(reply(cmd::ReadEeprom{0x20, 1}, with_check({0xF7, 0xA1, 0x20, 1, 0x77})).ok());
}

TEST_CASE("a duty reply identical to its request is rejected in words") {
  const auto same = reply(cmd::ReadFanDuty{}, {0x40, 0x46, 0x5A, 0x30, 0x6C});
  REQUIRE(!same.ok());
  CHECK(same.error().code == Errc::protocol);
  CHECK(same.error().what.find("request itself") != std::string::npos);
}

TEST_CASE("no single flipped bit of a reply is ever believed") {
  const std::vector<std::pair<Command, Bytes>> rows = {
      {temperature, good_temperature},
      {cmd::ReadFanSpeed{}, with_check({0x40, 0x46, 0x41, 0x30, 0x32, 0x00})},
      {cmd::ReadFanDuty{}, with_check({0x40, 0x46, 0x5A, 0x80})},
      {cmd::ReadButton{}, with_check({0x40, 0x43, 0x56, 0x30})},
      {cmd::Beep{}, {0x40, 0x30, 0x70}}};
  for (const auto& [command, answer] : rows) {
    REQUIRE(reply(command, answer).ok());
    for (std::size_t bit = 0; bit < answer.size() * 8; ++bit) {
      Bytes damaged = answer;
      damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << bit % 8));
      INFO(describe(command) << ": " << to_hex(damaged));
      CHECK(!reply(command, damaged).ok());
    }
  }
}

TEST_CASE("no reply with a byte lost or doubled is ever believed") {
  const std::vector<std::pair<Command, Bytes>> rows = {
      {temperature, good_temperature},
      {cmd::ReadFanSpeed{}, with_check({0x40, 0x46, 0x41, 0x30, 0x32, 0x00})},
      {cmd::Beep{}, {0x40, 0x30, 0x70}}};
  for (const auto& [command, answer] : rows) {
    for (std::size_t i = 0; i < answer.size(); ++i) {
      const auto at = static_cast<std::ptrdiff_t>(i);
      Bytes shorter = answer;
      shorter.erase(shorter.begin() + at);
      Bytes longer = answer;
      longer.insert(longer.begin() + at, answer[i]);
      INFO(describe(command) << " " << i);
      CHECK(!reply(command, shorter).ok());
      // A doubled first or last byte leaves the reply whole.
      const auto doubled = reply(command, longer);
      if (doubled.ok()) CHECK(*doubled == *reply(command, answer));
    }
  }
}

TEST_CASE("an unpressed button, a pressed one and neither") {
  CHECK(*reply(cmd::ReadButton{}, with_check({0x40, 0x43, 0x56, 0x31})) == Reply(Pressed{true}));
  CHECK(reply(cmd::ReadButton{}, with_check({0x40, 0x43, 0x56, 0x32})).error().code ==
        Errc::protocol);
}

TEST_CASE("requests read back need a right checksum and a known command") {
  const auto parse = [](const Bytes& frame) { return mcu_protocol().parse_request(frame); };
  CHECK(parse({0x40, 0x43, 0x32, 0x31}) == Command(cmd::Beep{BeepLength::brief}));
  CHECK(parse({0x40, 0x52, 0x33, 0x33, 0x12}) ==
        Command(cmd::SetLed{"disk4", LedState::blink_slow, {}}));
  CHECK(parse({0x40, 0x43, 0x30, 0x33}) == Command(cmd::PowerOff{}));
  CHECK(!parse({0x40, 0x43, 0x32, 0x30}));
  CHECK(!parse(with_check({0x40, 0x43, 0x31})));
  CHECK(!parse(with_check({0xF7, 0xA0, 0x00, 0x01}))); // a guessed EEPROM write: never known
  CHECK(!parse(with_check({0xF7, 0xA1, 0x00, 0x21})));
  CHECK(!parse(with_check({0x40, 0x52, 0x34, 0x30})));
  CHECK(!parse({}));
}

TEST_CASE("every byte of the control space is a known command or none, never a wrong one") {
  for (int byte = 0; byte < 256; ++byte) {
    const Bytes frame = with_check({0x40, 0x43, static_cast<std::uint8_t>(byte)});
    const auto command = mcu_protocol().parse_request(frame);
    if (command) CHECK(exchange_for(*command).tx == frame);
    CHECK((command && std::holds_alternative<cmd::PowerOff>(*command)) == (byte == 0x30));
  }
}

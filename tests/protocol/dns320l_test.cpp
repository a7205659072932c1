// SPDX-License-Identifier: MIT
#include <catch.hpp>
#include <libmcu/protocol/bcd.hpp>
#include <libmcu/protocol/registry.hpp>
#include <tests/protocol/one_try.hpp>

#include <cmath>

using namespace mcu;
using mcu::testing::OneTry;

namespace {

const Protocol& mcu_protocol() {
  static const auto protocol = make_protocol("dns320l").value();
  return *protocol;
}
const Protocol& wd_protocol() {
  static const auto protocol = make_protocol("wd-mirror-gen2").value();
  return *protocol;
}

Exchange exchange_for(const Command& command, const Protocol& protocol = mcu_protocol()) {
  const auto exchange = protocol.encode(command);
  if (!exchange.ok()) FAIL(exchange.error().what);
  return *exchange;
}
std::string sent(const Command& command, const Protocol& protocol = mcu_protocol()) {
  return to_hex(exchange_for(command, protocol).tx);
}
Errc refused(const Command& command, const Protocol& protocol = mcu_protocol()) {
  const auto exchange = protocol.encode(command);
  REQUIRE(!exchange.ok());
  CHECK(exchange.error().what.size() > 15);
  return exchange.error().code;
}

OneTry answered(const Command& command, const Bytes& bytes,
                const Protocol& protocol = mcu_protocol()) {
  OneTry attempt(protocol, command, exchange_for(command, protocol));
  attempt.receive_singly(bytes);
  return attempt;
}
Result<Reply> reply(const Command& command, const Bytes& bytes,
                    const Protocol& protocol = mcu_protocol()) {
  OneTry attempt = answered(command, bytes, protocol);
  attempt.deadline();
  return *attempt.result;
}
Bytes joined(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

const Bytes ack = {0xFA, 0x30, 0, 0, 0, 0, 0xFB};
const Command temperature = cmd::ReadTemperature{};
const Bytes data45 = {0xFA, 0x03, 0x08, 0, 0, 0x53, 0xFB};
const Bytes echo = {0xFA, 0x03, 0x08, 0, 0, 0, 0xFB};

} // namespace

TEST_CASE("BCD is strict") {
  for (int value = 0; value < 100; ++value) CHECK(from_bcd(to_bcd(value)) == value);
  CHECK(to_bcd(59) == 0x59);
  CHECK(!from_bcd(0x0A));
  CHECK(!from_bcd(0xA0));
  CHECK(!from_bcd(0xFB));
}

TEST_CASE("a duty becomes the lowest of three steps that is not below it") {
  const auto step = [](double percent) {
    const Command command = cmd::SetFanDuty{{percent}};
    const auto taken = reply(command, ack);
    REQUIRE(taken.ok());
    const int byte = exchange_for(command).tx[3];
    CHECK(std::get<Duty>(*taken).percent == byte * 50);
    return byte;
  };
  CHECK(step(0) == 0);
  CHECK(step(0.1) == 1);
  CHECK(step(50) == 1);
  CHECK(step(50.1) == 2);
  CHECK(step(100) == 2);
  CHECK(refused(cmd::SetFanDuty{{101}}) == Errc::invalid_argument);
  CHECK(refused(cmd::SetFanDuty{{std::nan("")}}) == Errc::invalid_argument);
}

TEST_CASE("the power LED has one blink, whichever is asked for") {
  for (const LedState state : {LedState::blink_slow, LedState::blink_fast}) {
    const Command command = cmd::SetLed{"power", state, {}};
    CHECK(sent(command) == "FA 03 06 02 00 01 FB");
    CHECK(*reply(command, ack) == Reply(LedShown{LedState::blink_slow, {}}));
  }
  CHECK(refused(cmd::SetLed{"usb", LedState::on, {}}) == Errc::unsupported);
}

TEST_CASE("functions that the MCU has not are unsupported") {
  CHECK(refused(cmd::Identify{}) == Errc::unsupported);
  CHECK(refused(cmd::ReadFanSpeed{}) == Errc::unsupported);
  CHECK(refused(cmd::ReadFanDuty{}) == Errc::unsupported);
  CHECK(refused(cmd::Beep{}) == Errc::unsupported);
  CHECK(refused(cmd::ReadButton{}) == Errc::unsupported);
  CHECK(refused(cmd::ReadEeprom{}) == Errc::unsupported);
}

TEST_CASE("values that a register cannot hold are refused before they are sent") {
  CHECK(refused(cmd::SetAlarm{AlarmField::month, 0}) == Errc::invalid_argument);
  CHECK(refused(cmd::SetAlarm{AlarmField::month, 13}) == Errc::invalid_argument);
  CHECK(refused(cmd::SetAlarm{AlarmField::day, 32}) == Errc::invalid_argument);
  CHECK(refused(cmd::SetAlarm{AlarmField::hour, 24}) == Errc::invalid_argument);
  CHECK(refused(cmd::SetAlarm{AlarmField::minute, -1}) == Errc::invalid_argument);
  CHECK(refused(cmd::SetAlarm{AlarmField::second, 60}) == Errc::invalid_argument);
  CHECK(refused(cmd::SetClock{{2013, 2, 30, 0, 0, 0}}) == Errc::invalid_argument);
  CHECK(refused(cmd::SetClock{{2100, 1, 1, 0, 0, 0}}) == Errc::invalid_argument);
  using std::chrono::seconds;
  CHECK(refused(cmd::PowerOff{seconds(0), {}}) == Errc::invalid_argument);
  CHECK(refused(cmd::PowerOff{seconds(100), {}}) == Errc::invalid_argument);
  CHECK(refused(cmd::PowerOff{seconds(-5), DelayCoding::bcd}) == Errc::invalid_argument);
}

TEST_CASE("the delay byte is binary or BCD as the board says") {
  using std::chrono::seconds;
  CHECK(sent(cmd::PowerOff{seconds(20), DelayCoding::binary}) == "FA 03 03 01 01 14 FB");
  CHECK(sent(cmd::PowerOff{seconds(20), DelayCoding::bcd}) == "FA 03 03 01 01 20 FB");
}

TEST_CASE("D-Link replies are declared with their lengths, and bare acknowledges as ambiguous") {
  using Sizes = std::vector<std::size_t>;
  CHECK(exchange_for(temperature).replies == Sizes{7, 7});
  CHECK(exchange_for(cmd::ReadClock{}).replies == Sizes{13, 7});
  CHECK(exchange_for(cmd::SetClock{}).replies == Sizes{7});
  CHECK_FALSE(exchange_for(temperature).ambiguous);
  CHECK(exchange_for(cmd::Ready{}).ambiguous);
  CHECK_FALSE(mcu_protocol().probes().empty());
  for (const Command& probe : mcu_protocol().probes()) CHECK_FALSE(exchange_for(probe).ambiguous);
  CHECK(mcu_protocol().line().baud == 115200);
  CHECK(mcu_protocol().line().byte_gap.count() == 100);
}

TEST_CASE("any data byte goes through, also one that looks like a frame mark") {
  for (int raw = 0; raw < 256; ++raw) {
    INFO("raw " << raw);
    const Bytes data = {0xFA, 0x03, 0x08, 0, 0, static_cast<std::uint8_t>(raw), 0xFB};
    OneTry attempt = answered(temperature, joined(data, ack));
    REQUIRE(attempt.result);
    CHECK(attempt.noise == 0);
    CHECK(attempt.result->ok() == (raw > 0 && raw < 204));
    if (!attempt.result->ok())
      CHECK(attempt.result->error().what.find("sensor") != std::string::npos);
  }
}

TEST_CASE("data whose acknowledge is lost is used, unless it could be an echo") {
  CHECK(*reply(temperature, data45) == Reply(Celsius{45}));
  const Bytes off = {0xFA, 0x03, 0x0A, 0x02, 0x00, 0x00, 0xFB};
  CHECK(*reply(cmd::ReadWakeOnLan{}, joined(off, ack)) == Reply(Number{0}));
  const auto alone = reply(cmd::ReadWakeOnLan{}, off);
  REQUIRE(!alone.ok());
  CHECK(alone.error().code == Errc::protocol);
  CHECK(alone.error().what.find("echo") != std::string::npos);
  CHECK(reply(temperature, {}).error().code == Errc::timeout);
}

TEST_CASE("an echo in front of the answer does not turn it into a zero") {
  const Bytes request = {0xFA, 0x03, 0x0A, 0x02, 0x00, 0x00, 0xFB};
  const Bytes on = {0xFA, 0x03, 0x0A, 0x02, 0x00, 0x01, 0xFB};
  const auto echoed = reply(cmd::ReadWakeOnLan{}, joined(joined(request, on), ack));
  REQUIRE(!echoed.ok());
  CHECK(echoed.error().code == Errc::protocol);
  // For a set the echo can be told from the acknowledge.
  CHECK(reply(cmd::Ready{}, joined(exchange_for(cmd::Ready{}).tx, ack)).ok());
  CHECK(reply(cmd::Ready{}, exchange_for(cmd::Ready{}).tx).error().code == Errc::timeout);
  CHECK(!reply(cmd::ReadClock{}, joined(exchange_for(cmd::ReadClock{}).tx, ack)).ok());
}

TEST_CASE("frames of other commands and an early acknowledge are passed over") {
  const std::vector<Bytes> strays = {
      {0xFA, 0x03, 0x0A, 0x02, 0x00, 0x01, 0xFB},
      ack,
      {0x03, 0x08, 0x00, 0x00, 0x53, 0xFB},
      {0xFA},
      {0xFA, 0x03},
      {0xFA, 0xFA, 0xFB},
      {0xFA, 0x01, 0x08, 0x01, 0x01, 0x20, 0x06, 0x21, 0x02, 0x10, 0x09, 0x13, 0xFB}};
  for (const Bytes& stray : strays) {
    INFO(to_hex(stray));
    OneTry attempt = answered(temperature, joined(joined(stray, data45), ack));
    REQUIRE(attempt.result);
    REQUIRE(attempt.result->ok());
    CHECK(**attempt.result == Reply(Celsius{45}));
    CHECK(attempt.noise == stray.size());
  }
}

TEST_CASE("decode alone does not believe the answer to another command either") {
  const auto decode = [](const Bytes& answer) {
    return mcu_protocol().decode(temperature, exchange_for(temperature),
                                 std::vector<Bytes>{answer, ack});
  };
  CHECK(*decode(data45) == Reply(Celsius{45}));
  CHECK(decode({0xFA, 0x03, 0x09, 0, 0, 0x53, 0xFB}).error().code == Errc::protocol);
  CHECK(decode({0xFA, 0x02, 0x08, 0, 0, 0x53, 0xFB}).error().code == Errc::protocol);
}

TEST_CASE("between data and acknowledge only an acknowledge counts") {
  const Bytes stray = {0xFA, 0x03, 0x0A, 0x02, 0x00, 0x01, 0xFB};
  CHECK(*reply(temperature, joined(joined(data45, stray), ack)) == Reply(Celsius{45}));
  const auto twice = reply(temperature, joined(data45, data45));
  REQUIRE(!twice.ok());
  CHECK(twice.error().what.find("second answer") != std::string::npos);
  Bytes damaged = ack;
  damaged[4] = 0x04;
  CHECK(reply(temperature, joined(data45, damaged)).error().code == Errc::protocol);
  CHECK(reply(cmd::Ready{}, damaged).error().code == Errc::protocol);
}

TEST_CASE("no answer with a byte lost or doubled gives a wrong value") {
  const std::vector<std::pair<Command, Bytes>> rows = {
      {temperature, joined(data45, ack)},
      {cmd::ReadWakeOnLan{}, joined({0xFA, 0x03, 0x0A, 0x02, 0x00, 0x01, 0xFB}, ack)},
      {cmd::ReadClock{},
       joined({0xFA, 1, 8, 1, 1, 0x20, 0x06, 0x21, 0x02, 0x10, 0x09, 0x13, 0xFB}, ack)},
      {cmd::Ready{}, ack}};
  for (const auto& [command, whole] : rows) {
    const Result<Reply> right = reply(command, whole);
    REQUIRE(right.ok());
    for (std::size_t i = 0; i < whole.size(); ++i) {
      const auto at = static_cast<std::ptrdiff_t>(i);
      Bytes shorter = whole;
      shorter.erase(shorter.begin() + at);
      Bytes longer = whole;
      longer.insert(longer.begin() + at, whole[i]);
      for (const Bytes& damaged : {shorter, longer}) {
        INFO(describe(command) << ": " << to_hex(damaged));
        const auto got = reply(command, damaged);
        if (got.ok()) CHECK(*got == *right);
      }
    }
  }
}

TEST_CASE("a flipped bit outside the data byte is never believed") {
  for (std::size_t bit = 0; bit < 14 * 8; ++bit) {
    if (bit / 8 == 5) continue; // nothing on this wire can catch it: the second read has to
    Bytes damaged = joined(data45, ack);
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << bit % 8));
    INFO(to_hex(damaged));
    const auto got = reply(temperature, damaged);
    // In the acknowledge's first two bytes it is as good as lost, and the data are whole.
    if (got.ok()) CHECK(*got == Reply(Celsius{45}));
    if (bit / 8 < 7) CHECK(!got.ok());
  }
}

TEST_CASE("a clock that was never set or holds no BCD is an error in words") {
  const auto clock = [](const Bytes& fields) {
    Bytes frame = joined({0xFA, 0x01, 0x08, 0x01, 0x01}, fields);
    frame.push_back(0xFB);
    return reply(cmd::ReadClock{}, joined(frame, ack));
  };
  CHECK(*clock({0x20, 0x06, 0x21, 0x02, 0x10, 0x09, 0x13}) ==
        Reply(CivilTime{2013, 9, 10, 21, 6, 20}));
  // The weekday is not looked at, right or wrong.
  CHECK(clock({0x20, 0x06, 0x21, 0x05, 0x10, 0x09, 0x13}).ok());
  CHECK(clock({0x20, 0x06, 0x21, 0xFF, 0x10, 0x09, 0x13}).ok());
  CHECK(clock({0, 0, 0, 0, 0, 0, 0}).error().what.find("never set") != std::string::npos);
  CHECK(clock({0x60, 0, 0, 0, 1, 1, 0}).error().code == Errc::protocol);
  CHECK(clock({0, 0, 0x24, 0, 1, 1, 0}).error().code == Errc::protocol);
  CHECK(clock({0, 0, 0, 0, 0x30, 2, 0x24}).error().code == Errc::protocol);
  CHECK(clock({0, 0, 0, 0, 1, 1, 0x9A}).error().what.find("BCD") != std::string::npos);
}

TEST_CASE("numbers that a register cannot hold are errors, not numbers") {
  const auto wol = [](std::uint8_t value) {
    return reply(cmd::ReadWakeOnLan{}, joined({0xFA, 0x03, 0x0A, 0x02, 0x00, value, 0xFB}, ack));
  };
  CHECK(wol(1).ok());
  CHECK(wol(2).error().code == Errc::protocol);
  const auto minute = [](std::uint8_t value) {
    return reply(cmd::ReadAlarm{AlarmField::minute},
                 joined({0xFA, 0x01, 0x0D, 0x01, 0x01, value, 0xFB}, ack));
  };
  CHECK(*minute(0x59) == Reply(Number{59}));
  CHECK(minute(0x60).error().code == Errc::protocol);
  CHECK(minute(0x0F).error().what.find("BCD") != std::string::npos);
}

TEST_CASE("requests read back are exactly those that are sent") {
  const auto parse = [](const Bytes& frame) { return mcu_protocol().parse_request(frame); };
  CHECK(parse(echo) == temperature);
  CHECK(parse({0xFA, 0x01, 0x08, 0x02, 0x07, 0x17, 0x06, 0x21, 0x02, 0x10, 0x09, 0x13, 0xFB}) ==
        Command(cmd::SetClock{{2013, 9, 10, 21, 6, 17}}));
  CHECK(parse({0xFA, 0x02, 0, 0x02, 0, 0, 0xFB}) == Command(cmd::SetFanDuty{{100}}));
  CHECK(!parse({0xFA, 0x02, 0, 0x03, 0, 0, 0xFB}));
  CHECK(!parse({0xFA, 0x03, 0x08, 0, 0, 0x53, 0xFB}));
  CHECK(!parse({0xFA, 0x03, 0x08, 0, 0, 0, 0xFA}));
  CHECK(!parse({0x00, 0x03, 0x08, 0, 0, 0, 0xFB}));
  CHECK(!parse({0xFA, 0x01, 0x08, 0x02, 0x07, 0x7F, 0x06, 0x21, 0x02, 0x10, 0x09, 0x13, 0xFB}));
  CHECK(!parse({}));
  using std::chrono::seconds;
  CHECK(parse({0xFA, 0x03, 0x03, 0x01, 0x01, 0x14, 0xFB}) ==
        Command(cmd::PowerOff{seconds(20), DelayCoding::binary}));
}

TEST_CASE("the WD relative has its own speed, pwm fan, tacho and LEDs") {
  const Protocol& wd = wd_protocol();
  CHECK(wd.name() == "wd-mirror-gen2");
  CHECK(wd.line().baud == 19200);
  CHECK(wd.line().byte_gap.count() == 200);
  CHECK(sent(cmd::SetFanDuty{{100}}, wd) == "FA 02 00 FF 00 00 FB");
  CHECK(sent(cmd::SetFanDuty{{0}}, wd) == "FA 02 00 00 00 00 FB");
  CHECK(sent(cmd::SetFanDuty{{0.01}}, wd) == "FA 02 00 01 00 00 FB");
  CHECK(sent(cmd::SetLed{"power-orange", LedState::blink_fast, {}}, wd) == "FA 26 00 22 00 01 FB");
  CHECK(sent(cmd::SetLed{"power-red", LedState::off, {}}, wd) == "FA 26 00 01 00 01 FB");
  CHECK(wd.parse_request(Bytes{0xFA, 0x26, 0x00, 0x14, 0x00, 0x01, 0xFB}) ==
        Command(cmd::SetLed{"power-red", LedState::on, {}}));
  CHECK(refused(cmd::SetLed{"power", LedState::on, {}}, wd) == Errc::unsupported);
  CHECK(refused(cmd::ReadClock{}, wd) == Errc::unsupported);
  CHECK(refused(cmd::SetClock{}, wd) == Errc::unsupported);
  CHECK(refused(cmd::ReadAlarm{}, wd) == Errc::unsupported);
  CHECK(refused(cmd::SetWakeOnLan{}, wd) == Errc::unsupported);
  CHECK(refused(cmd::ReadPowerRecovery{}, wd) == Errc::unsupported);
  const auto rpm = [&](std::uint8_t value) {
    return reply(cmd::ReadFanSpeed{}, joined({0xFA, 0x02, 0x01, 0, 0, value, 0xFB}, ack), wd);
  };
  CHECK(*rpm(0x96) == Reply(Rpm{2000}));
  CHECK(*rpm(0) == Reply(Rpm{0}));
  CHECK(reply(cmd::ReadFanSpeed{}, {0xFA, 0x02, 0x01, 0, 0, 0, 0xFB}, wd).error().code ==
        Errc::protocol);
}

TEST_CASE("the registry knows every protocol by name and says which there are") {
  for (const auto name : protocol_names()) {
    const auto protocol = make_protocol(name);
    REQUIRE(protocol.ok());
    CHECK((*protocol)->name() == name);
  }
  const auto unknown = make_protocol("dns325");
  REQUIRE(!unknown.ok());
  CHECK(unknown.error().code == Errc::invalid_argument);
  CHECK(unknown.error().what ==
        "no MCU protocol 'dns325'; there are wt61p803, dns320l, wd-mirror-gen2");
}

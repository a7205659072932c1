// SPDX-License-Identifier: MIT
#include <mcusim/sim_mcu.hpp>

#include <catch.hpp>
#include <nlohmann/json.hpp>

using namespace mcusim;
using namespace std::chrono_literals;

namespace {

/// A simulated MCU with a clock that the test turns.
struct Bench {
  explicit Bench(McuOptions options = {})
      : sim(std::move(make_sim_mcu("wt61p803", options, now)).value()) {}

  mcu::Bytes ask(mcu::Bytes frame) {
    unsigned sum = 0;
    for (const std::uint8_t byte : frame) sum ^= byte;
    frame.push_back(static_cast<std::uint8_t>(sum));
    return send(frame);
  }
  mcu::Bytes send(const mcu::Bytes& bytes) { return join(sim->receive(bytes, now)); }
  mcu::Bytes idle() {
    now += sim->idle_gap();
    return join(sim->idle(now));
  }
  static mcu::Bytes join(const std::vector<Reply>& replies) {
    mcu::Bytes all;
    for (const Reply& reply : replies) {
      for (const Outgoing& message : reply) {
        all.insert(all.end(), message.bytes.begin(), message.bytes.end());
      }
    }
    return all;
  }
  void set(const std::string& line) {
    const mcu::Status status = sim->set(split_line(line), now);
    INFO(line);
    REQUIRE(status.ok());
  }
  nlohmann::json state() { return sim->state(now); }

  Time now{1h};
  std::unique_ptr<SimMcu> sim;
};

const mcu::Bytes ack{0x40, 0x30, 0x70};
const mcu::Bytes refused{0x40, 0x39, 0x79};

} // namespace

TEST_CASE("the speed follows the duty at 30 rpm a step") {
  Bench bench;
  CHECK(bench.state()["fan"]["rpm"] == 2550);
  CHECK(bench.ask({0x40, 0x46, 0x57, 0x30, 51}) == ack);
  CHECK(bench.ask({0x40, 0x46, 0x41})[4] == 17);
  CHECK(bench.state()["fan"]["rpm"] == 510);
  bench.set("rpm 0");
  CHECK(bench.ask({0x40, 0x46, 0x41})[4] == 0);
  bench.set("rpm auto");
  CHECK(bench.ask({0x40, 0x46, 0x41})[4] == 17);
}

TEST_CASE("bit 7 of the temperature comes and goes unless it is fixed") {
  Bench bench;
  bench.set("temp 38");
  int with = 0;
  for (int i = 0; i < 200; ++i) {
    const mcu::Bytes reply = bench.ask({0x40, 0x54, 0x33});
    REQUIRE((reply[3] & 0x7FU) == 38);
    with += reply[3] >> 7U;
  }
  CHECK(with > 50);
  CHECK(with < 150);
  bench.set("temp-bit7 1");
  CHECK(bench.ask({0x40, 0x54, 0x33})[3] == 0xA6);
}

TEST_CASE("a standing fan lets the box heat up, a running one cools it") {
  Bench bench;
  bench.ask({0x40, 0x46, 0x57, 0x30, 0});
  bench.now += 20min;
  CHECK(bench.state()["temperature"].get<double>() == Approx(62.5));
  bench.ask({0x40, 0x46, 0x57, 0x30, 255});
  bench.now += 20min;
  CHECK(bench.state()["temperature"].get<double>() == Approx(37.5));
}

TEST_CASE("the board decides which LEDs there are") {
  McuOptions ts133;
  ts133.disks = 1;
  ts133.usb_led = false;
  Bench bench(ts133);
  CHECK(bench.ask({0x40, 0x52, 0x30, 0x30}) == ack);
  CHECK(bench.ask({0x40, 0x52, 0x31, 0x30}) == refused);
  CHECK(bench.ask({0x40, 0x43, 0x45}) == refused);
  const auto leds = bench.state()["leds"];
  CHECK(leds["disk1"] == "on");
  CHECK_FALSE(leds.contains("disk2"));
  CHECK_FALSE(leds.contains("usb"));
}

TEST_CASE("both colours of the status LED follow one command") {
  Bench bench;
  const std::vector<std::tuple<int, std::string, std::string>> looks{
      {0x39, "off", "off"},   {0x36, "on", "off"},    {0x37, "off", "on"},     {0x44, "on", "on"},
      {0x35, "blink", "off"}, {0x34, "off", "blink"}, {0x38, "blink", "blink"}};
  for (const auto& [byte, green, red] : looks) {
    CHECK(bench.ask({0x40, 0x43, static_cast<std::uint8_t>(byte)}) == ack);
    CHECK(bench.state()["leds"]["status-green"] == green);
    CHECK(bench.state()["leds"]["status-red"] == red);
  }
}

TEST_CASE("beeps are counted by length") {
  Bench bench;
  bench.ask({0x40, 0x43, 0x32});
  bench.ask({0x40, 0x43, 0x32});
  bench.ask({0x40, 0x43, 0x33});
  CHECK(bench.state()["beeps"] == nlohmann::json({{"short", 2}, {"long", 1}}));
}

TEST_CASE(
    "power off takes the rails and the MCU still answers, until the button brings them back") {
  Bench bench;
  bench.ask({0x40, 0x52, 0x30, 0x30});
  CHECK(bench.ask({0x40, 0x43, 0x30}) == ack);
  CHECK(bench.state()["rails"] == false);
  CHECK(bench.state()["fan"]["rpm"] == 0);
  CHECK(bench.state()["leds"]["disk1"] == "off");
  CHECK(bench.ask({0x25, 0x56}).size() == 7);
  REQUIRE(bench.sim->press({"power", "500"}, bench.now).ok());
  CHECK(bench.state()["rails"] == true);
  CHECK(bench.state()["fan"]["rpm"] == 2550);
}

TEST_CASE("a tap is not reported, a held button is, for as long as it is held") {
  Bench bench;
  const auto button = [&] { return bench.ask({0x40, 0x43, 0x56})[3]; };
  REQUIRE(bench.sim->press({"power", "1500"}, bench.now).ok());
  CHECK(button() == 0x30);
  bench.now += 300ms;
  CHECK(button() == 0x31);
  bench.now += 1199ms;
  CHECK(button() == 0x31);
  bench.now += 1ms;
  CHECK(button() == 0x30);
}

TEST_CASE("half a frame is dropped after the idle gap and does not spoil the next one") {
  Bench bench;
  CHECK(bench.send({0x40, 0x43}).empty());
  CHECK(bench.sim->partial());
  CHECK(bench.idle().empty());
  CHECK_FALSE(bench.sim->partial());
  CHECK(bench.ask({0x40, 0x43, 0x32}) == ack);
  CHECK(bench.state()["counters"]["partial"] == 1);
}

TEST_CASE("a frame may come byte by byte, and two frames in one write") {
  Bench bench;
  CHECK(bench.send({0x40}).empty());
  CHECK(bench.send({0x43, 0x32}).empty());
  CHECK(bench.send({0x31}) == ack);
  CHECK(bench.send({0x40, 0x43, 0x32, 0x31, 0x40, 0x43, 0x32, 0x31}).size() == 6);
}

TEST_CASE("a wrong checksum and what is unknown are refused and change nothing") {
  Bench bench;
  const auto before = bench.state();
  CHECK(bench.send({0x40, 0x46, 0x57, 0x30, 0x10, 0x00}) == mcu::Bytes{0x40, 0x38, 0x78});
  CHECK(bench.ask({0x40, 0x43, 0x41}) == refused);
  CHECK(bench.ask({0x40, 0x54, 0x34}) == refused);
  CHECK(bench.ask({0x40, 0x46, 0x57, 0x31, 0x10}) == refused);
  CHECK(bench.ask({0x40, 0x52, 0x30, 0x34}) == refused);
  CHECK(bench.ask({0xF7, 0xA1, 0xF0, 0x11}) == refused);
  auto after = bench.state();
  for (const char* key : {"fan", "leds", "beeps", "rails"}) CHECK(after[key] == before[key]);
  CHECK(after["counters"]["bad"] == 6);
}

TEST_CASE("a host that the MCU ignores or refuses has changed nothing") {
  Bench bench;
  bench.sim->judge = [] { return Verdict::ignore; };
  CHECK(bench.ask({0x40, 0x46, 0x57, 0x30, 10}).empty());
  bench.sim->judge = [] { return Verdict::refuse_other; };
  CHECK(bench.ask({0x40, 0x46, 0x57, 0x30, 10}) == refused);
  CHECK(bench.state()["fan"]["pwm"] == 255);
}

TEST_CASE("the EEPROM holds a serial number and a MAC address where the kernel looks for them") {
  Bench bench;
  const mcu::Bytes serial = bench.ask({0xF7, 0xA1, 0x00, 0x13});
  CHECK(std::string(serial.begin() + 4, serial.begin() + 15) == "Q21XX00000S");
  const mcu::Bytes mac = bench.ask({0xF7, 0xA1, 0x24, 0x11});
  CHECK(std::string(mac.begin() + 4, mac.begin() + 21) == "24:5e:be:00:00:01");
}

TEST_CASE("what the kernel's driver sends at its start is all answered well") {
  Bench bench;
  const std::vector<mcu::Bytes> start{
      {0x25, 0x56},
      {0x40, 0x46, 0x57, 0x30, 0xFF},
      {0x40, 0x52, 0x30, 0x31},
      {0x40, 0x52, 0x31, 0x31},
      {0x40, 0x52, 0x32, 0x31},
      {0x40, 0x52, 0x33, 0x31},
      {0x40, 0x43, 0x47},
      {0x40, 0x43, 0x39},
  };
  for (const mcu::Bytes& frame : start) bench.ask(frame);
  // Hours of polling: button twice a second, temperature, speed and duty now and then.
  for (int poll = 0; poll < 20'000; ++poll) {
    bench.now += 500ms;
    REQUIRE(bench.ask({0x40, 0x43, 0x56}).size() == 5);
    REQUIRE(bench.ask({0x40, 0x54, 0x33}).size() == 5);
    REQUIRE(bench.ask({0x40, 0x46, 0x41}).size() == 7);
    REQUIRE(bench.ask({0x40, 0x46, 0x5A, 0x30}).size() == 5);
  }
  CHECK(bench.state()["counters"]["bad"] == 0);
  CHECK(bench.state()["counters"]["good"] == 80'008);
}

TEST_CASE("settings that cannot be are refused in words that say what can") {
  Bench bench;
  for (const char* line :
       {"", "temp", "temp warm", "temp 500", "temp 1 2", "pwm 256", "pwm -1", "button copy 1",
        "button power 2", "version 01", "version zz zz zz zz", "eeprom FF 00 00", "eeprom 00",
        "temp-bit7 2", "fan-bytes 1", "clock 2013-09-10 21:06:17", "raw-temp 256", "nonsense 1"}) {
    INFO(line);
    const mcu::Status status = bench.sim->set(split_line(line), bench.now);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().what.size() > 10);
  }
  CHECK_FALSE(bench.sim->press({"power"}, bench.now).ok());
  CHECK_FALSE(bench.sim->press({"copy", "100"}, bench.now).ok());
  CHECK_FALSE(bench.sim->press({"power", "0"}, bench.now).ok());
}

TEST_CASE("random bytes never break any simulated MCU and never pile up") {
  for (const std::string_view name : sim_mcu_names()) {
    Time now{1h};
    const auto sim = std::move(make_sim_mcu(name, {}, now)).value();
    Random random(99);
    static constexpr std::uint8_t likely[] = {0x40, 0x25, 0xF7, 0xFA, 0xFB, 0x01,
                                              0x02, 0x03, 0x43, 0x46, 0x52, 0x54};
    for (int i = 0; i < 100'000; ++i) {
      const std::uint8_t byte = random.chance(0.7) ? likely[random.between(0, 11)] : random.byte();
      now += std::chrono::microseconds(100);
      sim->receive({&byte, 1}, now);
      if (random.chance(0.01)) sim->idle(now);
      if (!sim->powered(now)) REQUIRE(sim->press({"power", "100"}, now).ok());
    }
    CHECK(sim->state(now)["counters"]["bytes"] == 100'000);
  }
}

// SPDX-License-Identifier: MIT
#include <mcusim/sim_mcu.hpp>

#include <catch.hpp>
#include <libmcu/model/thermistor.hpp>
#include <nlohmann/json.hpp>

using namespace mcusim;
using namespace std::chrono_literals;

namespace {

struct Bench {
  explicit Bench(std::string_view protocol = "dns320l")
      : sim(std::move(make_sim_mcu(protocol, {}, now)).value()) {}

  Reply send(const mcu::Bytes& bytes) {
    const std::vector<Reply> replies = sim->receive(bytes, now);
    REQUIRE(replies.size() <= 1);
    return replies.empty() ? Reply{} : replies.front();
  }
  /// The data frame of a reading request.
  mcu::Bytes read(const mcu::Bytes& bytes) {
    const Reply reply = send(bytes);
    REQUIRE(reply.size() == 2);
    CHECK(reply[1].ack);
    return reply[0].bytes;
  }
  /// True when the request was acknowledged, with nothing else.
  bool tell(const mcu::Bytes& bytes) {
    const Reply reply = send(bytes);
    return reply.size() == 1 && reply[0].bytes == ack;
  }
  void set(const std::string& line) {
    const mcu::Status status = sim->set(split_line(line), now);
    INFO(line);
    REQUIRE(status.ok());
  }
  nlohmann::json state() { return sim->state(now); }

  const mcu::Bytes ack{0xFA, 0x30, 0x00, 0x00, 0x00, 0x00, 0xFB};
  const mcu::Bytes temperature{0xFA, 0x03, 0x08, 0x00, 0x00, 0x00, 0xFB};
  Time now{1h};
  std::unique_ptr<SimMcu> sim;
};

} // namespace

TEST_CASE("the power LED blinks until the system says that it is ready") {
  Bench bench;
  CHECK(bench.state()["leds"]["power"] == "blink");
  CHECK(bench.state()["ready"] == false);
  CHECK(bench.tell({0xFA, 0x03, 0x01, 0x00, 0x00, 0x00, 0xFB}));
  CHECK(bench.state()["leds"]["power"] == "on");
  CHECK(bench.state()["ready"] == true);
}

TEST_CASE("the fan starts at half speed and takes three steps") {
  Bench bench;
  CHECK(bench.state()["fan"]["step"] == "half");
  CHECK(bench.tell({0xFA, 0x02, 0x00, 0x02, 0x00, 0x00, 0xFB}));
  CHECK(bench.state()["fan"]["step"] == "full");
  CHECK(bench.send({0xFA, 0x02, 0x00, 0x03, 0x00, 0x00, 0xFB}).empty());
  CHECK(bench.state()["fan"]["level"] == 2);
}

TEST_CASE("every temperature is sent as a raw byte that old and repaired tables read alike") {
  Bench bench;
  for (int celsius = 0; celsius <= 115; ++celsius) {
    bench.set("temp " + std::to_string(celsius));
    const std::uint8_t raw = bench.read(bench.temperature)[5];
    INFO(celsius << " as " << int(raw));
    const auto read = mcu::thermistor(raw);
    REQUIRE(read.ok());
    CHECK(std::abs(read.value().value - celsius) <= 1);
    CHECK(mcu::thermistor_original(raw)->value == read.value().value);
  }
}

TEST_CASE("the acknowledge follows its data frame after the gap that is set") {
  Bench bench;
  CHECK(bench.send(bench.temperature)[1].pause == 1ms);
  bench.set("ack-gap 20");
  CHECK(bench.send(bench.temperature)[1].pause == 20ms);
}

TEST_CASE("the clock runs, also over midnight and 29 February") {
  Bench bench;
  bench.set("clock '2024-02-28 23:59:58'");
  bench.now += 3s;
  CHECK(bench.state()["clock"] == "2024-02-29 00:00:01");
  const mcu::Bytes frame = bench.read({0xFA, 0x01, 0x08, 0x01, 0x01, 0x00, 0xFB});
  CHECK(frame ==
        mcu::Bytes{0xFA, 0x01, 0x08, 0x01, 0x01, 0x01, 0x00, 0x00, 0x04, 0x29, 0x02, 0x24, 0xFB});
}

TEST_CASE("a clock that is no moment stands still, and a written one runs again") {
  Bench bench;
  bench.set("clock-raw 00 00 00 00 00 00 00");
  bench.now += 1h;
  CHECK(bench.state()["clock"] == "invalid");
  CHECK(bench.state()["clock_raw"] == "00 00 00 00 00 00 00");
  CHECK(bench.tell({0xFA, 0x01, 0x08, 0x02, 0x07, 0x17, 0x06, 0x21, 0x02, 0x10, 0x09, 0x13, 0xFB}));
  bench.now += 1s;
  CHECK(bench.state()["clock"] == "2013-09-10 21:06:18");
}

TEST_CASE("shutdown is acknowledged at once, counts down, and cuts the power for good") {
  Bench bench;
  CHECK(bench.tell({0xFA, 0x03, 0x03, 0x01, 0x01, 0x14, 0xFB}));
  bench.now += 5s;
  CHECK(bench.state()["shutdown"]["remaining_ms"] == 15'000);
  CHECK(bench.state()["powered"] == true);
  // Nothing that the host does stops it.
  CHECK(bench.tell({0xFA, 0x03, 0x01, 0x00, 0x00, 0x00, 0xFB}));
  bench.now += 14'999ms;
  CHECK(bench.read(bench.temperature).size() == 7);
  bench.now += 1ms;
  CHECK(bench.send(bench.temperature).empty());
  const auto off = bench.state();
  CHECK(off["powered"] == false);
  CHECK(off["rails"] == false);
  CHECK(off["leds"]["power"] == "off");
  CHECK(off["fan"]["rpm"] == 0);
}

TEST_CASE("asking for shutdown again starts the delay anew, in the coding that is set") {
  Bench bench;
  bench.set("delay-coding bcd");
  CHECK(bench.tell({0xFA, 0x03, 0x03, 0x01, 0x01, 0x05, 0xFB}));
  bench.now += 4s;
  CHECK(bench.tell({0xFA, 0x03, 0x03, 0x01, 0x01, 0x30, 0xFB}));
  CHECK(bench.state()["shutdown"]["remaining_ms"] == 30'000);
}

TEST_CASE("the button starts a box that is off, with its boot blink and half speed") {
  Bench bench;
  bench.tell({0xFA, 0x03, 0x03, 0x01, 0x01, 0x00, 0xFB});
  CHECK(bench.state()["powered"] == false);
  REQUIRE(bench.sim->press({"power", "200"}, bench.now).ok());
  CHECK(bench.state()["powered"] == true);
  CHECK(bench.state()["leds"]["power"] == "blink");
  CHECK(bench.read(bench.temperature).size() == 7);
}

TEST_CASE("the line to the SoC goes low after five seconds of pressing") {
  Bench bench;
  REQUIRE(bench.sim->press({"power", "6000"}, bench.now).ok());
  bench.now += 4999ms;
  CHECK(bench.state()["button"]["line"] == 1);
  bench.now += 1ms;
  CHECK(bench.state()["button"]["line"] == 0);
  bench.now += 1s;
  CHECK(bench.state()["button"]["line"] == 1);
}

TEST_CASE("the alarm sets its flag and wakes a box that is off, once") {
  Bench bench;
  bench.set("clock '2013-10-18 13:29:00'");
  for (const char* line : {"alarm minute 30", "alarm hour 13", "alarm day 18", "alarm month 10"}) {
    bench.set(line);
  }
  CHECK(bench.tell({0xFA, 0x01, 0x10, 0x02, 0x01, 0x01, 0xFB}));
  CHECK(bench.tell({0xFA, 0x03, 0x03, 0x01, 0x01, 0x05, 0xFB}));
  bench.now += 59s;
  CHECK(bench.state()["powered"] == false);
  bench.now += 1s;
  CHECK(bench.state()["powered"] == true);
  CHECK(bench.read({0xFA, 0x01, 0x0F, 0x01, 0x01, 0x00, 0xFB})[5] == 1);
  bench.set("alarm-flag 0");
  bench.now += 1h;
  CHECK(bench.state()["alarm"]["flag"] == 0);
}

TEST_CASE("unknown frames meet silence, or an acknowledge when that is set") {
  Bench bench;
  const mcu::Bytes unknown{0xFA, 0x03, 0x77, 0x00, 0x00, 0x00, 0xFB};
  CHECK(bench.send(unknown).empty());
  bench.set("unknown ack");
  CHECK(bench.tell(unknown));
  CHECK(bench.state()["counters"]["by_command"]["unknown"]["bad"] == 2);
}

TEST_CASE("after a broken frame the next good one is found, even in the same write") {
  Bench bench;
  mcu::Bytes bytes{0x00, 0xFB, 0xFA, 0x03, 0x08, 0x00, 0x00, 0xFB};
  bytes.insert(bytes.end(), bench.temperature.begin(), bench.temperature.end());
  CHECK(bench.read(bytes).size() == 7);
  CHECK(bench.state()["counters"]["noise_bytes"] == 2);
  CHECK(bench.state()["counters"]["bad"] == 1);
}

TEST_CASE("half a frame is forgotten after the idle gap") {
  Bench bench;
  CHECK(bench.send({0xFA, 0x03}).empty());
  CHECK(bench.sim->idle(bench.now + bench.sim->idle_gap()).empty());
  CHECK(bench.read(bench.temperature).size() == 7);
}

TEST_CASE("a delay of 251 seconds, which equals the stop byte, does not end the frame early") {
  Bench bench;
  CHECK(bench.tell({0xFA, 0x03, 0x03, 0x01, 0x01, 0xFB, 0xFB}));
  CHECK(bench.state()["shutdown"]["remaining_ms"] == 251'000);
}

TEST_CASE("the relative in the WD box has a fan with duty and tacho, and a coloured LED") {
  Bench bench("wd-mirror-gen2");
  CHECK(bench.sim->baud() == 19200);
  CHECK(bench.tell({0xFA, 0x02, 0x00, 0x50, 0x00, 0x00, 0xFB}));
  CHECK(bench.state()["fan"]["rpm"] == 2000);
  CHECK(bench.read({0xFA, 0x02, 0x01, 0x00, 0x00, 0x00, 0xFB})[5] == 150);
  bench.set("rpm 0");
  CHECK(bench.read({0xFA, 0x02, 0x01, 0x00, 0x00, 0x00, 0xFB})[5] == 0);
  CHECK(bench.tell({0xFA, 0x26, 0x00, 0x24, 0x00, 0x01, 0xFB}));
  CHECK(bench.state()["leds"]["power"] == "red-blink");
}

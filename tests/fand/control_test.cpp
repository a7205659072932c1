// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <fancontrol/control.hpp>

using namespace nasmcu::fancontrol;
using namespace std::chrono_literals;
using mcu::Celsius;
using mcu::Duty;
using Seen = std::vector<std::pair<std::string, double>>;

namespace {

/// A fan by its configuration: what nas-fand does at every poll.
struct Controlled {
  explicit Controlled(const nasmcu::FanConfig& own) {
    nasmcu::Config config;
    config.fans["system"] = own;
    std::vector<SensorFacts> all;
    for (const std::string& name : own.sensors) all.push_back({name, "/" + name});
    FanFacts facts;
    facts.name = "system";
    plan = make_plan(config, facts, all);
  }

  Decision poll(const Seen& seen) {
    std::vector<Reading> readings;
    for (const auto& [sensor, celsius] : seen) readings.push_back({sensor, Celsius{celsius}});
    return poll(readings);
  }
  Decision poll(const std::vector<Reading>& readings) {
    now += 10s;
    Step made = control(plan, state, {readings, manual, spin, now});
    state = made.next;
    return made.decision;
  }

  Plan plan;
  State state = {};
  std::optional<Duty> manual = {};
  std::optional<Spin> spin = {};
  Instant now = {};
};

nasmcu::FanConfig three_sensors() {
  nasmcu::FanConfig own;
  own.sensors = {"board", "disk2", "cpu"};
  own.curve = {{Celsius{30}, Duty{20}}, {Celsius{60}, Duty{80}}};
  own.own["disk2"].curve = {{Celsius{30}, Duty{20}}, {Celsius{50}, Duty{90}}};
  own.own["cpu"].curve = {{Celsius{50}, Duty{20}}, {Celsius{80}, Duty{100}}};
  own.own["cpu"].hysteresis = 5;
  return own;
}

Reading not_read(const std::string& sensor) {
  return {sensor, mcu::Error{mcu::Errc::timeout, "no answer"}};
}

} // namespace

TEST_CASE("the reason names the winner by its own curve, and those that it won over") {
  Controlled box(three_sensors());
  const Decision decision = box.poll(Seen{{"board", 38}, {"disk2", 44}, {"cpu", 52}});
  CHECK(decision.duty == Duty{69});
  CHECK(decision.sensor == "disk2");
  CHECK(decision.why == "44.0 °C on disk2: 69 % (curve 30:20 50:90, hysteresis 3), won over "
                        "board 38.0 °C: 36 %, cpu 52.0 °C: 25 %");
}

TEST_CASE("the reason names the limit in force and the duty that it comes to") {
  Controlled box(three_sensors());
  box.poll(Seen{{"board", 58}, {"disk2", 30}, {"cpu", 40}});
  const Seen cool{{"board", 30}, {"disk2", 30}, {"cpu", 40}};
  Decision decision;
  for (int i = 0; i < 5; ++i) decision = box.poll(cool);
  CHECK(decision.why.ends_with("; not falling within 60 s of the last change: 76 %"));
  decision = box.poll(cool);
  CHECK(decision.duty == Duty{68}); // it has been too fast for 50 s
  CHECK(decision.why.ends_with("; falling no faster than 10 % a minute: 68 %"));
}

TEST_CASE("the reason tells the mean where it is not what the sensor shows") {
  Controlled box(three_sensors());
  box.poll(Seen{{"board", 40}, {"disk2", 30}, {"cpu", 40}});
  const Decision decision = box.poll(Seen{{"board", 41}, {"disk2", 30}, {"cpu", 40}});
  CHECK(decision.why.find("40.5 °C on board: 41 %") == 0);
  CHECK(decision.why.find("; mean of 30 s, now 41.0 °C") != std::string::npos);
}

TEST_CASE("the old rule is neither smoothed nor shaped unless that is asked for") {
  nasmcu::FanConfig own;
  own.sensors = {"board"};
  Controlled old(own);
  CHECK(old.plan.shape == Shape{});
  for (const double celsius : {60.0, 20.0, 60.0, 20.0}) {
    const Decision decision = old.poll(Seen{{"board", celsius}});
    CHECK(decision.duty == Duty{celsius > 50 ? 100.0 : 0.0});
  }
  own.ramp_down = 60;
  Controlled asked(own);
  asked.poll(Seen{{"board", 60}});
  CHECK(asked.poll(Seen{{"board", 20}}).duty == Duty{100});
  CHECK(asked.poll(Seen{{"board", 20}}).duty == Duty{90});
}

TEST_CASE("a failed reading and a duty by hand pass at once, and what follows the hand does too") {
  Controlled box(three_sensors());
  const Seen cool{{"board", 30}, {"disk2", 30}, {"cpu", 40}};
  CHECK(box.poll(cool).duty == Duty{20});
  const Decision failed = box.poll({not_read("board"), not_read("disk2"), not_read("cpu")});
  CHECK(failed.duty == Duty{100});
  CHECK(failed.mode == Mode::failsafe);
  CHECK(box.poll(cool).duty == Duty{100}); // it falls as slowly as ever
  box.manual = Duty{25};
  CHECK(box.poll(cool).duty == Duty{25});
  box.manual.reset();
  CHECK(box.poll(cool).duty == Duty{20});
}

TEST_CASE("a fan that does not turn is told as stalled, and is in failsafe") {
  Controlled box(three_sensors());
  box.plan.stall.below = mcu::Rpm{120};
  Decision decision;
  for (int i = 0; i < 40 && decision.mode != Mode::failsafe; ++i) {
    box.spin = Spin{mcu::Rpm{0}, Duty{40}};
    decision = box.poll(Seen{{"board", 40}, {"disk2", 30}, {"cpu", 40}});
  }
  CHECK(decision.mode == Mode::failsafe);
  CHECK(decision.duty == Duty{100});
  CHECK(decision.why.find("stalled: slower than 120 rpm") == 0);
}

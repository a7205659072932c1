// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <fancontrol/policy.hpp>

#include <cmath>
#include <random>
#include <string>
#include <vector>

using namespace nasmcu::fancontrol;
using mcu::Celsius;
using mcu::Duty;
using Speed = Memory::Speed;

namespace {

const FanLimits fan{Duty{100}, true};

Reading at(double celsius) { return {"board", Celsius{celsius}}; }
Reading lost(const std::string& reason) {
  return {"board", mcu::Error{mcu::Errc::timeout, reason}};
}

Reading on(const std::string& sensor, double celsius) { return {sensor, Celsius{celsius}}; }
Reading asleep(const std::string& sensor) {
  return {sensor, mcu::Error{mcu::Errc::asleep, sensor + " rests"}};
}
Reading empty(const std::string& sensor) {
  return {sensor, mcu::Error{mcu::Errc::unsupported, "the bay is empty"}};
}

/// A fan with several sensors: what a shell does in every round.
struct Fan {
  Rule rule;
  FanLimits limits = fan;
  std::optional<Duty> manual = std::nullopt;
  Memories memories = {};

  Decision feed(const std::vector<Reading>& readings) {
    const auto demands = ask_all(rule, memories, readings, limits);
    memories = remember(demands);
    return decide(demands, manual, limits);
  }
};

/// One sensor's loop: what a shell does with every reading.
struct Loop {
  Rule rule;
  FanLimits limits = fan;
  std::optional<Duty> manual = std::nullopt;
  Memory memory = {};

  Decision feed(const Reading& reading) {
    const auto demand = ask(rule, memory, reading, limits);
    memory = demand.next;
    return decide({demand}, manual, limits);
  }
  double duty(double celsius) { return feed(at(celsius)).duty.percent; }
};

struct Row {
  double t;
  int from_unknown, from_stop, from_half, from_full; ///< the duty asked for, percent
};

void check(const StepRule& rule, const std::vector<Row>& table) {
  for (const auto& row : table) {
    const auto from = [&](Speed speed) {
      Memory memory;
      memory.speed = speed;
      return ask(rule, memory, at(row.t), fan).duty.percent;
    };
    INFO(to_string(rule) << " at " << row.t);
    CHECK(from(Speed::unknown) == row.from_unknown);
    CHECK(from(Speed::stop) == row.from_stop);
    CHECK(from(Speed::half) == row.from_half);
    CHECK(from(Speed::full) == row.from_full);
  }
}

Curve gentle() {
  return {{{Celsius{35}, Duty{20}}, {Celsius{45}, Duty{40}}, {Celsius{60}, Duty{100}}}, 3};
}

} // namespace

TEST_CASE("the step rule keeps the old daemon's table, with its shipped limits") {
  check({45, 50, 2}, {{-10, 0, 0, 0, 0},
                      {42, 0, 0, 0, 0},
                      {42.9, 0, 0, 0, 0},
                      {43, 50, 0, 50, 50},
                      {44, 50, 0, 50, 50},
                      {44.9, 50, 0, 50, 50},
                      {45, 50, 50, 50, 50},
                      {47, 50, 50, 50, 50},
                      {47.9, 50, 50, 50, 50},
                      {48, 50, 50, 50, 100},
                      {49, 50, 50, 50, 100},
                      {49.9, 50, 50, 50, 100},
                      {50, 100, 100, 100, 100},
                      {90, 100, 100, 100, 100}});
}

TEST_CASE("the step rule keeps the old daemon's table, with the limits of the DNS-327L guide") {
  check({25, 34, 2}, {{22, 0, 0, 0, 0},
                      {23, 50, 0, 50, 50},
                      {24, 50, 0, 50, 50},
                      {25, 50, 50, 50, 50},
                      {31, 50, 50, 50, 50},
                      {32, 50, 50, 50, 100},
                      {33, 50, 50, 50, 100},
                      {34, 100, 100, 100, 100}});
}

TEST_CASE("the first row that matches wins when the limits overlap") {
  // high - hysteresis lies below low: the rows "half" never match, "at least half" does.
  check({40, 41, 5}, {{34, 0, 0, 0, 0},
                      {36, 50, 0, 50, 50},
                      {39, 50, 0, 50, 50},
                      {40, 50, 50, 50, 100},
                      {41, 100, 100, 100, 100}});
}

TEST_CASE("stepped from 20 to 40 and back, the step rule stops, runs full and slows down late") {
  Loop loop{StepRule{25, 34, 2}};
  const std::vector<std::pair<double, int>> walk{
      {20, 0},   {24, 0},  {25, 50}, {33, 50}, {34, 100}, {40, 100}, {33, 100},
      {32, 100}, {31, 50}, {25, 50}, {24, 50}, {23, 50},  {22, 0},   {20, 0}};
  for (const auto& [celsius, wanted] : walk) {
    INFO(celsius);
    CHECK(loop.duty(celsius) == wanted);
  }
}

TEST_CASE("the first decision always names a duty, also where the old daemon sent nothing") {
  for (double celsius = -20; celsius < 100; celsius += 0.5) {
    Loop loop{StepRule{25, 34, 2}};
    INFO(celsius);
    const auto first = loop.feed(at(celsius));
    CHECK(mcu::in_range(first.duty));
    CHECK(loop.memory.speed != Speed::unknown);
    if (celsius >= 23 && celsius < 25) CHECK(first.duty == Duty{50});
  }
}

TEST_CASE("a decision says the temperature, the sensor, the outcome and the limits") {
  Loop loop{StepRule{25, 34, 2}};
  CHECK(loop.feed(at(30)).why == "30.0 °C on board: half (low 25, high 34, hysteresis 2)");
  Loop curve{gentle()};
  CHECK(curve.feed(at(40)).why ==
        "40.0 °C on board: 30 % (curve 35:20 45:40 60:100, hysteresis 3)");
  CHECK(curve.feed(at(38)).why ==
        "38.0 °C on board: 30 % since 40.0 °C (curve 35:20 45:40 60:100, hysteresis 3)");
}

TEST_CASE("a fan that may not stop is told so in words") {
  Loop loop{StepRule{25, 34, 2}};
  CHECK(loop.feed(at(20)).why.find("may not stop") == std::string::npos);
  loop.limits.may_stop = false;
  const auto decision = loop.feed(at(20));
  CHECK(decision.duty == Duty{0});
  CHECK(decision.why.find("this fan may not stop") != std::string::npos);
  loop.manual = Duty{0};
  CHECK(loop.feed(at(20)).why.find("0 % set by hand; this fan may not stop") == 0);
}

TEST_CASE("a curve is a line between its points and flat outside") {
  const std::vector<std::pair<double, int>> points{{-5, 20}, {34, 20},   {35, 20},  {40, 30},
                                                   {45, 40}, {52.5, 70}, {60, 100}, {99, 100}};
  for (const auto& [celsius, wanted] : points) {
    Loop loop{gentle()};
    INFO(celsius);
    CHECK(loop.duty(celsius) == wanted);
  }
}

TEST_CASE("a curve of one point is that duty at every temperature") {
  Loop loop{Curve{{{Celsius{40}, Duty{60}}}, 3}};
  CHECK(loop.duty(10) == 60);
  CHECK(loop.duty(90) == 60);
}

TEST_CASE("a curve's duty rises at once and falls only when the temperature fell by hysteresis") {
  Loop loop{gentle()};
  CHECK(loop.duty(45) == 40);
  CHECK(loop.duty(47) == 48);
  CHECK(loop.duty(44.1) == 48);
  CHECK(loop.duty(46.9) == 48);
  CHECK(loop.duty(44) == 38); // 47 - 3
  CHECK(loop.duty(45) == 40);
}

TEST_CASE("a temperature that wavers by less than hysteresis never lowers a curve's duty") {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> wave(0, 2.99);
  for (int round = 0; round < 200; ++round) {
    Loop loop{gentle()};
    const double base = 30 + round * 0.2;
    double last = 0;
    int changes = 0;
    for (int i = 0; i < 500; ++i) {
      const double duty = loop.duty(base + wave(random));
      REQUIRE(duty >= last);
      if (duty != last) ++changes;
      last = duty;
    }
    CHECK(changes <= 13); // three degrees are at most 12 percent of this curve
  }
}

TEST_CASE("a curve asks for whole percent") {
  for (double celsius = 30; celsius < 65; celsius += 0.01) {
    Loop loop{gentle()};
    const double duty = loop.duty(celsius);
    REQUIRE(duty == std::round(duty));
  }
}

TEST_CASE("whatever a rule remembers, hotter never means slower") {
  std::vector<Memory> memories(4);
  memories[1] = {Speed::stop, Celsius{30}};
  memories[2] = {Speed::half, Celsius{48}};
  memories[3] = {Speed::full, Celsius{70}};
  for (const Rule& rule : {Rule{StepRule{25, 34, 2}}, Rule{StepRule{}}, Rule{gentle()}}) {
    for (const auto& memory : memories) {
      double last = 0;
      for (double celsius = 0; celsius < 90; celsius += 0.1) {
        const double duty = ask(rule, memory, at(celsius), fan).duty.percent;
        INFO(to_string(rule) << " at " << celsius);
        REQUIRE(duty >= last);
        last = duty;
      }
    }
  }
}

TEST_CASE("a failed reading goes to failsafe at once and a good one ends it") {
  Loop loop{StepRule{25, 34, 2}, {Duty{70}, true}};
  CHECK(loop.duty(20) == 0);
  const auto decision = loop.feed(lost("no answer in 500 ms"));
  CHECK(decision.mode == Mode::failsafe);
  CHECK(decision.duty == Duty{70});
  CHECK(decision.why == "no reading of board (no answer in 500 ms): failsafe 70 %");
  const auto back = loop.feed(at(24));
  CHECK(back.mode == Mode::automatic);
  CHECK(back.duty == Duty{0}); // the rule remembers that it had stopped
}

TEST_CASE("a reading that is no number is a failed one") {
  for (const double celsius : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    for (const Rule& rule : {Rule{StepRule{}}, Rule{gentle()}}) {
      Loop loop{rule};
      CHECK(loop.feed(at(celsius)).mode == Mode::failsafe);
      CHECK(loop.memory == Memory{});
    }
  }
}

TEST_CASE("a duty set by hand is kept while the rule moves below full") {
  Loop loop{gentle()};
  loop.manual = Duty{25};
  for (const double celsius : {30.0, 50.0, 59.0, 40.0}) {
    const auto decision = loop.feed(at(celsius));
    INFO(celsius);
    CHECK(decision.duty == Duty{25});
    CHECK(decision.mode == Mode::manual);
    CHECK(decision.why.find("25 % set by hand") == 0);
  }
  loop.manual.reset();
  CHECK(loop.feed(at(40)).mode == Mode::automatic);
}

TEST_CASE("heat overrides a duty set by hand, and gives it back") {
  for (const Rule& rule : {Rule{StepRule{45, 60, 2}}, Rule{gentle()}}) {
    Loop loop{rule};
    loop.manual = Duty{25};
    CHECK(loop.duty(50) == 25);
    const auto hot = loop.feed(at(60));
    CHECK(hot.duty == Duty{100});
    CHECK(hot.mode == Mode::manual);
    CHECK(hot.why.find("25 % set by hand, but heat asks for more: 60.0 °C") == 0);
    CHECK(loop.duty(50) == 25);
  }
}

TEST_CASE("a curve that ends below full overrides only with what it asks for") {
  Loop loop{Curve{{{Celsius{40}, Duty{30}}, {Celsius{60}, Duty{80}}}, 3}};
  loop.manual = Duty{50};
  CHECK(loop.duty(59) == 50);
  CHECK(loop.duty(60) == 80);
  loop.manual = Duty{90};
  CHECK(loop.duty(65) == 90);
}

TEST_CASE("failsafe overrides a duty set by hand that is lower, never one that is higher") {
  Loop loop{StepRule{}, {Duty{70}, true}};
  loop.manual = Duty{30};
  CHECK(loop.feed(lost("gone")).duty == Duty{70});
  loop.manual = Duty{90};
  const auto decision = loop.feed(lost("gone"));
  CHECK(decision.duty == Duty{90});
  CHECK(decision.mode == Mode::failsafe);
}

TEST_CASE("the hottest demand wins and a failed one brings at least failsafe") {
  const FanLimits limits{Duty{60}, true};
  const auto demand = [&](const Rule& rule, const Reading& reading) {
    return ask(rule, {}, reading, limits);
  };
  const auto cool = demand(gentle(), at(30));
  const auto warm = demand(gentle(), at(45));
  const auto hot = demand(gentle(), at(70));
  const auto none = demand(gentle(), lost("gone"));
  CHECK(decide({cool, warm}, {}, limits) == decide({warm, cool}, {}, limits));
  CHECK(decide({cool, warm}, {}, limits).duty == Duty{40});
  CHECK(decide({cool, none}, {}, limits).duty == Duty{60});
  CHECK(decide({none, hot}, {}, limits).duty == Duty{100});
  CHECK(decide({none, hot}, {}, limits).mode == Mode::failsafe);
  CHECK(decide({}, {}, limits).duty == Duty{60});
  CHECK(decide({}, {}, limits).mode == Mode::failsafe);
}

TEST_CASE("of several sensors the highest demand decides and is named") {
  Fan box{gentle()};
  const auto first = box.feed({on("disk1", 40), on("disk2", 45), on("board", 36)});
  CHECK(first.duty == Duty{40});
  CHECK(first.mode == Mode::automatic);
  CHECK(first.sensor == "disk2");
  CHECK(first.why == "45.0 °C on disk2: 40 % (curve 35:20 45:40 60:100, hysteresis 3)");
  const auto second = box.feed({on("disk1", 60), on("disk2", 45), on("board", 36)});
  CHECK(second.duty == Duty{100});
  CHECK(second.sensor == "disk1");
}

TEST_CASE("of two equal demands the hotter sensor's is named, in whichever order they stand") {
  Fan box{StepRule{25, 34, 2}};
  CHECK(box.feed({on("disk1", 27), on("disk2", 29)}).sensor == "disk2");
  CHECK(box.feed({on("disk1", 30), on("disk2", 29)}).sensor == "disk1");
  CHECK(box.feed({on("disk1", 30), on("disk2", 29)}).duty == Duty{50});
}

TEST_CASE("each sensor has a hysteresis of its own") {
  Fan box{gentle()};
  CHECK(box.feed({on("disk1", 50), on("disk2", 40)}).duty == Duty{60});
  // disk1 fell by less than three degrees and is held; disk2's rise is no concern of it.
  CHECK(box.feed({on("disk1", 48), on("disk2", 44)}).duty == Duty{60});
  // disk1 has let go, disk2 is still held at its own 44.
  const auto third = box.feed({on("disk1", 36), on("disk2", 42)});
  CHECK(third.duty == Duty{38});
  CHECK(third.sensor == "disk2");
  CHECK(third.why.find("42.0 °C on disk2: 38 % since 44.0 °C") == 0);
  CHECK(box.feed({on("disk1", 36), on("disk2", 41)}).duty == Duty{32});
}

TEST_CASE("a sensor that is asleep demands nothing while another one can be read") {
  Fan box{gentle()};
  const auto decision = box.feed({asleep("disk1"), on("board", 30)});
  CHECK(decision.mode == Mode::automatic);
  CHECK(decision.duty == Duty{20});
  CHECK(decision.sensor == "board");
  CHECK(decision.why.find("30.0 °C on board") == 0);
  CHECK(box.feed({asleep("disk1"), on("board", 60)}).duty == Duty{100});
}

TEST_CASE("when all are asleep the fan runs at the rule's lowest duty") {
  Fan box{gentle()};
  const auto both = box.feed({asleep("disk1"), asleep("disk2")});
  CHECK(both.mode == Mode::automatic);
  CHECK(both.duty == Duty{20});
  CHECK(both.why == "disk1, disk2 are asleep: the rule's lowest duty, 20 %");
  CHECK(both.sensor == "disk1");
  const auto one = box.feed({empty("disk1"), asleep("disk2")});
  CHECK(one.why == "disk2 is asleep: the rule's lowest duty, 20 %");
  CHECK(one.sensor == "disk2");

  Fan steps{StepRule{25, 34, 2}};
  CHECK(steps.feed({asleep("disk1")}).duty == Duty{0});
  CHECK(steps.feed({asleep("disk1")}).why.find("may not stop") == std::string::npos);
  steps.limits.may_stop = false;
  CHECK(steps.feed({asleep("disk1")}).why ==
        "disk1 is asleep: the rule's lowest duty, 0 %; this fan may not stop, so its lowest speed");
}

TEST_CASE("a duty set by hand holds while all are asleep") {
  Fan box{gentle()};
  box.manual = Duty{10};
  const auto decision = box.feed({asleep("disk1")});
  CHECK(decision.duty == Duty{10});
  CHECK(decision.mode == Mode::manual);
  CHECK(decision.why == "10 % set by hand; the rule would be disk1 is asleep: the rule's lowest "
                        "duty, 20 %");
}

TEST_CASE("a sensor that wakes begins afresh") {
  Fan box{gentle()};
  CHECK(box.feed({on("disk1", 50), on("disk2", 30)}).duty == Duty{60});
  box.feed({asleep("disk1"), on("disk2", 30)});
  CHECK(box.memories.at("disk1") == Memory{});
  CHECK(box.feed({on("disk1", 48), on("disk2", 30)}).duty == Duty{52});
}

TEST_CASE("an absent sensor is left out while another one counts") {
  Fan box{gentle(), {Duty{70}, true}};
  const auto demands = ask_all(box.rule, {}, {empty("disk1"), on("disk2", 40)}, box.limits);
  CHECK(demands[0].outcome == Outcome::absent);
  CHECK(demands[0].why == "the bay is empty");
  const auto decision = box.feed({empty("disk1"), on("disk2", 40)});
  CHECK(decision.mode == Mode::automatic);
  CHECK(decision.duty == Duty{30});
  CHECK(decision.sensor == "disk2");
}

TEST_CASE("with all sensors absent the fan is in failsafe, with every reason") {
  Fan box{gentle(), {Duty{70}, true}};
  const auto two = box.feed({empty("disk1"), empty("disk2")});
  CHECK(two.mode == Mode::failsafe);
  CHECK(two.duty == Duty{70});
  CHECK(two.sensor == "disk1");
  CHECK(two.why ==
        "no reading of disk1 (the bay is empty), disk2 (the bay is empty): failsafe 70 %");
  CHECK(box.feed({empty("disk1")}).why == "no reading of disk1 (the bay is empty): failsafe 70 %");
  box.manual = Duty{30};
  CHECK(box.feed({empty("disk1")}).duty == Duty{70});
  box.manual = Duty{90};
  CHECK(box.feed({empty("disk1")}).duty == Duty{90});
}

TEST_CASE("a sensor that fails brings failsafe, whatever the others say") {
  Fan box{gentle(), {Duty{70}, true}};
  for (const Reading& other : {asleep("disk1"), empty("disk1"), on("disk1", 20)}) {
    const auto decision = box.feed({other, lost("no answer")});
    CHECK(decision.mode == Mode::failsafe);
    CHECK(decision.duty == Duty{70});
    CHECK(decision.sensor == "board");
    CHECK(decision.why == "no reading of board (no answer): failsafe 70 %");
  }
  const auto hot = box.feed({on("disk1", 60), lost("no answer")});
  CHECK(hot.duty == Duty{100});
  CHECK(hot.why.find("; 60.0 °C on disk1: 100 %") != std::string::npos);
}

TEST_CASE("the lowest duty of a rule is its first point's, stop for steps, full for no curve") {
  CHECK(lowest(gentle()) == Duty{20});
  CHECK(lowest(StepRule{}) == Duty{0});
  CHECK(lowest(Curve{}) == Duty{100});
}

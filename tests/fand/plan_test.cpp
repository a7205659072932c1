// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <fancontrol/plan.hpp>

using namespace nasmcu;
using namespace nasmcu::fancontrol;
using mcu::Celsius;
using mcu::Duty;

namespace {

const std::vector<mcu::CurvePoint> board_curve{{Celsius{30}, Duty{20}}, {Celsius{60}, Duty{100}}};
const std::vector<mcu::CurvePoint> own_curve{{Celsius{40}, Duty{50}}};
const std::vector<SensorFacts> sensors{{"aux", "/aux"}, {"board", "/board"}};

FanFacts with_curve() { return {"system", "/system", {}, board_curve, {}}; }
FanFacts without() { return {"system", "/system", {}, {}, {}}; }
Rule rule(const Config& config, const FanFacts& fan) {
  return make_plan(config, fan, sensors).rule;
}

} // namespace

TEST_CASE("own curve, then the step rule of the file, then the board's curve, then 45/50/2") {
  Config config;
  CHECK(rule(config, without()) == Rule{StepRule{45, 50, 2}});
  CHECK(rule(config, with_curve()) == Rule{Curve{board_curve, 3}});
  config.step_rule = StepRuleConfig{25, 34, 2};
  CHECK(rule(config, with_curve()) == Rule{StepRule{25, 34, 2}});
  config.fans["system"].curve = own_curve;
  CHECK(rule(config, with_curve()) == Rule{Curve{own_curve, 3}});
}

TEST_CASE("a fan's own hysteresis holds for whichever rule drives it") {
  Config config;
  config.fans["system"].hysteresis = 1.5;
  CHECK(rule(config, without()) == Rule{StepRule{45, 50, 1.5}});
  CHECK(rule(config, with_curve()) == Rule{Curve{board_curve, 1.5}});
}

TEST_CASE(
    "the sensors are the configured ones, else the board's for the fan, else board or the first") {
  Config config;
  FanFacts fan = without();
  const auto paths = [&](const std::vector<SensorFacts>& fitted) {
    std::vector<std::string> all;
    for (const Source& source : make_plan(config, fan, fitted).sources) all.push_back(source.path);
    return all;
  };
  using Paths = std::vector<std::string>;
  CHECK(paths(sensors) == Paths{"/board"});
  CHECK(paths({{"cpu", "/cpu"}}) == Paths{"/cpu"});
  fan.sensors = {"disk1", "aux"};
  CHECK(paths({{"aux", "/aux"}, {"board", "/board"}, {"disk1", "/disk1"}}) ==
        Paths{"/disk1", "/aux"});
  config.fans["system"].sensors = {"board", "aux"};
  CHECK(paths(sensors) == Paths{"/board", "/aux"});
  CHECK(sensor_words(make_plan(config, fan, sensors)) == "sensors board, aux");
}

TEST_CASE("a sensor that the board lacks keeps its place in the plan, with words") {
  Config config;
  CHECK(make_plan(config, without(), {}).sources ==
        std::vector<Source>{{"board", "", "this board has no sensor board, only: none"}});
  config.fans["system"].sensors = {"aux", "cpu"};
  const Plan plan = make_plan(config, without(), sensors);
  REQUIRE(plan.sources.size() == 2);
  CHECK(plan.sources[0] == Source{"aux", "/aux", ""});
  CHECK(plan.sources[1] == Source{"cpu", "", "this board has no sensor cpu, only: aux, board"});
}

TEST_CASE("one reading never takes so long that the lease ends") {
  Config config;
  config.sensor_timeout = std::chrono::seconds{600};
  CHECK(make_plan(config, without(), sensors).patience == std::chrono::seconds{15});
  config.sensor_timeout = std::chrono::seconds{5};
  CHECK(make_plan(config, without(), sensors).patience == std::chrono::seconds{5});
}

TEST_CASE("a section for a fan that the board lacks is named") {
  Config config;
  config.fans["system"] = {};
  config.fans["rear"] = {};
  const auto all = complaints(config, {{without()}, sensors});
  REQUIRE(all.size() == 1);
  CHECK(all[0] == "[Fan rear] is ignored: this board has no such fan, only: system");
}

TEST_CASE("a sensor's own curve takes the fan's hysteresis, and may have its own") {
  Config config;
  auto& section = config.fans["system"];
  section.sensors = {"board", "aux"};
  section.own["aux"].curve = own_curve;
  const Plan plain = make_plan(config, with_curve(), sensors);
  CHECK(rule_of(plain, plain.sources[0]) == Rule{Curve{board_curve, 3}});
  CHECK(rule_of(plain, plain.sources[1]) == Rule{Curve{own_curve, 3}});
  section.hysteresis = 4;
  section.own["board"].hysteresis = 1;
  const Plan plan = make_plan(config, with_curve(), sensors);
  CHECK(rule_of(plan, plan.sources[0]) == Rule{Curve{board_curve, 1}});
  CHECK(rule_of(plan, plan.sources[1]) == Rule{Curve{own_curve, 4}});
  CHECK(rule_words(plan) == "curve 30:20 60:100, hysteresis 4; board: curve 30:20 60:100, "
                            "hysteresis 1; aux: curve 40:50, hysteresis 4");
}

TEST_CASE("curves have limits of change by themselves, the step rule and a mixture do not") {
  Config config;
  CHECK(make_plan(config, with_curve(), sensors).shape == curve_shape);
  CHECK(make_plan(config, with_curve(), sensors).smoothing == curve_smoothing);
  CHECK(make_plan(config, without(), sensors).shape == Shape{});
  CHECK(make_plan(config, without(), sensors).smoothing == std::chrono::seconds{0});
  auto& section = config.fans["system"];
  section.sensors = {"board", "aux"};
  section.own["aux"].curve = own_curve;
  CHECK(make_plan(config, without(), sensors).shape == Shape{});
  section.ramp_down = 20;
  section.dwell = std::chrono::seconds{5};
  CHECK(make_plan(config, without(), sensors).shape == Shape{0, 20, std::chrono::seconds{5}, 0});
}

TEST_CASE("a key for a sensor that the fan does not follow is named") {
  Config config;
  config.fans["system"].own["cpu"].hysteresis = 1;
  const auto all = complaints(config, {{without()}, sensors});
  REQUIRE(all.size() == 1);
  CHECK(all[0] ==
        "[Fan system]: what it says of sensor cpu is ignored: the fan follows only: board");
}

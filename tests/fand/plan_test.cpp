// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <fand/plan.hpp>

using namespace nasmcu;
using namespace nasmcu::fand;
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

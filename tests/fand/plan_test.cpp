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

FanFacts with_curve() { return {"system", "/system", {}, board_curve}; }
FanFacts without() { return {"system", "/system", {}, {}}; }
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

TEST_CASE("the sensor is the configured one, else board, else the first") {
  Config config;
  CHECK(make_plan(config, without(), sensors).sensor_path == "/board");
  CHECK(make_plan(config, without(), {{"cpu", "/cpu"}}).sensor_path == "/cpu");
  CHECK(make_plan(config, without(), {}).missing == "this board has no sensor board, only: none");
  config.fans["system"].sensor = "aux";
  CHECK(make_plan(config, without(), sensors).sensor_path == "/aux");
  config.fans["system"].sensor = "cpu";
  const Plan plan = make_plan(config, without(), sensors);
  CHECK(plan.sensor_path.empty());
  CHECK(plan.missing == "this board has no sensor cpu, only: aux, board");
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

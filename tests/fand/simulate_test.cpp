// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <fancontrol/simulate.hpp>

using namespace nasmcu::fancontrol;
using mcu::Celsius;
using mcu::Duty;

namespace {

Trace trace_of(const std::string& text) {
  const auto trace = parse_trace("t", text);
  INFO((trace ? "" : trace.error().what));
  REQUIRE(trace);
  return *trace;
}

std::string mistake(const std::string& text) {
  const auto trace = parse_trace("t", text);
  REQUIRE_FALSE(trace);
  return trace.error().what;
}

double shown(const Trace& trace, const std::string& sensor, double second) {
  const Reading reading = reading_at(trace, sensor, second);
  REQUIRE(reading.value);
  return reading.value->value;
}

Plan old_plan(const std::vector<std::string>& names) {
  nasmcu::Config config;
  config.step_rule.emplace();
  config.fans["system"].sensors = names;
  FanFacts facts;
  facts.name = "system";
  facts.limits.may_stop = true;
  return make_plan(config, facts, {});
}

} // namespace

TEST_CASE("a trace is a straight line between its temperatures and stays beyond them") {
  const Trace trace = trace_of("# a comment\n10 40\n\n20 50 # hot\n");
  CHECK(trace.begin == 10);
  CHECK(trace.end == 20);
  CHECK(shown(trace, "", 0) == 40);
  CHECK(shown(trace, "", 15) == 45);
  CHECK(shown(trace, "", 99) == 50);
}

TEST_CASE("sensors of a trace go on by themselves, and may be asleep, failed or absent") {
  const Trace trace = trace_of("0 board=40 Disk1=asleep\n60 disk1=42\n120 board=46 disk1=failed\n");
  CHECK(shown(trace, "board", 60) == 43);
  CHECK(reading_at(trace, "disk1", 59).value.error().code == mcu::Errc::asleep);
  CHECK(shown(trace, "disk1", 119) == 42);
  CHECK(reading_at(trace, "disk1", 120).value.error().code == mcu::Errc::failed);
  CHECK(reading_at(trace, "cpu", 0).value.error().code == mcu::Errc::unsupported);
}

TEST_CASE("each mistake of a trace is told with its line and what is allowed") {
  CHECK(mistake("0 40\n0 41\n") == "t:2: '0': the seconds must rise from line to line");
  CHECK(mistake("now 40\n") == "t:1: 'now': a line begins with its seconds, 0 to 31 days");
  CHECK(mistake("\n5\n") == "t:2: '5': DEGREES or SENSOR=DEGREES is missing");
  CHECK(mistake("0 nan\n") ==
        "t:1: 'nan': -40 to 150 degrees are allowed, or asleep, failed, absent");
  CHECK(mistake("0 A_B=40\n") == "t:1: 'A_B=40': a sensor's name is 1 to 32 of a-z, 0-9 and -");
  CHECK(mistake("0 a=40 a=41\n") == "t:1: 'a=41': this sensor stands in the line already");
  CHECK(mistake("0 40 41\n") == "t:1: '41': write SENSOR=DEGREES");
  CHECK(mistake("# nothing\n") == "t: no line with SECONDS DEGREES in it");
}

TEST_CASE("a simulation counts changes, seconds above the limit and the mean duty") {
  // Full for half of the time, and stopped for the other half.
  const Trace trace = trace_of("0 60\n499 60\n500 30\n1000 30\n");
  const auto sum = simulate(old_plan({"board"}), trace, {{"board", Celsius{60}}});
  REQUIRE(sum);
  CHECK(sum->seconds == 1000);
  CHECK(sum->changes == 1);
  CHECK(sum->changes_per_hour() == 3.6);
  CHECK(sum->above_limit == 500);
  CHECK(sum->mean_duty == 50);
  CHECK(sum->lowest == Duty{0});
  CHECK(sum->highest == Duty{100});
}

TEST_CASE("sensors that only the fan or only the trace has are told") {
  const auto sum =
      simulate(old_plan({"board", "disk1"}), trace_of("0 board=30 cpu=50\n60 cpu=50"), {});
  REQUIRE(sum);
  CHECK(sum->missing == std::vector<std::string>{"disk1"});
  CHECK(sum->unused == std::vector<std::string>{"cpu"});
  CHECK(sum->failsafe == 0);
  const auto none = simulate(old_plan({"board"}), trace_of("0 cpu=50\n"), {});
  REQUIRE_FALSE(none);
  CHECK(none.error().what ==
        "the trace has none of the sensors that the fan follows: sensor board");
}

TEST_CASE("a trace of one line is one decision") {
  const auto sum = simulate(old_plan({"board"}), trace_of("0 60\n"), {});
  REQUIRE(sum);
  CHECK(sum->mean_duty == 100);
  CHECK(sum->changes_per_hour() == 0);
}

// SPDX-License-Identifier: MIT
// `mcuctl fan simulate`: a trace of temperatures, and what the fan would have done.
//   input: the trace
#include "fuzz.hpp"

#include <fancontrol/simulate.hpp>

#include <cmath>

namespace fuzz {
namespace {

using namespace nasmcu::fancontrol;

Plan plan_for(const Trace& trace) {
  nasmcu::Config config;
  FanFacts fan;
  fan.name = "system";
  fan.curve = {{mcu::Celsius{35}, mcu::Duty{20}}, {mcu::Celsius{60}, mcu::Duty{100}}};
  std::vector<SensorFacts> sensors;
  for (const auto& [name, samples] : trace.sensors)
    sensors.push_back({name.empty() ? "board" : name, "/" + name});
  for (const SensorFacts& sensor : sensors) fan.sensors.push_back(sensor.name);
  Plan plan = make_plan(config, fan, sensors);
  plan.poll = std::chrono::seconds(60);
  return plan;
}

/// A line of a complaint: "FILE:LINE: ...", or the file alone where there is no line.
void check_error(const std::string& what, const std::string& text) {
  require(what.starts_with("trace:"), "a complaint names its file", what);
  const int line = std::atoi(what.c_str() + 6);
  const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
  require(line >= 0 && line <= lines, "and a line that is there", what);
  require(what.find('\n') == std::string::npos, "and is one line", what);
}

} // namespace

void run(ByteView input) {
  const std::string text = text_of(input);
  const auto trace = parse_trace("trace", text);
  if (!trace) return check_error(trace.error().what, text);
  require(trace->begin <= trace->end && trace->end <= longest_trace, "seconds rise");
  for (const auto& [name, samples] : trace->sensors) {
    require(!samples.empty(), "a sensor has a sample");
    for (const double at : {trace->begin, (trace->begin + trace->end) / 2, trace->end}) {
      const Reading reading = reading_at(*trace, name, at);
      if (reading.value)
        require(reading.value->value >= -40 && reading.value->value <= 150,
                "between two temperatures is no other", name);
    }
  }
  if (trace->end - trace->begin > 86400) return; // a month in minutes is only slower
  const auto summary = simulate(plan_for(*trace), *trace, {{"board", mcu::Celsius{75}}});
  if (!summary) {
    require(!summary.error().what.empty(), "an error has words");
    return;
  }
  require(summary->mean_duty >= 0 && summary->mean_duty <= 100, "a mean duty is 0 to 100 percent",
          std::to_string(summary->mean_duty));
  require(summary->lowest <= summary->highest, "the lowest is not above the highest");
  require(summary->failsafe >= 0 && summary->failsafe <= summary->seconds + 60, "seconds");
}

} // namespace fuzz

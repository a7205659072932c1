// SPDX-License-Identifier: MIT
#include "clock_start.hpp"

#include <catch.hpp>

#include <mcud/guard.hpp>

using namespace nasmcu;
using namespace std::chrono_literals;

namespace {

mcu::FanSpec stepped_fan() {
  mcu::FanSpec fan;
  fan.name = "system";
  fan.levels = {mcu::Duty{0}, mcu::Duty{50}, mcu::Duty{100}};
  fan.stop = true;
  fan.failsafe = mcu::Duty{100};
  return fan;
}

GuardInputs held(double wish) {
  GuardInputs inputs;
  inputs.held = true;
  inputs.wish = mcu::Duty{wish};
  return inputs;
}

LimitReading reading(double celsius, bool over = false) {
  return {"board", mcu::Celsius{60}, mcu::Celsius{celsius}, clock_start, over};
}

} // namespace

TEST_CASE("a fan that nobody drives is in failsafe") {
  const GuardDecision decision = decide(stepped_fan(), {}, clock_start);
  CHECK(decision.failsafe);
  CHECK(decision.duty == mcu::Duty{100});
  CHECK(decision.why == "nobody drives the fan");
}

TEST_CASE("a holder without a wish yet leaves the fan in failsafe") {
  GuardInputs inputs;
  inputs.held = true;
  CHECK(decide(stepped_fan(), inputs, clock_start).failsafe);
}

TEST_CASE("the holder's duty is fitted to what the fan can do") {
  CHECK(decide(stepped_fan(), held(0), clock_start).duty == mcu::Duty{0});
  CHECK(decide(stepped_fan(), held(20), clock_start).duty == mcu::Duty{50});
  CHECK(decide(stepped_fan(), held(51), clock_start).duty == mcu::Duty{100});
  CHECK_FALSE(decide(stepped_fan(), held(20), clock_start).failsafe);
}

TEST_CASE("a sensor at its limit overrides lease and hand and says so") {
  GuardInputs inputs = held(0);
  inputs.limits = {reading(60)};
  const GuardDecision decision = decide(stepped_fan(), inputs, clock_start);
  CHECK(decision.failsafe);
  CHECK(decision.duty == mcu::Duty{100});
  CHECK(decision.why == "sensor board at 60.0 °C reached its limit of 60.0 °C");
  inputs.limits = {reading(59.9)};
  CHECK_FALSE(decide(stepped_fan(), inputs, clock_start).failsafe);
}

TEST_CASE("a limit is left only three degrees below it") {
  CHECK(over_limit(reading(57.1, true)));
  CHECK_FALSE(over_limit(reading(56.9, true)));
  CHECK_FALSE(over_limit(reading(59.9, false)));
  GuardInputs inputs = held(0);
  inputs.limits = {reading(58, true)};
  CHECK(decide(stepped_fan(), inputs, clock_start).failsafe);
  inputs.limits = {reading(56, true)};
  CHECK_FALSE(decide(stepped_fan(), inputs, clock_start).failsafe);
}

TEST_CASE("a sensor that is silent for the sensor time-out forces failsafe") {
  GuardInputs inputs = held(0);
  inputs.limits = {reading(30)};
  inputs.sensor_timeout = 30s;
  CHECK_FALSE(decide(stepped_fan(), inputs, clock_start + 29s).failsafe);
  const GuardDecision decision = decide(stepped_fan(), inputs, clock_start + 30s);
  CHECK(decision.failsafe);
  CHECK(decision.why == "sensor board gave no believable reading for 30 s");
  CHECK(next_change(inputs, clock_start) == clock_start + 30s);
}

TEST_CASE("a box that goes to sleep has its fan in failsafe whatever anybody wishes") {
  GuardInputs inputs = held(0);
  inputs.hand = HandDuty{mcu::Duty{50}, clock_start + 30min};
  inputs.limits = {reading(30)};
  inputs.suspended = true;
  const GuardDecision decision = decide(stepped_fan(), inputs, clock_start);
  CHECK(decision.failsafe);
  CHECK(decision.duty == mcu::Duty{100});
  CHECK(decision.why == "the box goes to sleep");
  inputs.suspended = false;
  CHECK_FALSE(decide(stepped_fan(), inputs, clock_start).failsafe);
}

TEST_CASE("a duty by hand is never below failsafe and ends after its time") {
  mcu::FanSpec fan = stepped_fan();
  fan.failsafe = mcu::Duty{50};
  GuardInputs inputs;
  inputs.hand = HandDuty{mcu::Duty{10}, clock_start + 30min};
  CHECK(decide(fan, inputs, clock_start).duty == mcu::Duty{50});
  // A step of its own that is below failsafe.
  CHECK(decide(stepped_fan(), inputs, clock_start).duty == mcu::Duty{100});
  inputs.hand = HandDuty{mcu::Duty{80}, clock_start + 30min};
  CHECK(decide(fan, inputs, clock_start).duty == mcu::Duty{100});
  CHECK_FALSE(decide(fan, inputs, clock_start).failsafe);
  CHECK(decide(fan, inputs, clock_start + 30min).failsafe);
  CHECK(next_change(inputs, clock_start) == clock_start + 30min);
}

// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <fancontrol/shaper.hpp>

#include <random>

using namespace nasmcu::fancontrol;
using namespace std::chrono_literals;
using mcu::Duty;

namespace {

const FanLimits any_duty{Duty{100}, true};

/// A duty in force, and the limits of its changes.
struct Shaping {
  Shape limits = curve_shape;
  FanLimits limits_of_fan = any_duty;
  ShapeMemory memory = {};
  std::string limit = {};

  double ask(double wanted, std::chrono::milliseconds at) {
    Shaped shaped = shape(limits, limits_of_fan, memory, Duty{wanted}, Instant{} + at);
    memory = shaped.next;
    limit = shaped.limit;
    return shaped.duty.percent;
  }
  double let_pass(double wanted, std::chrono::milliseconds at) {
    memory = pass(memory, Duty{wanted}, Instant{} + at).next;
    return memory.duty->percent;
  }
};

} // namespace

TEST_CASE("without limits every duty passes, also one that the fan has no step for") {
  Shaping shaping{Shape{}, {Duty{100}, false, {Duty{50}, Duty{100}}}};
  for (const double duty : {0.0, 100.0, 33.0, 34.0, 0.0}) CHECK(shaping.ask(duty, 0s) == duty);
}

TEST_CASE("the first duty passes, a higher one passes at once, a lower one falls by the ramp") {
  Shaping shaping;
  CHECK(shaping.ask(70, 0s) == 70);
  CHECK(shaping.ask(90, 10s) == 90);
  CHECK(shaping.limit.empty());
  CHECK(shaping.ask(30, 20s) == 90);
  CHECK(shaping.limit == "not falling within 60 s of the last change");
  CHECK(shaping.ask(30, 60s) == 90);
  CHECK(shaping.ask(30, 80s) == 80);
  CHECK(shaping.limit == "falling no faster than 10 % a minute");
  CHECK(shaping.ask(30, 130s) == 80);
  CHECK(shaping.ask(30, 140s) == 70);
  CHECK(shaping.ask(68, 200s) == 68);
  CHECK(shaping.limit.empty());
}

TEST_CASE("a ramp begins when less is wanted, not when the duty was set long before") {
  Shaping shaping;
  shaping.ask(100, 0s);
  shaping.ask(100, 1h);
  CHECK(shaping.ask(20, 1h + 10s) == 100);
  CHECK(shaping.ask(20, 1h + 39s) == 100);
  CHECK(shaping.ask(20, 1h + 40s) == 95); // in steps that are worth a change
}

TEST_CASE("a ramp up holds a rise back, and what passes ends it") {
  Shaping shaping{Shape{60, 0, 0s, 0}};
  CHECK(shaping.ask(20, 0s) == 20);
  CHECK(shaping.ask(100, 10s) == 20);
  CHECK(shaping.limit == "rising no faster than 60 % a minute");
  CHECK(shaping.ask(100, 20s) == 30);
  CHECK(shaping.let_pass(100, 21s) == 100);
  CHECK(shaping.ask(20, 22s) == 20);
}

TEST_CASE("half of the changes of an hour are kept for rising, the last goes to full speed") {
  Shaping shaping{Shape{0, 0, 0s, 4}};
  CHECK(shaping.ask(50, 0s) == 50);
  CHECK(shaping.ask(40, 1s) == 40);
  CHECK(shaping.ask(30, 2s) == 30);
  CHECK(shaping.ask(20, 3s) == 30);
  CHECK(shaping.limit == "2 of 4 changes of this hour are used, the rest is kept for rising");
  CHECK(shaping.ask(31, 4s) == 65);
  CHECK(shaping.limit == "2 of 4 changes of this hour are used, so it rises in bigger steps");
  CHECK(shaping.ask(66, 5s) == 100);
  CHECK(shaping.ask(20, 6s) == 100);
  CHECK(shaping.ask(20, 1h + 3s) == 100);
  CHECK(shaping.ask(20, 1h + 4s) == 20); // three of four are forgotten
}

TEST_CASE("what passes is no change of the hour") {
  Shaping shaping{Shape{0, 0, 0s, 4}};
  for (int i = 0; i < 50; ++i) shaping.let_pass(i % 2 == 0 ? 100 : 50, 1s * i);
  CHECK(shaping.memory.changes.empty());
  CHECK(shaping.ask(40, 60s) == 40);
}

TEST_CASE("a fan with few speeds is shaped in what it can do") {
  Shaping shaping{curve_shape, {Duty{100}, true, {Duty{50}, Duty{100}}}};
  CHECK(shaping.ask(60, 0s) == 100);
  CHECK(shaping.ask(80, 10s) == 100);
  CHECK(shaping.memory.changes.empty());
  CHECK(shaping.ask(40, 20s) == 100);
  CHECK(shaping.ask(40, 310s) == 100);
  CHECK(shaping.ask(40, 320s) == 50);
  CHECK(shaping.memory.changes.size() == 1);
}

TEST_CASE("there are never more changes in an hour than allowed, whatever is wanted") {
  std::mt19937 random(20240229);
  std::uniform_real_distribution<double> some(0, 100);
  for (const unsigned allowed : {4U, 7U, 30U}) {
    Shaping shaping{Shape{0, 0, 0s, allowed}};
    std::deque<int> changes;
    double before = shaping.ask(50, 0s);
    for (int at = 10; at < 4 * 3600; at += 10) {
      const double duty = shaping.ask(some(random), 1s * at);
      if (duty != before) changes.push_back(at);
      before = duty;
      while (!changes.empty() && changes.front() <= at - 3600) changes.pop_front();
      REQUIRE(changes.size() <= allowed);
    }
  }
}

TEST_CASE("more wanted never gives less, whatever was before") {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> some(0, 100);
  Shaping shaping;
  for (int round = 0; round < 2000; ++round) {
    const auto at = 20s * round;
    double before = -1;
    for (double wanted = 0; wanted <= 100; wanted += 2.5) {
      const Shaped shaped =
          shape(shaping.limits, any_duty, shaping.memory, Duty{wanted}, Instant{} + at);
      REQUIRE(shaped.duty.percent >= before);
      before = shaped.duty.percent;
    }
    shaping.ask(some(random), at);
  }
}

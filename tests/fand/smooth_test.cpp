// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <fancontrol/smooth.hpp>

#include <random>

using namespace nasmcu::fancontrol;
using namespace std::chrono_literals;
using mcu::Celsius;

namespace {

struct Averaging {
  std::chrono::seconds span = 30s;
  Window window = {};

  double feed(double celsius, std::chrono::seconds at) {
    auto [value, next] = smooth(window, Celsius{celsius}, span, Celsius{60}, Instant{} + at);
    window = next;
    return value.value;
  }
};

} // namespace

TEST_CASE("a reading is the mean of those of the last seconds") {
  Averaging sensor;
  CHECK(sensor.feed(40, 0s) == 40);
  CHECK(sensor.feed(41, 10s) == 40.5);
  CHECK(sensor.feed(39, 20s) == 40);
  CHECK(sensor.feed(40, 30s) == 40); // the first one has gone
  CHECK(sensor.feed(41, 300s) == 41);
}

TEST_CASE("without smoothing every reading passes") {
  Averaging sensor{0s};
  for (const double celsius : {40.0, 41.0, 39.0}) CHECK(sensor.feed(celsius, 0s) == celsius);
  CHECK(sensor.window.empty());
}

TEST_CASE("a rise beyond what can be noise passes at once and begins afresh") {
  Averaging sensor;
  sensor.feed(40, 0s);
  CHECK(sensor.feed(42, 10s) == 41);
  CHECK(sensor.feed(43.5, 20s) == 43.5);
  CHECK(sensor.feed(43.5, 30s) == 43.5);
}

TEST_CASE("a reading at the top of the rule is never averaged below it") {
  Averaging sensor;
  sensor.feed(59, 0s);
  CHECK(sensor.feed(60, 10s) == 60);
  CHECK(sensor.feed(59, 20s) < 60);
}

TEST_CASE("a hotter reading never gives less, whatever was before") {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> some(30, 70);
  Averaging sensor;
  for (int round = 0; round < 2000; ++round) {
    const auto at = 10s * round;
    double before = -100;
    for (double celsius = 25; celsius < 75; celsius += 0.5) {
      Averaging same = sensor;
      const double value = same.feed(celsius, at);
      REQUIRE(value >= before);
      before = value;
    }
    sensor.feed(some(random), at);
  }
}

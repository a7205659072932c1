// SPDX-License-Identifier: MIT
#include "temp_tree.hpp"

#include <catch.hpp>

#include <common/wake_plan.hpp>

using namespace nasmcu;

namespace {

constexpr std::time_t thursday = 1767268800; // 2026-01-01 12:00:00 UTC

WakeConfig daily(int hour, int minute) {
  WakeConfig config;
  config.at = {hour, minute};
  return config;
}

} // namespace

TEST_CASE("the next regular time is today's if it is still to come, else tomorrow's") {
  const Variable zone("TZ", "UTC");
  CHECK(next_wake(daily(22, 30), {}, thursday) == thursday + 10 * 3600 + 1800);
  CHECK(next_wake(daily(12, 0), {}, thursday) == thursday + 86400);
  CHECK_FALSE(next_wake({}, {}, thursday));
}

TEST_CASE("days that are not named are left out") {
  const Variable zone("TZ", "UTC");
  WakeConfig config = daily(6, 0);
  config.days = {false, true, false, false, false, false, false}; // Mondays
  CHECK(next_wake(config, {}, thursday) == thursday - 6 * 3600 + 4 * 86400);
  config.days = {false, false, false, false, true, false, false}; // a week from today
  CHECK(next_wake(config, {}, thursday) == thursday - 6 * 3600 + 7 * 86400);
  config.days = {};
  CHECK_FALSE(next_wake(config, {}, thursday));
}

TEST_CASE("what was asked for goes before when it comes first, and not when it has passed") {
  const Variable zone("TZ", "UTC");
  CHECK(next_wake(daily(22, 30), WakeWish{thursday + 60}, thursday) == thursday + 60);
  const std::time_t regular = thursday + 10 * 3600 + 1800;
  CHECK(next_wake(daily(22, 30), WakeWish{thursday + 86400}, thursday) == regular);
  CHECK(next_wake(daily(22, 30), WakeWish{thursday - 1}, thursday) == regular);
  CHECK(next_wake({}, WakeWish{thursday + 60}, thursday) == thursday + 60);
  CHECK_FALSE(next_wake({}, WakeWish{}, thursday));
}

TEST_CASE("a regular time keeps to local clocks over a change") {
  const Variable zone("TZ", "CET-1CEST,M3.5.0,M10.5.0/3");
  const std::time_t evening = 1774735200; // 2026-03-28 23:00 CET, summer time begins at 02:00
  CHECK(next_wake(daily(6, 30), {}, evening) == evening + 6 * 3600 + 1800);
  // 02:30 is skipped: as much later as was skipped.
  CHECK(next_wake(daily(2, 30), {}, evening) == evening + 3 * 3600 + 1800);
  const std::time_t autumn = 1792881000; // 2026-10-25 00:30 CEST, 02:30 comes twice
  CHECK(next_wake(daily(2, 30), {}, autumn) == autumn + 2 * 3600);
}

// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <common/clock_step.hpp>

using nasmcu::may_set_clock;
using nasmcu::may_set_system;

namespace {
constexpr std::time_t built = 1767225600; // 2026-01-01
constexpr std::time_t later = built + 86400;
} // namespace

TEST_CASE("a battery clock before the build date is refused, whatever the system says") {
  for (const std::time_t system : {std::time_t{0}, built, later})
    for (const bool synchronised : {false, true})
      CHECK_FALSE(may_set_system(built - 1, system, synchronised, built).ok());
  CHECK(may_set_system(built - 1, later, false, built).error().what.find("2025-12-31") !=
        std::string::npos);
}

TEST_CASE("a step forward is always fine, a step back until NTP has set the time") {
  CHECK(may_set_system(later, built, false, built).ok());
  CHECK(may_set_system(later, built, true, built).ok());
  CHECK(may_set_system(later, 0, true, built).ok());
  CHECK(may_set_system(built, later, false, built).ok());
  CHECK_FALSE(may_set_system(built, later, true, built).ok());
  CHECK(may_set_system(later, later, true, built).ok());
}

TEST_CASE("a system time before the build date is written to no clock") {
  CHECK_FALSE(may_set_clock(built - 1, built).ok());
  CHECK(may_set_clock(built, built).ok());
  CHECK(nasmcu::build_date() >= built);
}

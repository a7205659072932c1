// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <verbs/wake_time.hpp>

#include <cstdlib>
#include <string>

using nasmcu::parse_wake_time;

namespace {

constexpr std::time_t now = 1767268800; // 2026-01-01 12:00:00 UTC

void use_zone(const char* zone) {
  ::setenv("TZ", zone, 1);
  ::tzset();
}

std::time_t at(const std::string& word, std::time_t when = now) {
  const auto moment = parse_wake_time(word, when);
  CAPTURE(word);
  if (!moment) FAIL(moment.error().what);
  return *moment;
}

bool refused(const std::string& word) {
  const auto moment = parse_wake_time(word, now);
  return !moment && moment.error().code == mcu::Errc::invalid_argument;
}

} // namespace

TEST_CASE("a bare number is seconds, units are minutes, hours and days") {
  CHECK(at("90") == now + 90);
  CHECK(at("90s") == now + 90);
  CHECK(at("15m") == now + 900);
  CHECK(at("2h") == now + 7200);
  CHECK(at("1d") == now + 86400);
}

TEST_CASE("a time of day is the next one in local time") {
  use_zone("UTC");
  CHECK(at("22:30") == now + 10 * 3600 + 30 * 60);
  CHECK(at("12:00") == now + 86400); // now is not to come
  CHECK(at("11:59") == now + 86400 - 60);
  use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
  CHECK(at("14:00") == now + 3600);
  // The night before summer time begins has 23 hours.
  const std::time_t evening = 1774735200; // 2026-03-28 23:00 CET
  CHECK(at("22:00", evening) == evening + 22 * 3600);
  use_zone("UTC");
}

TEST_CASE("ISO 8601 is local, or with Z or an offset, with or without seconds") {
  use_zone("UTC");
  CHECK(at("2026-01-01T12:01") == now + 60);
  CHECK(at("2026-01-01T12:00:59") == now + 59);
  CHECK(at("2026-01-01 12:01") == now + 60);
  CHECK(at("2026-01-01T12:01Z") == now + 60);
  CHECK(at("2026-01-01T14:01:00+02:00") == now + 60);
  CHECK(at("2026-01-01T06:31-0530") == now + 60);
  CHECK(at("2026-01-01T13:01+01") == now + 60);
  use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
  CHECK(at("2026-01-01T13:01") == now + 60);
  use_zone("UTC");
}

TEST_CASE("what is no time, and what has passed, is refused with what is allowed") {
  use_zone("UTC");
  for (const char* word : {"",
                           "0",
                           "-5",
                           "soon",
                           "15x",
                           "m",
                           "1.5h",
                           "24:00",
                           "12:60",
                           "7:30",
                           "22:30:00",
                           "22:30Z",
                           "2026-02-30T10:00",
                           "2026-13-01T10:00",
                           "2026-01-01",
                           "2026-01-01T",
                           "2026-01-02T10:00:60",
                           "2026-01-02T10:00+",
                           "2026-01-02T10:00+1",
                           "2026-01-02T10:00+02:",
                           "2026-01-02T10:00Zx",
                           "1999-01-01T10:00",
                           "2026-01-01T12:00",
                           "2025-12-31T12:00",
                           "99999999999999999999",
                           "9223372036854775807",
                           "9223372036854775807d",
                           "99999999999d",
                           "15m ",
                           " 15m",
                           "0x10"}) {
    CAPTURE(word);
    CHECK(refused(word));
  }
  CHECK(parse_wake_time("soon", now).error().what.find("22:30") != std::string::npos);
  CHECK(parse_wake_time("2026-01-01T11:59", now).error().what.find("has passed") !=
        std::string::npos);
}

// SPDX-License-Identifier: MIT
#include <catch.hpp>
#include <libmcu/model/civil_time.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>

using namespace mcu;

namespace {

/// The process's time zone for the length of a scope.
class TimeZone {
public:
  explicit TimeZone(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
  ~TimeZone() {
    ::unsetenv("TZ");
    ::tzset();
  }
  TimeZone(const TimeZone&) = delete;
  TimeZone& operator=(const TimeZone&) = delete;
};

constexpr CivilTime autumn{2013, 9, 10, 21, 6, 17};

} // namespace

TEST_CASE("a moment that no calendar has is refused with the field that is wrong") {
  const auto why = [](CivilTime time) { return check(time).ok() ? "" : check(time).error().what; };
  CHECK(check(autumn).ok());
  CHECK(why({1999, 1, 1, 0, 0, 0}) == "year 1999 is not 2000 to 2099");
  CHECK(why({2100, 1, 1, 0, 0, 0}) == "year 2100 is not 2000 to 2099");
  CHECK(why({2013, 0, 1, 0, 0, 0}) == "month 0 is not 1 to 12");
  CHECK(why({2013, 13, 1, 0, 0, 0}) == "month 13 is not 1 to 12");
  CHECK(why({2013, 2, 29, 0, 0, 0}) == "day 29 is not 1 to 28");
  CHECK(why({2013, 4, 31, 0, 0, 0}) == "day 31 is not 1 to 30");
  CHECK(why({2013, 4, 1, 24, 0, 0}) == "hour 24 is not 0 to 23");
  CHECK(why({2013, 4, 1, 0, 60, 0}) == "minute 60 is not 0 to 59");
  CHECK(why({2013, 4, 1, 0, 0, -1}) == "second -1 is not 0 to 59");
  CHECK(check({2024, 2, 29, 23, 59, 59}).ok());
  CHECK(check({2000, 2, 29, 0, 0, 0}).ok());
}

TEST_CASE("the weekday is right on every day of the century that the wire can carry") {
  int expected = 6; // 1 January 2000 was a Saturday
  constexpr std::int64_t first = 946684800, century = std::int64_t{36525} * 86400, day = 86400;
  constexpr std::int64_t last = std::numeric_limits<std::time_t>::max() - day; // 32 bits: 2038
  for (std::int64_t at = first; at < std::min(first + century, last); at += day) {
    const auto t = static_cast<std::time_t>(at);
    const auto time = to_civil(t, true);
    REQUIRE(time.ok());
    REQUIRE(weekday(*time) == expected);
    expected = (expected + 1) % 7;
  }
}

TEST_CASE("UTC and local time go to seconds and back") {
  CHECK(*to_time_t(autumn, true) == 1378847177);
  CHECK(*to_civil(1378847177, true) == autumn);
  const TimeZone berlin("CET-1CEST,M3.5.0,M10.5.0/3");
  CHECK(*to_time_t(autumn, false) == 1378847177 - 7200);
  CHECK(*to_civil(1378847177 - 7200, false) == autumn);
  const CivilTime winter{2026, 1, 15, 12, 0, 0};
  CHECK(*to_time_t(winter, true) - *to_time_t(winter, false) == 3600);
}

TEST_CASE("what the wire cannot carry is not turned into a time") {
  CHECK(to_time_t({2013, 2, 30, 0, 0, 0}, true).error().code == Errc::invalid_argument);
  CHECK(to_civil(946684799, true).error().code == Errc::invalid_argument);
  CHECK(to_civil(0, true).error().code == Errc::invalid_argument);
}

TEST_CASE("the last second is that of 2099, or the last that time_t has") {
  constexpr std::int64_t next_century = 4102444800;
  const auto seconds = [](std::int64_t value) { return static_cast<std::time_t>(value); };
  if (sizeof(std::time_t) > 4) {
    CHECK(to_civil(seconds(next_century - 1), true)->year == 2099);
    CHECK(to_civil(seconds(next_century), true).error().code == Errc::invalid_argument);
    CHECK(*to_time_t({2099, 12, 31, 23, 59, 59}, true) == seconds(next_century - 1));
  } else {
    CHECK(*to_time_t({2038, 1, 17, 0, 0, 0}, true) == 2147299200);
    CHECK(to_civil(2147299200, true)->year == 2038);
    const auto beyond = to_time_t({2038, 1, 20, 0, 0, 0}, true);
    CHECK(beyond.error().what == "2038-01-20 00:00:00 is beyond this system's clock");
  }
}

TEST_CASE("times are written as the C library and ISO 8601 have them, in English") {
  CHECK(ctime_text(autumn) == "Tue Sep 10 21:06:17 2013");
  CHECK(ctime_text({2024, 2, 1, 3, 4, 5}) == "Thu Feb  1 03:04:05 2024");
  CHECK(iso_text(autumn) == "2013-09-10 21:06:17");
  CHECK(ctime_text({2013, 0, 1, 0, 0, 0}).find("???") != std::string::npos);
  const std::time_t seconds = 1378847177;
  std::tm fields{};
  ::gmtime_r(&seconds, &fields);
  char library[32] = {};
  std::strftime(library, sizeof library, "%a %b %e %H:%M:%S %Y", &fields);
  CHECK(ctime_text(autumn) == library);
}

TEST_CASE(
    "a local time that is skipped is as much later, of one that comes twice the first is meant") {
  const TimeZone berlin("CET-1CEST,M3.5.0,M10.5.0/3");
  CHECK(*to_time_t({2026, 3, 29, 2, 30, 0}, false) == *to_time_t({2026, 3, 29, 1, 30, 0}, true));
  CHECK(to_civil(*to_time_t({2026, 3, 29, 2, 30, 0}, false), false)->hour == 3);
  CHECK(*to_time_t({2026, 10, 25, 2, 30, 0}, false) == *to_time_t({2026, 10, 25, 0, 30, 0}, true));
  CHECK(*to_time_t({2026, 10, 25, 3, 0, 0}, false) == *to_time_t({2026, 10, 25, 2, 0, 0}, true));
}

TEST_CASE("half an hour of daylight saving, and a zone without any") {
  {
    const TimeZone lord_howe("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0");
    CHECK(*to_time_t({2026, 10, 4, 2, 15, 0}, false) == *to_time_t({2026, 10, 3, 15, 45, 0}, true));
    CHECK(*to_time_t({2026, 4, 5, 1, 45, 0}, false) == *to_time_t({2026, 4, 4, 14, 45, 0}, true));
  }
  const TimeZone kathmandu("<+0545>-5:45");
  CHECK(*to_time_t({2026, 1, 1, 5, 45, 0}, false) == *to_time_t({2026, 1, 1, 0, 0, 0}, true));
  CHECK(zone_offset(0) == 20700);
}

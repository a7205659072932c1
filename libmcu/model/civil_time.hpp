// SPDX-License-Identifier: MIT
// Calendar time as an MCU's clock holds it: fields, no time zone.
#pragma once

#include <libmcu/model/result.hpp>

#include <cstdint>
#include <ctime>
#include <string>

namespace mcu {

/// A moment by its calendar fields. Whether they mean UTC or local time is the board's
/// (`[clock] utc`) and not the wire's.
struct CivilTime {
  int year = 2000; ///< 2000 to 2099: the wire carries two digits
  int month = 1;   ///< 1 to 12
  int day = 1;     ///< 1 to 31
  int hour = 0;    ///< 0 to 23
  int minute = 0;  ///< 0 to 59
  int second = 0;  ///< 0 to 59
  bool operator==(const CivilTime&) const = default;
};

/// Says why `time` is not a real moment of 2000 to 2099 (month 0, 30 February ...), or is ok.
Status check(const CivilTime& time);

/// Day of the week by the proleptic Gregorian calendar, 0 = Sunday to 6 = Saturday.
int weekday(const CivilTime& time);

/// Seconds since the epoch; local time uses the process's time zone. Of a time that happens twice
/// (clocks are put back) the first is meant; one that is skipped (clocks are put forward) is as
/// much later as was skipped: 02:30 becomes 03:30. invalid_argument when check() refuses `time`.
Result<std::time_t> to_time_t(const CivilTime& time, bool utc);

/// How far local time is ahead of UTC at that moment, in seconds.
long zone_offset(std::time_t seconds);

/// Inverse of to_time_t(). invalid_argument outside 2000 to 2099.
Result<CivilTime> to_civil(std::time_t seconds, bool utc);

/// The C library's ctime layout without its line feed: "Tue Sep 10 21:06:17 2013".
std::string ctime_text(const CivilTime& time);

/// "2013-09-10 21:06:17".
std::string iso_text(const CivilTime& time);

} // namespace mcu

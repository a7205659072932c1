// SPDX-License-Identifier: MIT
#include <libmcu/model/civil_time.hpp>

#include <array>
#include <cstdio>

namespace mcu {
namespace {

constexpr int first_year = 2000;
constexpr int last_year = 2099;

/// Precondition: month is 1 to 12. In 2000 to 2099 every fourth year is a leap year.
int days_in(int year, int month) {
  constexpr std::array<int, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && year % 4 == 0 ? 29 : days.at(static_cast<std::size_t>(month) - 1);
}

Status in_limits(const char* field, int value, int low, int high) {
  if (value >= low && value <= high) return Done{};
  return Error{Errc::invalid_argument, std::string(field) + " " + std::to_string(value) +
                                           " is not " + std::to_string(low) + " to " +
                                           std::to_string(high)};
}

std::tm broken_down(const CivilTime& time) {
  std::tm fields{};
  fields.tm_year = time.year - 1900;
  fields.tm_mon = time.month - 1;
  fields.tm_mday = time.day;
  fields.tm_hour = time.hour;
  fields.tm_min = time.minute;
  fields.tm_sec = time.second;
  fields.tm_isdst = -1;
  return fields;
}

/// The moment at which local clocks show `fields`, given as if they were UTC. What the C library
/// makes of a time that is skipped or comes twice is not said anywhere.
std::time_t local_moment(std::time_t fields) {
  constexpr std::time_t day = 86400; // no zone is farther from UTC, and no change lasts longer
  // Before a change and behind it; at most one is between.
  const std::time_t before = fields - zone_offset(fields - day);
  const std::time_t behind = fields - zone_offset(fields + day);
  const auto shows = [fields](std::time_t moment) {
    return moment + zone_offset(moment) == fields;
  };
  const std::time_t first = before < behind ? before : behind;
  const std::time_t second = before < behind ? behind : before;
  if (shows(first)) return first;
  if (shows(second)) return second;
  return before;
}

/// The English three-letter name whatever the locale; "???" as the C library has it.
template <std::size_t N>
const char* short_name(const std::array<const char*, N>& names, int index) {
  return index >= 0 && index < static_cast<int>(N) ? names.at(static_cast<std::size_t>(index))
                                                   : "???";
}

} // namespace

Status check(const CivilTime& time) {
  if (auto s = in_limits("year", time.year, first_year, last_year); !s.ok()) return s;
  if (auto s = in_limits("month", time.month, 1, 12); !s.ok()) return s;
  if (auto s = in_limits("day", time.day, 1, days_in(time.year, time.month)); !s.ok()) return s;
  if (auto s = in_limits("hour", time.hour, 0, 23); !s.ok()) return s;
  if (auto s = in_limits("minute", time.minute, 0, 59); !s.ok()) return s;
  return in_limits("second", time.second, 0, 59);
}

int weekday(const CivilTime& time) {
  // Sakamoto's rule: January and February count as months of the year before.
  constexpr std::array<int, 12> shift = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
  if (time.month < 1 || time.month > 12) return 0;
  const int year = time.month < 3 ? time.year - 1 : time.year;
  const int sum = year + year / 4 - year / 100 + year / 400 +
                  shift.at(static_cast<std::size_t>(time.month) - 1) + time.day;
  return (sum % 7 + 7) % 7;
}

Result<std::time_t> to_time_t(const CivilTime& time, bool utc) {
  if (auto status = check(time); !status.ok()) return std::move(status).error();
  std::tm fields = broken_down(time);
  const std::time_t seconds = ::timegm(&fields);
  // -1 is in 1969, so here it always means that this machine's time_t is too short.
  if (seconds == -1)
    return Error{Errc::invalid_argument, iso_text(time) + " is beyond this system's clock"};
  return utc ? seconds : local_moment(seconds);
}

long zone_offset(std::time_t seconds) {
  ::tzset(); // localtime_r() alone need not notice that TZ has changed
  std::tm fields{};
  return ::localtime_r(&seconds, &fields) ? fields.tm_gmtoff : 0;
}

Result<CivilTime> to_civil(std::time_t seconds, bool utc) {
  std::tm fields{};
  const bool known = utc ? ::gmtime_r(&seconds, &fields) : ::localtime_r(&seconds, &fields);
  const int year = fields.tm_year + 1900;
  if (!known || year < first_year || year > last_year)
    return Error{Errc::invalid_argument,
                 "time " + std::to_string(seconds) + " is not in 2000 to 2099"};
  // A leap second has no place on the wire.
  return CivilTime{year,           fields.tm_mon + 1, fields.tm_mday,
                   fields.tm_hour, fields.tm_min,     fields.tm_sec > 59 ? 59 : fields.tm_sec};
}

std::string ctime_text(const CivilTime& time) {
  constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::array<char, 96> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%s %s %2d %02d:%02d:%02d %d", short_name(days, weekday(time)),
      short_name(months, time.month - 1), time.day, time.hour, time.minute, time.second, time.year);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string iso_text(const CivilTime& time) {
  std::array<char, 96> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "%04d-%02d-%02d %02d:%02d:%02d", time.year,
                    time.month, time.day, time.hour, time.minute, time.second);
  return {text.data(), static_cast<std::size_t>(size)};
}

} // namespace mcu

// SPDX-License-Identifier: MIT
#include <mcusim/dlink_clock.hpp>

#include <libmcu/protocol/bcd.hpp>

#include <utility>

namespace mcusim {
namespace {

std::chrono::sys_seconds to_moment(const mcu::CivilTime& time) {
  using namespace std::chrono;
  const auto date = year(time.year) / time.month / time.day;
  return sys_days(date) + hours(time.hour) + minutes(time.minute) + seconds(time.second);
}

mcu::CivilTime to_fields(std::chrono::sys_seconds moment) {
  using namespace std::chrono;
  const auto days = floor<std::chrono::days>(moment);
  const year_month_day date(days);
  const hh_mm_ss clock(moment - days);
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count())};
}

} // namespace

void DlinkClock::set(const mcu::CivilTime& time, Time now) {
  base_ = to_moment(time);
  base_at_ = now;
  weekday_shift_ = 0;
  frozen_.clear();
  checked_ = base_;
}

void DlinkClock::set_raw(mcu::ByteView bytes, Time now) {
  std::array<int, 7> fields{};
  bool valid = true;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto value = mcu::from_bcd(bytes[i]);
    valid = valid && value.has_value();
    fields[i] = value.value_or(0);
  }
  const mcu::CivilTime time{2000 + fields[6], fields[5], fields[4],
                            fields[2],        fields[1], fields[0]};
  if (!valid || fields[3] > 6 || !mcu::check(time).ok()) {
    frozen_.assign(bytes.begin(), bytes.end());
    return;
  }
  set(time, now);
  weekday_shift_ = (fields[3] - mcu::weekday(time) + 7) % 7;
}

DlinkClock::Moment DlinkClock::moment(Time now) const {
  return base_ + std::chrono::duration_cast<std::chrono::seconds>(now - base_at_);
}

mcu::Bytes DlinkClock::raw(Time now) const {
  if (!frozen_.empty()) return frozen_;
  const mcu::CivilTime time = to_fields(moment(now));
  if (!mcu::check(time).ok()) return mcu::Bytes(7, 0);
  const int weekday = (mcu::weekday(time) + weekday_shift_) % 7;
  return {mcu::to_bcd(time.second),     mcu::to_bcd(time.minute), mcu::to_bcd(time.hour),
          mcu::to_bcd(weekday),         mcu::to_bcd(time.day),    mcu::to_bcd(time.month),
          mcu::to_bcd(time.year - 2000)};
}

std::string DlinkClock::text(Time now) const {
  if (!frozen_.empty()) return "invalid";
  const mcu::CivilTime time = to_fields(moment(now));
  return mcu::check(time).ok() ? mcu::iso_text(time) : "invalid";
}

bool DlinkClock::alarm_due(Time now) {
  const Moment present = moment(now);
  if (!frozen_.empty() || present <= checked_) return false;
  const Moment before = std::exchange(checked_, present);
  if (!alarm.enabled) return false;
  std::array<int, 5> fields{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto value = mcu::from_bcd(alarm.fields[i]);
    if (!value) return false;
    fields[i] = *value;
  }
  // The alarm has no year: it is the clock's own.
  const mcu::CivilTime at{
      to_fields(present).year, fields[0], fields[1], fields[2], fields[3], fields[4]};
  if (!mcu::check(at).ok()) return false;
  const Moment due = to_moment(at);
  if (due <= before || due > present) return false;
  alarm.flag = 1;
  return true;
}

} // namespace mcusim

// SPDX-License-Identifier: MIT
#include <mcusim/dlink_clock.hpp>

#include <libmcu/protocol/bcd.hpp>

namespace mcusim {

void DlinkClock::set(const mcu::CivilTime& time, Time now) {
  base_ = mcu::to_time_t(time, true).value_or(0);
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

std::time_t DlinkClock::seconds(Time now) const {
  return base_ + std::chrono::duration_cast<std::chrono::seconds>(now - base_at_).count();
}

mcu::Bytes DlinkClock::raw(Time now) const {
  if (!frozen_.empty()) return frozen_;
  const mcu::Result<mcu::CivilTime> time = mcu::to_civil(seconds(now), true);
  if (!time.ok()) return mcu::Bytes(7, 0);
  const int weekday = (mcu::weekday(*time) + weekday_shift_) % 7;
  return {mcu::to_bcd(time->second),     mcu::to_bcd(time->minute), mcu::to_bcd(time->hour),
          mcu::to_bcd(weekday),          mcu::to_bcd(time->day),    mcu::to_bcd(time->month),
          mcu::to_bcd(time->year - 2000)};
}

std::string DlinkClock::text(Time now) const {
  if (!frozen_.empty()) return "invalid";
  const mcu::Result<mcu::CivilTime> time = mcu::to_civil(seconds(now), true);
  return time.ok() ? mcu::iso_text(*time) : "invalid";
}

bool DlinkClock::alarm_due(Time now) {
  const std::time_t present = seconds(now);
  if (!frozen_.empty() || present <= checked_) return false;
  const std::time_t before = std::exchange(checked_, present);
  if (!alarm.enabled) return false;
  const mcu::Result<mcu::CivilTime> time = mcu::to_civil(present, true);
  if (!time.ok()) return false;
  std::array<int, 5> fields{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto value = mcu::from_bcd(alarm.fields[i]);
    if (!value) return false;
    fields[i] = *value;
  }
  // The alarm has no year: it is the clock's own.
  const mcu::CivilTime at{time->year, fields[0], fields[1], fields[2], fields[3], fields[4]};
  const mcu::Result<std::time_t> due = mcu::to_time_t(at, true);
  if (!due.ok() || *due <= before || *due > present) return false;
  alarm.flag = 1;
  return true;
}

} // namespace mcusim

// SPDX-License-Identifier: MIT
#pragma once

#include <mcusim/pacing.hpp>

#include <libmcu/model/bytes.hpp>
#include <libmcu/model/civil_time.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace mcusim {

/// Registers 0A to 0E, in this order.
inline constexpr std::array<std::string_view, 5> alarm_names{"month", "day", "hour", "minute",
                                                             "second"};

struct DlinkAlarm {
  std::array<std::uint8_t, 5> fields{}; ///< BCD as written; all zero: no alarm
  bool enabled = false;
  /// What the real flag means is not publicly known; here 1 once the alarm has come.
  std::uint8_t flag = 0;
};

/// The battery-backed clock of the D-Link MCU: seven BCD bytes that run, with an alarm.
class DlinkClock {
public:
  DlinkClock(const mcu::CivilTime& time, Time now) { set(time, now); }

  void set(const mcu::CivilTime& time, Time now);
  /// Second, minute, hour, weekday, day, month, year. Bytes that are no real moment (a clock that
  /// was never set) are kept as they are, standing still.
  void set_raw(mcu::ByteView bytes, Time now);
  mcu::Bytes raw(Time now) const;
  /// "2013-09-10 21:06:17"; "invalid" for bytes that are no moment.
  std::string text(Time now) const;
  /// True once for each time that the running clock passes the enabled alarm.
  bool alarm_due(Time now);

  DlinkAlarm alarm;

private:
  /// Calendar fields as if they were UTC. 64 bits on every machine, unlike time_t.
  using Moment = std::chrono::sys_seconds;

  Moment moment(Time now) const;

  Moment base_{};
  Time base_at_{};
  int weekday_shift_ = 0; ///< the host may have written a wrong weekday; it is kept
  mcu::Bytes frozen_;     ///< not empty: shown instead
  Moment checked_{};      ///< alarm_due() has looked up to here
};

} // namespace mcusim

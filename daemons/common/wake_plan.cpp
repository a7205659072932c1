// SPDX-License-Identifier: MIT
#include <common/wake_plan.hpp>

#include <libmcu/model/civil_time.hpp>

#include <algorithm>

namespace nasmcu {

std::optional<std::time_t> next_time_of_day(int hour, int minute, std::time_t now,
                                            const std::function<bool(int weekday)>& allowed) {
  constexpr std::time_t day = 86400;
  // Noon of the local day, as if it were UTC: a day more or less is then never two days.
  const std::time_t local = now + mcu::zone_offset(now);
  const std::time_t noon = local - local % day + day / 2;
  for (int i = 0; i <= 8; ++i) {
    const auto date = mcu::to_civil(noon + i * day, true);
    if (!date) return {};
    mcu::CivilTime wanted = *date;
    wanted.hour = hour;
    wanted.minute = minute;
    wanted.second = 0;
    const auto moment = mcu::to_time_t(wanted, false);
    if (moment && *moment > now && allowed(mcu::weekday(wanted))) return *moment;
  }
  return {};
}

std::optional<std::time_t> next_wake(const WakeConfig& config, const std::optional<WakeWish>& wish,
                                     std::time_t now) {
  std::optional<std::time_t> next;
  if (config.at)
    next = next_time_of_day(config.at->hour, config.at->minute, now, [&](int weekday) {
      return config.days.at(static_cast<std::size_t>(weekday));
    });
  const bool asked = wish && wish->at && *wish->at > now;
  if (asked && (!next || *wish->at < *next)) next = wish->at;
  return next;
}

} // namespace nasmcu

// SPDX-License-Identifier: MIT
// When the box shall be started next. Pure, but for the process's time zone.
#pragma once

#include <common/config.hpp>

#include <ctime>
#include <functional>
#include <optional>

namespace nasmcu {

/// The next moment behind `now` at which local clocks show this time, on a day that is allowed (0
/// is Sunday). A time that is skipped or comes twice that day: see to_time_t(). Nothing where no
/// day of the next eight is allowed.
std::optional<std::time_t> next_time_of_day(int hour, int minute, std::time_t now,
                                            const std::function<bool(int weekday)>& allowed);

/// What was asked of the clock by hand: a time, or never; nothing when nobody has asked.
struct WakeWish {
  std::optional<std::time_t> at; ///< nothing: off
};

/// What is armed when the system goes down: the first to come of [Wake] At and of what was asked
/// for by hand.
std::optional<std::time_t> next_wake(const WakeConfig& config, const std::optional<WakeWish>& wish,
                                     std::time_t now);

} // namespace nasmcu

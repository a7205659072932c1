// SPDX-License-Identifier: MIT
// The moment that a person means by TIME. Pure but for the process's time zone.
#pragma once

#include <libmcu/model/result.hpp>

#include <ctime>
#include <string_view>

namespace nasmcu {

/// "90" (seconds from now), "15m", "2h", "1d", "22:30" (the next such local time) or ISO 8601:
/// "2027-03-01T06:30", local without "Z" or an offset ("+02:00"), seconds may be left out, a blank
/// may stand for the T. invalid_argument for what is none of these or has passed.
mcu::Result<std::time_t> parse_wake_time(std::string_view word, std::time_t now);

} // namespace nasmcu

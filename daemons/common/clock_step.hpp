// SPDX-License-Identifier: MIT
// Whether one clock may be set from the other. Pure.
#pragma once

#include <libmcu/model/result.hpp>

#include <ctime>

namespace nasmcu {

/// No right clock is earlier: when this program was made.
std::time_t build_date();

/// hctosys: the system's clock is set to the battery clock's. Refused, in words, when that is
/// before `built`, and when it is a step back although the system's time comes from NTP.
mcu::Status may_set_system(std::time_t clock, std::time_t system, bool synchronised,
                           std::time_t built);

/// systohc: refused when the system's time is before `built`.
mcu::Status may_set_clock(std::time_t system, std::time_t built);

} // namespace nasmcu

// SPDX-License-Identifier: MIT
// The old daemon's way to print times, kept byte for byte.
#pragma once

#include <verbs/box.hpp>

#include <ctime>
#include <string>

namespace nasmcu {

/// ctime's layout in local time, without its line feed: "Tue Sep 10 21:06:17 2013".
std::string ctime_text(std::time_t seconds);

/// "RTC: ..." LF "Sys: ..." LF "Diff: 3s" LF; the difference is system minus clock.
std::string hctosys_text(const ClockPair& clocks);

} // namespace nasmcu

// SPDX-License-Identifier: MIT
// When what is done every so often is done next: all of it on one beat, so that an idle box is
// woken once for everything that is due, and not by each in its turn. Pure.
#pragma once

#include <chrono>

namespace nasmcu {

/// The next whole multiple of `period` on the steady clock: later than `now`, by no more than
/// `period`. Every program on the box counts from the same start. Precondition: period > 0.
inline std::chrono::steady_clock::time_point next_beat(std::chrono::steady_clock::time_point now,
                                                       std::chrono::steady_clock::duration period) {
  return now + (period - now.time_since_epoch() % period);
}

} // namespace nasmcu

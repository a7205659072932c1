// SPDX-License-Identifier: MIT
// A clock of our own for everything in the program, Asio's timers included: it moves only when the
// loop would sleep, and then as far as it would have slept. An hour of time-outs takes no time, and
// the same input always gives the same run.
//
// It takes the places of std::chrono::steady_clock::now(), epoll_wait() and timerfd_create(): a
// program's own definitions go before those of shared libraries. Without timerfd Asio passes the
// time to its next timer to epoll_wait(). For programs that wait for nothing real.
#pragma once

#include <chrono>

namespace fuzz {

/// Back to the start, for the next input.
void reset_time();

/// How far the clock has moved since.
std::chrono::nanoseconds elapsed();

} // namespace fuzz

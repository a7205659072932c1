// SPDX-License-Identifier: MIT
#include "virtual_time.hpp"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace {

/// Not 0: what is initialised with time_point{} is long past.
constexpr std::chrono::nanoseconds beginning = std::chrono::hours(1000);
/// Asio asks for 1 ms also when it is less: small steps do not go far beyond its timer.
constexpr std::chrono::nanoseconds smallest_step = std::chrono::microseconds(20);

std::chrono::nanoseconds now = beginning;

} // namespace

namespace fuzz {

void reset_time() { now = beginning; }
std::chrono::nanoseconds elapsed() { return now - beginning; }

} // namespace fuzz

namespace std::chrono {
inline namespace _V2 {

steady_clock::time_point steady_clock::now() noexcept { return time_point(::now); }

} // namespace _V2
} // namespace std::chrono

extern "C" int timerfd_create(int, int) noexcept {
  errno = ENOSYS;
  return -1;
}

extern "C" int epoll_wait(int fd, epoll_event* events, int most, int timeout) {
  const long ready = ::syscall(SYS_epoll_pwait, fd, events, most, 0, nullptr, 8);
  if (ready != 0 || timeout == 0) return static_cast<int>(ready);
  now += timeout == 1 ? smallest_step : std::chrono::milliseconds(timeout);
  return 0;
}

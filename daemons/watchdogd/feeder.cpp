// SPDX-License-Identifier: MIT
#include <watchdogd/feeder.hpp>

#include <libmcu/link/descriptor.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace nasmcu::watchdogd {
namespace {

/// It calls poll(2) and ioctl(2), no more; and every page of it stays in memory.
constexpr std::size_t stack_size = 64UL * 1024;

/// Three chances within the time-out; rarely enough for an idle box to sleep.
int pause_for(std::chrono::seconds timeout) {
  using namespace std::chrono;
  if (timeout == seconds(0)) return 5000; // unknown: most are a minute, few below 10 s
  return static_cast<int>(
      std::clamp(milliseconds(timeout) / 4, milliseconds(500), milliseconds(20000)).count());
}

} // namespace

Feeder::Feeder(Device& device, bool real)
    : device_(device),
      pause_ms_(pause_for(device.told().timeout)),
      real_(real),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, stack_size);
  // Signals are the loop's.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const int error = ::pthread_create(&thread_, &attributes, &Feeder::run, this);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_attr_destroy(&attributes);
  if (wake_ < 0 || error != 0)
    throw std::system_error(error, std::generic_category(), "no thread to feed the watchdog");
  started_ = true;
}

Feeder::~Feeder() {
  ended_ = true;
  allow_until(Time::min());
  if (started_) ::pthread_join(thread_, nullptr);
  ::close(wake_);
}

void Feeder::allow_until(Time time) {
  const bool late = std::chrono::steady_clock::now() >= Time(Time::duration(until_.load()));
  until_ = time.time_since_epoch().count();
  // The thread comes by itself soon enough, unless it has something to do now.
  if (!late && !ended_) return;
  const std::uint64_t one = 1;
  if (::write(wake_, &one, sizeof one) < 0) return; // full: it has been woken already
}

void* Feeder::run(void* self) {
  static_cast<Feeder*>(self)->feed_now_and_then();
  return nullptr;
}

void Feeder::feed_now_and_then() {
  if (real_) {
    // The lowest real-time priority is above everything that is none.
    sched_param parameters = {};
    parameters.sched_priority = ::sched_get_priority_min(SCHED_FIFO);
    const int policy = SCHED_FIFO | SCHED_RESET_ON_FORK;
    scheduling_error_ = ::sched_setscheduler(0, policy, &parameters) == 0 ? 0 : errno;
  }
  while (!ended_) {
    const Time until{Time::duration(until_.load())};
    if (std::chrono::steady_clock::now() < until) refused_ = !device_.feed();
    pollfd wake = {wake_, POLLIN, 0};
    if (::poll(&wake, 1, pause_ms_) <= 0) continue;
    std::uint64_t count = 0;
    if (::read(wake_, &count, sizeof count) < 0) continue; // somebody else's wake-up: none
  }
}

std::string protect_process() {
  std::string wrong;
  if (::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0)
    wrong = std::string("its memory cannot be locked: ") + std::strerror(errno);
  const mcu::Descriptor file(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (file.get() < 0 || ::write(file.get(), "-1000", 5) < 0)
    wrong += std::string(wrong.empty() ? "" : "; ") +
             "the out-of-memory killer may choose it: " + std::strerror(errno);
  return wrong;
}

} // namespace nasmcu::watchdogd

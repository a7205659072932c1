// SPDX-License-Identifier: MIT
// A disk that goes to sleep by itself, and how a NAS at home uses it, in virtual time.
#pragma once

#include <alertd/disk_watch.hpp>

#include <algorithm>

namespace nasmcu::alertd {

using namespace std::chrono_literals;
using mcu::DiskActivity;
using Tick = DiskWatch::Time;

inline const WallTime midnight{std::chrono::sys_days(std::chrono::year(2026) / 6 / 1)};
inline constexpr std::chrono::seconds timer = 10min; ///< of the simulated disk itself
inline const Tick power_on{1h};

/// A disk with a spin-down timer of its own, of which the kernel sees nothing but the counters.
class SleepyDisk {
public:
  /// The owner's own use.
  void use(Tick now) {
    let_time_pass(now);
    ++accesses_;
    last_use_ = now;
    touch(now);
  }
  /// Our reading. Counted as the worst that a disk does: it starts the timer anew, wakes the disk,
  /// and shows in the kernel's counters.
  void read_smart(Tick now) {
    let_time_pass(now);
    ++reads;
    if (counts_commands) accesses_ += 2;
    if (asleep_) ++touches_asleep;
    if (now - last_use_ > 3min) ++reads_idle;
    shortest_pause = std::min(shortest_pause, now - last_read_);
    last_read_ = now;
    touch(now);
  }
  void let_time_pass(Tick now) {
    if (asleep_ || now - touched_ < timer) return;
    asleep_ = true;
    ++sleeps;
  }
  DiskActivity activity() const { return {DiskActivity::Power::unknown, accesses_}; }

  /// Kernels count what is read and written, but not such commands, unless somebody wants them to
  /// (iostats_passthrough, since Linux 6.13).
  bool counts_commands = true;
  unsigned reads = 0;
  unsigned touches_asleep = 0; ///< of ours
  unsigned reads_idle = 0;     ///< long behind the owner's last use
  unsigned sleeps = 0;         ///< how often its timer ran out
  Tick::duration shortest_pause = 24h;

private:
  void touch(Tick now) {
    touched_ = now;
    asleep_ = false;
  }

  std::uint64_t accesses_ = 1000;
  Tick touched_ = power_on, last_use_ = power_on, last_read_{-48h};
  bool asleep_ = false;
};

/// Is the disk in use `at` this time of the day?
using Usage = bool (*)(std::chrono::seconds at);

inline bool never_used(std::chrono::seconds) { return false; }
inline bool used_all_day(std::chrono::seconds at) { return at % 5s == 0s; }
/// A backup at 3, a few files now and then, an evening of films.
inline bool used_as_at_home(std::chrono::seconds at) {
  if (at >= 3h && at < 3h + 25min) return at % 2s == 0s;
  if (at == 8h || at == 8h + 7s || at == 9h + 17min || at == 13h + 1s || at == 13h + 5min)
    return true;
  return at >= 20h && at < 22h + 13s && at % 20s == 0s;
}
/// Ends of use from which the disk could sleep, and the start.
inline constexpr unsigned rests_at_home = 6;

} // namespace nasmcu::alertd

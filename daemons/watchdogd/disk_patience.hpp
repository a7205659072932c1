// SPDX-License-Identifier: MIT
// Whether a disk answers in time. A disk at rest is not woken to find that out, nor an idle one
// kept awake: it passes. What the owner asks of it is watched instead: requests under way of which
// none ends are those of a disk that hangs. Pure.
#pragma once

#include <libmcu/devices/sleep_gate.hpp>
#include <watchdogd/guard.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace nasmcu::watchdogd {

/// From the kernel's own books.
struct DiskSeen {
  mcu::DiskActivity activity;
  std::uint64_t under_way = 0; ///< requests that have begun and not ended
  bool spins = true;           ///< one that does not may be read at any time
};

class DiskPatience {
public:
  explicit DiskPatience(seconds limit) : limit_(limit) {}

  struct Look {
    bool read = false; ///< read a block now, then call done()
    Sighting sighting;
  };
  Look look(const DiskSeen& seen, Time now);
  /// The read has ended. `wrong`: in words, empty for a good one. `after`: the books behind it.
  void done(const std::string& wrong, const mcu::DiskActivity& after, Time now);

  bool reading() const { return reading_since_.has_value(); }
  bool rests(Time now) const { return gate_.rests(now); }

private:
  mcu::SleepGate gate_;
  seconds limit_;
  std::optional<Time> reading_since_;
  std::string wrong_;         ///< the last read's
  std::uint64_t ended_ = 0;   ///< accesses at the last look
  std::optional<Time> stuck_; ///< since when requests are under way and none ends
};

} // namespace nasmcu::watchdogd

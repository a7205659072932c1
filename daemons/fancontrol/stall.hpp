// SPDX-License-Identifier: MIT
// A fan that should turn and does not gets a push, a few times; then it is reported. Also the push
// that some fans need to start. Pure: time is an argument.
#pragma once

#include <fancontrol/smooth.hpp>
#include <libmcu/model/units.hpp>

#include <chrono>
#include <deque>
#include <optional>
#include <string>

namespace nasmcu::fancontrol {

/// Slower than `below` in this many polls in a row and for this long: stalled. mcud reads the speed
/// every 10 to 15 s, so a fast poll sees the same reading several times.
inline constexpr unsigned slow_polls = 3;
inline constexpr std::chrono::seconds slow_time{20};
inline constexpr std::chrono::seconds boost_time{3};
/// This often in this time, then it is of no use.
inline constexpr unsigned boosts_allowed = 3;
inline constexpr std::chrono::minutes boost_window{10};
/// A stalled fan must turn for so long before it is trusted with a low duty again.
inline constexpr std::chrono::minutes trusted_after{10};

struct StallRule {
  /// Slower than this while driven: stalled. Nothing: the board names no such speed; then only
  /// standing still counts, and only of a fan that was seen turning, since 0 also means unknown.
  std::optional<mcu::Rpm> below;
  mcu::Duty start_boost{0}; ///< when it starts from a standstill; 0: none
};

/// What is known of the fan since the last decision.
struct Spin {
  mcu::Rpm rpm;
  mcu::Duty duty; ///< in force
};

struct StallMemory {
  std::optional<mcu::Duty> wanted; ///< by the last decision
  unsigned slow = 0;               ///< polls in a row
  Instant slow_since;              ///< the first of them
  bool turned = false;             ///< was ever seen turning
  std::deque<Instant> boosts;      ///< those of the last ten minutes, oldest first
  std::optional<Instant> until;    ///< a boost is under way
  mcu::Duty boost{0};              ///< its duty
  std::string reason;              ///< and what it is for
  bool stalled = false;
  std::optional<Instant> turning; ///< since when, while `stalled`
};

struct Push {
  mcu::Duty duty;               ///< the wanted one, or more
  bool stalled = false;         ///< pushing did not help
  std::string why;              ///< empty: nothing was done
  std::optional<Instant> again; ///< decide again then, before the next poll
  StallMemory next;
};

/// `spin` is nothing without a tachometer, and while nobody knows.
Push push(const StallRule& rule, StallMemory memory, const std::optional<Spin>& spin,
          mcu::Duty wanted, mcu::Duty failsafe, Instant now);

} // namespace nasmcu::fancontrol

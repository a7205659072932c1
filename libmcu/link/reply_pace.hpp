// SPDX-License-Identifier: MIT
// When a whole reply will be in, learned from those before it. Pure: time is an argument.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace mcu {

/// Every byte of a reply would wake the process. Whoever asks now and then (a poll, a person) does
/// not mind a fraction of a millisecond, and is better served by one look when all is in.
class ReplyPace {
public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  explicit ReplyPace(Duration byte_time) : byte_time_(byte_time), lateness_(2 * byte_time) {}

  /// A request goes out. True: its reply may be gathered. False: requests come so fast that
  /// somebody waits for each answer before the next question.
  bool take_turn(Time now) {
    const bool leisure = !busy(now);
    recent_[next_] = now;
    next_ = (next_ + 1) % recent_.size();
    return leisure;
  }

  /// Whether requests come that fast.
  bool busy(Time now) const {
    const Time before = recent_[next_];
    return before != Time() && now - before <= busy_for;
  }

  /// How long to wait behind the moment at which the wire could have carried the last byte.
  Duration lateness() const { return lateness_; }

  /// All was there at the one look: perhaps a little less would have done.
  void was_in_time() { lateness_ = std::max(byte_time_, lateness_ - lateness_ / decay); }

  /// The last byte came `late` behind that moment. Bounded, so that an MCU that had other work once
  /// does not slow down the answers of a minute.
  void was_late(Duration late) { lateness_ = std::clamp(late + byte_time_, byte_time_, most); }

private:
  static constexpr Duration busy_for = std::chrono::milliseconds(250);
  static constexpr Duration most = std::chrono::milliseconds(20);
  static constexpr int decay = 64;

  Duration byte_time_;
  Duration lateness_;
  std::array<Time, 8> recent_{}; ///< requests; this many within busy_for are a busy link
  std::size_t next_ = 0;
};

} // namespace mcu

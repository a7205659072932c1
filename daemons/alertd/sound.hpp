// SPDX-License-Identifier: MIT
// When the buzzer sounds, and how. Pure.
#pragma once

#include <alertd/lights.hpp>

#include <libmcu/model/command.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nasmcu::alertd {

struct SoundRules {
  bool on = true;
  std::optional<Hours> quiet;      ///< nothing sounds
  std::chrono::minutes repeat{60}; ///< a `failed` that nobody acknowledged sounds again; 0: once
};

/// The beeps of one signal, one after the other.
using Pattern = std::vector<mcu::BeepLength>;

class Sound {
public:
  /// What to play now. A new or changed alert: failed three long, warning one short, rebuilding
  /// none; cleared: none. Of several the worst sounds, once. What quiet hours, a mute or a buzzer
  /// that was switched off kept back sounds once behind them if it still stands unacknowledged.
  Pattern next(const SoundRules& rules, std::span<const Alert> alerts, WallTime now,
               int minute_of_day);
  void mute(WallTime until) { muted_until_ = until; }
  std::optional<WallTime> muted_until(WallTime now) const;
  /// When next() is worth asking again without an event, later than `now`; nothing: never. To be
  /// asked behind next(). A change of the clock or of the time zone is an event.
  std::optional<WallTime> again(const SoundRules& rules, std::span<const Alert> alerts,
                                WallTime now, int minute_of_day) const;

private:
  bool due(const Alert& alert) const; ///< it has not sounded yet, and may
  bool repeats(const SoundRules& rules, std::span<const Alert> alerts) const;
  void settle(std::span<const Alert> alerts, WallTime now);

  std::map<std::string, std::string> played_; ///< id -> severity and state that sounded
  std::optional<WallTime> last_;              ///< of the last `failed` signal
  std::optional<WallTime> muted_until_;
};

} // namespace nasmcu::alertd

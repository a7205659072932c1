// SPDX-License-Identifier: MIT
// The bookkeeping behind "a late reply never answers another command": which replies may still be
// on their way, and which request can therefore not be trusted to get its own. Pure: no I/O, no
// clock; time is an argument.
#pragma once

#include <libmcu/protocol/protocol.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace mcu {

/// The MCU answers in order. So an answer that can only belong to the latest request proves that
/// nothing older is still on its way; until then every unanswered request is owed a reply.
class LineState {
public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  /// `tx` was sent and its reply, or a part of it, has not been seen. The oldest time counts.
  void owe(const Bytes& tx, Time sent) {
    if (owes(tx)) return;
    if (owed_.size() < most_owed)
      owed_.push_back({tx, sent});
    else
      flooded_ = true;
  }

  /// Something came, or may come, that belongs to no request we know of: surplus bytes, a new port.
  void surprise() { surprised_ = true; }

  bool synced() const { return owed_.empty() && !surprised_ && !flooded_; }

  bool owes(const Bytes& tx) const {
    return std::any_of(owed_.begin(), owed_.end(), [&](const Owed& o) { return o.tx == tx; });
  }

  /// True when the answer to `next`, sent now, could be that of something older: an ambiguous
  /// answer while anything else is owed, or its own twin from more than `max_age` ago.
  bool must_sync(const Exchange& next, Time now, Duration max_age) const {
    if (synced() || next.replies.empty()) return false;
    if (next.ambiguous && (surprised_ || flooded_)) return true;
    return std::any_of(owed_.begin(), owed_.end(), [&](const Owed& owed) {
      if (owed.tx == next.tx) return now - owed.sent > max_age;
      return next.ambiguous;
    });
  }

  /// True when a clean answer to `exchange` can only be its own. When too much is owed to be
  /// listed, nothing can.
  bool would_prove(const Exchange& exchange) const {
    return !exchange.ambiguous && !exchange.replies.empty() && !flooded_ && !owes(exchange.tx);
  }

  /// `exchange` got all its replies, clean.
  void answered(const Exchange& exchange) {
    if (would_prove(exchange)) clear();
  }

  /// Long silence instead of a proof, where a protocol has no probe.
  void clear() {
    owed_.clear();
    surprised_ = false;
    flooded_ = false;
  }

private:
  struct Owed {
    Bytes tx;
    Time sent;
  };
  static constexpr std::size_t most_owed = 16;
  std::vector<Owed> owed_;
  bool surprised_ = false;
  bool flooded_ = false;
};

} // namespace mcu

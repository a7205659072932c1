// SPDX-License-Identifier: MIT
// Whether the bytes of this port take their time. Pure: time is an argument.
#pragma once

#include <chrono>
#include <cstddef>

namespace mcu {

/// An MCU answers when it has the whole request, and its answer has bytes too: what is complete
/// sooner is the answer to something older. True of a wire, but not of an emulated port, which
/// carries everything at once. So a port has to show that it is a wire before it is taken for one,
/// and one answer that is too early ends that.
class WireTime {
public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  explicit WireTime(Duration byte_time) : byte_time_(byte_time) {}

  /// The earliest moment at which a reply of `bytes` to a request that has left at `tx_end` can be
  /// in. One byte less than it has: the MCU's clock may be a little faster than ours.
  Time earliest(Time tx_end, std::size_t bytes) const {
    return tx_end + (static_cast<int>(bytes) - 1) * byte_time_;
  }

  /// A reply that can only be its request's own was in at `in`.
  void proven(Time earliest, Time in) {
    if (in < earliest)
      at_once_ = true;
    else if (in_time_ < enough)
      ++in_time_;
  }
  /// One that could be an older one's came too early.
  void came_early() { at_once_ = true; }
  /// Another port may be behind the same name now.
  void reopened() { *this = WireTime(byte_time_); }

  bool is_wire() const { return !at_once_ && in_time_ >= enough; }

private:
  /// A busy machine reads late what came at once, but not so often in a row.
  static constexpr int enough = 8;

  Duration byte_time_;
  int in_time_ = 0;
  bool at_once_ = false;
};

} // namespace mcu

// SPDX-License-Identifier: MIT
// When each byte crosses the wire, as pure arithmetic on absolute times: late wake-ups of the shell
// never add up, because the next byte's time does not depend on when the last one was really
// written.
#pragma once

#include <libmcu/model/bytes.hpp>

#include <chrono>
#include <deque>
#include <optional>

namespace mcusim {

using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

/// 8N1: ten bit times. 86.8 us at 115200 baud.
constexpr Duration byte_time(unsigned baud) {
  return std::chrono::nanoseconds(10'000'000'000 / (baud == 0 ? 1 : baud));
}

/// Host to MCU: when a byte that the host has written is complete at the MCU.
class Arrivals {
public:
  /// `per_byte` 0: the wire takes no time.
  explicit Arrivals(Duration per_byte) : per_byte_(per_byte) {}

  /// The next byte, handed over by the host at `written`.
  Time next(Time written) {
    free_ = std::max(free_, written) + per_byte_;
    return free_;
  }
  void reset() { free_ = {}; }

private:
  Duration per_byte_;
  Time free_{};
};

/// MCU to host: messages leave in order, each after its pause, byte by byte.
class Departures {
public:
  explicit Departures(Duration per_byte) : per_byte_(per_byte) {}

  /// A message the MCU has ready at `ready`; `pause` is the silence before it, counted from `ready`
  /// or from the end of the message in front of it, whichever is later.
  void push(mcu::Bytes bytes, Time ready, Duration pause);
  /// When the next byte is completely across; nothing when all are.
  std::optional<Time> next() const;
  /// Every byte that is across by `now`, in order.
  mcu::Bytes take(Time now);
  bool empty() const { return queue_.empty(); }
  void clear();

private:
  struct Message {
    mcu::Bytes bytes;
    Time ready;
    Duration pause;
  };
  Time start() const; ///< of the first message

  Duration per_byte_;
  std::deque<Message> queue_;
  std::size_t sent_ = 0; ///< bytes of the first message that are across
  Time free_{};          ///< end of the message before it
};

} // namespace mcusim

// SPDX-License-Identifier: MIT
// Cuts what is received into reply frames, events and noise. Pure: the protocol says where.
#pragma once

#include <libmcu/protocol/protocol.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace mcu {

/// The received bytes of one link. Storage is kept from exchange to exchange, so that a link in
/// use does not allocate.
class Inbox {
public:
  explicit Inbox(const Protocol& protocol) : protocol_(protocol) {}

  /// From the next byte on, replies to `exchange` are collected. It must live until ignore().
  void await(const Exchange& exchange);
  /// From the next byte on, everything is one frame (the answer to bytes that no protocol knows).
  void await_anything();
  /// Nothing is asked any more; the frames stay readable until the next await.
  void ignore() { mode_ = Mode::idle; }

  void feed(ByteView bytes);
  /// Throws away a piece that has only begun.
  void drop_pending();
  bool pending() const { return !rx_.empty(); }

  /// All declared frames are here, or the refusal that stands for them, or (awaiting anything) at
  /// least one byte.
  bool complete() const { return mode_ != Mode::idle && complete_; }
  std::span<const Bytes> frames() const { return {frames_.data(), count_}; }

  /// Bytes thrown away since the last call.
  std::size_t take_strays() { return std::exchange(strays_, 0); }
  /// True when some of them came while nothing was asked, since the last call.
  bool take_surprise() { return std::exchange(surprise_, false); }
  std::vector<Event> take_events() { return std::exchange(events_, {}); }

private:
  enum class Mode { idle, exchange, anything };

  void begin(Mode mode);
  std::size_t cut(ByteView rest);
  void keep_frame(ByteView piece);
  void throw_away(std::size_t size);

  const Protocol& protocol_;
  Mode mode_ = Mode::idle;
  const Exchange* exchange_ = nullptr;
  bool complete_ = false;
  Bytes rx_;
  std::vector<Bytes> frames_; ///< the first count_ are of this exchange
  std::size_t count_ = 0;
  std::size_t strays_ = 0;
  bool surprise_ = false;
  std::vector<Event> events_;
};

} // namespace mcu

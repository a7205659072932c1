// SPDX-License-Identifier: MIT
// Test-only: feeds received bytes to a codec in the way a link does for one try of one exchange.
#pragma once

#include <libmcu/protocol/protocol.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace mcu::testing {

class OneTry {
public:
  OneTry(const Protocol& protocol, Command command, Exchange exchange)
      : protocol_(protocol), command_(std::move(command)), exchange_(std::move(exchange)) {
    if (exchange_.replies.empty()) finish();
  }

  void receive(ByteView bytes) {
    pending_.insert(pending_.end(), bytes.begin(), bytes.end());
    while (step()) {
    }
  }
  void receive_singly(ByteView bytes) {
    for (const std::uint8_t byte : bytes) receive(ByteView(&byte, 1));
  }

  /// No more bytes come in time.
  void deadline() {
    if (!result) finish();
  }

  std::optional<Result<Reply>> result;
  std::vector<Event> events;
  std::size_t noise = 0;
  std::size_t pending() const { return pending_.size(); }
  const std::vector<Bytes>& frames() const { return frames_; }

private:
  bool step() {
    const Awaiting awaiting{exchange_, frames_.size()};
    const Taken taken = protocol_.take(pending_, result ? nullptr : &awaiting);
    if (taken.kind == Taken::Kind::need_more) return false;
    const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(taken.size);
    const Bytes piece(pending_.begin(), end);
    pending_.erase(pending_.begin(), end);
    if (taken.kind == Taken::Kind::noise) noise += piece.size();
    if (taken.kind == Taken::Kind::event)
      if (const auto event = protocol_.decode_event(piece)) events.push_back(*event);
    if (taken.kind == Taken::Kind::reply) frames_.push_back(piece);
    const bool complete = frames_.size() == exchange_.replies.size();
    if (!result && complete) finish();
    return taken.size > 0;
  }
  void finish() { result = protocol_.decode(command_, exchange_, frames_); }

  const Protocol& protocol_;
  Command command_;
  Exchange exchange_;
  Bytes pending_;
  std::vector<Bytes> frames_;
};

} // namespace mcu::testing

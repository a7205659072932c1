// SPDX-License-Identifier: MIT
#include <libmcu/link/inbox.hpp>

#include <algorithm>

namespace mcu {
namespace {

/// More of an unknown answer than this is a stream of noise, not an answer.
constexpr std::size_t longest_unknown = 4096;

} // namespace

void Inbox::begin(Mode mode) {
  drop_pending();
  mode_ = mode;
  complete_ = false;
  count_ = 0;
}

void Inbox::await(const Exchange& exchange) {
  begin(Mode::exchange);
  exchange_ = &exchange;
  complete_ = exchange.replies.empty(); // sent and forgotten
}

void Inbox::await_anything() { begin(Mode::anything); }

void Inbox::drop_pending() {
  throw_away(rx_.size());
  rx_.clear();
}

void Inbox::feed(ByteView bytes) {
  if (mode_ == Mode::anything) {
    if (count_ == 0) keep_frame({});
    Bytes& all = frames_.front();
    const std::size_t room = std::min(bytes.size(), longest_unknown - all.size());
    all.insert(all.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(room));
    throw_away(bytes.size() - room);
    complete_ = true;
    return;
  }
  rx_.insert(rx_.end(), bytes.begin(), bytes.end());
  std::size_t done = 0;
  while (done < rx_.size()) {
    const std::size_t size = cut(ByteView(rx_).subspan(done));
    if (size == 0) break;
    done += size;
  }
  rx_.erase(rx_.begin(), rx_.begin() + static_cast<std::ptrdiff_t>(done));
}

/// Deals with the first piece of `rest` and returns its size; 0 when more bytes are needed.
std::size_t Inbox::cut(ByteView rest) {
  const bool asked = mode_ == Mode::exchange && !complete_;
  Taken taken;
  if (asked) {
    const Awaiting awaiting{*exchange_, count_};
    taken = protocol_.take(rest, &awaiting);
  } else {
    taken = protocol_.take(rest, nullptr);
  }
  if (taken.kind == Taken::Kind::need_more && rest.size() <= protocol_.max_pending()) return 0;
  // A protocol that neither takes nor waits would stop us for ever: one byte of noise then.
  const std::size_t size = std::clamp<std::size_t>(taken.size, 1, rest.size());
  const ByteView piece = rest.first(size);
  if (taken.kind == Taken::Kind::reply && asked) {
    const std::size_t declared = exchange_->replies.at(count_);
    keep_frame(piece);
    // A frame of another length than declared is a refusal: no other will follow.
    complete_ = count_ == exchange_->replies.size() || (declared != 0 && declared != size);
  } else if (taken.kind == Taken::Kind::event) {
    if (auto event = protocol_.decode_event(piece))
      events_.push_back(std::move(*event));
    else
      throw_away(size);
  } else {
    throw_away(size);
  }
  return size;
}

void Inbox::keep_frame(ByteView piece) {
  if (count_ == frames_.size()) frames_.emplace_back();
  frames_[count_].assign(piece.begin(), piece.end());
  ++count_;
}

void Inbox::throw_away(std::size_t size) {
  if (size == 0) return;
  strays_ += size;
  if (mode_ == Mode::idle || complete_) surprise_ = true;
}

} // namespace mcu

// SPDX-License-Identifier: MIT
#include <mcusim/pacing.hpp>

#include <algorithm>
#include <utility>

namespace mcusim {

void Departures::push(mcu::Bytes bytes, Time ready, Duration pause) {
  if (bytes.empty()) return;
  queue_.push_back({std::move(bytes), ready, pause});
}

Time Departures::start() const {
  return std::max(free_, queue_.front().ready) + queue_.front().pause;
}

std::optional<Time> Departures::next() const {
  if (queue_.empty()) return std::nullopt;
  return start() + per_byte_ * static_cast<Duration::rep>(sent_ + 1);
}

mcu::Bytes Departures::take(Time now) {
  mcu::Bytes due;
  while (!queue_.empty() && *next() <= now) {
    const mcu::Bytes& bytes = queue_.front().bytes;
    const std::size_t rest = bytes.size() - sent_;
    std::size_t count = rest;
    if (per_byte_ > Duration::zero()) {
      const auto across = static_cast<std::size_t>((now - start()) / per_byte_);
      count = std::min(rest, across - sent_);
    }
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(sent_);
    due.insert(due.end(), first, first + static_cast<std::ptrdiff_t>(count));
    sent_ += count;
    if (sent_ == bytes.size()) {
      free_ = start() + per_byte_ * static_cast<Duration::rep>(sent_);
      queue_.pop_front();
      sent_ = 0;
    }
  }
  return due;
}

void Departures::clear() {
  queue_.clear();
  sent_ = 0;
  free_ = {};
}

} // namespace mcusim

// SPDX-License-Identifier: MIT
#include <libmcu/devices/debounce.hpp>

#include <utility>

namespace mcu {

bool Debounce::tell(bool active) { return std::exchange(told_, active) != active; }

std::vector<bool> Debounce::edge(bool active, SteadyTime at) {
  std::vector<bool> changes;
  if (deadline_ && at >= *deadline_) {
    deadline_.reset();
    if (tell(level_)) changes.push_back(level_);
  }
  if (!deadline_ && tell(active)) changes.push_back(active);
  level_ = active;
  deadline_ = at + quiet_;
  return changes;
}

std::optional<bool> Debounce::settle(bool active, SteadyTime now) {
  if (!deadline_ || now < *deadline_) return std::nullopt;
  deadline_.reset();
  level_ = active;
  if (tell(active)) return active;
  return std::nullopt;
}

} // namespace mcu

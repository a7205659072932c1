// SPDX-License-Identifier: MIT
// Contacts bounce: what of a line's edges is a press. Pure, the time is an argument.
#pragma once

#include <libmcu/link/task.hpp>

#include <chrono>
#include <optional>
#include <vector>

namespace mcu {

/// The first edge counts at once, so that a press is told without delay; what follows it closer
/// than `quiet` behind one another is bouncing. Once the line has been quiet, its level counts.
class Debounce {
public:
  explicit Debounce(bool active, SteadyDuration quiet = std::chrono::milliseconds(20))
      : quiet_(quiet), told_(active), level_(active) {}

  /// An edge to `active` that was seen at `at`. Returns the changes to tell, in order: two when
  /// edges were read so late that the quiet between them has passed.
  std::vector<bool> edge(bool active, SteadyTime at);
  /// When the line will have been quiet; nothing: it is.
  std::optional<SteadyTime> deadline() const { return deadline_; }
  /// `active` is the line's level at `now`: edges may have been lost. Returns the change to tell;
  /// nothing before the deadline.
  std::optional<bool> settle(bool active, SteadyTime now);
  /// What was told last.
  bool active() const { return told_; }

private:
  bool tell(bool active);

  SteadyDuration quiet_;
  bool told_;
  bool level_; ///< of the last edge
  std::optional<SteadyTime> deadline_;
};

} // namespace mcu

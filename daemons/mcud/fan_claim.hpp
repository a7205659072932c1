// SPDX-License-Identifier: MIT
// Whether a fan is ours to drive: asks it who else does, and does what the board says about it.
#pragma once

#include <mcud/rivalry.hpp>

#include <libmcu/devices/device.hpp>

#include <cstdint>
#include <string>

namespace nasmcu {

/// Its coroutine refers to it: lives as long as its FanDriver.
class FanClaim {
public:
  explicit FanClaim(mcu::Fan& fan) : fan_(fan), rivalry_(fan.spec().conflict) {}

  enum class Change {
    none,
    ours, ///< to be written, whatever was written before
    lost, ///< it is the rival's from now on
  };
  /// Asks the fan now. One at a time, and not while a write is under way. `writes` counts our own:
  /// what was seen while it changed says nothing.
  mcu::Task<Change> look(const std::uint64_t& writes);
  /// Nobody can know what the fan shows now (at the start, after it was away, after sleep): nothing
  /// is written before the next look(), and a value that is not ours is then nobody's fault.
  void forget() { known_ = false; }

  bool known() const { return known_; }
  bool theirs() const { return rivalry_.theirs(); }
  std::string rival() const { return rivalry_.rival(); }
  std::string words() const { return rivalry_.words(); }
  /// `busy`, for who wants to drive the fan while it is the rival's.
  mcu::Error refusal() const;

private:
  void tell(const Rivalry::Verdict& verdict) const;

  mcu::Fan& fan_;
  Rivalry rivalry_;
  bool known_ = false;
};

} // namespace nasmcu

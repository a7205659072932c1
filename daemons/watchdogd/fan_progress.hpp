// SPDX-License-Identifier: MIT
// Whether a daemon that the box needs does its work, from what it says on the bus. Pure.
#pragma once

#include <watchdogd/guard.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu::watchdogd {

/// io.nasmcu1.FanControl of one fan.
struct FanSeen {
  std::string name, mode;
  std::uint64_t cycles = 0;
  bool overdue = false;
};

/// The fans' loops: each has to come to a decision at every poll, and to keep its own deadline. One
/// that waits for mcud or stands back decides nothing, and is well.
class FanProgress {
public:
  Sighting judge(const std::vector<FanSeen>& fans, Time now);

private:
  struct Known {
    std::uint64_t cycles;
    Time since;
  };
  std::map<std::string, Known> known_;
};

/// What the service manager says of a daemon that is not on the bus.
struct UnitSeen {
  bool enabled = false;
  bool failed = false;    ///< ended badly, and is not started again
  bool coming = false;    ///< is being started, or will be
  bool was_there = false; ///< has run since the box started
};
struct AwaySeen {
  std::string daemon;           ///< "nas-fand"
  bool seen = false;            ///< by us, on the bus, since we began
  bool stopped = false;         ///< its script has noted that its owner stopped it
  std::optional<UnitSeen> unit; ///< nothing: there is no service manager to ask
};
enum class IfAbsent : unsigned char { alert, reset, ignore };

/// A daemon that is not on the bus. Stopped by its owner: nothing to check. Gone for another
/// reason: a failure, with `grace` for coming back. Wanted and never there: as `absent` says.
/// Neither wanted nor ever there: nothing to check.
Sighting judge_away(const AwaySeen& seen, seconds grace, IfAbsent absent);

} // namespace nasmcu::watchdogd

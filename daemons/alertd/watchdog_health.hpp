// SPDX-License-Identifier: MIT
// What the watchdog has done to the box, and what it is about to do. Pure.
#pragma once

#include <alertd/alert.hpp>

#include <common/reset_notes.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nasmcu::alertd {

/// What nas-watchdogd says of itself.
struct WatchdogSeen {
  std::string state, check, reason; ///< as io.nasmcu1.Watchdog has them
  std::string why;                  ///< why the failing check fails
};

/// Begins the id of the alert of a reset, which is over as soon as a person knows of it.
inline constexpr std::string_view reset_alert = "watchdog.reset.";

/// Which one a person knows of: its id, in the form of common/records.hpp, kind "watchdog-known".
inline std::string known_resets_file(const std::string& root) {
  return root + "/var/lib/nasmcu/watchdog-known";
}

/// The last reset, by its note, in words, unless `known` is the id of its alert; and checks that
/// fail for so long that the box will be reset, or would be. Both are failures. `seen`: nothing
/// while nas-watchdogd does not run: then nobody resets the box either.
std::vector<Finding> judge_watchdog(const std::optional<WatchdogSeen>& seen,
                                    const ResetNotes& notes, const std::string& boot,
                                    const std::string& known);

} // namespace nasmcu::alertd

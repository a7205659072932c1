// SPDX-License-Identifier: MIT
// The health model's words: what a source finds wrong, and what becomes of it. LEDs, buzzer, mail,
// hooks, D-Bus and `mcuctl alerts` only render this.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace nasmcu::alertd {

/// The time of day: alerts outlive the machine's run.
using WallTime = std::chrono::sys_seconds;

/// Rising. Also the order in which a bay's LED shows them.
enum class Severity : unsigned char {
  warning,    ///< look after it soon: a disk ages, a file system fills
  rebuilding, ///< redundancy is being restored; nothing to do but wait
  failed,     ///< act now: a disk, an array, a fan or the microcontroller has failed
};
/// "warning", "rebuilding", "failed".
std::string_view name(Severity severity);

/// One thing that is wrong now, as its source sees it.
struct Finding {
  /// Stable over boots and over the kernel's numbers: "disk.WD-WX41A.reallocated",
  /// "md.srv.degraded", "fan.system.stalled". [A-Za-z0-9._-]; a serial number in it is made to fit.
  std::string id;
  Severity severity = Severity::warning;
  std::string subject; ///< one line: "disk 2 (WDC WD40EFRX, serial WD-X): 8 reallocated sectors"
  std::string text;    ///< what was seen, since when, and what to do; a few lines
  /// People are told again when this changes: "8", "[U_]". Progress and temperatures do not belong
  /// here.
  std::string state;
  std::string bay;    ///< the board file's name of it: "2"; empty: none, or not known
  std::string disk;   ///< "/dev/sdb", as of now; empty: none
  std::string serial; ///< empty: none
  bool operator==(const Finding&) const = default;
};

/// A finding that stands.
struct Alert {
  Finding finding;
  WallTime since{};          ///< when it was first found
  WallTime changed{};        ///< when severity or state changed last
  bool acknowledged = false; ///< by a person; ends when severity or state changes
  bool operator==(const Alert&) const = default;
};

enum class Change : unsigned char { raised, changed, cleared };
/// "raised", "changed", "cleared": also what hooks get as NASMCU_ALERT_STATE.
std::string_view name(Change change);

/// What people have to be told.
struct Event {
  Change change = Change::raised;
  Alert alert;
};

} // namespace nasmcu::alertd

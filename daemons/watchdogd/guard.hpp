// SPDX-License-Identifier: MIT
// Whether the watchdog is fed, and why. Pure: what the checks saw, requests and time in; a decision
// with its reasons in words out. It is a value: a copy of it goes its own way.
//
//   healthy ──a check fails──▶ failing ──longer than its grace──▶ warning ──told──▶ withheld
//      ▲                          │                                  │                 │
//      └──────────────────────────┴────────── all pass again ────────┴─────────────────┘
//
// Instead of `warning` it is `alerting`, which feeds, when the check is one that only alerts, or
// when the box has been reset as often as it may be.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nasmcu::watchdogd {

using Time = std::chrono::steady_clock::time_point;
using std::chrono::seconds;

/// What one look of a check came to.
struct Sighting {
  enum class Verdict : unsigned char {
    passes,
    absent, ///< there is nothing to check here: no MCU, stopped by its owner
    fails,
  } verdict = Verdict::passes;
  std::string why;              ///< in words, always
  std::optional<seconds> grace; ///< more than the check's own, for this failure
  bool only_alerts = false;     ///< this failure is no reason for a reset
};

struct CheckRules {
  std::string name;         ///< "fan", "mcu", "disk", "disk-1", "test"
  seconds grace{30};        ///< how long it may fail
  seconds silence{30};      ///< how long it may say nothing before that is a failure too
  bool only_alerts = false; ///< AlertOnly
};

struct GuardRules {
  std::vector<CheckRules> checks; ///< none: fed as long as somebody calls decide()
  seconds warning{20};
  unsigned most_resets = 3;
  bool no_way_out = false;
};

enum class Phase : unsigned char { healthy, failing, alerting, warning, withheld, stopped };
/// "healthy", "failing", "alerting", "warning", "withheld", "stopped".
std::string_view name(Phase phase);

enum class Note : unsigned char {
  none,
  write,    ///< now: why the box may be reset
  withdraw, ///< it will not be
};

struct Decision {
  Phase phase = Phase::healthy;
  bool feed = true;
  bool disarm = false;    ///< only with `stopped`: the device may be stopped
  std::string check;      ///< the failing check that decides; empty: none
  std::string why;        ///< one line, for people
  Note note = Note::none; ///< once
  bool operator==(const Decision&) const = default;
};

class Guard {
public:
  /// `resets`: of our own that count (common/reset_notes.hpp).
  Guard(GuardRules rules, unsigned resets, Time now);

  /// A new configuration. What is known of checks that go on being made stays.
  void use(GuardRules rules, Time now);

  void see(std::string_view check, Sighting sighting, Time now);
  /// An upgrade or the like: until then nothing that fails leads to a reset.
  void announce(std::string why, Time until);
  /// The system goes down (or has thought better of it): its parts end in their own order.
  void shutting_down(bool really);
  /// The note could not be written: a reset that cannot be counted might become a loop.
  void note_refused(std::string why);
  /// Whether there is a device to withhold the feeding from. Without one it only alerts.
  void armed(bool yes) { armed_ = yes; }
  /// The hour has passed in which nothing failed.
  void forget_resets() { resets_ = 0; }
  /// A clean stop. The last decision says whether the device may be stopped too.
  void stop() { stopping_ = true; }

  Decision decide(Time now);

  /// Since when all checks have passed; nothing: not now.
  std::optional<Time> healthy_since() const { return healthy_since_; }
  unsigned resets() const { return resets_; }
  const GuardRules& rules() const { return rules_; }

  /// One check as decide() found it last, for people.
  struct View {
    std::string name;
    std::string verdict; ///< "passes", "absent", "fails", "unknown"
    std::string why;
    std::optional<seconds> age; ///< of the last look; nothing: none yet
    bool only_alerts = false;
  };
  std::vector<View> views(Time now) const;

private:
  struct Check {
    CheckRules rules;
    std::optional<Sighting> last;
    Time heard;                      ///< the last look, or the beginning
    std::optional<Time> fails_since; ///< ... and has failed at each look since
  };
  /// A check that fails now.
  struct Failure {
    std::string check, why;
    Time since;
    seconds grace{0};
    bool only_alerts = false;
  };
  std::optional<Failure> failure_of(const Check& check, Time now) const;
  std::optional<std::string> excuse(Time now) const;
  Decision judge(Time now) const;
  Decision overdue(const Failure& failure, Time now) const;
  void remember(Decision& decision, Time now);

  GuardRules rules_;
  std::vector<Check> checks_;
  unsigned resets_;
  Phase phase_ = Phase::healthy;
  Time warned_{};
  bool noted_ = false;
  std::string refused_; ///< why the note could not be written
  std::string announced_;
  Time announced_until_{};
  bool armed_ = true;
  bool going_down_ = false;
  bool stopping_ = false;
  std::optional<Time> healthy_since_;
};

} // namespace nasmcu::watchdogd

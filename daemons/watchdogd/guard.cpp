// SPDX-License-Identifier: MIT
#include <watchdogd/guard.hpp>

#include <algorithm>
#include <utility>

namespace nasmcu::watchdogd {
namespace {

using Verdict = Sighting::Verdict;

std::string in_seconds(Time::duration time) {
  const auto whole = std::chrono::ceil<seconds>(time).count();
  return std::to_string(std::max<long>(whole, 0)) + " s";
}

} // namespace

std::string_view name(Phase phase) {
  switch (phase) {
  case Phase::healthy: return "healthy";
  case Phase::failing: return "failing";
  case Phase::alerting: return "alerting";
  case Phase::warning: return "warning";
  case Phase::withheld: return "withheld";
  case Phase::stopped: break;
  }
  return "stopped";
}

Guard::Guard(GuardRules rules, unsigned resets, Time now) : resets_(resets) {
  use(std::move(rules), now);
}

void Guard::use(GuardRules rules, Time now) {
  std::vector<Check> old = std::exchange(checks_, {});
  rules_ = std::move(rules);
  for (const CheckRules& each : rules_.checks) {
    const auto known = std::find_if(old.begin(), old.end(), [&each](const Check& check) {
      return check.rules.name == each.name;
    });
    Check check;
    if (known != old.end()) check = *known;
    if (known == old.end()) check.heard = now;
    check.rules = each;
    checks_.push_back(std::move(check));
  }
}

void Guard::see(std::string_view check, Sighting sighting, Time now) {
  for (Check& each : checks_) {
    if (each.rules.name != check) continue;
    // One that was silent for too long has failed since then, whatever it finds now.
    const auto silent = failure_of(each, now);
    if (sighting.verdict != Verdict::fails)
      each.fails_since.reset();
    else if (!each.fails_since)
      each.fails_since = silent ? silent->since : now;
    each.heard = now;
    each.last = std::move(sighting);
  }
}

void Guard::announce(std::string why, Time until) {
  announced_ = std::move(why);
  announced_until_ = until;
}

void Guard::shutting_down(bool really) { going_down_ = really; }

void Guard::note_refused(std::string why) {
  refused_ = std::move(why);
  noted_ = false;
}

std::optional<Guard::Failure> Guard::failure_of(const Check& check, Time now) const {
  Failure failure;
  failure.check = check.rules.name;
  failure.grace = check.rules.grace;
  failure.only_alerts = check.rules.only_alerts;
  if (check.fails_since) {
    failure.since = *check.fails_since;
    failure.why = check.last->why;
    failure.grace = std::max(failure.grace, check.last->grace.value_or(seconds(0)));
    failure.only_alerts |= check.last->only_alerts;
    return failure;
  }
  const Time due = check.heard + check.rules.silence;
  if (now < due) return std::nullopt;
  failure.since = due;
  failure.why = "this check has said nothing for " + in_seconds(now - check.heard);
  return failure;
}

std::optional<std::string> Guard::excuse(Time now) const {
  if (going_down_) return "the system is going down";
  if (now < announced_until_)
    return announced_ + " was announced, for " + in_seconds(announced_until_ - now) + " more";
  return std::nullopt;
}

/// The worst of all checks: a reason for a reset before an alert, before what is still in its
/// grace.
Decision Guard::judge(Time now) const {
  Decision worst;
  worst.why = "all checks pass";
  if (checks_.empty()) worst.why = "nothing is checked";
  for (const Check& check : checks_) {
    const auto failure = failure_of(check, now);
    if (!failure) continue;
    Decision decision;
    decision.check = failure->check;
    if (now - failure->since < failure->grace) {
      decision.phase = Phase::failing;
      decision.why = failure->check + ": " + failure->why + "; it has " +
                     in_seconds(failure->since + failure->grace - now) + " more";
    } else {
      decision = overdue(*failure, now);
    }
    if (decision.phase > worst.phase) worst = std::move(decision);
  }
  return worst;
}

Decision Guard::overdue(const Failure& failure, Time now) const {
  Decision decision;
  decision.check = failure.check;
  decision.phase = Phase::alerting;
  const std::string what = failure.check + ": " + failure.why;
  const auto excused = excuse(now);
  if (excused) {
    decision.phase = Phase::failing;
    decision.why = what + "; " + *excused;
  } else if (failure.only_alerts) {
    decision.why = what + "; no reset for this";
  } else if (!armed_) {
    decision.why = what + "; no reset, since there is no watchdog device for it";
  } else if (phase_ != Phase::warning && phase_ != Phase::withheld &&
             resets_ >= rules_.most_resets) {
    decision.why =
        what + (rules_.most_resets == 0 ? "; no reset, as configured"
                                        : "; no reset: there have been " + std::to_string(resets_) +
                                              " without an hour in which all was well");
  } else if (!refused_.empty()) {
    decision.why = what + "; no reset, since it could not be counted: " + refused_;
  } else {
    const bool begins = phase_ != Phase::warning && phase_ != Phase::withheld;
    const Time end = (begins ? now : warned_) + rules_.warning;
    decision.phase = now < end ? Phase::warning : Phase::withheld;
    decision.feed = now < end;
    decision.why =
        what + (now < end ? "; the box will be reset, feeding ends in " + in_seconds(end - now)
                          : "; the watchdog is not fed, the box will be reset");
  }
  return decision;
}

Decision Guard::decide(Time now) {
  Decision decision = judge(now);
  if (stopping_) {
    decision = Decision{};
    decision.phase = Phase::stopped;
    decision.feed = false;
    decision.disarm = !rules_.no_way_out;
    decision.why = rules_.no_way_out ? "stopped; the device stays armed (NoWayOut)" : "stopped";
  }
  remember(decision, now);
  return decision;
}

void Guard::remember(Decision& decision, Time now) {
  const bool dangerous = decision.phase == Phase::warning || decision.phase == Phase::withheld;
  const bool before = phase_ == Phase::warning || phase_ == Phase::withheld;
  if (dangerous && !before) {
    warned_ = now;
    noted_ = true;
    decision.note = Note::write;
  }
  // A device that stays armed behind a stop will still do what the note says.
  const bool armed = stopping_ && rules_.no_way_out;
  if (!dangerous && noted_ && !armed) {
    noted_ = false;
    decision.note = Note::withdraw;
  }
  if (decision.phase == Phase::healthy) {
    refused_.clear(); // the next failure may try again
    if (!healthy_since_) healthy_since_ = now;
  } else {
    healthy_since_.reset();
  }
  phase_ = decision.phase;
}

std::vector<Guard::View> Guard::views(Time now) const {
  std::vector<View> all;
  for (const Check& check : checks_) {
    View view{check.rules.name, "unknown", "not looked at yet", {}, check.rules.only_alerts};
    if (check.last) {
      const Verdict verdict = check.last->verdict;
      view.verdict = verdict == Verdict::passes ? "passes" : "absent";
      view.why = check.last->why;
      view.age = std::chrono::floor<seconds>(now - check.heard);
      view.only_alerts |= check.last->only_alerts && verdict == Verdict::fails;
    }
    if (const auto failure = failure_of(check, now)) {
      view.verdict = "fails";
      view.why = failure->why + " (for " +
                 std::to_string(std::chrono::floor<seconds>(now - failure->since).count()) + " s)";
    }
    all.push_back(std::move(view));
  }
  return all;
}

} // namespace nasmcu::watchdogd

// SPDX-License-Identifier: MIT
#include <watchdogd/fan_progress.hpp>

#include <utility>

namespace nasmcu::watchdogd {
namespace {

using Verdict = Sighting::Verdict;

/// Longer than a poll (60 s at most), a reading and a Set at their limits.
constexpr seconds longest_cycle{100};

} // namespace

Sighting FanProgress::judge(const std::vector<FanSeen>& fans, Time now) {
  const std::map<std::string, Known> before = std::exchange(known_, {});
  Sighting sighting{Verdict::passes, "the fan loop makes progress", {}, false};
  for (const FanSeen& fan : fans) {
    const auto last = before.find(fan.name);
    const bool moved =
        last == before.end() || last->second.cycles != fan.cycles || fan.mode == "waiting";
    const Time since = moved ? now : last->second.since;
    known_.insert({fan.name, {fan.cycles, since}});
    if (!fan.overdue && now - since < longest_cycle) continue;
    sighting.verdict = Verdict::fails;
    sighting.why = "the loop of fan " + fan.name + " hangs, although nas-fand answers";
  }
  if (fans.empty()) sighting.why = "nas-fand answers, and has no fan to drive";
  return sighting;
}

Sighting judge_away(const AwaySeen& seen, seconds grace, IfAbsent absent) {
  const bool was_there = seen.seen || (seen.unit && seen.unit->was_there);
  const bool coming = seen.unit && seen.unit->coming;
  const bool by_wish = seen.stopped || (seen.unit && !seen.unit->failed && !coming);
  if (by_wish) {
    const bool never = !was_there && !seen.stopped;
    return {Verdict::absent,
            never ? seen.daemon + " is not started on this box" : seen.daemon + " was stopped",
            {},
            false};
  }
  if (was_there || coming)
    return {Verdict::fails,
            seen.daemon + (seen.unit && seen.unit->failed ? " has ended and does not come back"
                                                          : " has left the bus"),
            grace, false};
  if (!seen.unit || !seen.unit->enabled || absent == IfAbsent::ignore)
    return {Verdict::absent, seen.daemon + " has not been there since the start", {}, false};
  return {Verdict::fails, seen.daemon + " is wanted and has not come since the start of the box",
          grace, absent == IfAbsent::alert};
}

} // namespace nasmcu::watchdogd

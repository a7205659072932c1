// SPDX-License-Identifier: MIT
#include <watchdogd/disk_patience.hpp>

namespace nasmcu::watchdogd {
namespace {

using Verdict = Sighting::Verdict;

std::string for_time(Time::duration time) {
  return " for " + std::to_string(std::chrono::floor<seconds>(time).count()) + " s";
}

} // namespace

DiskPatience::Look DiskPatience::look(const DiskSeen& seen, Time now) {
  const bool moved = seen.activity.accesses != ended_;
  ended_ = seen.activity.accesses;
  if (moved || seen.under_way == 0)
    stuck_.reset();
  else if (!stuck_)
    stuck_ = now;

  Look look;
  look.sighting = {Verdict::passes, "it answers", {}, false};
  if (reading_since_) {
    gate_.observe(seen.activity, now);
    const auto took = now - *reading_since_;
    look.sighting.why = "it is being read";
    if (took > limit_) look.sighting = {Verdict::fails, "a read waits" + for_time(took), {}, false};
    return look;
  }
  if (stuck_ && now - *stuck_ > limit_) {
    look.sighting = {Verdict::fails,
                     std::to_string(seen.under_way) + " requests are under way and none has ended" +
                         for_time(now - *stuck_),
                     {},
                     false};
    return look;
  }
  if (!wrong_.empty()) look.sighting = {Verdict::fails, wrong_, {}, false};
  const bool suspended = seen.activity.power == mcu::DiskActivity::Power::suspended;
  const auto decision = gate_.decide(seen.activity, now);
  look.read = decision.verdict == mcu::SleepGate::Verdict::read || (!seen.spins && !suspended);
  if (look.read)
    reading_since_ = now;
  else if (wrong_.empty())
    look.sighting.why = decision.verdict == mcu::SleepGate::Verdict::asleep
                            ? "asleep, and left so: " + decision.why
                            : "it answered: " + decision.why;
  return look;
}

void DiskPatience::done(const std::string& wrong, const mcu::DiskActivity& after, Time now) {
  reading_since_.reset();
  wrong_ = wrong;
  ended_ = after.accesses;
  gate_.done(wrong.empty(), after, now);
}

} // namespace nasmcu::watchdogd

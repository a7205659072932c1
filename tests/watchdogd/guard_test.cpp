// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <watchdogd/guard.hpp>

using namespace nasmcu::watchdogd;
using namespace std::chrono_literals;
using Verdict = Sighting::Verdict;

namespace {

const Sighting passing{Verdict::passes, "well", {}, false};
const Sighting broken{Verdict::fails, "nas-fand does not answer", {}, false};

/// One check "fan": 30 s of grace, 20 s of warning. It looks every 5 seconds.
struct Watch {
  GuardRules rules;
  Time now{1000s};
  Guard guard;
  explicit Watch(unsigned resets = 0, bool no_way_out = false)
      : guard(with(no_way_out), resets, now) {
    guard.see("fan", passing, now);
  }
  GuardRules& with(bool no_way_out) {
    rules.checks = {{"fan", 30s, 30s, false}};
    rules.no_way_out = no_way_out;
    return rules;
  }
  /// The last decision of `time` in which each look says the same.
  Decision after(seconds time, const Sighting& sighting) {
    Decision last = guard.decide(now);
    for (const Time end = now + time; now < end;) {
      now += 1s;
      if (now.time_since_epoch() % 5s == 0s) guard.see("fan", sighting, now);
      const Note note = last.note;
      last = guard.decide(now);
      if (last.note == Note::none) last.note = note;
    }
    return last;
  }
};

} // namespace

TEST_CASE("while all checks pass it is fed") {
  Watch watch;
  const Decision decision = watch.after(3600s, passing);
  CHECK(decision.phase == Phase::healthy);
  CHECK(decision.feed);
  CHECK(decision.note == Note::none);
  CHECK(watch.guard.healthy_since() == Time(1000s));
}

TEST_CASE("a check that fails has its grace, then there is a warning, then feeding ends") {
  Watch watch;
  Decision decision = watch.after(34s, broken); // it fails from the 5th second on
  CHECK(decision.phase == Phase::failing);
  CHECK(decision.feed);
  CHECK_THAT(decision.why, ContainsSubstring("fan: nas-fand does not answer; it has 1 s more"));
  decision = watch.after(1s, broken);
  CHECK(decision.phase == Phase::warning);
  CHECK(decision.feed);
  CHECK(decision.note == Note::write);
  CHECK(decision.check == "fan");
  CHECK_THAT(decision.why, ContainsSubstring("the box will be reset, feeding ends in 20 s"));
  decision = watch.after(19s, broken);
  CHECK(decision.feed);
  CHECK(decision.note != Note::withdraw);
  decision = watch.after(1s, broken);
  CHECK(decision.phase == Phase::withheld);
  CHECK_FALSE(decision.feed);
}

TEST_CASE("a check that passes again is fed again, and its note is withdrawn") {
  Watch watch;
  const int until = GENERATE(10, 40, 80);
  watch.after(seconds(until), broken);
  const Decision decision = watch.after(5s, passing);
  CHECK(decision.phase == Phase::healthy);
  CHECK(decision.feed);
  CHECK((decision.note == Note::withdraw) == (until > 35));
}

TEST_CASE("a check that says nothing any more has failed") {
  Watch watch;
  watch.now += 59s;
  CHECK(watch.guard.decide(watch.now).phase == Phase::failing);
  watch.now += 1s;
  const Decision decision = watch.guard.decide(watch.now);
  CHECK(decision.phase == Phase::warning);
  CHECK_THAT(decision.why, ContainsSubstring("said nothing for 60 s"));
  CHECK(watch.guard.views(watch.now).front().verdict == "fails");
}

TEST_CASE("after three resets it only alerts, until an hour has been well") {
  CHECK(Watch(2).after(60s, broken).phase == Phase::withheld);
  Watch watch(3);
  Decision decision = watch.after(7200s, broken);
  CHECK(decision.phase == Phase::alerting);
  CHECK(decision.feed);
  CHECK(decision.note == Note::none);
  CHECK_THAT(decision.why, ContainsSubstring("no reset: there have been 3"));
  watch.after(3600s, passing);
  watch.guard.forget_resets();
  CHECK(watch.after(60s, broken).phase == Phase::withheld);
}

TEST_CASE("what only alerts is fed") {
  Watch watch;
  watch.rules.checks.front().only_alerts = true;
  watch.guard.use(watch.rules, watch.now);
  CHECK(watch.after(600s, broken).phase == Phase::alerting);
  Watch other;
  const Sighting mild{Verdict::fails, "it never came", {}, true};
  const Decision decision = other.after(600s, mild);
  CHECK(decision.phase == Phase::alerting);
  CHECK(decision.feed);
}

TEST_CASE("a failure may bring a longer grace of its own") {
  Watch watch;
  const Sighting gone{Verdict::fails, "nas-fand left the bus", 60s, false};
  CHECK(watch.after(60s, gone).phase == Phase::failing);
  CHECK(watch.after(5s, gone).phase == Phase::warning);
}

TEST_CASE("what was announced, and the way down, excuse every failure") {
  Watch watch;
  watch.guard.announce("an upgrade", watch.now + 120s);
  Decision decision = watch.after(119s, broken);
  CHECK(decision.phase == Phase::failing);
  CHECK_THAT(decision.why, ContainsSubstring("an upgrade was announced, for 1 s more"));
  CHECK(watch.after(1s, broken).phase == Phase::warning);

  Watch other;
  other.guard.shutting_down(true);
  CHECK(other.after(600s, broken).phase == Phase::failing);
  other.guard.shutting_down(false);
  CHECK(other.after(1s, broken).phase == Phase::warning);
}

TEST_CASE("a reset that could not be counted is not made") {
  Watch watch;
  watch.after(36s, broken);
  watch.guard.note_refused("the file system is read-only");
  const Decision decision = watch.after(60s, broken);
  CHECK(decision.phase == Phase::alerting);
  CHECK(decision.feed);
  CHECK_THAT(decision.why, ContainsSubstring("could not be counted: the file system is read-only"));
}

TEST_CASE("a clean stop disarms unless there is no way out") {
  Watch watch;
  watch.after(40s, broken);
  watch.guard.stop();
  Decision decision = watch.guard.decide(watch.now);
  CHECK(decision.phase == Phase::stopped);
  CHECK_FALSE(decision.feed);
  CHECK(decision.disarm);
  CHECK(decision.note == Note::withdraw);

  Watch other(0, true);
  other.after(40s, broken);
  other.guard.stop();
  decision = other.guard.decide(other.now);
  CHECK_FALSE(decision.disarm);
  CHECK(decision.note == Note::none);
}

TEST_CASE("a new configuration keeps what is known of a check") {
  Watch watch;
  watch.after(36s, broken);
  watch.rules.checks.push_back({"mcu", 30s, 30s, false});
  watch.guard.use(watch.rules, watch.now);
  CHECK(watch.after(20s, broken).phase == Phase::withheld);
  watch.rules.checks.clear();
  watch.guard.use(watch.rules, watch.now);
  const Decision decision = watch.guard.decide(watch.now);
  CHECK(decision.phase == Phase::healthy);
  CHECK(decision.why == "nothing is checked");
}

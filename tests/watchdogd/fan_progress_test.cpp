// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <watchdogd/fan_progress.hpp>

using namespace nasmcu::watchdogd;
using namespace std::chrono_literals;
using FanVerdict = Sighting::Verdict;

TEST_CASE("a fan loop that decides makes progress, and one that stands still hangs") {
  FanProgress progress;
  Time now{1000s};
  FanSeen fan{"system", "auto", 1, false};
  for (int i = 0; i < 100; ++i) {
    now += 10s;
    fan.cycles += static_cast<unsigned>(i) % 6 == 0 ? 1U : 0U; // a poll of a minute
    REQUIRE(progress.judge({fan}, now).verdict == FanVerdict::passes);
  }
  Sighting last;
  for (int i = 0; i < 15; ++i) last = progress.judge({fan}, now += 10s);
  CHECK(last.verdict == FanVerdict::fails);
  CHECK_THAT(last.why, ContainsSubstring("the loop of fan system hangs"));
  ++fan.cycles;
  CHECK(progress.judge({fan}, now += 10s).verdict == FanVerdict::passes);
}

TEST_CASE("a fan loop that waits for mcud is well, one that is overdue is not") {
  FanProgress progress;
  Time now{1000s};
  for (int i = 0; i < 100; ++i)
    REQUIRE(progress.judge({{"system", "waiting", 7, false}}, now += 10s).verdict ==
            FanVerdict::passes);
  CHECK(progress.judge({{"system", "waiting", 7, true}}, now).verdict == FanVerdict::fails);
}

TEST_CASE("a daemon that is away is judged by why it is away") {
  const auto judge = [](bool seen, bool stopped, std::optional<UnitSeen> unit,
                        IfAbsent absent = IfAbsent::alert) {
    return judge_away({"nas-fand", seen, stopped, unit}, 60s, absent);
  };
  const UnitSeen inactive{true, false, false, true}, failed{true, true, false, true},
      coming{true, false, true, true}, never{true, true, false, false},
      unwanted{false, true, false, false};
  // By its owner's wish.
  CHECK(judge(true, true, {}).verdict == FanVerdict::absent);
  CHECK(judge(true, false, inactive).verdict == FanVerdict::absent);
  // Without its owner's wish, in this boot.
  for (const auto& unit :
       {std::optional<UnitSeen>(), std::optional(failed), std::optional(coming)}) {
    const Sighting gone = judge(true, false, unit);
    CHECK(gone.verdict == FanVerdict::fails);
    CHECK(gone.grace == 60s);
    CHECK_FALSE(gone.only_alerts);
  }
  CHECK(judge(false, false, failed).verdict == FanVerdict::fails); // also before we began
  // Never there.
  CHECK(judge(false, false, {}).verdict == FanVerdict::absent);
  CHECK(judge(false, false, unwanted).verdict == FanVerdict::absent);
  CHECK(judge(false, false, never).verdict == FanVerdict::fails);
  CHECK(judge(false, false, never).only_alerts);
  CHECK_FALSE(judge(false, false, never, IfAbsent::reset).only_alerts);
  CHECK(judge(false, false, never, IfAbsent::ignore).verdict == FanVerdict::absent);
}

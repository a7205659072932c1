// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <alertd/watchdog_health.hpp>

using namespace nasmcu::alertd;
using nasmcu::ResetNotes;

namespace {

ResetNotes one_reset() {
  ResetNotes notes;
  notes.write("boot-one", 1000, "fan", "nas-fand does not answer");
  return notes;
}

} // namespace

TEST_CASE("a healthy watchdog, and one that does not run, are nothing to tell") {
  CHECK(judge_watchdog({}, {}, "boot-one", "").empty());
  CHECK(judge_watchdog(WatchdogSeen{"healthy", "", "all checks pass", ""}, {}, "boot-one", "")
            .empty());
  CHECK(judge_watchdog(WatchdogSeen{"failing", "fan", "in its grace", "x"}, {}, "boot-one", "")
            .empty());
}

TEST_CASE("a reset is told at the next boot with its reason, until it is known") {
  CHECK(judge_watchdog({}, one_reset(), "boot-one", "").empty());
  for (const bool begun : {false, true}) {
    ResetNotes notes = one_reset();
    if (begun) notes.begin("boot-two", true, 2000);
    const auto found = judge_watchdog({}, notes, "boot-two", "");
    REQUIRE(found.size() == 1);
    CHECK(found[0].id == "watchdog.reset.boot-two");
    CHECK(found[0].severity == Severity::failed);
    CHECK_THAT(found[0].subject, ContainsSubstring("the watchdog reset the box at 1970-01-01") &&
                                     ContainsSubstring("fan: nas-fand does not answer"));
    CHECK_THAT(found[0].text, ContainsSubstring(begun ? "says too" : "does not say"));
    CHECK(judge_watchdog({}, notes, "boot-two", "watchdog.reset.boot-two").empty());
  }
}

TEST_CASE("checks that fail for too long are told, and going on is no news") {
  const auto seen = [](const char* state) {
    return judge_watchdog(WatchdogSeen{state, "fan", "fan: broken; 20 s", "broken"}, {}, "one", "");
  };
  REQUIRE(seen("warning").size() == 1);
  CHECK(seen("warning")[0].id == "watchdog.fan");
  CHECK_THAT(seen("warning")[0].subject, ContainsSubstring("will reset the box: fan: broken"));
  CHECK(seen("warning")[0].severity == Severity::failed);
  CHECK(seen("warning")[0].state == seen("withheld")[0].state);
  CHECK_THAT(seen("alerting")[0].subject, ContainsSubstring("check fails: fan: broken"));
}

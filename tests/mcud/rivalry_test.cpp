// SPDX-License-Identifier: MIT
#include "clock_start.hpp"

#include <catch.hpp>

#include <mcud/rivalry.hpp>

using namespace nasmcu;
using namespace std::chrono_literals;
using Action = Rivalry::Action;

namespace {

const mcu::Rival a_zone{mcu::Rival::Kind::thermal_zone, "thermal zone hdd-thermal (step_wise)"};

mcu::Rival other_program(int pwm) {
  return {mcu::Rival::Kind::program, "pwm1 is " + std::to_string(pwm) + ", 128 was written"};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a fan that nobody else drives is ours and there is nothing to say") {
  for (const auto policy :
       {mcu::Conflict::stand_back, mcu::Conflict::take_over, mcu::Conflict::refuse}) {
    Rivalry rivalry(policy);
    const Rivalry::Verdict verdict = rivalry.judge({}, clock_start);
    CHECK(verdict.action == Action::drive);
    CHECK(verdict.line.empty());
    CHECK(rivalry.words().empty());
    CHECK(rivalry.rival().empty());
  }
}

TEST_CASE("standing back from a zone is said once and ends when the zone is gone") {
  Rivalry rivalry(mcu::Conflict::stand_back);
  const Rivalry::Verdict first = rivalry.judge(a_zone, clock_start);
  CHECK(first.action == Action::stand_back);
  CHECK(first.line == "thermal zone hdd-thermal (step_wise) drives it too; standing back until it "
                      "does so no longer (conflict = stand-back)");
  CHECK_FALSE(first.error);
  CHECK(rivalry.theirs());
  CHECK(rivalry.rival() == zone.what);
  CHECK(rivalry.words() == "left to " + zone.what);
  const Rivalry::Verdict later = rivalry.judge(a_zone, clock_start + 24h);
  CHECK(later.action == Action::stand_back); // a zone may have nothing to do for days
  CHECK(later.line.empty());
  const Rivalry::Verdict gone = rivalry.judge({}, clock_start + 24h + 1s);
  CHECK(gone.action == Action::drive);
  CHECK(contains(gone.line, "driving again"));
  CHECK_FALSE(rivalry.theirs());
  CHECK(rivalry.words().empty());
}

TEST_CASE("what a zone has written last is no program's work") {
  Rivalry rivalry(mcu::Conflict::stand_back);
  rivalry.judge(a_zone, clock_start);
  CHECK(rivalry.judge(other_program(200), clock_start + 15s).action == Action::drive);
  CHECK_FALSE(rivalry.theirs());
}

TEST_CASE("standing back from a program ends when it has changed nothing for 10 minutes") {
  Rivalry rivalry(mcu::Conflict::stand_back);
  CHECK(rivalry.judge(other_program(77), clock_start).action == Action::stand_back);
  CHECK(rivalry.judge(other_program(77), clock_start + 9min).action == Action::stand_back);
  CHECK(rivalry.judge(other_program(78), clock_start + 9min + 59s).action == Action::stand_back);
  CHECK(contains(rivalry.words(), "pwm1 is 78"));
  CHECK(rivalry.judge(other_program(78), clock_start + 19min).action == Action::stand_back);
  const Rivalry::Verdict quiet = rivalry.judge(other_program(78), clock_start + 19min + 59s);
  CHECK(quiet.action == Action::drive);
  CHECK(contains(quiet.line, "changed nothing for 10 minutes"));
  CHECK_FALSE(rivalry.theirs());
  CHECK(rivalry.judge(other_program(80), clock_start + 21min).action == Action::stand_back);
}

TEST_CASE("a program that happens to write our own value has changed something") {
  Rivalry rivalry(mcu::Conflict::stand_back);
  CHECK(rivalry.judge(other_program(77), clock_start).action == Action::stand_back);
  CHECK(rivalry.judge({}, clock_start + 9min).action == Action::stand_back);
  CHECK(rivalry.judge({}, clock_start + 18min).action == Action::stand_back);
  CHECK(rivalry.judge({}, clock_start + 19min).action == Action::drive);
}

TEST_CASE("a take-over is said once, and of a program at most once an hour") {
  Rivalry rivalry(mcu::Conflict::take_over);
  CHECK(rivalry.judge(other_program(77), clock_start).action == Action::take_over);
  const Rivalry::Verdict taken = rivalry.took_over(mcu::Done{}, clock_start);
  CHECK(taken.action == Action::drive);
  CHECK(contains(taken.line, "taken over"));
  CHECK_FALSE(rivalry.theirs());
  CHECK(contains(rivalry.words(), "taken over from another program (pwm1 is 77"));
  int lines = 0;
  for (auto after = 15s; after <= 3600s; after += 15s) {
    CHECK(rivalry.judge(other_program(60), clock_start + after).action == Action::take_over);
    lines += rivalry.took_over(mcu::Done{}, clock_start + after).line.empty() ? 0 : 1;
  }
  CHECK(lines == 1);
}

TEST_CASE("a program that was taken over and writes no more is forgotten after 10 minutes") {
  Rivalry rivalry(mcu::Conflict::take_over);
  rivalry.judge(other_program(77), clock_start);
  rivalry.took_over(mcu::Done{}, clock_start);
  rivalry.judge({}, clock_start + 15s);
  CHECK_FALSE(rivalry.words().empty());
  rivalry.judge({}, clock_start + 10min + 15s);
  CHECK(rivalry.words().empty());
}

TEST_CASE("a zone that was taken over stays named: it will get its fan back") {
  Rivalry rivalry(mcu::Conflict::take_over);
  rivalry.judge(a_zone, clock_start);
  rivalry.took_over(mcu::Done{}, clock_start);
  CHECK(rivalry.judge({}, clock_start + 24h).action == Action::drive);
  CHECK(rivalry.words() == "taken over from " + zone.what);
}

TEST_CASE("a take-over that fails stands back, says why once, and is tried again") {
  Rivalry rivalry(mcu::Conflict::take_over);
  const mcu::Status failure = mcu::Error{mcu::Errc::failed, "policy: Permission denied"};
  rivalry.judge(a_zone, clock_start);
  const Rivalry::Verdict failed = rivalry.took_over(failure, clock_start);
  CHECK(failed.action == Action::stand_back);
  CHECK(failed.error);
  CHECK(contains(failed.line, "Permission denied"));
  CHECK(rivalry.theirs());
  CHECK(contains(rivalry.words(), "Permission denied"));
  CHECK(rivalry.judge(a_zone, clock_start + 15s).action == Action::take_over);
  CHECK(rivalry.took_over(failure, clock_start + 15s).line.empty());
  CHECK(rivalry.judge(a_zone, clock_start + 30s).action == Action::take_over);
  const Rivalry::Verdict taken = rivalry.took_over(mcu::Done{}, clock_start + 30s);
  CHECK(contains(taken.line, "taken over"));
  CHECK_FALSE(rivalry.theirs());
}

TEST_CASE("a refusal is an error, and stays when the rival has gone") {
  Rivalry rivalry(mcu::Conflict::refuse);
  const Rivalry::Verdict refused = rivalry.judge(other_program(77), clock_start);
  CHECK(refused.action == Action::stand_back);
  CHECK(refused.error);
  CHECK(contains(refused.line, "restart mcud"));
  CHECK(rivalry.judge({}, clock_start + 1h).action == Action::stand_back);
  CHECK(rivalry.judge({}, clock_start + 24h).line.empty());
  CHECK(rivalry.theirs());
}

// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <supervise/policy.hpp>

using namespace nasmcu::supervise;
using namespace std::chrono_literals;
using Kind = Action::Kind;

namespace {

Rules with_failsafe() {
  Rules rules;
  rules.has_failsafe = true;
  return rules;
}

/// A daemon and the time, both played.
struct Play {
  explicit Play(Rules rules = with_failsafe()) : policy(rules) {
    CHECK(policy.begin(now).kind == Kind::start);
  }
  void make_ready() { CHECK(policy.ready(now).kind == Kind::none); }
  /// Until the policy wants to do something by itself.
  Action wait() {
    REQUIRE(policy.due());
    now = *policy.due();
    return policy.tick(now);
  }
  Time now{};
  Policy policy;
};

const End killed{0, 9};
const End clean{0, 0};

} // namespace

TEST_CASE("a killed daemon means failsafe first, then a new start") {
  Play play;
  play.make_ready();
  const Action action = play.policy.ended(killed, play.now);
  CHECK(action.kind == Kind::failsafe);
  CHECK(action.why == "ended with signal 9; started again in 0.5 s");
  CHECK(play.policy.failsafe_ended(clean, play.now).kind == Kind::none);
  const Time before = play.now;
  CHECK(play.wait().kind == Kind::start);
  CHECK(play.now - before == 500ms);
}

TEST_CASE("the daemon is not started again while the failsafe program has the hardware") {
  Play play;
  play.make_ready();
  CHECK(play.policy.ended(killed, play.now).kind == Kind::failsafe);
  CHECK(play.wait().kind == Kind::kill_failsafe);
  CHECK(play.wait().kind == Kind::kill_failsafe);
  CHECK(play.policy.failsafe_ended(killed, play.now).why ==
        "the failsafe program ended with signal 9");
  CHECK(play.wait().kind == Kind::start);
}

TEST_CASE("without a sign of life the daemon is killed, and with one it is not") {
  Play play;
  play.make_ready();
  for (int i = 0; i < 10; ++i) {
    play.now += 29s;
    CHECK(play.policy.tick(play.now).kind == Kind::none);
    CHECK(play.policy.alive(play.now).kind == Kind::none);
  }
  const Time last = play.now;
  const Action action = play.wait();
  CHECK(action.kind == Kind::kill);
  CHECK(action.why == "no sign of life for 30 s: killed");
  CHECK(play.now - last == 30s);
  CHECK(play.policy.ended(killed, play.now).kind == Kind::failsafe);
}

TEST_CASE("a daemon that is asked for no sign of life has all the time") {
  Rules rules = with_failsafe();
  rules.sign_of_life = 0ms;
  Play play(rules);
  play.make_ready();
  CHECK_FALSE(play.policy.due());
}

TEST_CASE("one that is never ready is killed") {
  Play play;
  CHECK(play.wait().kind == Kind::kill);
  CHECK(play.now == Time{} + 90s);
}

TEST_CASE("a wrong configuration means failsafe, one line, and the end with its exit status") {
  Play play;
  const Action action = play.policy.ended({2, 0}, play.now);
  CHECK(action.kind == Kind::failsafe);
  CHECK(action.why.find("exit status 2") != std::string::npos);
  CHECK(action.why.find("started again") == std::string::npos);
  const Action last = play.policy.failsafe_ended(clean, play.now);
  CHECK(last.kind == Kind::end);
  CHECK(last.code == 2);
  CHECK_FALSE(play.policy.due());
}

TEST_CASE("a clean end is meant so") {
  Play play;
  play.make_ready();
  const Action action = play.policy.ended(clean, play.now);
  CHECK(action.kind == Kind::end);
  CHECK(action.code == 0);
}

TEST_CASE("a stop is a SIGTERM, its end ours, and no failsafe: the daemon has seen to that") {
  Play play;
  play.make_ready();
  CHECK(play.policy.terminate(play.now).kind == Kind::terminate);
  CHECK(play.policy.terminate(play.now).kind == Kind::none);
  const Action action = play.policy.ended(clean, play.now);
  CHECK(action.kind == Kind::end);
  CHECK(action.code == 0);
}

TEST_CASE("one that does not stop is killed, signs of life or not, and then comes failsafe") {
  Play play;
  play.make_ready();
  CHECK(play.policy.terminate(play.now).kind == Kind::terminate);
  play.policy.alive(play.now + 4s);
  const Action action = play.wait();
  CHECK(action.kind == Kind::kill);
  CHECK(play.now == Time{} + 5s);
  CHECK(play.policy.ended(killed, play.now).kind == Kind::failsafe);
  const Action last = play.policy.failsafe_ended(clean, play.now);
  CHECK(last.kind == Kind::end);
  CHECK(last.code == 1);
}

TEST_CASE("a stop between two starts ends at once, and one during failsafe behind it") {
  Play between;
  CHECK(between.policy.ended(killed, between.now).kind == Kind::failsafe);
  between.policy.failsafe_ended(clean, between.now);
  CHECK(between.policy.terminate(between.now).kind == Kind::end);
  Play during;
  CHECK(during.policy.ended(killed, during.now).kind == Kind::failsafe);
  CHECK(during.policy.terminate(during.now).kind == Kind::none);
  CHECK(during.policy.failsafe_ended(clean, during.now).kind == Kind::end);
}

TEST_CASE("pauses grow in a crash loop, up to a limit, and begin anew after a steady time") {
  Play play;
  std::chrono::milliseconds pause = 500ms;
  for (int i = 0; i < 12; ++i) {
    CHECK(play.policy.ended({1, 0}, play.now).kind == Kind::failsafe);
    play.policy.failsafe_ended(clean, play.now);
    const Time before = play.now;
    CHECK(play.wait().kind == Kind::start);
    CHECK(play.now - before == pause);
    pause = std::min<std::chrono::milliseconds>(2 * pause, 60s);
  }
  play.make_ready();
  play.now += 61s;
  CHECK(play.policy.ended(killed, play.now).why == "ended with signal 9; started again in 0.5 s");
}

TEST_CASE("without a failsafe program the pause follows at once") {
  Play play((Rules()));
  CHECK(play.policy.ended(killed, play.now).why == "ended with signal 9; started again in 0.5 s");
  CHECK(play.wait().kind == Kind::start);
}

TEST_CASE("SIGHUP waits for a daemon that could not hear it yet") {
  Play play;
  CHECK(play.policy.reload().kind == Kind::none);
  CHECK(play.policy.ready(play.now).kind == Kind::reload);
  CHECK(play.policy.reload().kind == Kind::reload);
  CHECK(play.policy.ended(killed, play.now).kind == Kind::failsafe);
  CHECK(play.policy.reload().kind == Kind::none);
}

TEST_CASE("a program that cannot be started is tried again") {
  Play play;
  const Action action = play.policy.not_started("exec: No such file or directory", play.now);
  CHECK(action.kind == Kind::failsafe);
  CHECK(action.why == "cannot be started: exec: No such file or directory; started again in 0.5 s");
}

TEST_CASE("one that SIGKILL does not end is waited for, and told of once") {
  Play play;
  play.make_ready();
  CHECK(play.wait().kind == Kind::kill);
  const Action told = play.wait();
  CHECK(told.kind == Kind::none);
  CHECK_FALSE(told.why.empty());
  CHECK_FALSE(play.policy.due());
  CHECK(play.policy.ended(killed, play.now).kind == Kind::failsafe);
}

// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <fancontrol/stall.hpp>

using namespace nasmcu::fancontrol;
using namespace std::chrono_literals;
using mcu::Duty;
using mcu::Rpm;

namespace {

/// A fan that is looked at every ten seconds, and once more when a boost ends.
struct Watched {
  StallRule rule{Rpm{120}};
  StallMemory memory = {};
  Instant now = {};
  Push last = {};

  double poll(unsigned rpm, double wanted = 40) {
    now += 10s;
    return look_at(rpm, wanted);
  }
  double look_at(unsigned rpm, double wanted) {
    last = push(rule, memory, Spin{Rpm{rpm}, last.duty}, Duty{wanted}, Duty{70}, now);
    memory = last.next;
    return last.duty.percent;
  }
};

Watched turning() {
  Watched watched;
  watched.poll(900);
  return watched;
}

/// Three slow polls, then the boost and its end.
void fail_to_start(Watched& watched) {
  for (int i = 0; i < 10 && !watched.last.again && !watched.last.stalled; ++i) watched.poll(0);
  while (watched.last.again) {
    watched.now = *watched.last.again;
    watched.look_at(0, 40);
  }
}

} // namespace

TEST_CASE("a fan that turns is left alone") {
  Watched watched = turning();
  for (int i = 0; i < 100; ++i) CHECK(watched.poll(120) == 40);
  CHECK(watched.last.why.empty());
  CHECK_FALSE(watched.last.again);
}

TEST_CASE("three slow polls in a row bring a boost of three seconds") {
  Watched watched = turning();
  CHECK(watched.poll(119) == 40);
  CHECK(watched.poll(0) == 40);
  CHECK(watched.poll(500) == 40);
  CHECK(watched.poll(119) == 40);
  CHECK(watched.poll(119) == 40);
  CHECK(watched.poll(119) == 100);
  CHECK(watched.last.why == "boost of 100 % for 3 s, since it is slower than 120 rpm");
  CHECK(watched.last.again == watched.now + 3s);
  CHECK_FALSE(watched.last.stalled);
  watched.now += 3s;
  CHECK(watched.look_at(800, 40) == 40);
  CHECK_FALSE(watched.last.again);
}

TEST_CASE("the same old reading, seen at many fast polls, brings no boost before twenty seconds") {
  Watched watched = turning();
  for (int second = 0; second < 20; ++second) {
    CHECK(watched.look_at(0, 40) == 40);
    watched.now += 1s;
  }
  CHECK(watched.look_at(0, 40) == 100);
}

TEST_CASE("after three boosts in ten minutes it is stalled and stays at failsafe") {
  Watched watched = turning();
  for (int i = 0; i < 3; ++i) {
    fail_to_start(watched);
    CHECK_FALSE(watched.last.stalled);
  }
  CHECK(watched.memory.boosts.size() == 3);
  fail_to_start(watched);
  REQUIRE(watched.last.stalled);
  CHECK(watched.last.duty == Duty{70});
  CHECK(watched.last.why ==
        "stalled: slower than 120 rpm, and 3 boosts did not help: at least failsafe 70 %");
  for (int i = 0; i < 1000; ++i) CHECK(watched.poll(0) == 70);
  CHECK(watched.memory.boosts.size() == 3); // no more of them
  CHECK(watched.poll(0, 90) == 90);
}

TEST_CASE("a stalled fan that turns again is trusted after ten minutes") {
  Watched watched = turning();
  for (int i = 0; i < 4; ++i) fail_to_start(watched);
  REQUIRE(watched.last.stalled);
  for (int i = 0; i < 60; ++i) CHECK(watched.poll(1500) == 70);
  CHECK(watched.poll(1500) == 40);
  CHECK_FALSE(watched.last.stalled);
}

TEST_CASE("a fan that nobody drives may stand still, and so may one without a tachometer") {
  Watched watched = turning();
  for (int i = 0; i < 10; ++i) CHECK(watched.poll(0, 0) == 0);
  StallMemory memory;
  for (int i = 0; i < 10; ++i) {
    const Push pushed =
        push(watched.rule, memory, std::nullopt, Duty{40}, Duty{70}, Instant{} + 10s * i);
    CHECK(pushed.duty == Duty{40});
    memory = pushed.next;
  }
}

TEST_CASE("where no lowest speed is known only a fan that was seen turning can stall") {
  Watched watched{StallRule{}};
  for (int i = 0; i < 10; ++i) CHECK(watched.poll(0) == 40);
  watched.poll(30);
  watched.poll(0);
  watched.poll(0);
  CHECK(watched.poll(0) == 100);
  CHECK(watched.last.why == "boost of 100 % for 3 s, since it is standing still");
}

TEST_CASE("a start from a standstill gets its boost, where one is set") {
  Watched watched = turning();
  watched.poll(0, 0);
  CHECK(watched.poll(0, 30) == 30);
  watched.rule.start_boost = Duty{60};
  watched.poll(0, 0);
  CHECK(watched.poll(0, 30) == 60);
  CHECK(watched.last.why == "boost of 60 % for 3 s, since it is starting");
  watched.now += 3s;
  CHECK(watched.look_at(400, 30) == 30);
  watched.poll(0, 0);
  CHECK(watched.poll(0, 80) == 80);
  CHECK(watched.memory.boosts.empty());
}

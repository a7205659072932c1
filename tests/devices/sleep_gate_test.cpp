// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <libmcu/devices/sleep_gate.hpp>

using namespace mcu;
using namespace std::chrono_literals;
using Answer = SleepGate::Verdict;
using DiskPower = DiskActivity::Power;

namespace {

/// A disk whose clock and counters the test turns.
struct Disk {
  SleepGate::Decision ask() { return gate.decide(activity, now); }
  /// Asks, and reads where that is allowed.
  Answer poll() {
    const Answer verdict = ask().verdict;
    if (verdict == Answer::read) gate.done(true, activity, now);
    return verdict;
  }
  Answer after(SleepGate::Duration time, unsigned accesses = 0) {
    now += time;
    activity.accesses += accesses;
    return poll();
  }
  /// Asked every 10 s, as the fan's control does; how often it was read.
  unsigned long polled_for(SleepGate::Duration time, SleepGate::Duration access_every) {
    const auto before = gate.counters().reads;
    SleepGate::Duration since = 0s;
    for (SleepGate::Duration t = 0s; t < time; t += 10s, since += 10s) {
      const bool access = since >= access_every;
      if (access) since = 0s;
      after(10s, access ? 1 : 0);
    }
    return gate.counters().reads - before;
  }

  SleepGate gate;
  SleepGate::Time now{1h};
  DiskActivity activity{DiskPower::unknown, 1000};
};

constexpr SleepGate::Duration never = 1000h;

} // namespace

TEST_CASE("the counters of a disk are its completed reads and writes") {
  CHECK(accesses_of("  100  1 800 10  50 2 400 5 0 15 15 0 0 0 0") == 150U);
  CHECK(accesses_of("100 1 800 10 50 2 400 5") == 150U);
  CHECK(accesses_of("4294967296 0 0 0 1 0 0 0 0 0 0") == 4294967297U);
  for (const char* bad : {"", "100 1 800 10 50 2 400", "x 1 800 10 50 2 400 5", "-1 0 0 0 5 0 0 0"})
    CHECK_FALSE(accesses_of(bad));
}

TEST_CASE("at the start nobody knows whether a disk sleeps: it is read when it was seen in use") {
  Disk disk;
  const auto first = disk.ask();
  CHECK(first.verdict == Answer::asleep);
  CHECK_THAT(first.why, ContainsSubstring("not seen in use"));
  CHECK(disk.after(10s) == Answer::asleep);
  CHECK(disk.after(10s, 1) == Answer::read);
}

TEST_CASE("at the start a disk that the kernel would have put to rest is known to be awake") {
  Disk disk;
  disk.activity.power = DiskPower::active;
  CHECK(disk.ask().verdict == Answer::read);
  SECTION("once: each reading would put the kernel's timer back") {
    disk.gate.done(true, disk.activity, disk.now);
    CHECK(disk.polled_for(2h, never) == 0);
  }
  SECTION("not again when that reading failed") {
    disk.gate.done(false, disk.activity, disk.now);
    CHECK(disk.polled_for(2h, never) == 0);
  }
}

TEST_CASE("a disk that the kernel has put to rest is not read, whatever its counters did") {
  Disk disk;
  disk.ask();
  disk.activity.power = DiskPower::suspended;
  CHECK(disk.after(10s, 5) == Answer::asleep);
  disk.now += 12min;
  CHECK(disk.ask().why == "put to rest by the kernel 12 min ago");
  disk.activity.power = DiskPower::active;
  CHECK(disk.after(10s, 1) == Answer::read);
}

TEST_CASE("a busy disk is read once a minute, and its last reading counts in between") {
  Disk disk;
  disk.ask();
  CHECK(disk.after(10s, 100) == Answer::read);
  CHECK(disk.after(10s, 100) == Answer::keep_last);
  CHECK(disk.after(49s, 100) == Answer::keep_last);
  CHECK(disk.after(1s, 100) == Answer::read);
  CHECK(disk.polled_for(1h, 10s) == 60);
}

TEST_CASE("an idle disk is not read again; its reading is good for five minutes, then it rests") {
  Disk disk;
  disk.ask();
  REQUIRE(disk.after(10s, 1) == Answer::read);
  CHECK(disk.after(60s) == Answer::keep_last);
  CHECK(disk.after(4min - 1s) == Answer::keep_last);
  CHECK(disk.after(1s) == Answer::asleep);
  disk.now += 7min;
  CHECK(disk.ask().why == "at rest since 12 min");
  CHECK(disk.polled_for(10h, never) == 0);
}

TEST_CASE("a disk used every few minutes is read after each use and does not flap") {
  Disk disk;
  disk.ask();
  REQUIRE(disk.after(10s, 1) == Answer::read);
  const auto withheld = disk.gate.counters().withheld;
  CHECK(disk.polled_for(1h, 2min) >= 25);
  CHECK(disk.gate.counters().withheld == withheld);
}

TEST_CASE("a reading's own access is not the owner's") {
  Disk disk;
  disk.ask();
  disk.now += 10s;
  disk.activity.accesses += 1;
  REQUIRE(disk.ask().verdict == Answer::read);
  disk.activity.accesses += 3; // counted for the reading, on some kernels
  disk.gate.done(true, disk.activity, disk.now);
  CHECK(disk.polled_for(2h, never) == 0);
}

TEST_CASE("use at a time that nobody saw is no sign that the disk is still awake") {
  Disk disk;
  disk.ask();
  CHECK(disk.after(1h, 500) == Answer::asleep);
  CHECK_THAT(disk.gate.last().why, ContainsSubstring("at a time that nobody saw"));
  CHECK(disk.after(10s) == Answer::asleep);
  CHECK(disk.after(10s, 1) == Answer::read);
}

TEST_CASE("somebody who only observes makes the times known") {
  Disk disk;
  disk.ask();
  for (int i = 0; i < 360; ++i) {
    disk.now += 10s;
    disk.activity.accesses += 1;
    disk.gate.observe(disk.activity, disk.now);
  }
  CHECK(disk.ask().verdict == Answer::read);
}

TEST_CASE("asked once a minute, as slowly as the fan's control may, a disk in use is read") {
  Disk disk;
  disk.ask();
  for (int i = 0; i < 10; ++i) CHECK(disk.after(61s, 1) == Answer::read);
}

TEST_CASE("a reading that failed is tried again while the disk is awake, and not longer") {
  Disk disk;
  disk.ask();
  disk.now += 10s;
  disk.activity.accesses += 1;
  REQUIRE(disk.ask().verdict == Answer::read);
  disk.gate.done(false, disk.activity, disk.now);
  disk.now += 10s;
  CHECK(disk.ask().verdict == Answer::read);
  disk.gate.done(false, disk.activity, disk.now);
  disk.now += 81s;
  CHECK(disk.ask().verdict == Answer::asleep);
}

TEST_CASE("counters that ran backwards are another disk's, of which nothing is known") {
  Disk disk;
  disk.ask();
  REQUIRE(disk.after(10s, 1) == Answer::read);
  disk.activity.accesses = 3;
  CHECK(disk.after(10s) == Answer::asleep);
  CHECK_THAT(disk.gate.last().why, ContainsSubstring("not seen in use"));
  CHECK(disk.after(10s, 1) == Answer::read);
}

TEST_CASE("each decision is counted and explained, also over a change of disks") {
  Disk disk;
  disk.ask();
  disk.after(10s, 1);
  disk.after(10s);
  disk.after(10s);
  disk.gate.reset();
  disk.after(10s);
  CHECK(disk.gate.counters().reads == 1);
  CHECK(disk.gate.counters().kept == 2);
  CHECK(disk.gate.counters().withheld == 2);
  CHECK_FALSE(disk.gate.last().why.empty());
}

TEST_CASE("who does not read can still know whether a disk rests, and nothing is counted for it") {
  Disk disk;
  CHECK(disk.gate.rests(disk.now)); // nothing is known yet
  disk.gate.observe(disk.activity, disk.now);
  CHECK(disk.gate.rests(disk.now));
  disk.now += 30s;
  disk.activity.accesses += 1;
  disk.gate.observe(disk.activity, disk.now);
  CHECK_FALSE(disk.gate.rests(disk.now));
  CHECK_FALSE(disk.gate.rests(disk.now + 90s));
  CHECK(disk.gate.rests(disk.now + 91s));
  disk.activity.power = DiskPower::active;
  disk.gate.observe(disk.activity, disk.now);
  CHECK_FALSE(disk.gate.rests(disk.now + 24h));
  disk.activity.power = DiskPower::suspended;
  disk.gate.observe(disk.activity, disk.now);
  CHECK(disk.gate.rests(disk.now));
  CHECK(disk.gate.counters().reads + disk.gate.counters().kept + disk.gate.counters().withheld ==
        0);
}

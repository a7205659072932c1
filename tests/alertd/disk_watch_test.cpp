// SPDX-License-Identifier: MIT
// When disks are read. Above all a day of a disk that sleeps, in virtual time: it must never notice
// that it is looked after.
#include <catch.hpp>

#include "sleepy_disk.hpp"

#include <set>

using namespace nasmcu::alertd;
using namespace std::chrono_literals;

namespace {

SmartReport healthy(const std::string& serial) {
  SmartReport report;
  report.outcome = SmartReport::Outcome::read;
  report.serial = serial;
  report.passed = true;
  report.celsius = 31;
  return report;
}

/// The part of nas-alertd that reads disks.
struct Watcher {
  DiskWatch watch{DiskWatch::Options{}};

  void look(SleepyDisk& disk, Tick now) {
    const WallTime wall = midnight + std::chrono::floor<std::chrono::seconds>(now - Tick{});
    const SeenDisk seen{"/dev/sda", "/sys/devices/ata1", "SYN-1", "1", "", false, disk.activity()};
    for (const SeenDisk& due : watch.look({seen}, now, wall)) {
      disk.read_smart(now);
      watch.done(due.path, healthy("SYN-1"), disk.activity(), now, wall);
    }
  }
};

/// What the field's scripts do. The counters must notice it.
struct AlwaysReads {
  static void look(SleepyDisk& disk, Tick now) { disk.read_smart(now); }
};

/// Reads on an interval that is long enough for the rule of the pause, and nothing else.
struct ReadsEveryHour {
  std::optional<Tick> last;
  void look(SleepyDisk& disk, Tick now) {
    if (last && now - *last < 1h) return;
    last = now;
    disk.read_smart(now);
  }
};

template <class Policy>
SleepyDisk day_of_a_disk(Policy policy, Usage used, std::chrono::seconds look_every,
                         std::chrono::seconds look_offset = 3s) {
  SleepyDisk disk;
  for (std::chrono::seconds at = 0s; at < 24h; at += 1s) {
    const Tick now = power_on + at;
    if (used(at)) disk.use(now);
    if (at % look_every == look_offset) policy.look(disk, now);
    disk.let_time_pass(now);
  }
  return disk;
}

void check_undisturbed(const SleepyDisk& disk) {
  CHECK(disk.touches_asleep == 0);
  CHECK(disk.reads_idle == 0);
  CHECK(disk.shortest_pause >= 5min);
}

} // namespace

TEST_CASE("24 hours: a sleeping disk is never touched, and its own timer runs out every time") {
  for (const auto look_every : {60s, 10s})
    for (std::chrono::seconds offset = 0s; offset < look_every; offset += 7s) {
      INFO("a look every " << look_every.count() << " s, from second " << offset.count() << " on");
      const SleepyDisk disk = day_of_a_disk(Watcher{}, used_as_at_home, look_every, offset);
      check_undisturbed(disk);
      CHECK(disk.sleeps == rests_at_home);
      CHECK(disk.reads >= 8); // not for want of reading: behind each use there is a verdict
    }
}

TEST_CASE("24 hours: a disk that nobody uses is never read") {
  for (const auto look_every : {60s, 10s}) {
    const SleepyDisk disk = day_of_a_disk(Watcher{}, never_used, look_every);
    CHECK(disk.reads == 0);
    CHECK(disk.sleeps == 1);
  }
}

TEST_CASE("24 hours: a busy disk is read at most every 5 minutes, and about as often") {
  for (const auto look_every : {60s, 10s}) {
    const SleepyDisk disk = day_of_a_disk(Watcher{}, used_all_day, look_every);
    check_undisturbed(disk);
    CHECK(disk.sleeps == 0);
    CHECK(disk.reads <= 288);
    CHECK(disk.reads >= 240);
  }
}

TEST_CASE("24 hours: without the gate the same disk is kept awake or woken, and that is noticed") {
  const SleepyDisk always = day_of_a_disk(AlwaysReads{}, used_as_at_home, 60s);
  CHECK(always.sleeps == 0);
  CHECK(always.reads_idle > 0);
  CHECK(always.shortest_pause < 5min);
  const SleepyDisk hourly = day_of_a_disk(ReadsEveryHour{}, used_as_at_home, 60s);
  CHECK(hourly.touches_asleep > 0);
  CHECK(hourly.reads_idle > 0);
  CHECK(hourly.sleeps != rests_at_home);
}

namespace {

/// One disk, and what the kernel tells of it.
struct OneDisk {
  SeenDisk seen{"/dev/sda", "/sys/devices/ata1", "SYN-1", "1", "", false, {}};
  DiskWatch watch{DiskWatch::Options{}};
  Tick now{1h};
  WallTime wall = midnight;

  /// The disk has been used; is it to be read?
  bool used(std::chrono::seconds later = 60s) {
    ++seen.activity.accesses;
    return rests(later);
  }
  bool rests(std::chrono::seconds later) {
    now += later;
    wall += later;
    return !watch.look({seen}, now, wall).empty();
  }
  void answers(const SmartReport& report) {
    watch.done(seen.path, report, seen.activity, now, wall);
  }
  DiskState state() const { return watch.states(wall).at(0); }
};

SmartReport no_data(SmartReport::Outcome outcome, const std::string& why) {
  SmartReport report;
  report.outcome = outcome;
  report.why = why;
  return report;
}

} // namespace

TEST_CASE("while a disk is being read it is not offered again") {
  OneDisk disk;
  CHECK_FALSE(disk.rests(1s));
  REQUIRE(disk.used());
  for (int minute = 0; minute < 30; ++minute) CHECK_FALSE(disk.used());
  disk.answers(healthy("SYN-1"));
  for (int minute = 1; minute < 5; ++minute) CHECK_FALSE(disk.used());
  CHECK(disk.used());
}

TEST_CASE("a reading that fails is not tried again for 5 minutes") {
  OneDisk disk;
  disk.rests(1s);
  REQUIRE(disk.used());
  disk.answers(no_data(SmartReport::Outcome::unclear, "smartctl did not end in time"));
  CHECK(disk.state().verdict == "unknown");
  CHECK_THAT(disk.state().reason, ContainsSubstring("in time"));
  for (int look = 0; look < 29; ++look) CHECK_FALSE(disk.used(10s));
  CHECK(disk.used(10s));
}

TEST_CASE("a sleeping disk keeps its last verdict, with its age") {
  OneDisk disk;
  disk.rests(1s);
  REQUIRE(disk.used());
  SmartReport report = healthy("SYN-1");
  report.reallocated = 8;
  disk.answers(report);
  CHECK(disk.state().verdict == "warning");
  CHECK(disk.state().celsius == 31.0);
  for (int look = 0; look < 180; ++look) disk.rests(60s);
  const DiskState state = disk.state();
  CHECK(state.asleep);
  CHECK(state.verdict == "warning");
  CHECK(state.reason == "asleep, last read 3 h ago");
  CHECK_FALSE(state.celsius);
  CHECK(state.counters.reads == 1);
  CHECK(state.counters.withheld > 0);
  CHECK_THAT(state.gate, ContainsSubstring("at rest since"));
  REQUIRE(disk.watch.findings(disk.now, disk.wall).size() == 1);
  CHECK(disk.watch.findings(disk.now, disk.wall)[0].state == "8");
}

TEST_CASE("a disk that smartctl finds in standby keeps its verdict too") {
  OneDisk disk;
  disk.rests(1s);
  REQUIRE(disk.used());
  SmartReport report = healthy("SYN-1");
  report.passed = false;
  disk.answers(report);
  REQUIRE(disk.used(6min + 1s) == false); // nobody knows when in these minutes
  REQUIRE(disk.used());
  disk.answers(no_data(SmartReport::Outcome::asleep, "Device is in STANDBY mode"));
  CHECK(disk.state().verdict == "failed");
  CHECK(disk.watch.findings(disk.now, disk.wall).size() == 1);
}

TEST_CASE("a verdict in words: ok, unknown, no SMART") {
  OneDisk disk;
  disk.rests(1s);
  CHECK(disk.state().verdict == "unknown");
  CHECK(disk.state().reason == "asleep, not read yet");
  REQUIRE(disk.used());
  SECTION("ok") {
    disk.answers(healthy("SYN-1"));
    CHECK(disk.state().verdict == "ok");
    CHECK(disk.state().reason.empty());
    CHECK(disk.state().serial == "SYN-1");
  }
  SECTION("no SMART") {
    disk.answers(no_data(SmartReport::Outcome::no_smart, "Unknown USB bridge"));
    CHECK(disk.state().verdict == "no SMART");
    CHECK(disk.state().reason == "Unknown USB bridge");
    CHECK(disk.watch.findings(disk.now, disk.wall).empty());
  }
  SECTION("denied") {
    disk.answers(no_data(SmartReport::Outcome::denied, "Permission denied"));
    CHECK(disk.state().verdict == "unknown");
    CHECK(disk.watch.findings(disk.now, disk.wall).at(0).id == "disk.SYN-1.unreadable");
  }
}

TEST_CASE("an answer that nobody waits for changes nothing") {
  OneDisk disk;
  disk.rests(1s);
  disk.answers(healthy("SYN-1"));
  disk.watch.done("/sys/devices/elsewhere", healthy("SYN-9"), {}, disk.now, disk.wall);
  CHECK(disk.state().verdict == "unknown");
  CHECK(disk.watch.memories().size() == 1);
}

TEST_CASE("a self-test that somebody asked for is counted and explained, and nothing else wakes") {
  DiskWatch watch{DiskWatch::Options{}};
  const SeenDisk in_bay{"/dev/sda", "/sys/a", "A", "1", "", false, {}};
  const SeenDisk outside{"/dev/sdc", "/sys/c", "C", "", "", false, {}};
  CHECK(watch.look({in_bay, outside}, power_on, midnight).empty());
  const auto tested = watch.self_test("1");
  REQUIRE(tested);
  CHECK(tested->node == "/dev/sda");
  const auto states = watch.states(midnight);
  CHECK(states[0].counters.reads == 1);
  CHECK(states[0].gate == "a self-test was asked for");
  CHECK(states[1].counters.reads == 0);
  CHECK(watch.look({in_bay, outside}, power_on + 10min, midnight).empty()); // not even then
  CHECK(watch.self_test("sdc"));
  const auto nobody = watch.self_test("2");
  REQUIRE_FALSE(nobody);
  CHECK_THAT(nobody.error().what, ContainsSubstring("there are: 1, sdc"));
}

TEST_CASE("of disks that went from no bay, the 32 that were read last are remembered") {
  std::vector<SmartMemory> memories;
  for (int i = 0; i < 40; ++i) {
    SmartMemory memory;
    memory.serial = "STICK-" + std::to_string(i);
    memory.last = midnight + std::chrono::hours(i);
    memories.push_back(memory);
  }
  memories[0].bay = "1"; // taken out of a bay: it is missing, not gone
  DiskWatch watch(DiskWatch::Options{}, memories);
  watch.look({{"/dev/sdx", "/sys/devices/x", "STICK-1", "", "", false, {}}}, power_on, midnight);
  std::set<std::string> kept;
  for (const SmartMemory& memory : watch.memories()) kept.insert(memory.serial);
  CHECK(kept.size() == 34);
  for (const char* serial : {"STICK-0", "STICK-1", "STICK-8", "STICK-39"}) {
    INFO(serial);
    CHECK(kept.contains(serial));
  }
  CHECK_FALSE(kept.contains("STICK-7"));
}

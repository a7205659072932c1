// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <watchdogd/disk_patience.hpp>

using namespace nasmcu::watchdogd;
using namespace std::chrono_literals;
using DiskVerdict = Sighting::Verdict;

namespace {

/// A disk that is looked at every 10 seconds; a read may take 30.
struct LookedAt {
  DiskPatience patience{30s};
  DiskSeen seen;
  Time now{1000s};
  int reads = 0;

  DiskPatience::Look look() {
    now += 10s;
    const auto look = patience.look(seen, now);
    if (look.read) ++reads;
    return look;
  }
  void read_ends(const std::string& wrong = "") {
    ++seen.activity.accesses;
    patience.done(wrong, seen.activity, now);
  }
};

} // namespace

TEST_CASE("a disk that nobody uses is never read, and passes") {
  LookedAt disk;
  for (int i = 0; i < 1000; ++i) CHECK(disk.look().sighting.verdict == DiskVerdict::passes);
  CHECK(disk.reads == 0);
  CHECK_THAT(disk.look().sighting.why, ContainsSubstring("asleep, and left so"));
}

TEST_CASE("a disk that is used is read, at most once a minute, and its read is no use of it") {
  LookedAt disk;
  for (int i = 0; i < 60; ++i) {
    disk.seen.activity.accesses += 5;
    if (disk.look().read) disk.read_ends();
  }
  CHECK(disk.reads >= 8);
  CHECK(disk.reads <= 11);
  const int before = disk.reads;
  for (int i = 0; i < 1000; ++i)
    if (disk.look().read) disk.read_ends();
  CHECK(disk.reads <= before + 1);
}

TEST_CASE("one that does not spin is read at each look") {
  LookedAt disk;
  disk.seen.spins = false;
  for (int i = 0; i < 10; ++i)
    if (disk.look().read) disk.read_ends();
  CHECK(disk.reads == 10);
}

TEST_CASE("a read that does not end, and one that went wrong, are failures until a good one") {
  LookedAt disk;
  disk.seen.spins = false;
  REQUIRE(disk.look().read);
  for (int i = 0; i < 3; ++i) CHECK(disk.look().sighting.verdict == DiskVerdict::passes);
  const auto late = disk.look();
  CHECK(late.sighting.verdict == DiskVerdict::fails);
  CHECK_THAT(late.sighting.why, ContainsSubstring("a read waits for 40 s"));
  CHECK_FALSE(late.read);
  disk.read_ends("it cannot be read: Input/output error");
  const auto wrong = disk.look();
  CHECK(wrong.sighting.verdict == DiskVerdict::fails);
  CHECK_THAT(wrong.sighting.why, ContainsSubstring("Input/output error"));
  REQUIRE(wrong.read);
  disk.read_ends();
  CHECK(disk.look().sighting.verdict == DiskVerdict::passes);
}

TEST_CASE("requests that do not end are those of a disk that hangs, without any read of ours") {
  LookedAt disk;
  disk.look();
  disk.seen.under_way = 3;
  for (int i = 0; i < 4; ++i) CHECK(disk.look().sighting.verdict == DiskVerdict::passes);
  const auto stuck = disk.look();
  CHECK(stuck.sighting.verdict == DiskVerdict::fails);
  CHECK_THAT(stuck.sighting.why,
             ContainsSubstring("3 requests are under way and none has ended for 40 s"));
  CHECK(disk.reads == 0);
  // A busy disk has requests under way all the time.
  for (int i = 0; i < 20; ++i) {
    ++disk.seen.activity.accesses;
    const auto busy = disk.look();
    CHECK(busy.sighting.verdict == DiskVerdict::passes);
    if (busy.read) disk.read_ends();
  }
}

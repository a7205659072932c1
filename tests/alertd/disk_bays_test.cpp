// SPDX-License-Identifier: MIT
// Disks that come, go, and change their places.
#include <catch.hpp>

#include <alertd/disk_watch.hpp>

#include <algorithm>

using namespace nasmcu::alertd;
using namespace std::chrono_literals;

namespace {

using Seen = std::vector<SeenDisk>;

SeenDisk disk_in(const std::string& bay, const std::string& serial, const std::string& node = "") {
  SeenDisk disk;
  disk.node = node.empty() ? "/dev/sd" + bay : node;
  disk.path = "/sys/devices/ata" + (bay.empty() ? disk.node : bay);
  disk.serial = serial;
  disk.bay = bay;
  disk.activity.accesses = 100;
  return disk;
}

SmartReport sick(const std::string& serial, std::uint64_t reallocated = 8) {
  SmartReport report;
  report.outcome = SmartReport::Outcome::read;
  report.model = "SYNTH NAS4000";
  report.serial = serial;
  report.passed = true;
  report.reallocated = reallocated;
  return report;
}

/// A box whose disks are changed while it runs, or between two boots.
struct Box {
  explicit Box(std::vector<SmartMemory> memories = {})
      : watch(DiskWatch::Options{}, std::move(memories)) {}

  Seen look(const Seen& disks, std::chrono::seconds later = 60s) {
    now += later;
    wall += later;
    return watch.look(disks, now, wall);
  }
  /// Looks, lets each disk be used, and looks again: all may be read. `disks` keeps the counters.
  Seen use(Seen& disks) {
    look(disks);
    for (SeenDisk& disk : disks) disk.activity.accesses += 5;
    return look(disks);
  }
  void answer(const SeenDisk& disk, const SmartReport& report) {
    watch.done(disk.path, report, disk.activity, now, wall);
  }
  /// Uses and reads all disks; `reports` in the same order.
  void read(Seen& disks, const std::vector<SmartReport>& reports) {
    REQUIRE(use(disks).size() == disks.size());
    for (std::size_t i = 0; i < disks.size(); ++i) answer(disks[i], reports[i]);
  }
  /// "ID@BAY" of each finding.
  std::vector<std::string> found() const {
    std::vector<std::string> all;
    for (const Finding& finding : watch.findings(now, wall))
      all.push_back(finding.id + "@" + finding.bay);
    return all;
  }
  Box rebooted() const {
    std::vector<SmartMemory> kept;
    for (const SmartMemory& memory : watch.memories())
      kept.push_back(*memory_from_record(to_record(memory)));
    Box box(kept);
    box.wall = wall + 1h;
    return box;
  }

  DiskWatch watch;
  DiskWatch::Time now{1h};
  WallTime wall{std::chrono::sys_days(std::chrono::year(2026) / 6 / 1)};
};

using Ids = std::vector<std::string>;

} // namespace

TEST_CASE("a disk missing from its bay becomes an alert after the grace time, with its serial") {
  Box box;
  Seen disks = {disk_in("1", "SYN-A"), disk_in("2", "SYN-B")};
  box.read(disks, {sick("SYN-A", 0), sick("SYN-B", 0)});
  disks.pop_back();
  box.look(disks);
  CHECK(box.watch.states(box.wall)[1].reason == "missing for 0 s");
  box.look(disks, 119s);
  CHECK(box.found().empty());
  box.look(disks, 1s);
  CHECK(box.found() == Ids{"disk.SYN-B.missing@2"});
  const Finding finding = box.watch.findings(box.now, box.wall).front();
  CHECK(finding.severity == Severity::failed);
  CHECK(finding.subject == "disk 2 (SYNTH NAS4000, serial SYN-B) is missing");
  CHECK(finding.serial == "SYN-B");
  CHECK(finding.disk.empty());
  const auto states = box.watch.states(box.wall);
  REQUIRE(states.size() == 2);
  CHECK(states[1].verdict == "failed");
  CHECK(states[1].serial == "SYN-B");
  CHECK(states[1].reason == "missing for 2 min");
  SECTION("and is no more when it is back, be it as another node") {
    disks.push_back(disk_in("2", "SYN-B", "/dev/sdq"));
    box.look(disks);
    CHECK(box.found().empty());
  }
  SECTION("and is no more when another disk is in the bay") {
    disks.push_back(disk_in("2", "SYN-C"));
    box.look(disks);
    CHECK(box.found().empty());
    disks.pop_back();
    box.look(disks);
    box.look(disks, 2min);
    CHECK(box.found() == Ids{"disk.SYN-C.missing@2"});
  }
  SECTION("and is no more when a person says that it was taken out") {
    CHECK(box.watch.forget("2").ok());
    CHECK(box.found().empty());
    box.look(disks, 10min);
    CHECK(box.found().empty());
    CHECK(box.rebooted().found().empty());
  }
}

TEST_CASE("only a missing disk can be forgotten, and the answer says which are") {
  Box box;
  Seen disks = {disk_in("1", "SYN-A"), disk_in("2", "SYN-B")};
  box.look(disks);
  REQUIRE_FALSE(box.watch.forget("1").ok());
  disks.erase(disks.begin());
  box.look(disks);
  const auto status = box.watch.forget("2");
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == mcu::Errc::invalid_argument);
  CHECK(status.error().what == "no disk is missing from bay '2'; from 1");
}

TEST_CASE("a bay that was used before the boot and is empty now is noticed too") {
  Box before;
  Seen disks = {disk_in("1", "SYN-A"), disk_in("2", "SYN-B")};
  before.read(disks, {sick("SYN-A", 0), sick("SYN-B")});
  Box box = before.rebooted();
  disks.pop_back();
  box.look(disks);
  CHECK(box.found() == Ids{"disk.SYN-B.reallocated@2"}); // not forgotten meanwhile
  box.look(disks, 2min);
  CHECK(box.found() == Ids{"disk.SYN-B.reallocated@2", "disk.SYN-B.missing@2"});
}

TEST_CASE("a disk in no bay may leave without an alert") {
  Box box;
  Seen disks = {disk_in("", "SYN-U", "/dev/sdu")};
  box.read(disks, {sick("SYN-U")});
  CHECK(box.found() == Ids{"disk.SYN-U.reallocated@"});
  box.look({});
  box.look({}, 1h);
  CHECK(box.found().empty());
  CHECK(box.watch.memories().size() == 1);
}

TEST_CASE("disks swapped between boots: the memory follows the serial, the alert the bay") {
  Box before;
  Seen disks = {disk_in("1", "SYN-A"), disk_in("2", "SYN-B")};
  before.read(disks, {sick("SYN-A"), sick("SYN-B", 0)});
  CHECK(before.found() == Ids{"disk.SYN-A.reallocated@1"});
  Box box = before.rebooted();
  box.look({disk_in("1", "SYN-B"), disk_in("2", "SYN-A")});
  CHECK(box.found() == Ids{"disk.SYN-A.reallocated@2"});
  CHECK(box.watch.findings(box.now, box.wall)[0].disk == "/dev/sd2");
  box.look({disk_in("1", "SYN-B"), disk_in("2", "SYN-A")}, 1h);
  CHECK(box.found() == Ids{"disk.SYN-A.reallocated@2"}); // none is missing
}

TEST_CASE("disks whose numbers the kernel does not tell are known once they are read") {
  Box before;
  Seen disks = {disk_in("1", ""), disk_in("2", "")};
  before.read(disks, {sick("SYN-A"), sick("SYN-B", 0)});
  CHECK(before.found() == Ids{"disk.SYN-A.reallocated@1"});
  Box box = before.rebooted();
  Seen swapped = {disk_in("1", ""), disk_in("2", "")};
  box.look(swapped);
  // Until then each is taken for the one that was there, so that nothing is forgotten.
  CHECK(box.found() == Ids{"disk.SYN-A.reallocated@1"});
  CHECK_THAT(box.watch.states(box.wall)[0].reason, ContainsSubstring("taken for the disk"));
  box.read(swapped, {sick("SYN-B", 0), sick("SYN-A")});
  CHECK(box.found() == Ids{"disk.SYN-A.reallocated@2"});
  box.look(swapped, 1h);
  CHECK(box.found() == Ids{"disk.SYN-A.reallocated@2"});
}

TEST_CASE("hot-plug: another disk begins afresh, and the old one's growth waits for it") {
  Box box;
  Seen disks = {disk_in("1", "SYN-A")};
  box.read(disks, {sick("SYN-A", 8)});
  Seen other = {disk_in("1", "SYN-B")}; // at the same path, and no look between
  box.look(other);
  CHECK(box.found().empty());
  CHECK(box.watch.states(box.wall)[0].verdict == "unknown");
  CHECK(box.watch.states(box.wall)[0].counters.reads == 0);
  Seen back = {disk_in("2", "SYN-A")};
  box.look(back);
  CHECK(box.found() == Ids{"disk.SYN-A.reallocated@2"});
  box.read(back, {sick("SYN-A", 9)});
  CHECK(box.found() == Ids{"disk.SYN-B.missing@1", "disk.SYN-A.reallocated@2"});
  CHECK_THAT(box.watch.findings(box.now, box.wall)[1].text,
             ContainsSubstring("It was 8 at the first"));
}

TEST_CASE("a disk changed at its path, unseen, is found out when it answers") {
  Box box;
  Seen disks = {disk_in("1", "")};
  box.read(disks, {sick("SYN-A")});
  SECTION("by its counters, when they ran backwards") {
    disks[0].activity.accesses = 3;
    box.look(disks);
    CHECK(box.watch.states(box.wall)[0].serial.empty());
  }
  SECTION("by its number") {
    box.look(disks, 10min);
    box.read(disks, {sick("SYN-B", 0)});
    CHECK(box.found().empty());
    CHECK(box.watch.states(box.wall)[0].serial == "SYN-B");
    CHECK(box.watch.memories().size() == 2);
  }
}

TEST_CASE("a node that vanishes between two looks keeps its verdict, and then is missing") {
  Box box;
  Seen disks = {disk_in("1", "SYN-A")};
  box.read(disks, {sick("SYN-A")});
  box.look(disks, 10min);
  REQUIRE(box.use(disks).size() == 1);
  SmartReport gone;
  gone.outcome = SmartReport::Outcome::gone;
  gone.why = "No such device";
  SECTION("and its reading ends before the next look") {
    box.watch.done(disks[0].path, gone, {}, box.now, box.wall);
    CHECK(box.found() == Ids{"disk.SYN-A.reallocated@1"});
    box.look({});
  }
  SECTION("and its reading ends behind the next look") {
    box.look({});
    box.watch.done(disks[0].path, gone, {}, box.now, box.wall);
  }
  box.look({}, 2min);
  CHECK(box.found() == Ids{"disk.SYN-A.reallocated@1", "disk.SYN-A.missing@1"});
}

TEST_CASE("the answer of a disk that was taken out does not count for the one put in") {
  Box box;
  Seen disks = {disk_in("1", "SYN-A")};
  REQUIRE(box.use(disks).size() == 1);
  Seen other = {disk_in("1", "SYN-B")};
  other[0].activity.accesses = 1000;
  CHECK(box.use(other).empty()); // one reading at a time, for this path too
  box.answer(other[0], sick("SYN-A"));
  CHECK(box.found().empty());
  CHECK(box.watch.states(box.wall)[0].verdict == "unknown");
  CHECK(box.look(other).size() == 1);
}

TEST_CASE("a disk without a serial number is told by its bay, and missed there") {
  Box box;
  Seen disks = {disk_in("2", "")};
  box.read(disks, {sick("")});
  CHECK(box.found() == Ids{"disk.bay-2.reallocated@2"});
  CHECK_THAT(box.watch.findings(box.now, box.wall)[0].subject,
             ContainsSubstring("no serial number"));
  CHECK(box.watch.memories().empty()); // there is nothing to know it by after a boot
  box.look({});
  box.look({}, 2min);
  CHECK(box.found() == Ids{"disk.bay-2.reallocated@2", "disk.bay-2.missing@2"});
  box.look({disk_in("2", "SYN-N")});
  CHECK(box.found().empty());
}

TEST_CASE("a USB disk is known by its own number, not by its bridge's") {
  Box box;
  Seen disks = {disk_in("", "BRIDGE-1", "/dev/sdu")};
  disks[0].usb = true;
  SECTION("when the bridge lets it tell") {
    box.read(disks, {sick("SYN-U")});
    CHECK(box.found() == Ids{"disk.SYN-U.reallocated@"});
  }
  SECTION("else the bridge's is better than none") {
    SmartReport none;
    none.outcome = SmartReport::Outcome::no_smart;
    none.why = "Unknown USB bridge";
    box.read(disks, {none});
    CHECK(box.watch.states(box.wall)[0].serial == "BRIDGE-1");
  }
}

TEST_CASE("two disks with the same number do not share a memory") {
  Box box;
  Seen disks = {disk_in("1", "SYN-A"), disk_in("2", "SYN-A")};
  box.read(disks, {sick("SYN-A", 8), sick("SYN-A", 0)});
  CHECK(box.found() == Ids{"disk.SYN-A.reallocated@1"});
}

TEST_CASE("one disk that hangs does not keep another from being read") {
  Box box;
  Seen disks = {disk_in("1", "SYN-A"), disk_in("2", "SYN-B")};
  REQUIRE(box.use(disks).size() == 2);
  box.answer(disks[1], sick("SYN-B"));
  box.look(disks, 6min);
  const Seen due = box.use(disks);
  REQUIRE(due.size() == 1);
  CHECK(due[0].bay == "2");
}

TEST_CASE("disks are listed in the order of bays, then of nodes") {
  Box box;
  box.look({disk_in("", "U2", "/dev/sdz"), disk_in("10", "J"), disk_in("left", "L"),
            disk_in("2", "B"), disk_in("", "U1", "/dev/sdy"), disk_in("1", "A")});
  std::string order;
  for (const DiskState& state : box.watch.states(box.wall)) order += state.serial + " ";
  CHECK(order == "A B J L U1 U2 ");
}

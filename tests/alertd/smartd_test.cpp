// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include "../common/temp_tree.hpp"

#include <alertd/disk_watch.hpp>
#include <alertd/smartd.hpp>

using namespace nasmcu::alertd;
using namespace std::chrono_literals;

namespace {

constexpr const char* debian_conf = "# DEVICESCAN -M exec /usr/share/nasmcu/smartd/50nasmcu\n"
                                    "DEVICESCAN -d removable -n standby -m root -M exec "
                                    "/usr/share/smartmontools/smartd-runner\n";

SmartdSigns signs_in(const TempTree& tree) { return SmartdSearch(tree.root()).look(); }

const DiskWatch::Time told_now{1h};
const WallTime told_day{std::chrono::sys_days(std::chrono::year(2026) / 6 / 2)};

SeenDisk seen_disk(const std::string& node, const std::string& serial, const std::string& bay,
                   std::uint64_t accesses = 10) {
  return {
      node, "/sys/" + node, serial, bay, "", false, {mcu::DiskActivity::Power::unknown, accesses}};
}

Finding said(const std::string& kind, const std::string& message = "") {
  const auto finding = judge_message({"/dev/sda", kind, message, ""});
  REQUIRE(finding);
  REQUIRE(finding->has_value());
  return **finding;
}

} // namespace

TEST_CASE("smartd is seen by its process, and by what its configuration calls") {
  const TempTree tree;
  CHECK_FALSE(signs_in(tree).runs);
  CHECK_FALSE(signs_in(tree).tells);
  tree.write("proc/77/comm", "smartd\n");
  tree.write("proc/self/comm", "other\n");
  CHECK(signs_in(tree).runs);
  tree.write("etc/smartd.conf", debian_conf);
  CHECK_FALSE(signs_in(tree).tells); // a comment, and a runner that has nothing of ours to call
  tree.write("etc/smartmontools/run.d/10mail", "");
  CHECK_FALSE(signs_in(tree).tells);
  tree.write("etc/smartmontools/run.d/50nasmcu", "");
  CHECK(signs_in(tree).tells);
  tree.write("etc/smartd.conf", "DEVICESCAN -m root\n");
  CHECK_FALSE(signs_in(tree).tells); // nobody runs run.d
  tree.write("etc/smartd.conf", "/dev/sda -m <nomailer> -M exec /opt/nasmcu/tell # so it is\n");
  CHECK(signs_in(tree).tells);
}

TEST_CASE("smartd's configuration is read to its end, and again when it changed") {
  const TempTree tree;
  SmartdSearch search(tree.root());
  CHECK_FALSE(search.look().tells);
  const std::string comments(10000, '#'); // Debian's own has more than 5000 bytes of them
  tree.write("etc/smartd.conf", comments + "\n" + debian_conf);
  tree.write("etc/smartmontools/run.d/50nasmcu", "");
  CHECK(search.look().tells);
  std::filesystem::remove(tree.path("etc/smartmontools/run.d/50nasmcu"));
  CHECK_FALSE(search.look().tells);
  std::filesystem::remove(tree.path("etc/smartd.conf"));
  CHECK_FALSE(search.look().tells);
}

TEST_CASE("a process of another name, or one whose name cannot be read, is not smartd") {
  const TempTree tree;
  tree.write("proc/77/comm", "smartd-runner\n");
  tree.write("proc/78/status", "");
  CHECK_FALSE(signs_in(tree).runs);
}

TEST_CASE("one of the two reads the disks, and what the owner should know is said") {
  using enum PollerRule;
  struct Row {
    PollerRule rule;
    SmartdSigns signs;
    bool smartd;
    const char* words;
  };
  for (const Row& row :
       {Row{automatic, {false, false}, false, ""}, Row{automatic, {false, true}, false, ""},
        Row{automatic, {true, false}, false, "read twice"},
        Row{automatic, {true, true}, true, "tells nas-alertd"},
        Row{ourselves, {true, true}, false, "read twice"},
        Row{smartd, {false, true}, true, "nobody reads them"},
        Row{smartd, {true, false}, true, "does not have it tell"},
        Row{smartd, {true, true}, true, "tells nas-alertd"}}) {
    CHECK(smartd_polls(row.rule, row.signs) == row.smartd);
    const std::string words = poller_words(row.rule, row.signs);
    CAPTURE(words);
    if (std::string(row.words).empty())
      CHECK(words.empty());
    else
      CHECK(words.find(row.words) != std::string::npos);
  }
}

TEST_CASE("a message of smartd's becomes a finding with its words") {
  const Finding health =
      said("Health", "Device: /dev/sda [SAT], FAILED SMART self-check. BACK UP DATA NOW!");
  CHECK(health.severity == Severity::failed);
  CHECK(health.subject ==
        "smartd says: Device: /dev/sda [SAT], FAILED SMART self-check. BACK UP DATA NOW!");
  CHECK(said("Usage").severity == Severity::failed);
  for (const char* kind : {"CurrentPendingSector", "SelfTest", "Temperature", "FailedOpenDevice"}) {
    CHECK(said(kind).severity == Severity::warning);
    CHECK(said(kind).state == kind);
    CHECK(said(kind).subject == std::string("smartd says: ") + kind);
  }
}

TEST_CASE("smartd's own test is no finding, and what smartd would not say is refused in words") {
  const auto test = judge_message({"/dev/sda", "EmailTest", "TEST EMAIL", ""});
  REQUIRE(test);
  CHECK_FALSE(test->has_value());
  for (const std::string& kind : {std::string(), std::string("two words"), std::string("x/../y"),
                                  std::string(41, 'a'), std::string("a\n")}) {
    const auto bad = judge_message({"/dev/sda", kind, "x", ""});
    REQUIRE_FALSE(bad);
    CHECK(bad.error().code == mcu::Errc::invalid_argument);
  }
  CHECK(said("Health", "a\nb\x01").subject == "smartd says: a b");
}

TEST_CASE("while smartd reads, no disk is read by us, whatever it does") {
  DiskWatch watch{DiskWatch::Options{}};
  watch.leave_to_smartd(true);
  for (std::uint64_t used = 10; used < 100; ++used)
    CHECK(watch
              .look({seen_disk("/dev/sda", "A", "1", used)}, told_now + std::chrono::minutes(used),
                    told_day)
              .empty());
  const auto states = watch.states(told_day);
  REQUIRE(states.size() == 1);
  CHECK(states[0].counters.reads == 0);
  CHECK_FALSE(states[0].asleep);
  CHECK(states[0].reason == "left to smartd");
  // In use at the last look; then nothing more.
  (void)watch.look({seen_disk("/dev/sda", "A", "1", 99)}, told_now + 24h, told_day);
  CHECK(watch.states(told_day)[0].asleep);
}

TEST_CASE("what smartd says is an alert of that disk and its bay, once however often it is said") {
  DiskWatch watch{DiskWatch::Options{}};
  watch.leave_to_smartd(true);
  (void)watch.look({seen_disk("/dev/sda", "A", "1"), seen_disk("/dev/sdb", "B", "2")}, told_now,
                   told_day);
  for (int i = 0; i < 3; ++i) REQUIRE(watch.told("/dev/sdb", "", said("Health", "bad"), told_day));
  const auto findings = watch.findings(told_now, told_day);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].id == "disk.B.smartd-Health");
  CHECK(findings[0].subject == "disk 2 (serial B): smartd says: bad");
  CHECK(findings[0].bay == "2");
  CHECK(findings[0].disk == "/dev/sdb");
  CHECK(findings[0].serial == "B");
  CHECK(watch.states(told_day)[1].verdict == "failed");
  REQUIRE(watch.told("/dev/sdb", "", said("Temperature"), told_day));
  CHECK(watch.findings(told_now, told_day).size() == 2);
}

TEST_CASE("what smartd said goes with the disk, over restarts, until a reading of our own") {
  DiskWatch before{DiskWatch::Options{}};
  before.leave_to_smartd(true);
  (void)before.look({seen_disk("/dev/sda", "A", "1")}, told_now, told_day);
  REQUIRE(before.told("/dev/sda", "", said("Health"), told_day));

  DiskWatch watch{DiskWatch::Options{}, before.memories()};
  (void)watch.look({seen_disk("/dev/sdc", "A", "2", 10)}, told_now, told_day);
  REQUIRE(watch.findings(told_now, told_day).size() == 1);
  CHECK(watch.findings(told_now, told_day)[0].bay == "2");
  const auto due = watch.look({seen_disk("/dev/sdc", "A", "2", 20)}, told_now + 1min, told_day);
  REQUIRE(due.size() == 1);
  SmartReport healthy_again;
  healthy_again.outcome = SmartReport::Outcome::read;
  healthy_again.serial = "A";
  healthy_again.passed = true;
  watch.done(due[0].path, healthy_again, due[0].activity, told_now + 1min, told_day);
  CHECK(watch.findings(told_now + 1min, told_day).empty());
}

TEST_CASE("smartd's name for an NVMe disk is understood, and one that is not there is refused") {
  DiskWatch watch{DiskWatch::Options{}};
  watch.leave_to_smartd(true);
  (void)watch.look({seen_disk("/dev/nvme0n1", "N", "")}, told_now, told_day);
  CHECK(watch.told("/dev/nvme0", "", said("Health"), told_day));
  for (const char* other : {"/dev/nvme1", "/dev/sda", "/dev/nvme", ""}) {
    const auto refused = watch.told(other, "", said("Health"), told_day);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == mcu::Errc::unsupported);
  }
}

TEST_CASE("smartd's own words tell the number of a disk of which the kernel knows none") {
  CHECK(serial_in("WDC WD40EFRX-68N32N0, S/N:WD-WCC7K0, WWN:5-0014ee-2, FW:82.00A82, 4.00 TB") ==
        "WD-WCC7K0");
  CHECK(serial_in("[ATA      disk], S/N: X 1") == "X 1");
  CHECK(serial_in("").empty());
  CHECK(serial_in("S/N:").empty());
  DiskWatch watch{DiskWatch::Options{}};
  watch.leave_to_smartd(true);
  (void)watch.look({seen_disk("/dev/sda", "", "1"), seen_disk("/dev/sdb", "B", "2")}, told_now,
                   told_day);
  REQUIRE(watch.told("/dev/sda", "A-1", said("Health"), told_day));
  REQUIRE(watch.told("/dev/sdb", "WRONG", said("Health"), told_day));
  const auto findings = watch.findings(told_now, told_day);
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].serial == "A-1");
  CHECK(findings[1].serial == "B"); // the kernel's word counts
}

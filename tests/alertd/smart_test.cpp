// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <alertd/smart.hpp>

#include <algorithm>

using namespace nasmcu::alertd;
using namespace std::chrono_literals;

namespace {

const WallTime day_one{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
const DiskPlace bay_two{"/dev/sdb", "2", ""};

SmartReport good_report() {
  SmartReport report;
  report.outcome = SmartReport::Outcome::read;
  report.model = "SYNTH NAS4000";
  report.serial = "SYN-1";
  report.protocol = "ATA";
  report.passed = true;
  report.reallocated = 0;
  report.pending = 0;
  report.uncorrectable = 0;
  report.crc_errors = 0;
  return report;
}

SmartReport ended(SmartReport::Outcome outcome, const std::string& why) {
  SmartReport report;
  report.outcome = outcome;
  report.why = why;
  return report;
}

/// A disk from reading to reading.
struct History {
  SmartMemory memory;
  WallTime now = day_one;
  std::vector<Finding> last;

  std::vector<Finding> read(const SmartReport& report, std::chrono::seconds later = 24h) {
    now += later;
    last = judge(report, memory, bay_two, now);
    return last;
  }
  const Finding* found(const std::string& what) const {
    const auto at = std::find_if(last.begin(), last.end(), [&](const Finding& finding) {
      return finding.id == "disk.SYN-1." + what;
    });
    return at == last.end() ? nullptr : &*at;
  }
};

} // namespace

TEST_CASE("a good disk gives no finding, and is remembered") {
  History disk;
  CHECK(disk.read(good_report()).empty());
  CHECK(disk.memory.serial == "SYN-1");
  CHECK(disk.memory.model == "SYNTH NAS4000");
  CHECK(disk.memory.bay == "2");
  CHECK(disk.memory.first == disk.now);
  CHECK(disk.memory.last == disk.now);
  CHECK(disk.memory.passed == true);
}

TEST_CASE("a finding names the disk, its bay and its serial number") {
  History disk;
  SmartReport report = good_report();
  report.reallocated = 8;
  REQUIRE(disk.read(report).size() == 1);
  const Finding& finding = disk.last.front();
  CHECK(finding.id == "disk.SYN-1.reallocated");
  CHECK(finding.subject == "disk 2 (SYNTH NAS4000, serial SYN-1): 8 reallocated sectors");
  CHECK(finding.severity == Severity::warning);
  CHECK(finding.state == "8");
  CHECK(finding.bay == "2");
  CHECK(finding.disk == "/dev/sdb");
  CHECK(finding.serial == "SYN-1");
  CHECK_THAT(finding.text, ContainsSubstring("not read before"));
}

TEST_CASE("growth since the first reading is told") {
  History disk;
  SmartReport report = good_report();
  report.pending = 2;
  disk.read(report);
  disk.read(report);
  REQUIRE(disk.found("pending"));
  CHECK_THAT(disk.found("pending")->text,
             ContainsSubstring("It was 2 at the first reading on 2026-01-02") &&
                 ContainsSubstring("not grown since"));
  report.pending = 5;
  disk.read(report);
  CHECK(disk.found("pending")->state == "5");
  CHECK_THAT(disk.found("pending")->text, ContainsSubstring("grew last on 2026-01-04"));
  report.pending = 0;
  CHECK(disk.read(report).empty());
}

TEST_CASE("one of a thing is told in the singular") {
  History disk;
  SmartReport report = good_report();
  report.pending = 1;
  disk.read(report);
  CHECK_THAT(disk.last.front().subject,
             ContainsSubstring(": 1 pending sector") && !ContainsSubstring("sectors"));
}

TEST_CASE("each counter other than 0 is a warning of its own") {
  History disk;
  SmartReport report = good_report();
  report.reallocated = report.pending = report.uncorrectable = report.media_errors = 1;
  disk.read(report);
  for (const char* what : {"reallocated", "pending", "uncorrectable", "media-errors"}) {
    INFO(what);
    REQUIRE(disk.found(what));
    CHECK(disk.found(what)->severity == Severity::warning);
  }
}

TEST_CASE("a counter that is not told once keeps its last value") {
  History disk;
  SmartReport report = good_report();
  report.reallocated = 8;
  disk.read(report);
  report.reallocated.reset();
  disk.read(report);
  REQUIRE(disk.found("reallocated"));
  CHECK(disk.found("reallocated")->state == "8");
}

TEST_CASE("transfer errors count only while they grow, and a week behind it") {
  History disk;
  SmartReport report = good_report();
  report.crc_errors = 412;
  CHECK(disk.read(report).empty());
  CHECK(disk.read(report).empty());
  report.crc_errors = 413;
  disk.read(report);
  REQUIRE(disk.found("crc"));
  CHECK(disk.found("crc")->severity == Severity::warning);
  disk.read(report, 7 * 24h);
  CHECK(disk.found("crc"));
  disk.read(report, 1s);
  CHECK_FALSE(disk.found("crc"));
}

TEST_CASE("a clock that was ahead does not keep transfer errors alive for years") {
  History disk;
  SmartReport report = good_report();
  disk.read(report);
  disk.now += 365 * 24h;
  report.crc_errors = 1;
  disk.read(report);
  REQUIRE(disk.found("crc"));
  disk.now = day_one;
  disk.read(report);
  disk.read(report, 8 * 24h);
  CHECK_FALSE(disk.found("crc"));
}

TEST_CASE("the disk's own verdict and attributes that fail now are failures") {
  History disk;
  SmartReport report = good_report();
  report.passed = false;
  report.failing = {"Reallocated_Sector_Ct", "Spin_Up_Time"};
  disk.read(report);
  REQUIRE(disk.found("verdict"));
  CHECK(disk.found("verdict")->severity == Severity::failed);
  REQUIRE(disk.found("attributes"));
  CHECK(disk.found("attributes")->severity == Severity::failed);
  CHECK(disk.found("attributes")->state == "Reallocated_Sector_Ct, Spin_Up_Time");
}

TEST_CASE("an attribute that failed in the past is a warning, and heat is one too") {
  History disk;
  SmartReport report = good_report();
  report.failed_before = {"Raw_Read_Error_Rate"};
  report.failing = {"Airflow_Temperature_Cel"};
  disk.read(report);
  CHECK(disk.last.size() == 2);
  REQUIRE(disk.found("failed-before"));
  CHECK(disk.found("failed-before")->severity == Severity::warning);
  REQUIRE(disk.found("heat"));
  CHECK(disk.found("heat")->severity == Severity::warning);
}

TEST_CASE("each bit of NVMe's critical warning is a failure, but for heat alone") {
  for (unsigned bit = 0; bit < 8; ++bit) {
    History disk;
    SmartReport report = good_report();
    report.protocol = "NVMe";
    report.passed = false; // as NVMe has it with any bit
    report.critical_warning = 1U << bit;
    disk.read(report);
    INFO("bit " << bit);
    REQUIRE(disk.last.size() == 1);
    CHECK(disk.last.front().severity == (bit == 1 ? Severity::warning : Severity::failed));
  }
}

TEST_CASE("spare below its threshold is a failure that is told once") {
  History disk;
  SmartReport report = good_report();
  report.spare = 9;
  report.spare_threshold = 10;
  report.critical_warning = 1;
  disk.read(report);
  REQUIRE(disk.last.size() == 1);
  REQUIRE(disk.found("spare"));
  CHECK(disk.found("spare")->severity == Severity::failed);
  report.spare = 10;
  report.critical_warning = 0;
  CHECK(disk.read(report).empty());
}

TEST_CASE("wear is told from 90 % on, and again at 100 %, but not at each percent") {
  History disk;
  SmartReport report = good_report();
  report.wear = 89.9;
  CHECK(disk.read(report).empty());
  report.wear = 90;
  disk.read(report);
  REQUIRE(disk.found("wear"));
  const std::string state = disk.found("wear")->state;
  report.wear = 99;
  disk.read(report);
  CHECK(disk.found("wear")->state == state);
  report.wear = 100;
  disk.read(report);
  CHECK(disk.found("wear")->state != state);
}

TEST_CASE("a failed self-test is a warning until one passes") {
  History disk;
  SmartReport report = good_report();
  report.self_test_failed = true;
  disk.read(report);
  REQUIRE(disk.found("self-test"));
  report.self_test_failed = false;
  CHECK(disk.read(report).empty());
}

TEST_CASE("what was found before stands when the disk is not read") {
  using Outcome = SmartReport::Outcome;
  History disk;
  SmartReport report = good_report();
  report.reallocated = 8;
  disk.read(report);
  const SmartMemory before = disk.memory;
  for (const auto outcome : {Outcome::asleep, Outcome::no_smart, Outcome::gone}) {
    disk.read(ended(outcome, "why"));
    CHECK(disk.last.size() == 1);
    CHECK(disk.found("reallocated"));
  }
  for (const auto outcome : {Outcome::denied, Outcome::unclear}) {
    disk.read(ended(outcome, "no luck"));
    CHECK(disk.found("reallocated"));
    REQUIRE(disk.found("unreadable"));
    CHECK(disk.found("unreadable")->severity == Severity::warning);
    CHECK_THAT(disk.found("unreadable")->subject, ContainsSubstring("no luck"));
  }
  SmartMemory after = disk.memory;
  after.unreadable.reset();
  CHECK(after == before);
}

TEST_CASE("that a disk cannot be read is kept over a restart, until it can, or has no SMART") {
  using Outcome = SmartReport::Outcome;
  History disk;
  disk.read(good_report());
  disk.read(ended(Outcome::denied, "may not be opened"));
  const auto kept = memory_from_record(to_record(disk.memory));
  REQUIRE(kept);
  CHECK(*kept == disk.memory);
  const auto alerts = standing({}, *kept, {"/dev/sda", "1", ""});
  REQUIRE(alerts.size() == 1);
  CHECK(alerts ==
        standing(ended(Outcome::denied, "may not be opened"), *kept, {"/dev/sda", "1", ""}));
  disk.read(ended(Outcome::asleep, ""));
  CHECK(disk.found("unreadable"));
  disk.read(good_report());
  CHECK(disk.last.empty());
  disk.read(ended(Outcome::unclear, "?"));
  disk.read(ended(Outcome::no_smart, "none"));
  CHECK(disk.last.empty());
}

TEST_CASE("a disk that sleeps in another bay is told with the bay that it is in now") {
  History disk;
  SmartReport report = good_report();
  report.reallocated = 8;
  disk.read(report);
  const auto moved = standing({}, disk.memory, {"/dev/sdc", "3", "right"});
  REQUIRE(moved.size() == 1);
  CHECK(moved.front().subject == "disk right (SYNTH NAS4000, serial SYN-1): 8 reallocated sectors");
  CHECK(moved.front().bay == "3");
  CHECK(moved.front().disk == "/dev/sdc");
  CHECK(moved.front().id == disk.last.front().id);
}

TEST_CASE("a disk is named by its bay, or by its node") {
  CHECK(disk_words({"/dev/sda", "1", ""}, "WDC WD40EFRX", "WD-X") ==
        "disk 1 (WDC WD40EFRX, serial WD-X)");
  CHECK(disk_words({"/dev/sda", "1", "left"}, "", "WD-X") == "disk left (serial WD-X)");
  CHECK(disk_words({"/dev/sdc", "", ""}, "", "") == "/dev/sdc (no serial number)");
}

TEST_CASE("an id has no other characters than the ledger and D-Bus take") {
  CHECK(disk_finding_id("WD 1/2\xc3\xa4", bay_two, "wear") == "disk.WD_1_2__.wear");
  CHECK(disk_finding_id("", bay_two, "wear") == "disk.bay-2.wear");
  CHECK(disk_finding_id("", {"/dev/sdc", "", ""}, "wear") == "disk.sdc.wear");
}

TEST_CASE("a disk's memory is one line, and comes back as it was") {
  History disk;
  SmartReport report = good_report();
  report.passed = false;
  report.reallocated = 18446744073709551615U;
  report.media_errors = 3;
  report.crc_errors = 1;
  disk.read(report);
  report.crc_errors = 2;
  disk.read(report);
  const std::string record = to_record(disk.memory);
  CHECK(record.find('\n') == std::string::npos);
  CHECK(memory_from_record(record) == disk.memory);
  SmartMemory unread;
  unread.serial = "SYN-2";
  CHECK(memory_from_record(to_record(unread)) == unread);
}

TEST_CASE("a memory with broken letters still makes a record") {
  SmartMemory memory;
  memory.serial = "SYN-\xff";
  CHECK(memory_from_record(to_record(memory)).has_value());
}

TEST_CASE("a record that is none gives no memory") {
  for (const char* bad :
       {"", "null", "[]", "{}", "{\"serial\":\"x\"}", "{\"serial\":\"\",\"first\":0,\"last\":0}",
        "{\"serial\":1,\"first\":0,\"last\":0}", "{\"serial\":\"x\",\"first\":-1,\"last\":0}",
        "{\"serial\":\"x\",\"first\":0,\"last\":1e300}",
        "{\"serial\":\"x\",\"first\":0,\"last\":0,\"pending\":[1,2]}",
        "{\"serial\":\"x\",\"first\":0,\"last\":0,\"pending\":[1,-2,0]}",
        "{\"serial\":\"x\",\"first\":0,\"last\":0,\"verdict\":[{\"severity\":\"bad\"}]}",
        "{\"serial\":\"x\",\"first\":0,\"last\":0,\"verdict\":7}"}) {
    INFO(bad);
    CHECK_FALSE(memory_from_record(bad).has_value());
  }
  CHECK(memory_from_record("{\"serial\":\"x\",\"first\":0,\"last\":0}").has_value());
}

TEST_CASE("severities and changes have the words that hooks and D-Bus use") {
  CHECK(name(Severity::warning) == "warning");
  CHECK(name(Severity::rebuilding) == "rebuilding");
  CHECK(name(Severity::failed) == "failed");
  CHECK(name(Change::raised) == "raised");
  CHECK(name(Change::changed) == "changed");
  CHECK(name(Change::cleared) == "cleared");
}

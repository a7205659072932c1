// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <alertd/smart.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

using namespace nasmcu::alertd;
using namespace std::chrono_literals;

namespace {

const std::filesystem::path smartctl_folder =
    std::filesystem::path(NASMCU_SOURCE_DIR) / "tests/vectors/smartctl";

std::string answer_text(const std::string& file) {
  std::ifstream stream(smartctl_folder / (file + ".json"), std::ios::binary);
  if (!stream) throw std::runtime_error("no " + file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

ChildEnd exit_with(int status) { return {ChildEnd::How::exited, status, ""}; }

SmartReport parsed(const std::string& file, int status = 0) {
  return parse_smart(answer_text(file), exit_with(status));
}

std::string outcome_word(SmartReport::Outcome outcome) {
  switch (outcome) {
  case SmartReport::Outcome::read: return "read";
  case SmartReport::Outcome::asleep: return "asleep";
  case SmartReport::Outcome::no_smart: return "no_smart";
  case SmartReport::Outcome::denied: return "denied";
  case SmartReport::Outcome::gone: return "gone";
  case SmartReport::Outcome::unclear: return "unclear";
  }
  return "";
}

/// A row of expected.table.
struct Expected {
  std::string file;
  int status = 0;
  std::string outcome, verdict, findings;
};

std::vector<Expected> expected_rows() {
  std::vector<Expected> rows;
  std::ifstream table(smartctl_folder / "expected.table");
  for (std::string line; std::getline(table, line);) {
    if (line.empty() || line.front() == '#') continue;
    Expected row;
    std::istringstream words(line);
    words >> row.file >> row.status >> row.outcome >> row.verdict >> row.findings;
    if (!words) throw std::runtime_error("expected.table: " + line);
    rows.push_back(row);
  }
  return rows;
}

const WallTime new_year{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};

/// The verdict and the last words of the findings' ids.
std::pair<std::string, std::string> judged(const SmartReport& report) {
  SmartMemory memory;
  const auto findings = judge(report, memory, {"/dev/sda", "", ""}, new_year);
  std::pair<std::string, std::string> words{"ok", ""};
  Severity worst = Severity::warning;
  for (const Finding& finding : findings) {
    worst = std::max(worst, finding.severity);
    words.first = name(worst);
    words.second +=
        (words.second.empty() ? "" : ",") + finding.id.substr(finding.id.rfind('.') + 1);
  }
  if (findings.empty()) words.second = "-";
  return words;
}

} // namespace

TEST_CASE("each synthetic answer of smartctl gives the expected outcome and verdict") {
  for (const Expected& row : expected_rows()) {
    INFO(row.file);
    const SmartReport report = parsed(row.file, row.status);
    CHECK(outcome_word(report.outcome) == row.outcome);
    CHECK(report.why.empty() == (report.outcome == SmartReport::Outcome::read));
    const auto [verdict, findings] = judged(report);
    CHECK(verdict == row.verdict);
    CHECK(findings == row.findings);
  }
}

TEST_CASE("the table of smartctl's answers is complete") {
  std::vector<std::string> files, listed;
  for (const auto& entry : std::filesystem::directory_iterator(smartctl_folder))
    if (entry.path().extension() == ".json") files.push_back(entry.path().stem().string());
  for (const Expected& row : expected_rows()) listed.push_back(row.file);
  std::sort(files.begin(), files.end());
  std::sort(listed.begin(), listed.end());
  CHECK(files == listed);
  CHECK(files.size() >= 25);
}

TEST_CASE("a SATA disk tells who it is and what it counts") {
  const SmartReport report = parsed("sata-healthy");
  CHECK(report.model == "SYNTH NAS4000");
  CHECK(report.serial == "SYN-SATA-01");
  CHECK(report.firmware == "SY01");
  CHECK(report.protocol == "ATA");
  CHECK(report.passed == true);
  CHECK(report.reallocated == 0U);
  CHECK(report.pending == 0U);
  CHECK(report.uncorrectable == 0U);
  CHECK(report.crc_errors == 0U);
  CHECK_FALSE(report.media_errors);
  CHECK(report.power_on_hours == 14683U);
  CHECK(report.celsius == 34.0);
  CHECK_FALSE(report.wear);
  CHECK(report.self_test_failed == false);
  CHECK(report.failing.empty());
}

TEST_CASE("SATA counters come from their attributes") {
  CHECK(parsed("sata-reallocated").reallocated == 8U);
  CHECK(parsed("sata-pending").pending == 3U);
  CHECK(parsed("sata-uncorrectable-offline").uncorrectable == 2U);
  CHECK(parsed("sata-uncorrectable-reported").uncorrectable == 17U);
  CHECK(parsed("sata-crc").crc_errors == 412U);
  CHECK(parsed("sata-failing-now").failing == std::vector<std::string>{"Reallocated_Sector_Ct"});
  CHECK(parsed("sata-failed-in-the-past").failed_before ==
        std::vector<std::string>{"Raw_Read_Error_Rate"});
}

TEST_CASE("a raw value that packs several numbers counts as smartctl writes it") {
  CHECK(parsed("sata-reallocated-packed").reallocated == 8U);
}

TEST_CASE("the bit for a failing disk in the exit status counts when the verdict is missing") {
  CHECK(parsed("sata-verdict-by-exit-status", 8).passed == false);
  CHECK_FALSE(parsed("sata-verdict-by-exit-status", 0).passed);
}

TEST_CASE("a self-test counts once it has ended, and an aborted one tells nothing") {
  CHECK(parsed("sata-self-test-failed").self_test_failed == true);
  CHECK_FALSE(parsed("sata-self-test-aborted").self_test_failed);
  CHECK(parsed("nvme-healthy").self_test_failed == false);
  CHECK(parsed("nvme-self-test-failed").self_test_failed == true);
  CHECK(parsed("sas-healthy").self_test_failed == false);
}

TEST_CASE("wear is taken from attributes whose name says so, and from no look-alike") {
  CHECK(parsed("ssd-worn").wear == 95.0);
  CHECK(parsed("ssd-look-alikes").wear == 3.0);
  CHECK(parsed("nvme-worn").wear == 104.0);
  CHECK(parsed("sas-ssd-worn").wear == 93.0);
}

TEST_CASE("only a believable temperature is one") {
  CHECK_FALSE(parsed("sata-temperature-nonsense").celsius);
  CHECK(parsed("sata-temperature-from-attribute").celsius == 34.0);
  CHECK(parsed("nvme-hot").celsius == 41.0);
  CHECK(parsed("sas-healthy").celsius == 38.0);
}

TEST_CASE("NVMe and SAS disks tell their own values") {
  const SmartReport nvme = parsed("nvme-spare-low", 8);
  CHECK(nvme.protocol == "NVMe");
  CHECK(nvme.critical_warning == 1);
  CHECK(nvme.spare == 4.0);
  CHECK(nvme.spare_threshold == 10.0);
  CHECK(nvme.wear == 3.0);
  CHECK(nvme.power_on_hours == 5120U);
  CHECK(parsed("nvme-media-errors").media_errors == 5U);
  const SmartReport sas = parsed("sas-defects-and-errors");
  CHECK(sas.protocol == "SCSI");
  CHECK(sas.model == "SYNTH SAS900");
  CHECK(sas.firmware == "0003");
  CHECK(sas.reallocated == 14U);
  CHECK(sas.uncorrectable == 4U);
}

TEST_CASE("values of the wrong type or out of range are left out, and the rest counts") {
  const SmartReport huge = parsed("huge-numbers");
  CHECK_FALSE(huge.reallocated);
  CHECK_FALSE(huge.crc_errors);
  CHECK(huge.pending == 18446744073709551615U);
  const SmartReport wrong = parsed("wrong-types-in-places");
  CHECK(wrong.pending == 2U);
  CHECK_FALSE(wrong.passed);
  CHECK(wrong.celsius == 34.0);
  CHECK(parsed("wrong-types").model.empty());
}

TEST_CASE("a refusal is told in smartctl's words") {
  CHECK_THAT(parsed("sata-standby", 2).why, ContainsSubstring("STANDBY"));
  CHECK_THAT(parsed("permission-denied", 2).why, ContainsSubstring("Permission denied"));
  CHECK_THAT(parsed("usb-bridge-unknown", 1).why, ContainsSubstring("0x1234:0x5678"));
  CHECK_THAT(parsed("no-smart-data", 4).why, ContainsSubstring("exit status 4"));
  CHECK_THAT(parsed("empty", 1).why, ContainsSubstring("said nothing"));
  CHECK_THAT(parsed("truncated").why, ContainsSubstring("cut short"));
}

TEST_CASE("a smartctl that hung, flooded or never ran tells nothing, whatever it wrote before") {
  using How = ChildEnd::How;
  for (const How how : {How::timed_out, How::too_much_output, How::not_started}) {
    const SmartReport report = parse_smart(answer_text("sata-healthy"), {how, 0, ""});
    CHECK(report.outcome == SmartReport::Outcome::unclear);
    CHECK_FALSE(report.passed);
    CHECK_FALSE(report.why.empty());
    CHECK(parse_smart("", {how, 0, "no answer in 30 s"}).why == "no answer in 30 s");
  }
}

TEST_CASE("10 MB of garbage are refused without being looked at") {
  std::mt19937 random(4); // NOLINT: the same garbage every time
  std::string garbage(10'000'000, '\0');
  for (char& c : garbage) c = static_cast<char>(random());
  CHECK(parse_smart(garbage, exit_with(0)).outcome == SmartReport::Outcome::unclear);
  std::string padded = answer_text("sata-healthy");
  padded.resize(10'000'000, ' ');
  CHECK_THAT(parse_smart(padded, exit_with(0)).why, ContainsSubstring("1 MiB"));
}

TEST_CASE("deep nesting does no harm") {
  for (const char* part : {"[", "{\"a\":"}) {
    std::string text;
    while (text.size() < 500'000) text += part;
    CHECK(parse_smart(text, exit_with(0)).outcome == SmartReport::Outcome::unclear);
  }
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  const SmartReport report =
      parse_smart("{\"smart_status\":{\"passed\":true},\"x\":" + deep + "}", exit_with(0));
  CHECK(report.outcome == SmartReport::Outcome::read);
}

TEST_CASE("an answer cut at any byte is unclear, never a good disk") {
  const std::string whole = answer_text("nvme-healthy");
  const auto last = whole.rfind('}');
  for (std::size_t size = 0; size <= last; ++size) {
    const SmartReport report = parse_smart(whole.substr(0, size), exit_with(0));
    if (report.outcome != SmartReport::Outcome::unclear) FAIL("cut behind " << size);
  }
  CHECK(parse_smart(whole, exit_with(0)).outcome == SmartReport::Outcome::read);
}

TEST_CASE("an answer with random bytes changed never gives an unbelievable value") {
  std::mt19937 random(327); // NOLINT: the same changes every time
  const std::string whole = answer_text("sata-self-test-failed");
  for (int round = 0; round < 500; ++round) {
    std::string damaged = whole;
    for (int n = 0; n < 3; ++n) damaged[random() % damaged.size()] = static_cast<char>(random());
    const SmartReport report = parse_smart(damaged, exit_with(0));
    if (report.celsius) CHECK((*report.celsius >= -40 && *report.celsius <= 120));
    if (report.wear) CHECK((*report.wear >= 0 && *report.wear <= 255));
    for (const std::string& text : {report.model, report.serial, report.firmware, report.why})
      CHECK(text == printable(text, 200));
  }
}

TEST_CASE("foreign text becomes one short line of printable ASCII") {
  CHECK(printable("  WDC  WD40\t\nEFRX ") == "WDC WD40 EFRX");
  CHECK(printable("\x1b[31mred\x7f\xc3\xa4") == "[31mred???");
  CHECK(printable(std::string(1000, 'x')).size() == 64);
  CHECK(printable("abc def", 4) == "abc");
  CHECK(printable(" \n").empty());
}

TEST_CASE("whether a self-test has begun is smartctl's exit status, and why not its own words") {
  ChildEnd end;
  CHECK(parse_test_start("{}", end));
  end.status = 64; // an older error in the disk's log says nothing of this test
  CHECK(parse_test_start("", end));
  end.status = 4;
  const auto refused =
      parse_test_start(R"({"smartctl":{"messages":[{"severity":"error",)"
                       R"("string":"Can't start self-test without aborting current test"}]}})",
                       end);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what == "Can't start self-test without aborting current test");
  CHECK(parse_test_start("nonsense", end).error().what ==
        "smartctl could not begin it (exit status 4)");
  end.how = ChildEnd::How::timed_out;
  CHECK(parse_test_start("", end).error().what == "smartctl did not end in time");
}

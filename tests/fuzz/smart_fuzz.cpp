// SPDX-License-Identifier: MIT
// What smartctl prints, and what becomes of it.
//   input: smartctl's JSON
#include "fuzz.hpp"

#include <alertd/ledger.hpp>
#include <alertd/smart.hpp>

#include <cmath>
#include <set>

namespace fuzz {
namespace {

using namespace nasmcu::alertd;
using std::chrono::seconds;

constexpr WallTime start{seconds(1'700'000'000)};
const DiskPlace place{"/dev/sdb", "2", "HDD 2"};

bool is_plain(std::string_view text, std::size_t most) {
  return text.size() <= most &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7F; });
}

void check_report(const SmartReport& report) {
  require(report.outcome == SmartReport::Outcome::read || !report.why.empty(), "a reason in words");
  for (const std::string* text : {&report.model, &report.serial, &report.firmware})
    require(is_plain(*text, 64), "foreign text is made plain", *text);
  if (report.celsius)
    require(*report.celsius >= -40 && *report.celsius <= 120, "a temperature is believable");
  if (report.wear) require(*report.wear >= 0 && *report.wear <= 255, "wear is 0 to 255");
  for (const std::string& name : report.failing) require(is_plain(name, 64), "plain", name);
}

void check_findings(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    require(!finding.id.empty() &&
                finding.id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                             "0123456789._-") == std::string::npos,
            "an id is one word", finding.id);
    require(!finding.subject.empty() && finding.subject.find('\n') == std::string::npos,
            "a subject is one line", finding.subject);
  }
}

/// What is kept over a reboot is what was known before it.
void check_kept(const SmartMemory& memory) {
  if (memory.serial.empty()) return;
  const std::string record = to_record(memory);
  require(record.find('\n') == std::string::npos, "a record is one line", record);
  const auto again = memory_from_record(record);
  require(again && *again == memory, "a record is read as what was written", record);
}

void check_ledger(const std::vector<Finding>& findings) {
  Ledger ledger;
  (void)ledger.update("smart", findings, start);
  require(ledger.update("smart", findings, start + seconds(60)).empty(),
          "what has not changed is not told again");
  const auto restored = Ledger::from_text(ledger.to_text(), start + seconds(120));
  require(restored.damage.empty() && restored.ledger.active() == ledger.active(),
          "what stands is kept over a reboot");
  require(ledger.update("smart", {}, start + seconds(180)).size() <= findings.size() &&
              ledger.active().empty(),
          "what is over is cleared");
}

} // namespace

void run(ByteView input) {
  const std::string json = text_of(input);
  for (const int status : {0, 2, 64}) {
    const ChildEnd end{ChildEnd::How::exited, status, {}};
    (void)parse_test_start(json, end);
    const SmartReport report = parse_smart(json, end);
    check_report(report);
    SmartMemory memory;
    const auto findings = judge(report, memory, place, start);
    check_findings(findings);
    check_kept(memory);
    SmartMemory later = memory;
    check_findings(judge(report, later, place, start + seconds(3600)));
    check_findings(standing(report, memory, place));
    check_ledger(findings);
  }
  (void)memory_from_record(json);
}

} // namespace fuzz

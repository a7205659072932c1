// SPDX-License-Identifier: MIT
#include <alertd/smart.hpp>

#include <libmcu/model/text.hpp>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace nasmcu::alertd {
namespace {

using Counter = SmartMemory::Counter;

/// A cable that was bad once stays in the disk's count for ever: only news count.
constexpr std::chrono::hours cable_news{7 * 24};
constexpr double worn = 90; ///< percent
constexpr std::uint64_t nvme_spare_low = 1, nvme_hot = 2;

/// "2026-01-31", UTC.
std::string day_of(WallTime time) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
  const auto two = [](unsigned number) {
    return (number < 10 ? "-0" : "-") + std::to_string(number);
  };
  return std::to_string(int(day.year())) + two(unsigned(day.month())) + two(unsigned(day.day()));
}

/// An id's part: what the ledger and D-Bus paths can hold.
std::string id_part(const std::string& text) {
  std::string part = text;
  for (char& c : part)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.') c = '_';
  return part;
}

// ---- counters ----

struct CounterKind {
  const char* id;
  const char* one; ///< as in "1 pending sector"
  const char* many;
  std::optional<std::uint64_t> SmartReport::*now;
  std::optional<Counter> SmartMemory::*kept;
  const char* advice;
};

constexpr CounterKind counter_kinds[] = {
    {"reallocated", "reallocated sector", "reallocated sectors", &SmartReport::reallocated,
     &SmartMemory::reallocated,
     "The disk has replaced bad sectors by spare ones. A few that stay the same can be lived with; "
     "when they grow, replace the disk. See that there is a backup."},
    {"pending", "pending sector", "pending sectors", &SmartReport::pending, &SmartMemory::pending,
     "The disk could not read these sectors, and waits for them to be written again. What was in "
     "them may be lost: check the array or the file system, and see that there is a backup."},
    {"uncorrectable", "uncorrectable error", "uncorrectable errors", &SmartReport::uncorrectable,
     &SmartMemory::uncorrectable,
     "The disk has lost data that it could not read back. See that there is a backup, and replace "
     "the disk."},
    {"media-errors", "media error", "media errors", &SmartReport::media_errors,
     &SmartMemory::media_errors,
     "The disk has found data that it could not read back or that was damaged. See that there is a "
     "backup, and replace the disk."},
};

void take_reading(std::optional<Counter>& kept, std::optional<std::uint64_t> value, WallTime now) {
  if (!value) return; // not told this time: the last one counts
  if (!kept) {
    kept = Counter{*value, *value, {}};
    return;
  }
  if (*value > kept->last) kept->grown = now;
  kept->last = *value;
  // The clock was wrong then, and is right now.
  if (kept->grown > now) kept->grown = now;
}

std::string growth(const Counter& counter, const SmartMemory& memory) {
  if (memory.first == memory.last) return "It was not read before, so no growth is known.";
  std::string words = "It was " + std::to_string(counter.first) + " at the first reading on " +
                      day_of(memory.first);
  if (counter.grown == WallTime{}) return words + " and has not grown since.";
  return words + ", and grew last on " + day_of(counter.grown) + ".";
}

// ---- the verdict of one reading ----

/// Findings as the memory keeps them: without the words for the disk in front of the subject, and
/// without a place, since the disk may be in another one when they are shown.
class Verdict {
public:
  Verdict(const SmartMemory& memory, const DiskPlace& place) : memory_(memory), place_(place) {}

  void add(std::string_view what, Severity severity, std::string subject, const std::string& text,
           std::string state) {
    findings_.push_back({disk_finding_id(memory_.serial, place_, what), severity,
                         std::move(subject), text + "\nRead on " + day_of(memory_.last) + ".",
                         std::move(state), "", "", memory_.serial});
  }
  std::vector<Finding> take() { return std::move(findings_); }

private:
  const SmartMemory& memory_;
  const DiskPlace& place_;
  std::vector<Finding> findings_;
};

void judge_own_verdict(Verdict& verdict, const SmartMemory& memory) {
  if (memory.passed != false) return;
  verdict.add("verdict", Severity::failed, "it says of itself that it is failing",
              "The disk's own SMART verdict is FAILED. Save the data, and replace the disk.",
              "failed");
}

bool about_heat(const std::string& attribute) {
  return mcu::lower(attribute).find("temperature") != std::string::npos;
}

std::string listed(const std::vector<std::string>& names) {
  return mcu::join({names.begin(), names.end()});
}

void judge_heat(Verdict& verdict) {
  verdict.add("heat", Severity::warning, "it says that it is too hot",
              "The disk is hotter than its maker allows. Check the fan and the air around the box.",
              "hot");
}

void judge_attributes(Verdict& verdict, const SmartReport& report) {
  std::vector<std::string> failing = report.failing;
  const auto heat = std::remove_if(failing.begin(), failing.end(), about_heat);
  if (heat != failing.end()) judge_heat(verdict);
  failing.erase(heat, failing.end());
  if (!failing.empty())
    verdict.add("attributes", Severity::failed, "SMART attributes fail now: " + listed(failing),
                "Values are at or below the threshold that the maker set for a failing disk. Save "
                "the data, and replace the disk.",
                listed(failing));
  if (!report.failed_before.empty())
    verdict.add("failed-before", Severity::warning,
                "SMART attributes failed in the past: " + listed(report.failed_before),
                "Values were at or below their threshold once, and no longer are.",
                listed(report.failed_before));
}

/// The words of the NVMe specification's bits, without spare and temperature.
std::string critical_words(std::uint64_t bits) {
  std::vector<std::string_view> words;
  if ((bits & 1) != 0) words.emplace_back("spare blocks are low");
  if ((bits & 4) != 0) words.emplace_back("it is no longer reliable");
  if ((bits & 8) != 0) words.emplace_back("it is read-only");
  if ((bits & 16) != 0) words.emplace_back("its backup of volatile memory has failed");
  if ((bits & 32) != 0) words.emplace_back("its persistent memory is read-only or unreliable");
  if ((bits & 0xC0) != 0) words.emplace_back("a warning that is not known here");
  return mcu::join(words);
}

void judge_nvme(Verdict& verdict, const SmartReport& report) {
  std::uint64_t bits = report.critical_warning;
  if (report.spare && report.spare_threshold && *report.spare < *report.spare_threshold) {
    bits &= ~nvme_spare_low; // said here, with numbers
    verdict.add("spare", Severity::failed,
                "only " + mcu::number_text(*report.spare) + " % of its spare blocks are left",
                "The maker's threshold is " + mcu::number_text(*report.spare_threshold) +
                    " %. Save the data, and replace the disk.",
                "low");
  }
  if ((bits & nvme_hot) != 0) judge_heat(verdict);
  bits &= ~nvme_hot;
  if (bits != 0)
    verdict.add("critical", Severity::failed, "critical warning: " + critical_words(bits),
                "The disk itself says so. Save the data, and replace the disk.",
                std::to_string(bits));
}

void judge_counters(Verdict& verdict, const SmartMemory& memory) {
  for (const CounterKind& kind : counter_kinds) {
    const auto& counter = memory.*kind.kept;
    if (!counter || counter->last == 0) continue;
    const std::string number = std::to_string(counter->last);
    verdict.add(kind.id, Severity::warning,
                number + " " + (counter->last == 1 ? kind.one : kind.many),
                growth(*counter, memory) + "\n" + kind.advice, number);
  }
}

void judge_cable(Verdict& verdict, const SmartMemory& memory, WallTime now) {
  const auto& crc = memory.crc_errors;
  if (!crc || crc->grown == WallTime{} || now - crc->grown > cable_news) return;
  verdict.add("crc", Severity::warning,
              std::to_string(crc->last) + " transfer errors (CRC), and they grow",
              growth(*crc, memory) + "\nMostly a cable or a plug: put the disk in again, or change "
                                     "the cable. The count itself never goes back.",
              std::to_string(crc->last));
}

void judge_age(Verdict& verdict, const SmartReport& report) {
  if (report.wear && *report.wear >= worn)
    verdict.add("wear", Severity::warning,
                mcu::number_text(std::floor(*report.wear)) + " % of its rated life is used",
                "Plan to replace the disk.", *report.wear >= 100 ? "used up" : "worn");
  if (report.self_test_failed == true)
    verdict.add("self-test", Severity::warning, "its last self-test failed",
                "The disk found errors in itself. See that there is a backup, and replace the disk "
                "if a second test fails too.",
                "failed");
}

void remember(const SmartReport& report, SmartMemory& memory, const DiskPlace& place,
              WallTime now) {
  if (memory.serial.empty()) memory.serial = report.serial;
  if (!report.model.empty()) memory.model = report.model;
  if (memory.first == WallTime{} || memory.first > now) memory.first = now;
  memory.last = now;
  memory.bay = place.bay;
  // An NVMe disk says FAILED whenever a bit of its critical warning is set, be it for heat alone:
  // the bits tell more.
  if (report.critical_warning == 0 && report.passed) memory.passed = report.passed;
  for (const CounterKind& kind : counter_kinds)
    take_reading(memory.*kind.kept, report.*kind.now, now);
  take_reading(memory.crc_errors, report.crc_errors, now);
}

/// Nothing for a reading that was made, or that the disk's sleep forbade.
std::optional<Finding> unreadable(const SmartReport& report, const SmartMemory& memory,
                                  const DiskPlace& place) {
  const bool denied = report.outcome == SmartReport::Outcome::denied;
  if (!denied && report.outcome != SmartReport::Outcome::unclear) return {};
  Finding finding;
  finding.id = disk_finding_id(memory.serial, place, "unreadable");
  finding.subject = "SMART cannot be read: " + report.why;
  finding.text = denied ? "smartctl may not open the disk, so nothing is known of its health."
                        : "So nothing new is known of its health. It is tried again when the disk "
                          "is used the next time.";
  finding.state = denied ? "denied" : "unclear";
  return finding;
}

} // namespace

std::string disk_words(const DiskPlace& place, const std::string& model,
                       const std::string& serial) {
  std::string who = place.node;
  if (!place.bay.empty()) who = "disk " + (place.label.empty() ? place.bay : place.label);
  if (who.empty()) who = "disk";
  const std::string number = serial.empty() ? "no serial number" : "serial " + serial;
  return who + " (" + (model.empty() ? "" : model + ", ") + number + ")";
}

std::string disk_finding_id(const std::string& serial, const DiskPlace& place,
                            std::string_view what) {
  std::string who = serial;
  if (who.empty())
    who = place.bay.empty() ? place.node.substr(place.node.rfind('/') + 1) : "bay-" + place.bay;
  return "disk." + id_part(who) + "." + std::string(what);
}

std::vector<Finding> standing(const std::optional<SmartReport>& last, const SmartMemory& memory,
                              const DiskPlace& place) {
  std::vector<Finding> findings = memory.verdict;
  std::optional<Finding> unread = memory.unreadable;
  if (!unread && last) unread = unreadable(*last, memory, place);
  if (unread) findings.push_back(std::move(*unread));
  for (Finding& finding : findings) {
    finding.subject = disk_words(place, memory.model, memory.serial) + ": " + finding.subject;
    finding.bay = place.bay;
    finding.disk = place.node;
    finding.serial = memory.serial;
  }
  return findings;
}

void take_message(SmartMemory& memory, Finding finding, const DiskPlace& place, WallTime now) {
  finding.id = disk_finding_id(memory.serial, place, finding.id);
  finding.serial = memory.serial;
  finding.text += "\nTold on " + day_of(now) + ".";
  std::erase_if(memory.verdict, [&](const Finding& old) { return old.id == finding.id; });
  memory.verdict.push_back(std::move(finding));
}

std::vector<Finding> judge(const SmartReport& report, SmartMemory& memory, const DiskPlace& place,
                           WallTime now) {
  if (report.outcome == SmartReport::Outcome::read) {
    remember(report, memory, place, now);
    Verdict verdict(memory, place);
    judge_own_verdict(verdict, memory);
    judge_attributes(verdict, report);
    judge_nvme(verdict, report);
    judge_counters(verdict, memory);
    judge_cable(verdict, memory, now);
    judge_age(verdict, report);
    memory.verdict = verdict.take();
  }
  // A disk that sleeps was not asked.
  if (report.outcome != SmartReport::Outcome::asleep)
    memory.unreadable = unreadable(report, memory, place);
  return standing(report, memory, place);
}

} // namespace nasmcu::alertd

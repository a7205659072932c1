// SPDX-License-Identifier: MIT
// What DiskWatch tells of the disks; what it knows is in disk_watch.cpp.
#include <alertd/disk_watch.hpp>

#include <libmcu/model/text.hpp>

#include <algorithm>

namespace nasmcu::alertd {
namespace {

using Outcome = SmartReport::Outcome;

/// "45 s", "12 min", "3 h", "2 days"; 0 s when the clock ran backwards.
std::string age_of(WallTime then, WallTime now) {
  const auto seconds = std::max<std::chrono::seconds::rep>((now - then).count(), 0);
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 2 * 3600) return std::to_string(seconds / 60) + " min";
  if (seconds < 48 * 3600) return std::to_string(seconds / 3600) + " h";
  return std::to_string(seconds / 86400) + " days";
}

/// "2" before "10", numbers before words, and disks in no bay last.
bool bay_before(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return !a.empty() && b.empty();
  const auto number_a = mcu::parse_integer(a);
  const auto number_b = mcu::parse_integer(b);
  if (number_a && number_b) return *number_a < *number_b;
  if (number_a || number_b) return number_a.has_value();
  return a < b;
}

Finding missing_finding(const SmartMemory& memory, const DiskPlace& place) {
  Finding finding;
  finding.id = disk_finding_id(memory.serial, place, "missing");
  finding.subject = disk_words(place, memory.model, memory.serial) + " is missing";
  finding.severity = Severity::failed;
  finding.text = "This disk was in bay " + place.bay +
                 ", and the kernel no longer has it. Check its tray, its plugs and its power. If "
                 "it was taken out on purpose, acknowledge this alert.";
  finding.state = "missing";
  finding.bay = place.bay;
  finding.serial = memory.serial;
  return finding;
}

std::string worst_of(const std::vector<Finding>& findings) {
  const auto worst =
      std::max_element(findings.begin(), findings.end(),
                       [](const auto& a, const auto& b) { return a.severity < b.severity; });
  return worst != findings.end() && worst->severity == Severity::failed ? "failed" : "warning";
}

/// In one word, and why when the last reading told nothing.
void say_verdict(DiskState& state, const SmartMemory* memory,
                 const std::optional<SmartReport>& last) {
  if (last && last->outcome != Outcome::read && last->outcome != Outcome::asleep)
    state.reason = last->why;
  if (memory != nullptr && !memory->verdict.empty())
    state.verdict = worst_of(memory->verdict);
  else if (last && last->outcome == Outcome::no_smart)
    state.verdict = "no SMART";
  else if (!state.reason.empty())
    state.verdict = "unknown";
  else if (memory != nullptr && memory->last != WallTime{})
    state.verdict = "ok";
}

} // namespace

DiskPlace DiskWatch::place_of(const SeenDisk& seen) const {
  return {seen.node, seen.bay, seen.label};
}

/// Nothing is known of a disk in a used bay until its number is; until then it is taken for the one
/// that was there, so that a failed disk is not forgotten because it sleeps.
const SmartMemory* DiskWatch::memory_for(const Disk& disk) const {
  if (disk.identified) {
    const auto found = memories_.find(disk.key);
    return found == memories_.end() ? nullptr : &found->second;
  }
  if (disk.seen.bay.empty()) return nullptr;
  for (const auto& [key, memory] : memories_)
    if (memory.bay == disk.seen.bay && !is_there(key)) return &memory;
  return nullptr;
}

std::vector<DiskWatch::Row> DiskWatch::rows() const {
  std::vector<Row> all;
  for (const auto& [path, disk] : disks_)
    all.push_back({&disk, memory_for(disk), nullptr, place_of(disk.seen)});
  for (const auto& [key, absence] : absent_) {
    const SmartMemory& memory = memories_.at(key);
    const auto label = labels_.find(memory.bay);
    all.push_back({nullptr,
                   &memory,
                   &absence,
                   {"", memory.bay, label == labels_.end() ? "" : label->second}});
  }
  std::stable_sort(all.begin(), all.end(), [](const Row& a, const Row& b) {
    if (a.place.bay != b.place.bay) return bay_before(a.place.bay, b.place.bay);
    return a.place.node < b.place.node;
  });
  return all;
}

/// But for that it is missing.
std::vector<Finding> DiskWatch::known_of(const Row& row) {
  SmartMemory memory;
  if (row.disk != nullptr) memory.serial = row.disk->serial;
  if (row.memory != nullptr) memory = *row.memory;
  if (row.disk == nullptr) memory.unreadable.reset(); // that it is missing is said instead
  return standing(row.disk != nullptr ? row.disk->report : std::nullopt, memory, row.place);
}

std::vector<Finding> DiskWatch::findings(Time now, WallTime) const {
  std::vector<Finding> all;
  for (const Row& row : rows()) {
    for (Finding& finding : known_of(row)) all.push_back(std::move(finding));
    if (row.absence != nullptr && now - row.absence->since >= options_.grace)
      all.push_back(missing_finding(*row.memory, row.place));
  }
  return all;
}

DiskState DiskWatch::missing_state(const Row& row, WallTime wall) const {
  DiskState state;
  state.seen.bay = row.place.bay;
  state.seen.label = row.place.label;
  state.model = row.memory->model;
  state.serial = row.memory->serial;
  if (wall - row.absence->wall >= options_.grace) state.verdict = "failed";
  state.reason = "missing for " + age_of(row.absence->wall, wall);
  return state;
}

DiskState DiskWatch::present_state(const Row& row, WallTime wall) const {
  const Disk& disk = *row.disk;
  DiskState state;
  state.seen = disk.seen;
  state.serial = disk.serial;
  state.counters = disk.gate.counters();
  state.gate = disk.gate.last().why;
  state.asleep = disk.gate.last().verdict == mcu::SleepGate::Verdict::asleep;
  state.report = disk.good ? disk.good : disk.report;
  state.read = disk.read;
  if (row.memory != nullptr) {
    state.model = row.memory->model;
    if (!state.read && row.memory->last != WallTime{}) state.read = row.memory->last;
  }
  if (disk.report && state.model.empty()) state.model = disk.report->model;
  if (!state.asleep && disk.good) state.celsius = disk.good->celsius;
  say_verdict(state, row.memory, disk.report);
  const std::string when =
      state.read ? "last read " + age_of(*state.read, wall) + " ago" : "not read yet";
  if (smartd_) {
    state.asleep = disk.rests;
    state.gate = "smartd reads it";
    state.reason = state.asleep ? "at rest, and left to smartd" : "left to smartd";
    return state;
  }
  if (state.asleep) state.reason = "asleep, " + when;
  if (state.reason.empty() && state.verdict == "unknown") state.reason = when;
  if (!disk.identified && row.memory != nullptr)
    state.reason +=
        (state.reason.empty() ? "" : "; ") + std::string("taken for the disk that was in this bay");
  return state;
}

std::vector<DiskState> DiskWatch::states(WallTime wall) const {
  std::vector<DiskState> all;
  for (const Row& row : rows())
    all.push_back(row.disk != nullptr ? present_state(row, wall) : missing_state(row, wall));
  return all;
}

} // namespace nasmcu::alertd

// SPDX-License-Identifier: MIT
#include <alertd/disk_watch.hpp>

#include <algorithm>
#include <set>

namespace nasmcu::alertd {
namespace {

using Outcome = SmartReport::Outcome;

/// A number that nothing but the running program knows: not a serial.
std::string private_key(const std::string& path) { return "?" + path; }
bool is_private(const std::string& key) { return key.rfind('?', 0) == 0; }

/// What the kernel shows of a USB disk is its bridge's number, and stays when the disk is changed.
std::string serial_from_kernel(const SeenDisk& seen) {
  return seen.usb ? "" : printable(seen.serial);
}

/// Another disk than `before` at the same path: it has another number, or, where the kernel tells
/// none, counters that ran backwards.
bool is_another(const SeenDisk& before, const SeenDisk& now) {
  const std::string was = serial_from_kernel(before);
  const std::string is = serial_from_kernel(now);
  if (!was.empty() && !is.empty()) return was != is;
  return now.activity.accesses < before.activity.accesses;
}

/// Disks that were in no bay when they went, such as USB sticks, are remembered for their trend;
/// with a limit, or the file would grow with each of them.
constexpr std::size_t most_departed = 32;

bool ended_well(const SmartReport& report) {
  return report.outcome == Outcome::read || report.outcome == Outcome::asleep ||
         report.outcome == Outcome::no_smart;
}

} // namespace

DiskWatch::DiskWatch(Options options, std::vector<SmartMemory> memories) : options_(options) {
  for (SmartMemory& memory : memories) {
    const std::string key = memory.serial;
    if (!key.empty()) memories_.emplace(key, std::move(memory));
  }
}

// ---- what is there ----

void DiskWatch::drop(const std::string& path) {
  disks_.erase(path);
  if (const auto reading = under_way_.find(path); reading != under_way_.end())
    reading->second = false;
}

void DiskWatch::drop_vanished(const std::vector<SeenDisk>& disks) {
  std::set<std::string> paths;
  for (const SeenDisk& seen : disks) paths.insert(seen.path);
  for (auto disk = disks_.begin(); disk != disks_.end();) {
    const std::string path = (disk++)->first;
    if (paths.count(path) == 0) drop(path);
  }
}

void DiskWatch::take_note(const SeenDisk& seen) {
  if (!seen.bay.empty()) labels_[seen.bay] = seen.label;
  auto known = disks_.find(seen.path);
  if (known != disks_.end() && is_another(known->second.seen, seen)) {
    memories_.erase(private_key(seen.path));
    drop(seen.path);
    known = disks_.end();
  }
  if (known == disks_.end()) {
    known = disks_.emplace(seen.path, Disk{}).first;
    known->second.gate = mcu::SleepGate(options_.gate);
  }
  known->second.seen = seen;
}

bool DiskWatch::is_there(const std::string& key) const {
  return std::any_of(disks_.begin(), disks_.end(), [&](const auto& entry) {
    return entry.second.identified && entry.second.key == key;
  });
}

/// `serial` empty: it has none.
void DiskWatch::identify(Disk& disk, const std::string& serial) {
  disk.identified = false;
  disk.serial = serial;
  // Two with the same number (cheap bridges do that) must not share one memory.
  const bool own = !serial.empty() && !is_there(serial);
  disk.key = own ? serial : private_key(disk.seen.path);
  disk.identified = true;
  if (memories_.count(disk.key) == 0 && own) memories_[disk.key].serial = serial;
}

/// The memory follows the disk to its bay; whoever was there before has left it.
void DiskWatch::settle(const Disk& disk) {
  if (!disk.identified) return;
  if (!disk.seen.bay.empty())
    for (auto& [key, memory] : memories_)
      if (memory.bay == disk.seen.bay && key != disk.key) memory.bay.clear();
  memories_[disk.key].bay = disk.seen.bay;
}

void DiskWatch::count_absent(Time now, WallTime wall) {
  std::set<std::string> taken; // bays in which a disk is that may be the one looked for
  for (const auto& [path, disk] : disks_)
    if (!disk.identified) taken.insert(disk.seen.bay);
  for (auto entry = memories_.begin(); entry != memories_.end();) {
    const auto& [key, memory] = *entry;
    const bool away = !is_there(key);
    if (away && !memory.bay.empty() && taken.count(memory.bay) == 0)
      absent_.emplace(key, Absence{now, wall});
    else
      absent_.erase(key);
    entry =
        away && memory.bay.empty() && is_private(key) ? memories_.erase(entry) : std::next(entry);
  }
}

void DiskWatch::forget_oldest() {
  std::vector<std::pair<WallTime, std::string>> departed; // last read, key
  for (const auto& [key, memory] : memories_)
    if (memory.bay.empty() && !is_there(key)) departed.emplace_back(memory.last, key);
  if (departed.size() <= most_departed) return;
  std::sort(departed.begin(), departed.end());
  departed.resize(departed.size() - most_departed);
  for (const auto& [last, key] : departed) memories_.erase(key);
}

// ---- when to read ----

bool DiskWatch::offer(Disk& disk, Time now) {
  const mcu::DiskActivity& activity = disk.seen.activity;
  if (smartd_) {
    disk.gate.observe(activity, now);
    disk.rests = disk.gate.rests(now);
    return false;
  }
  if (under_way_.count(disk.seen.path) > 0 || (disk.not_before && now < *disk.not_before)) {
    disk.gate.observe(activity, now);
    return false;
  }
  if (disk.gate.decide(activity, now).verdict != mcu::SleepGate::Verdict::read) return false;
  under_way_[disk.seen.path] = true;
  return true;
}

std::vector<SeenDisk> DiskWatch::look(const std::vector<SeenDisk>& disks, Time now, WallTime wall) {
  drop_vanished(disks);
  for (const SeenDisk& seen : disks) take_note(seen);
  for (auto& [path, disk] : disks_) {
    const std::string serial = serial_from_kernel(disk.seen);
    if (!disk.identified && !serial.empty()) identify(disk, serial);
    settle(disk);
  }
  count_absent(now, wall);
  forget_oldest();
  std::vector<SeenDisk> wanted;
  for (auto& [path, disk] : disks_)
    if (offer(disk, now)) wanted.push_back(disk.seen);
  return wanted;
}

/// The kernel's number counts where it has one; else the disk's own tells who it is, or, when a
/// disk answers that had been another one, who it is now.
void DiskWatch::learn_who(Disk& disk, const SmartReport& report) {
  if (!serial_from_kernel(disk.seen).empty()) return;
  if (!report.serial.empty()) {
    if (disk.identified && disk.serial == report.serial) return;
    disk.good.reset();
    disk.read.reset();
    identify(disk, report.serial);
  } else if (!disk.identified &&
             (report.outcome == Outcome::read || report.outcome == Outcome::no_smart)) {
    identify(disk, printable(disk.seen.serial)); // the bridge's, where that is all
  }
  settle(disk);
}

void DiskWatch::done(const std::string& path, const SmartReport& report,
                     const mcu::DiskActivity& after, Time now, WallTime wall) {
  const auto reading = under_way_.find(path);
  if (reading == under_way_.end()) return;
  const bool of_this_disk = reading->second;
  under_way_.erase(reading);
  const auto found = disks_.find(path);
  if (!of_this_disk || found == disks_.end()) return;
  Disk& disk = found->second;
  learn_who(disk, report);
  if (report.outcome == Outcome::read || disk.identified) {
    SmartReport numbered = report;
    if (is_private(disk.key)) numbered.serial.clear(); // its findings go by its place
    judge(numbered, memories_[disk.key], place_of(disk.seen), wall);
  }
  if (report.outcome == Outcome::read) {
    disk.good = report;
    disk.read = wall;
  }
  disk.report = report;
  const bool well = ended_well(report);
  disk.gate.done(well, after, now);
  disk.not_before.reset();
  if (!well) disk.not_before = now + options_.gate.pause;
}

mcu::Result<SeenDisk> DiskWatch::self_test(std::string_view place) {
  std::string known;
  for (auto& [path, disk] : disks_) {
    const std::string name = disk.seen.node.substr(disk.seen.node.rfind('/') + 1);
    const std::string& own = disk.seen.bay.empty() ? name : disk.seen.bay;
    known += (known.empty() ? "" : ", ") + own;
    if (own != place) continue;
    disk.gate.forced("a self-test was asked for");
    return disk.seen;
  }
  return mcu::Error{mcu::Errc::unsupported,
                    "there is no disk in bay '" + printable(place) + "'; " +
                        (known.empty() ? "no disk is there" : "there are: " + known)};
}

mcu::Status DiskWatch::told(const std::string& node, const std::string& serial,
                            const Finding& finding, WallTime wall) {
  // smartd asks the controller of an NVMe disk, not its name space.
  const auto meant = [&node](const auto& entry) {
    const std::string& ours = entry.second.seen.node;
    return ours == node || (node.rfind("/dev/nvme", 0) == 0 && ours.rfind(node + "n", 0) == 0);
  };
  const auto found = std::find_if(disks_.begin(), disks_.end(), meant);
  if (node.empty() || found == disks_.end())
    return mcu::Error{mcu::Errc::unsupported, "no disk '" + printable(node) + "' is known here"};
  Disk& disk = found->second;
  // Nobody else will tell who it is.
  if (!disk.identified) identify(disk, serial.empty() ? printable(disk.seen.serial) : serial);
  settle(disk);
  take_message(memories_[disk.key], finding, place_of(disk.seen), wall);
  return mcu::Done{};
}

mcu::Status DiskWatch::forget(std::string_view bay) {
  std::string missing;
  bool found = false;
  for (const auto& [key, absence] : absent_) {
    std::string& where = memories_.at(key).bay;
    missing += (missing.empty() ? "" : ", ") + where;
    if (where != bay) continue;
    where.clear();
    found = true;
  }
  if (!found)
    return mcu::Error{mcu::Errc::invalid_argument,
                      "no disk is missing from bay '" + printable(bay) + "'" +
                          (missing.empty() ? "" : "; from " + missing)};
  for (auto absence = absent_.begin(); absence != absent_.end();)
    absence =
        memories_.at(absence->first).bay.empty() ? absent_.erase(absence) : std::next(absence);
  return mcu::Done{};
}

std::vector<SmartMemory> DiskWatch::memories() const {
  std::vector<SmartMemory> kept;
  for (const auto& [key, memory] : memories_)
    if (!is_private(key)) kept.push_back(memory);
  return kept;
}

} // namespace nasmcu::alertd

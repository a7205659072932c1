// SPDX-License-Identifier: MIT
// The disks of this box: which are there, when each may be read (SleepGate), what is known of it,
// and what is missing. Pure: what the kernel shows, reports and time in; readings to make and
// findings out. Nothing here touches a disk.
#pragma once

#include <alertd/smart.hpp>

#include <libmcu/devices/sleep_gate.hpp>
#include <libmcu/model/result.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nasmcu::alertd {

/// One disk that the kernel has now, from its own books.
struct SeenDisk {
  std::string node; ///< "/dev/sda"
  std::string path; ///< its folder in /sys/devices: the same disk as before while this is the same
  std::string serial; ///< what sysfs tells without asking the disk; often empty
  std::string bay, label;
  bool usb = false;
  mcu::DiskActivity activity;
};

/// What `mcuctl disks` and io.nasmcu1.Disk show of one. A missing one has no node and no path.
struct DiskState {
  SeenDisk seen;
  std::string model, serial;
  std::string verdict = "unknown"; ///< "ok", "warning", "failed", "unknown", "no SMART"
  std::string reason; ///< why unknown; "asleep, last read 3 h ago"; "missing for 5 min"
  bool asleep = false;
  std::optional<double> celsius; ///< of the last reading, while awake
  std::optional<WallTime> read;  ///< when
  mcu::SleepGate::Counters counters;
  std::string gate; ///< the gate's last words
  std::optional<SmartReport> report;
};

class DiskWatch {
public:
  using Time = mcu::SleepGate::Time;
  struct Options {
    mcu::SleepGate::Options gate{std::chrono::minutes(5), std::chrono::minutes(30),
                                 std::chrono::seconds(90)};
    std::chrono::minutes grace{2}; ///< before a disk missing from a used bay is an alert
  };
  explicit DiskWatch(Options options, std::vector<SmartMemory> memories = {});

  /// Takes note of what the kernel has now, and returns the disks that have to be read now: each
  /// one asks for a done(), however its reading ends. At most one reading of a disk is under way.
  std::vector<SeenDisk> look(const std::vector<SeenDisk>& disks, Time now, WallTime wall);
  /// A reading will not end: the disk may be offered again.
  void give_up(const std::string& path) { under_way_.erase(path); }
  /// A reading of the disk at `path` has ended. `after`: its activity behind it. One of a disk that
  /// was taken out meanwhile counts for nothing.
  void done(const std::string& path, const SmartReport& report, const mcu::DiskActivity& after,
            Time now, WallTime wall);

  /// Of all disks, in the order of bays, then nodes; a missing one included.
  std::vector<Finding> findings(Time now, WallTime wall) const;
  std::vector<DiskState> states(WallTime wall) const;
  std::vector<SmartMemory> memories() const;
  /// A person has a self-test run on the disk in this bay, or with this name ("sdc"): the disk,
  /// with the access counted. `unsupported` when there is none.
  mcu::Result<SeenDisk> self_test(std::string_view place);
  /// smartd reads the disks, or no longer: meanwhile look() offers none.
  void leave_to_smartd(bool smartd) { smartd_ = smartd; }
  /// Something that smartd said of the disk with this node ("/dev/sda", "/dev/nvme0"), in the form
  /// of judge_message(). It stands until a reading of our own. `serial`: what smartd knows of it,
  /// empty when nothing; counts where the kernel has none. `unsupported` when there is no such
  /// disk.
  mcu::Status told(const std::string& node, const std::string& serial, const Finding& finding,
                   WallTime wall);
  /// A bay's disk was taken out on purpose: the missing one is no longer waited for.
  /// `invalid_argument` when none is missing there.
  mcu::Status forget(std::string_view bay);

private:
  /// A disk that is there. Its memory is found by `key`: the serial number; for one that has none,
  /// '?' and the path, which is not kept over a restart.
  struct Disk {
    SeenDisk seen;
    std::string key;
    std::string serial;
    bool identified = false; ///< which disk it is, or that it has no number, is known
    mcu::SleepGate gate;
    std::optional<SmartReport> report; ///< of the last reading, well or not
    std::optional<SmartReport> good;   ///< of the last one that gave data
    std::optional<WallTime> read;      ///< when that was
    std::optional<Time> not_before;    ///< after a reading that failed
    bool rests = true;                 ///< as of the last look, while smartd reads
  };
  struct Absence {
    Time since;
    WallTime wall;
  };
  /// One place to be shown: a disk, a memory, or both.
  struct Row {
    const Disk* disk = nullptr;          ///< nothing: missing
    const SmartMemory* memory = nullptr; ///< nothing: the disk was never read
    const Absence* absence = nullptr;    ///< only of a missing one
    DiskPlace place;
  };

  void drop_vanished(const std::vector<SeenDisk>& disks);
  void drop(const std::string& path);
  void take_note(const SeenDisk& seen);
  void identify(Disk& disk, const std::string& serial);
  void settle(const Disk& disk);
  void count_absent(Time now, WallTime wall);
  void forget_oldest();
  bool offer(Disk& disk, Time now);
  void learn_who(Disk& disk, const SmartReport& report);
  bool is_there(const std::string& key) const;
  const SmartMemory* memory_for(const Disk& disk) const;
  DiskPlace place_of(const SeenDisk& seen) const;
  std::vector<Row> rows() const;
  static std::vector<Finding> known_of(const Row& row);
  DiskState present_state(const Row& row, WallTime wall) const;
  DiskState missing_state(const Row& row, WallTime wall) const;

  Options options_;
  bool smartd_ = false;
  std::map<std::string, Disk> disks_;           ///< by path
  std::map<std::string, SmartMemory> memories_; ///< by key
  std::map<std::string, Absence> absent_;       ///< by key: of used bays
  std::map<std::string, bool> under_way_;       ///< by path; false: of a disk that is gone since
  std::map<std::string, std::string> labels_;   ///< by bay
};

} // namespace nasmcu::alertd

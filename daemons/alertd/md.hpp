// SPDX-License-Identifier: MIT
// md arrays from /sys/block/mdN/md: degraded, rebuilding, failed members. Pure: what was read in,
// findings out. sysfs tells all of it without touching a disk.
#pragma once

#include <alertd/alert.hpp>

#include <libmcu/kernel/files.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu::alertd {

struct MdMember {
  std::string node;  ///< "sda1"
  std::string disk;  ///< "sda": the whole disk it lies on
  std::string state; ///< "in_sync", "faulty", "spare", "write_mostly,in_sync" ...
  std::string slot;  ///< "0", "none"
};
struct MdArray {
  std::string node;        ///< "md0"
  std::string uuid;        ///< stable over boots; empty: not told, the node then names it
  std::string level;       ///< "raid1", "container"; empty while it does not run
  std::string array_state; ///< "clean", "active", "read-auto", "inactive", "broken" ...
  unsigned disks = 0;      ///< raid_disks
  unsigned degraded = 0;   ///< members that are missing
  std::string action; ///< sync_action: "idle", "recover", "resync", "check", "repair", "reshape"
  std::optional<double> done; ///< percent of the action, 0 to 100
  std::vector<MdMember> members;
};

/// All arrays below ROOT/sys/block. A file that vanishes between two reads is a member less, or an
/// array less when it is the array's own state, never an error; containers (of firmware RAID) and
/// arrays without redundancy (raid0, linear) are included.
std::vector<MdArray> read_arrays(const mcu::Files& files, const std::string& root);

/// Runs with the array, up to date.
bool in_sync(const MdMember& member);

/// Which bay a disk ("sda") is in, and its serial number; empty fields where not known.
struct DiskOf {
  std::string bay, serial;
};
using FindDisk = std::function<DiskOf(const std::string& disk)>;

/// The whole disk of a partition by its name: "sda1" -> "sda", "nvme0n1p2" -> "nvme0n1"; what is no
/// partition stays as it is.
std::string whole_disk(const std::string& node);

/// Degraded without rebuilding, or inactive/broken: failed. Rebuilding fewer members than are
/// missing: still failed. A member marked faulty: failed, with its disk, bay and serial. recover,
/// resync after a crash or reshape: rebuilding, with the progress in its text (not in `state`, so
/// that nobody is told at every percent) and, where one disk is being filled, its bay. check and
/// repair are no finding: they are routine. raid0 and linear are only found when inactive or
/// broken, a container only with a faulty member.
///
/// An array that is just being assembled is inactive for a moment: the caller looks twice.
std::vector<Finding> judge_arrays(const std::vector<MdArray>& arrays, const FindDisk& find);

/// A member that the kernel no longer knows of, as somebody remembers it. `device`: "/dev/sdb",
/// empty when the disk is not there. Its id and state are those of the faulty member that it was
/// before the box started again, so that an acknowledgement still holds.
Finding lost_member(const MdArray& array, const std::string& device, const DiskOf& place);

} // namespace nasmcu::alertd

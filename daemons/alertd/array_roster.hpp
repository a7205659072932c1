// SPDX-License-Identifier: MIT
// Which disks an md array was last whole with. The kernel forgets a member that failed as soon as
// it is taken out or the box starts without it; the array is then degraded, and only who remembers
// can say which disk, in which bay, is to be replaced. Pure.
#pragma once

#include <alertd/md.hpp>

#include <span>
#include <string>
#include <vector>

namespace nasmcu::alertd {

/// A disk as the box has it now.
struct PresentDisk {
  std::string name; ///< "sda"
  std::string bay;  ///< empty: none, or not known
  std::string serial;
};

struct RosterMember {
  std::string array;  ///< its UUID
  std::string slot;   ///< "0"
  std::string serial; ///< never empty
  std::string bay;    ///< where it was; empty: not known
  bool operator==(const RosterMember&) const = default;
};

class ArrayRoster {
public:
  ArrayRoster() = default;
  /// From what records() gave; a line that is none is left out.
  explicit ArrayRoster(std::span<const std::string> records);

  /// Notes the members of each array that is whole. One without a UUID, or with a disk that has no
  /// serial number, is not noted: it could not be found again.
  void note(const std::vector<MdArray>& arrays, const std::vector<PresentDisk>& disks);

  /// Of degraded arrays, each disk whose place nobody has taken: failed, with its bay and serial
  /// number, under the same id as judge_arrays() gives a faulty member. The bay is the one that it
  /// is in now, else the one that it was in.
  std::vector<Finding> lost(const std::vector<MdArray>& arrays,
                            const std::vector<PresentDisk>& disks) const;

  /// One line each, in a fixed order.
  std::vector<std::string> records() const;

private:
  std::vector<RosterMember> members_;
};

} // namespace nasmcu::alertd

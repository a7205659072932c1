// SPDX-License-Identifier: MIT
// What nas-alertd remembers: alerts, each disk's SMART, members of arrays; three files below
// ROOT/var/lib/nasmcu, each in the form of common/records.hpp or the ledger's own.
#pragma once

#include <alertd/array_roster.hpp>
#include <alertd/disk_watch.hpp>
#include <alertd/ledger.hpp>

#include <optional>
#include <string>
#include <vector>

namespace nasmcu::alertd {

class Store {
public:
  /// What belongs into the files. A file that never was is not one that a power cut emptied.
  struct Texts {
    std::optional<std::string> alerts, disks, arrays;
    bool operator==(const Texts&) const = default;
  };
  static Texts texts(const Ledger& ledger, const DiskWatch& disks, const ArrayRoster& roster);

  /// Reads the files, once; what is damaged in them is told when it is asked for.
  explicit Store(const std::string& root);

  Ledger ledger(WallTime now) const;
  std::vector<SmartMemory> memories() const;
  ArrayRoster roster() const;

  /// Whether save() has nothing to do. One that could not be written is not tried again for the
  /// same text, since it would fail at every look; but `at_end`, when there may be room again.
  bool has(const Texts& texts, bool at_end) const {
    return texts == tried_ && (!at_end || texts == saved_);
  }
  /// Writes those that the files do not have. One that cannot be written is told.
  void save(const Texts& texts);

private:
  std::string folder_;
  Texts saved_; ///< what the files have
  Texts tried_; ///< what they were meant to have last
};

} // namespace nasmcu::alertd

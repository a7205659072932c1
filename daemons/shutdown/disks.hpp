// SPDX-License-Identifier: MIT
// Disks and arrays as the late shutdown hook needs them: caches written, heads parked, arrays at
// rest. Under another root they are fakes, and what would be done to them is recorded.
#pragma once

#include <common/system.hpp>
#include <libmcu/kernel/files.hpp>
#include <libmcu/model/result.hpp>

#include <memory>
#include <string>
#include <vector>

namespace nasmcu::shutdown {

/// One disk. Every call may take as long as the disk wants, or for ever.
class Disk {
public:
  virtual ~Disk() = default;
  virtual const std::string& name() const = 0; ///< "sda"
  /// Whether it is at rest, asked without waking it; false when it cannot tell.
  virtual bool asleep() = 0;
  /// Its own write cache. `unsupported` when the disk has gone.
  virtual mcu::Status flush() = 0;
  /// Parks the heads and spins down; `unsupported` where there is nothing to park.
  virtual mcu::Status stand_by() = 0;
};

/// What becomes of a disk: asleep is left alone, awake is flushed and stands by. Empty: its cache
/// is written, or it has gone. `note` is told what was done, in words.
std::string settle(Disk& disk, std::string& note);

/// All that could lose something with the power: SATA, SAS, USB, NVMe, memory cards.
std::vector<std::unique_ptr<Disk>> find_disks(const mcu::Files& files, const System& system);

/// Array by array: stopped, or where something still stands on it (the root), no resync any more
/// and marked clean. Returns what happened, a line each.
std::vector<std::string> stop_arrays(const mcu::Files& files, const System& system);

} // namespace nasmcu::shutdown

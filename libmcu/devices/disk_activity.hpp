// SPDX-License-Identifier: MIT
// What the kernel's own books say of a disk; reading them does not touch it.
#pragma once

#include <libmcu/devices/sleep_gate.hpp>
#include <libmcu/kernel/files.hpp>

#include <string>

namespace mcu {

/// `block` is the disk's folder, /sys/block/sdX or what it leads to. `unsupported` when it has
/// gone.
Result<DiskActivity> read_activity(const Files& files, const std::string& block);

} // namespace mcu

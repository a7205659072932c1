// SPDX-License-Identifier: MIT
// The disks that the kernel has now, with their bays: all from sysfs, none is touched.
#pragma once

#include <alertd/disk_watch.hpp>

#include <libmcu/kernel/files.hpp>
#include <libmcu/model/board.hpp>

#include <string>
#include <vector>

namespace nasmcu::alertd {

/// SATA, SAS, USB and NVMe disks (sdX, nvmeXnY), in the order of their names.
std::vector<SeenDisk> find_disks(const mcu::Files& files, const std::string& root,
                                 const mcu::Board& board);

} // namespace nasmcu::alertd

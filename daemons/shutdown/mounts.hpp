// SPDX-License-Identifier: MIT
// Whether a file system on a disk can still be written to. Pure.
#pragma once

#include <libmcu/model/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace nasmcu::shutdown {

/// "/srv (ext4 on /dev/md0)" for each file system of /proc/PID/mountinfo that could still be
/// written to. Only the kinds that are known to be in memory or on the network do not count:
/// whatever else is there is taken for one on a disk. `failed` when the table cannot be believed: a
/// line in it means nothing, or there is no root.
mcu::Result<std::vector<std::string>> writable_on_disk(std::string_view mountinfo);

} // namespace nasmcu::shutdown

// SPDX-License-Identifier: MIT
// File systems that fill up or went read-only. Pure.
#pragma once

#include <alertd/alert.hpp>
#include <common/mountinfo.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nasmcu::alertd {

using nasmcu::Mount;

/// /proc/PID/mountinfo: local file systems on block devices only (source begins with /dev/; no
/// loop devices; no squashfs, iso9660 and their like, which are full by nature), one mount for each
/// source: that of its root where there is one, read-only as long as all of them are. A line that
/// cannot be read is left out. A service with mounts of its own (ProtectSystem=) has to read that
/// of process 1: in its own the whole system is read-only.
std::vector<Mount> parse_mountinfo(std::string_view text);

/// statvfs(3) of one; nothing when it could not be asked.
struct Space {
  std::uint64_t size = 0, available = 0;     ///< bytes; available to users
  std::uint64_t inodes = 0, inodes_free = 0; ///< 0 inodes: the file system does not count them
};
struct Filesystem {
  Mount mount;
  std::optional<Space> space;
};

struct SpaceLimits {
  double warn = 90, fail = 97; ///< percent in use (space or inodes)
  double hysteresis = 2;       ///< percent below a limit before it is over
};
/// Full or nearly full, of bytes or inodes: `fail` and more failed, `warn` and more a warning.
/// Read-only after an error: failed; read-only by wish: nothing, it cannot fill either.
/// `standing`: what was found last time, for the hysteresis; what was found of a file system that
/// could not be asked this time stands.
std::vector<Finding> judge_filesystems(const std::vector<Filesystem>& all,
                                       const SpaceLimits& limits,
                                       const std::vector<Finding>& standing);

} // namespace nasmcu::alertd

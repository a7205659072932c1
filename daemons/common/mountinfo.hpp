// SPDX-License-Identifier: MIT
// One line of /proc/PID/mountinfo. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nasmcu {

struct Mount {
  std::string point;            ///< "/srv", escapes of mountinfo undone
  std::string source;           ///< "/dev/md0"
  std::string type;             ///< "ext4"
  bool read_only = false;       ///< this mount, as it was asked for
  bool super_read_only = false; ///< the file system itself: after an error, while read_only is not
};

struct MountLine {
  Mount mount;
  bool of_root = false; ///< shows the file system's root, not a folder of it
};

/// Nothing for a line that is none of mountinfo's.
std::optional<MountLine> parse_mount_line(std::string_view line);

} // namespace nasmcu

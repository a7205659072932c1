// SPDX-License-Identifier: MIT
#include <shutdown/mounts.hpp>

#include <common/mountinfo.hpp>
#include <libmcu/model/text.hpp>

#include <algorithm>
#include <array>

namespace nasmcu::shutdown {
namespace {

using mcu::Errc;
using mcu::Error;

/// In memory, of the kernel alone, or another machine's. A program's own (FUSE, but not fuseblk)
/// writes through other file systems, which are in the table themselves.
bool is_elsewhere(std::string_view type) {
  if (type == "fuse" || type.starts_with("fuse.")) return true;
  constexpr std::array<std::string_view, 37> kinds = {
      "proc",       "sysfs",   "devtmpfs", "devpts",     "tmpfs",    "ramfs",   "rootfs",
      "cgroup",     "cgroup2", "cpuset",   "securityfs", "debugfs",  "tracefs", "pstore",
      "efivarfs",   "bpf",     "mqueue",   "hugetlbfs",  "configfs", "autofs",  "binfmt_misc",
      "rpc_pipefs", "nfsd",    "nsfs",     "selinuxfs",  "smackfs",  "fusectl", "sockfs",
      "pipefs",     "bdev",    "resctrl",  "nfs",        "nfs4",     "cifs",    "smb3",
      "9p",         "ceph"};
  return std::find(kinds.begin(), kinds.end(), type) != kinds.end();
}

/// The type of a line that cannot be read otherwise (a mount may have an empty name for a source).
std::string_view type_of(std::string_view line) {
  const auto hyphen = line.find(" - ");
  if (hyphen == std::string_view::npos) return {};
  line.remove_prefix(hyphen + 3);
  return line.substr(0, line.find(' '));
}

} // namespace

mcu::Result<std::vector<std::string>> writable_on_disk(std::string_view mountinfo) {
  std::vector<std::string> writable;
  bool root = false;
  while (!mountinfo.empty()) {
    const std::string_view line = mountinfo.substr(0, mountinfo.find('\n'));
    mountinfo.remove_prefix(std::min(line.size() + 1, mountinfo.size()));
    if (mcu::trim(line).empty()) continue;
    const auto read = parse_mount_line(line);
    if (!read) {
      if (is_elsewhere(type_of(line))) continue;
      return Error{Errc::failed,
                   "a line of the table of mounts means nothing: " + mcu::in_quotes(line)};
    }
    const Mount& mount = read->mount;
    root = root || mount.point == "/";
    // Not read_only: a folder that is shown read-only says nothing of its file system.
    if (mount.super_read_only || is_elsewhere(mount.type)) continue;
    writable.push_back(mount.point + " (" + mount.type + " on " + mount.source + ")");
  }
  if (!root) return Error{Errc::failed, "the table of mounts has no /"};
  return writable;
}

} // namespace nasmcu::shutdown

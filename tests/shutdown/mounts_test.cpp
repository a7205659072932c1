// SPDX-License-Identifier: MIT
// The tables of mounts are synthetic, after proc(5).
#include <catch.hpp>

#include <shutdown/mounts.hpp>

using nasmcu::shutdown::writable_on_disk;

namespace {

const std::string root_ro = "22 1 8:1 / / ro,relatime - ext4 /dev/sda1 ro\n";

std::vector<std::string> writable(const std::string& text) {
  const auto found = writable_on_disk(text);
  INFO(text);
  if (!found) FAIL(found.error().what);
  return *found;
}

} // namespace

TEST_CASE("what systemd leaves behind on a halted system is no writable file system") {
  CHECK(writable(root_ro + "23 22 0:21 / /proc rw,nosuid shared:5 - proc proc rw\n"
                           "24 22 0:22 / /sys rw - sysfs sysfs rw\n"
                           "25 22 0:23 / /run rw - tmpfs tmpfs rw,size=100k\n"
                           "26 22 0:5 / /dev rw - devtmpfs udev rw\n"
                           "27 22 0:33 / /mnt rw - nfs4 server:/x rw,vers=4.2\n"
                           "28 22 0:34 / /pool rw - fuse.mergerfs a:b rw\n"
                           "29 22 0:9 / /host rw - 9p host rw\n")
            .empty());
}

TEST_CASE("each file system that can still be written to is named") {
  const auto found = writable(root_ro + "30 22 9:0 / /srv/my\\040disk rw - xfs /dev/md0 rw\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0] == "/srv/my disk (xfs on /dev/md0)");
  CHECK(writable("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n").size() == 1);
}

TEST_CASE("whatever is not known to be elsewhere counts as a disk's") {
  for (const char* type : {"zfs", "btrfs", "overlay", "fuseblk", "bcachefs", "vfat", "newfs"}) {
    INFO(type);
    CHECK(writable(root_ro + "30 22 0:40 / /a rw - " + type + " pool/x rw\n").size() == 1);
    CHECK(writable(root_ro + "30 22 0:40 / /a ro - " + type + " pool/x ro\n").empty());
  }
}

TEST_CASE("a folder that is shown read-only says nothing of its file system") {
  CHECK(writable(root_ro + "30 22 9:0 /sub /a ro - xfs /dev/md0 rw\n").size() == 1);
}

TEST_CASE("a table that means nothing is not believed") {
  CHECK_FALSE(writable_on_disk("").ok());
  CHECK_FALSE(writable_on_disk("nonsense\n").ok());
  CHECK_FALSE(writable_on_disk(root_ro + "30 22 9:0 / /a rw - xfs\n").ok());
  CHECK_FALSE(writable_on_disk("25 22 0:23 / /run rw - tmpfs tmpfs rw\n").ok()); // no root
  // A source may have no name at all; the kind is enough then.
  CHECK(writable(root_ro + "30 22 0:50 / /a rw - tmpfs  rw\n").empty());
}

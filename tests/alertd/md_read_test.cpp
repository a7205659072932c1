// SPDX-License-Identifier: MIT
// What the kernel takes away in the middle of a look, and what makes no sense.
#include <catch.hpp>

#include "md_tree.hpp"

#include <cerrno>

using namespace nasmcu::alertd;

TEST_CASE("an array is read as the kernel shows it") {
  const MdTree tree;
  const MdArray array = tree.array();
  CHECK(array.node == "md0");
  CHECK(array.uuid == "3f2a1b9c112233445566778899aabbcc");
  CHECK(array.level == "raid1");
  CHECK(array.array_state == "clean");
  CHECK(array.disks == 2);
  CHECK(array.degraded == 0);
  CHECK(array.action == "idle");
  CHECK_FALSE(array.done);
  REQUIRE(array.members.size() == 2);
  CHECK(array.members[1].node == "sdb1");
  CHECK(array.members[1].disk == "sdb");
  CHECK(array.members[1].state == "in_sync");
  CHECK(array.members[1].slot == "1");
}

TEST_CASE("a box without arrays has none, and other block devices are none") {
  const TempTree empty;
  CHECK(read_arrays(mcu::Files(), empty.root()).empty());
  empty.write("sys/block/sda/dev", "8:0\n");
  empty.write("sys/block/md5/dev", "9:5\n"); // stopped: a node without an array
  CHECK(read_arrays(mcu::Files(), empty.root()).empty());
}

TEST_CASE("a member that vanishes between two reads is a member less") {
  const MdTree tree;
  for (const int error : {ENODEV, ENOENT, EBUSY}) {
    INFO(error);
    for (const char* file : {"dev-sdb1/state", "dev-sdb1/slot"}) {
      const MdArray array = tree.array(Vanishing(file, error));
      REQUIRE(array.members.size() == 1);
      CHECK(array.members[0].node == "sda1");
      CHECK(tree.findings(Vanishing(file, error)).empty());
    }
  }
  const ListedAndGone gone(tree.path(tree.folder() + "dev-sda1"));
  const MdArray array = tree.array(gone);
  REQUIRE(array.members.size() == 1);
  CHECK(array.members[0].node == "sdb1");
}

TEST_CASE("a failed member that is removed between two looks is no longer found") {
  const MdTree tree;
  tree.member("sdb1", "faulty", "none");
  const Vanishing files("dev-sdb1/state", ENODEV, 1);
  CHECK(tree.findings(files).size() == 1);
  CHECK(tree.findings(files).empty());
}

TEST_CASE("an array that is stopped while it is read is an array less") {
  const MdTree tree;
  CHECK(tree.arrays(Vanishing("md/array_state", ENODEV)).empty());
  CHECK(tree.arrays(Vanishing("md/array_state", EBUSY)).empty());
}

TEST_CASE("files that are missing or make no sense are no finding and no harm") {
  const MdTree tree;
  for (const char* file : {"level", "raid_disks", "degraded", "sync_action", "metadata_version"})
    tree.unset(file);
  CHECK(tree.findings().empty());
  tree.set("raid_disks", "4294967295");
  tree.set("degraded", "-1");
  CHECK(tree.array().disks == 0);
  CHECK(tree.findings().empty());
  tree.set("degraded", "1");
  CHECK(tree.finding().state == "1 members missing");
  tree.set("raid_disks", "90000");
  tree.member("sda1", "in_sync", "99999999999999999999");
  CHECK(tree.finding().text.size() < 1000);
  tree.set("sync_action", "recover");
  for (const char* progress : {"1 / 0", "x / y", "5", "-1 / 10", "1 of 2", "99 / 10"}) {
    tree.set("sync_completed", progress);
    const auto done = tree.array().done;
    INFO(progress);
    CHECK((!done || (*done >= 0 && *done <= 100)));
  }
}

TEST_CASE("an array keeps its id over the kernel's numbers, and has its node's when it has none") {
  const MdTree numbered("md127");
  numbered.set("degraded", "1");
  CHECK(numbered.finding().id == "md.3f2a1b9c.degraded");
  // The kernel's own word counts before udev's, however the two write it.
  numbered.set("uuid", "0badcafe-1122-3344-5566-778899aabbcc");
  CHECK(numbered.finding().id == "md.0badcafe.degraded");
  numbered.set("uuid", "00000000-0000-0000-0000-000000000000");
  CHECK(numbered.finding().id == "md.3f2a1b9c.degraded");

  const MdTree named("md_home ü");
  named.set("degraded", "1");
  std::filesystem::remove(named.path("run/udev/data/b9:0"));
  CHECK(named.array().uuid.empty());
  CHECK(named.finding().id == "md.md_home___.degraded");
}

TEST_CASE("the whole disk of a partition follows from its name") {
  const std::map<std::string, std::string> disks = {{"sda", "sda"},
                                                    {"sda1", "sda"},
                                                    {"sdaa12", "sdaa"},
                                                    {"hdb3", "hdb"},
                                                    {"vda2", "vda"},
                                                    {"xvdb1", "xvdb"},
                                                    {"nvme0n1", "nvme0n1"},
                                                    {"nvme0n1p1", "nvme0n1"},
                                                    {"nvme10n2p15", "nvme10n2"},
                                                    {"mmcblk0", "mmcblk0"},
                                                    {"mmcblk0p2", "mmcblk0"},
                                                    {"mmcblk0boot0", "mmcblk0boot0"},
                                                    {"md0", "md0"},
                                                    {"md0p1", "md0"},
                                                    {"loop7", "loop7"},
                                                    {"loop7p1", "loop7"},
                                                    {"dm-3", "dm-3"},
                                                    {"sd", "sd"},
                                                    {"cciss/c0d0p1", "cciss/c0d0"},
                                                    {"p1", "p1"},
                                                    {"12", "12"},
                                                    {"", ""}};
  for (const auto& [node, disk] : disks) {
    INFO(node);
    CHECK(whole_disk(node) == disk);
  }
}

TEST_CASE("a slash in a member's name, which sysfs writes as an exclamation mark, is put back") {
  const MdTree tree;
  tree.member("cciss!c0d0p1", "faulty", "none");
  CHECK(tree.finding().disk == "/dev/cciss/c0d0");
}

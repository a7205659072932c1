// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include "md_tree.hpp"

using namespace nasmcu::alertd;

TEST_CASE("an array that is whole is no finding, whatever it is doing with its writes") {
  const MdTree tree;
  for (const char* state : {"clean", "active", "active-idle", "write-pending", "read-auto",
                            "readonly", "clear", "suspended"}) {
    tree.set("array_state", state);
    INFO(state);
    CHECK(tree.findings().empty());
  }
}

TEST_CASE("an array that boots degraded is found without anything having changed") {
  const MdTree tree;
  tree.set("degraded", "1");
  tree.take_out("sdb1");
  const Finding finding = tree.finding();
  CHECK(finding.id == "md.3f2a1b9c.degraded");
  CHECK(finding.severity == Severity::failed);
  CHECK(finding.subject == "array md0 (raid1) is degraded: 1 of 2 members missing");
  CHECK(finding.state == "1 of 2 members missing");
  md_says(finding.text, "[U_]");
  md_says(finding.text, "/dev/sda1 (in_sync)");
  md_says(finding.text, "mdadm --manage /dev/md0 --add");
}

TEST_CASE("a failed member is named with its bay, disk and serial number") {
  const MdTree tree;
  tree.set("degraded", "1");
  tree.member("sdb1", "faulty", "none");
  const auto findings = tree.findings();
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].id == "md.3f2a1b9c.degraded");
  CHECK(findings[1].id == "md.3f2a1b9c.member.WD-B_7");
  CHECK(findings[1].severity == Severity::failed);
  CHECK(findings[1].bay == "2");
  CHECK(findings[1].disk == "/dev/sdb");
  CHECK(findings[1].serial == "WD-B 7");
  CHECK(findings[1].state == "faulty");
  CHECK(findings[1].subject == "disk 2 (/dev/sdb, serial WD-B 7) has failed in array md0 (raid1)");
  md_says(findings[1].text, "--remove /dev/sdb1");
}

TEST_CASE("the flag of a failed member is found among others, and only as a whole word") {
  const MdTree tree;
  for (const char* state : {"faulty,write_mostly", "write_mostly,faulty", "blocked, faulty"}) {
    tree.member("sdb1", state, "1");
    INFO(state);
    CHECK(tree.findings().size() == 1);
  }
  for (const char* state : {"in_sync,write_error", "in_sync,faulty_once", "spare", ""}) {
    tree.member("sdb1", state, "1");
    INFO(state);
    CHECK(tree.findings().empty());
  }
}

TEST_CASE("a member that fails just now still has its slot and its flag, and does not work") {
  const MdTree tree;
  tree.set("degraded", "1");
  tree.member("sdb1", "faulty,in_sync", "1");
  md_says(tree.findings()[0].text, "[U_]");
}

TEST_CASE("a failed member that nobody knows is named by its node") {
  const MdTree tree;
  tree.member("sdx1", "faulty", "none");
  const Finding finding = tree.finding();
  CHECK(finding.id == "md.3f2a1b9c.member.sdx1");
  CHECK(finding.subject == "/dev/sdx (no serial number) has failed in array md0 (raid1)");
  CHECK(finding.bay.empty());
  CHECK(judge_arrays(tree.arrays(), FindDisk()) == std::vector<Finding>{finding});
}

TEST_CASE("a failed member whose disk has a bay and no serial number is known by its bay") {
  const MdTree tree;
  tree.member("sdb1", "faulty", "1");
  const auto bay_only = [](const std::string&) { return DiskOf{"4", ""}; };
  const auto findings = judge_arrays(tree.arrays(), bay_only);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].id == "md.3f2a1b9c.member.bay4");
  CHECK(findings[0].subject ==
        "disk 4 (/dev/sdb, no serial number) has failed in array md0 (raid1)");
}

TEST_CASE("a rebuild tells its progress in the text, and its percent do not change the state") {
  const MdTree tree;
  tree.set("degraded", "1");
  tree.set("sync_action", "recover");
  tree.member("sdb1", "spare", "1");
  tree.set("sync_completed", "1234 / 10000");
  const Finding early = tree.finding();
  CHECK(early.severity == Severity::rebuilding);
  CHECK(early.id == "md.3f2a1b9c.degraded");
  CHECK(early.subject == "array md0 (raid1) is being rebuilt");
  CHECK(early.bay == "2"); // the one that is being filled
  CHECK(early.disk == "/dev/sdb");
  CHECK(early.serial == "WD-B 7");
  md_says(early.text, "12.3 % are done");
  tree.set("sync_completed", "9999 / 10000");
  const Finding late = tree.finding();
  md_says(late.text, "99.9 % are done");
  CHECK(late.state == early.state);
  CHECK(late.subject == early.subject);
  CHECK(late.text != early.text);

  tree.set("sync_completed", "delayed");
  md_says(tree.finding().text, "has not begun");
  // The kernel counts the member in before it says that it has ended.
  tree.set("degraded", "0");
  CHECK(tree.finding().state == early.state);
  CHECK(tree.finding().id == early.id);
  tree.set("sync_action", "idle");
  CHECK(tree.findings().empty());
}

TEST_CASE("a rebuild of one of two missing members is still degraded") {
  const MdTree tree;
  tree.set("level", "raid6");
  tree.set("raid_disks", "4");
  tree.set("degraded", "2");
  tree.set("sync_action", "recover");
  tree.set("sync_completed", "5 / 10");
  tree.member("sdc1", "spare", "2");
  tree.member("sde1", "spare", "none"); // waits for its turn
  const Finding finding = tree.finding();
  CHECK(finding.severity == Severity::failed);
  CHECK(finding.state == "2 of 4 members missing");
  md_says(finding.text, "[UU__]");
  md_says(finding.text, "50 % are done");
  tree.member("sde1", "spare", "3");
  CHECK(tree.finding().severity == Severity::rebuilding);
}

TEST_CASE("a degraded array that waits, or is only checked, is not being rebuilt") {
  const MdTree tree;
  tree.set("degraded", "1");
  for (const char* action : {"idle", "frozen", "check", "repair", ""}) {
    tree.set("sync_action", action);
    INFO(action);
    CHECK(tree.finding().severity == Severity::failed);
    CHECK(tree.finding().id == "md.3f2a1b9c.degraded");
  }
}

TEST_CASE("check and repair are routine and no finding") {
  const MdTree tree;
  for (const char* action : {"check", "repair"}) {
    tree.set("sync_action", action);
    tree.set("sync_completed", "100 / 1000");
    INFO(action);
    CHECK(tree.findings().empty());
  }
}

TEST_CASE("a resync after a crash and a reshape are shown as rebuilding") {
  const MdTree tree;
  tree.set("sync_completed", "100 / 1000");
  tree.set("sync_action", "resync");
  CHECK(tree.finding().id == "md.3f2a1b9c.resync");
  CHECK(tree.finding().severity == Severity::rebuilding);
  md_says(tree.finding().text, "10 % are done");
  tree.set("sync_action", "reshape");
  tree.set("raid_disks", "3 (2)");
  CHECK(tree.array().disks == 3);
  CHECK(tree.finding().id == "md.3f2a1b9c.reshape");
  CHECK(tree.finding().severity == Severity::rebuilding);
  // Neither brings a missing member back.
  tree.set("degraded", "1");
  const auto findings = tree.findings();
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].severity == Severity::failed);
}

TEST_CASE("raid0 and linear have nothing to degrade, and are found when they are broken") {
  const MdTree tree;
  for (const char* level : {"raid0", "linear"}) {
    INFO(level);
    tree.set("level", level);
    for (const char* redundancy : {"degraded", "sync_action", "sync_completed"})
      tree.unset(redundancy);
    tree.set("array_state", "clean");
    CHECK(tree.findings().empty());
    tree.set("array_state", "broken");
    CHECK(tree.finding().id == "md.3f2a1b9c.down");
    CHECK(tree.finding().severity == Severity::failed);
    CHECK(tree.finding().state == "broken");
    CHECK(tree.finding().subject == std::string("array md0 (") + level + ") is broken");
  }
}

TEST_CASE("an inactive array is failed, and found once") {
  const MdTree tree;
  tree.set("array_state", "inactive");
  tree.set("level", "");
  tree.set("raid_disks", "0");
  tree.set("degraded", "1");
  tree.member("sda1", "spare", "none");
  tree.take_out("sdb1");
  const Finding finding = tree.finding();
  CHECK(finding.id == "md.3f2a1b9c.down");
  CHECK(finding.severity == Severity::failed);
  CHECK(finding.subject == "array md0 is not running");
  md_says(finding.text, "/dev/sda1 (spare)");
}

TEST_CASE("a container of firmware RAID is always inactive, and that is no finding") {
  const MdTree tree;
  tree.set("array_state", "inactive");
  tree.set("level", "");
  tree.set("metadata_version", "external:imsm");
  CHECK(tree.array().level == "container");
  CHECK(tree.findings().empty());
  tree.member("sdb", "faulty", "none");
  CHECK(tree.finding().bay == "2");
  // The arrays inside are as all others.
  for (const char* inside : {"external:/md127/0", "external:-md127/0"}) {
    tree.set("metadata_version", inside);
    INFO(inside);
    CHECK(tree.findings().front().id == "md.3f2a1b9c.down");
  }
}

TEST_CASE("several arrays are judged one by one") {
  const MdTree tree;
  tree.write("sys/block/md1/md/array_state", "broken\n");
  tree.write("sys/block/md10/md/array_state", "inactive\n");
  const auto findings = tree.findings();
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].id == "md.md1.down");
  CHECK(findings[1].id == "md.md10.down");
}

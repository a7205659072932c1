// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include "md_tree.hpp"

#include <alertd/array_roster.hpp>

using namespace nasmcu::alertd;

namespace {

const std::vector<PresentDisk> both{{"sda", "1", "WD-A"}, {"sdb", "2", "WD-B 7"}};

ArrayRoster noted(const MdTree& tree, const std::vector<PresentDisk>& disks = both) {
  ArrayRoster roster;
  roster.note(tree.arrays(), disks);
  return roster;
}

/// The box started without sdb1 in the array.
void boot_degraded(const MdTree& tree) {
  tree.set("degraded", "1");
  tree.take_out("sdb1");
}

} // namespace

TEST_CASE("a whole array has lost nobody") {
  const MdTree tree;
  CHECK(noted(tree).lost(tree.arrays(), both).empty());
}

TEST_CASE("a box that boots degraded tells the lost disk with its bay and serial number") {
  const MdTree tree;
  const ArrayRoster roster = noted(tree);
  boot_degraded(tree);
  const auto lost = roster.lost(tree.arrays(), both);
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].severity == Severity::failed);
  CHECK(lost[0].bay == "2");
  CHECK(lost[0].disk == "/dev/sdb");
  CHECK(lost[0].serial == "WD-B 7");
  CHECK(lost[0].subject == "disk 2 (/dev/sdb, serial WD-B 7) is no longer in array md0 (raid1)");
}

TEST_CASE("a faulty member that is gone after the next start is the same alert in the same state") {
  const MdTree tree;
  const ArrayRoster roster = noted(tree);
  tree.set("degraded", "1");
  tree.member("sdb1", "faulty", "none");
  CHECK(roster.lost(tree.arrays(), both).empty()); // the kernel still tells it itself
  const auto before = tree.findings();
  REQUIRE(before.size() == 2);
  tree.take_out("sdb1");
  const auto after = roster.lost(tree.arrays(), both);
  REQUIRE(after.size() == 1);
  CHECK(after[0].id == before[1].id);
  CHECK(after[0].state == before[1].state);
}

TEST_CASE("a lost disk that was put into another bay is told with the bay that it is in now") {
  const MdTree tree;
  const ArrayRoster roster = noted(tree);
  boot_degraded(tree);
  const auto lost = roster.lost(tree.arrays(), {{"sdc", "4", "WD-B 7"}, {"sda", "2", "WD-A"}});
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].bay == "4");
  CHECK(lost[0].disk == "/dev/sdc");
}

TEST_CASE("a lost disk that the box does not see is told with the bay that it was in") {
  const MdTree tree;
  const ArrayRoster roster = noted(tree);
  boot_degraded(tree);
  const auto lost = roster.lost(tree.arrays(), {both[0]});
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].bay == "2");
  CHECK(lost[0].disk.empty());
  CHECK(lost[0].subject == "disk 2 (serial WD-B 7) is no longer in array md0 (raid1)");
  md_says(lost[0].text, "the box does not see the disk");
}

TEST_CASE("a disk in its bay whose number was not read yet is taken for the lost one") {
  const MdTree tree;
  const ArrayRoster roster = noted(tree);
  boot_degraded(tree);
  const auto lost = roster.lost(tree.arrays(), {both[0], {"sdb", "2", ""}});
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].disk == "/dev/sdb");
}

TEST_CASE("a disk that takes the lost one's place ends it, whichever it is") {
  const MdTree tree;
  const ArrayRoster roster = noted(tree);
  boot_degraded(tree);
  tree.member("sdc1", "spare", "1");
  CHECK(roster.lost(tree.arrays(), {both[0], {"sdc", "2", "NEW"}}).empty());
  tree.take_out("sdc1");
  tree.member("sdb1", "spare", "none"); // the same one, which waits for its turn
  CHECK(roster.lost(tree.arrays(), both).empty());
}

TEST_CASE("when the array is whole again its new members count, and those of others stay") {
  const MdTree tree;
  ArrayRoster roster = noted(tree);
  const MdArray other{
      "md1", "ffff", "raid1", "clean", 1, 0, "idle", {}, {{"sdz", "sdz", "in_sync", "0"}}};
  roster.note({other}, {{"sdz", "", "Z"}});
  tree.take_out("sdb1");
  tree.member("sdc1", "in_sync", "1");
  roster.note(tree.arrays(), {both[0], {"sdc", "2", "NEW"}});
  CHECK(roster.records().size() == 3);
  boot_degraded(tree);
  tree.take_out("sdc1");
  const auto lost = roster.lost(tree.arrays(), {both[0]});
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].serial == "NEW");
}

TEST_CASE("a degraded array, one without a UUID and disks without a number are not noted") {
  const MdTree tree;
  CHECK(noted(tree, {both[0], {"sdb", "2", ""}}).records().empty());
  CHECK(noted(tree, {both[0]}).records().empty());
  std::filesystem::remove(tree.path("run/udev/data/b9:0"));
  CHECK(noted(tree).records().empty());
  const MdTree degraded;
  boot_degraded(degraded);
  CHECK(noted(degraded).records().empty());
}

TEST_CASE("the roster survives in its records, and a damaged one costs that member alone") {
  const MdTree tree;
  const auto records = noted(tree).records();
  REQUIRE(records.size() == 2);
  CHECK(ArrayRoster(records).records() == records);
  for (const std::string& bad : {std::string(), std::string("{}"), std::string("[1]"),
                                 std::string(R"({"array":"a","slot":1,"serial":"x"})")}) {
    const std::vector<std::string> damaged{bad, records[1]};
    CHECK(ArrayRoster(damaged).records() == std::vector<std::string>{records[1]});
  }
}

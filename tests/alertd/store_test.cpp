// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <alertd/store.hpp>
#include <common/temp_tree.hpp>

#include <filesystem>

using nasmcu::alertd::Store;

namespace {

const Store::Texts first{"alerts 1", "disks 1", "arrays 1"};
const Store::Texts second{"alerts 2", "disks 1", "arrays 1"};

} // namespace

TEST_CASE("what is saved is in the files, and is not written again") {
  TempTree tree;
  Store store(tree.root());
  CHECK_FALSE(store.has(first, false));
  store.save(first);
  CHECK(tree.read("var/lib/nasmcu/alerts") == "alerts 1");
  CHECK(store.has(first, true));
  tree.write("var/lib/nasmcu/disks", "of somebody else");
  store.save(second);
  CHECK(tree.read("var/lib/nasmcu/alerts") == "alerts 2");
  CHECK(tree.read("var/lib/nasmcu/disks") == "of somebody else");
}

TEST_CASE("what a full disk refused is written at the next change and at the end") {
  TempTree tree;
  Store store(tree.root());
  tree.write("var/lib/nasmcu", "no folder"); // nothing can be written below it
  store.save(first);
  CHECK(store.has(first, false)); // not at every look
  CHECK_FALSE(store.has(first, true));

  std::filesystem::remove(tree.path("var/lib/nasmcu"));
  SECTION("at the end") {
    store.save(first);
    CHECK(tree.read("var/lib/nasmcu/alerts") == "alerts 1");
  }
  SECTION("with a change elsewhere") {
    store.save(second);
    CHECK(tree.read("var/lib/nasmcu/alerts") == "alerts 2");
    CHECK(store.has(second, true));
  }
  CHECK(tree.read("var/lib/nasmcu/disks") == "disks 1");
  CHECK(tree.read("var/lib/nasmcu/arrays") == "arrays 1");
}

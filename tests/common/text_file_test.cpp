// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include "temp_tree.hpp"

#include <common/text_file.hpp>

#include <filesystem>

using nasmcu::FileSign;
using nasmcu::read_text_file;

TEST_CASE("a text file is read whole, and one that is not there is not an empty one") {
  const TempTree tree;
  CHECK_FALSE(read_text_file(tree.root() + "/none"));
  CHECK(read_text_file(tree.write("empty", "")) == "");
  const std::string much(100000, 'x');
  CHECK(read_text_file(tree.write("much", much)) == much);
}

TEST_CASE("a file's sign tells each change once: one that comes, grows, is replaced or goes") {
  const TempTree tree;
  FileSign sign(tree.root() + "/file");
  CHECK(sign.changed()); // nothing is known at first
  CHECK_FALSE(sign.changed());
  tree.write("file", "one");
  CHECK(sign.changed());
  CHECK_FALSE(sign.changed());
  tree.write("file", "three");
  CHECK(sign.changed());
  // As every careful writer does; same size, and the time may be too.
  const auto time = std::filesystem::last_write_time(sign.path());
  tree.write("new", "other");
  std::filesystem::last_write_time(tree.root() + "/new", time);
  std::filesystem::rename(tree.root() + "/new", sign.path());
  CHECK(sign.changed());
  CHECK_FALSE(sign.changed());
  std::filesystem::remove(sign.path());
  CHECK(sign.changed());
  CHECK_FALSE(sign.changed());
}

TEST_CASE("a folder's sign tells of what is put into it") {
  const TempTree tree;
  tree.write("run.d/one", "");
  FileSign sign(tree.root() + "/run.d");
  CHECK(sign.changed());
  CHECK_FALSE(sign.changed());
  tree.write("run.d/two", "");
  CHECK(sign.changed());
}

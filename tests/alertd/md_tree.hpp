// SPDX-License-Identifier: MIT
// An array as sysfs shows it, and a kernel that takes parts of it away. The trees are synthetic,
// after the kernel's documentation of md.
#pragma once

#include <catch.hpp>

#include "../common/temp_tree.hpp"

#include <alertd/md.hpp>

#include <map>

namespace nasmcu::alertd {

inline const std::string md_example_uuid = "3f2a1b9c:11223344:55667788:99aabbcc";

/// ROOT/sys/block with one array: raid1 of sda1 and sdb1, clean, unless a test changes it.
class MdTree : public TempTree {
public:
  explicit MdTree(const std::string& node = "md0") : node_(node) {
    write("sys/block/" + node + "/dev", "9:0\n");
    write("run/udev/data/b9:0", "S:md/srv\nI:1234\nE:MD_LEVEL=raid1\nE:MD_UUID=" + md_example_uuid +
                                    "\nE:MD_NAME=nas:srv\n");
    set("metadata_version", "1.2");
    set("array_state", "clean");
    set("level", "raid1");
    set("raid_disks", "2");
    set("degraded", "0");
    set("sync_action", "idle");
    set("sync_completed", "none");
    member("sda1", "in_sync", "0");
    member("sdb1", "in_sync", "1");
  }

  std::string folder() const { return "sys/block/" + node_ + "/md/"; }
  void set(const std::string& name, const std::string& value) const {
    write(folder() + name, value + "\n");
  }
  void unset(const std::string& name) const { std::filesystem::remove(path(folder() + name)); }
  void member(const std::string& node, const std::string& state, const std::string& slot) const {
    set("dev-" + node + "/state", state);
    set("dev-" + node + "/slot", slot);
  }
  void take_out(const std::string& node) const {
    std::filesystem::remove_all(path(folder() + "dev-" + node));
  }

  std::vector<MdArray> arrays(const mcu::Files& files = mcu::Files()) const {
    return read_arrays(files, root());
  }
  MdArray array(const mcu::Files& files = mcu::Files()) const {
    const auto all = arrays(files);
    REQUIRE(all.size() == 1);
    return all.front();
  }
  std::vector<Finding> findings(const mcu::Files& files = mcu::Files()) const {
    return judge_arrays(arrays(files), &MdTree::place);
  }
  Finding finding() const {
    const auto all = findings();
    REQUIRE(all.size() == 1);
    return all.front();
  }

  static DiskOf place(const std::string& disk) {
    static const std::map<std::string, DiskOf> places = {{"sda", {"1", "WD-A"}},
                                                         {"sdb", {"2", "WD-B 7"}}};
    const auto found = places.find(disk);
    return found == places.end() ? DiskOf{} : found->second;
  }

private:
  std::string node_;
};

/// The kernel in the middle of a removal: files of these names answer with this error, but only
/// from the given read on.
class Vanishing : public mcu::Files {
public:
  Vanishing(std::string ending, int error, int good_reads = 0)
      : ending_(std::move(ending)), error_(error), good_(good_reads) {}
  mcu::Result<std::string> read(const std::string& path) const override {
    if (path.ends_with(ending_) && seen_++ >= good_)
      return mcu::os_error(path, "cannot read", error_);
    return mcu::Files::read(path);
  }

private:
  std::string ending_;
  int error_ = 0;
  int good_ = 0;
  mutable int seen_ = 0;
};

/// A member's folder that is listed, and gone before it is read.
class ListedAndGone : public mcu::Files {
public:
  explicit ListedAndGone(std::string folder) : folder_(std::move(folder)) {}
  std::vector<std::string> list(const std::string& folder) const override {
    auto names = mcu::Files::list(folder);
    std::filesystem::remove_all(folder_);
    return names;
  }

private:
  std::string folder_;
};

inline bool md_says(const std::string& text, const std::string& part) {
  INFO(text);
  const bool found = text.find(part) != std::string::npos;
  CHECK(found);
  return found;
}

} // namespace nasmcu::alertd

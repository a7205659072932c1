// SPDX-License-Identifier: MIT
// A board's /sys, /proc and /dev below a folder, for --root. What is on a board is data
// (boards/ID.tree, see README.md); this only writes it down, with the kernel's numbers shuffled.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fakeroot {

struct Options {
  /// 0: numbers in the order of the file (hwmon0, hwmon1 ...); else shuffled, with holes.
  unsigned seed = 0;
  /// Conditions that hold: "kernel" (the kernel's own driver has the MCU).
  std::set<std::string> with;
  /// Patterns (as of fnmatch) of devices, which are the [names] in the file: these are not there,
  std::vector<std::string> without;
  /// and these only after add().
  std::vector<std::string> late;
};

/// One line of a tree file with everything filled in. Paths are those of the real machine.
struct Entry {
  enum class Kind { file, strings, folder, link, gpio_chip, input } kind;
  std::string path;
  std::vector<std::string> words; ///< text, strings, target, or what a fake node has
};

/// One [name] of a tree file.
struct Device {
  std::string name;
  bool there = false;
  std::vector<Entry> entries;
};

class FakeRoot {
public:
  /// `board`: an id ("qnap-ts433") or the path of a tree file. `folder` may exist already. Throws
  /// std::runtime_error with file and line for a tree file that cannot be read.
  FakeRoot(const std::string& board, std::string folder, const Options& options);

  const std::string& folder() const { return folder_; }
  /// The path below the folder: "{hwmon.fan}" becomes "hwmon3", "{#hwmon.fan}" becomes "3".
  std::string path(const std::string& text) const;
  /// What the file said with `set NAME VALUE`; empty: nothing.
  std::string value(const std::string& name) const;
  const std::vector<Device>& devices() const { return devices_; }

  /// Devices come and go, by pattern; how many did. Nodes that are served (gpio chips, inputs) are
  /// FakeNodes' business.
  int add(const std::string& pattern);
  int remove(const std::string& pattern);

private:
  void write(const Device& device) const;
  void erase(const Device& device) const;
  std::string below(const std::string& path) const { return folder_ + path; }

  std::string folder_;
  std::map<std::string, std::string> values_, names_; ///< by name; "hwmon.fan" -> "hwmon3"
  std::vector<Device> devices_;
};

} // namespace fakeroot

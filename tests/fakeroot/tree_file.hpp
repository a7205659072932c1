// SPDX-License-Identifier: MIT
// Reads tree files: sections, conditions, parts. Nothing is written here.
#pragma once

#include "fake_root.hpp"

namespace fakeroot {

/// What a board's file says, with parts put in and placeholders still in their braces.
struct Tree {
  std::vector<Device> devices; ///< those whose condition holds
  std::map<std::string, std::string> values;
  /// Every placeholder, "hwmon.fan", in order of appearance.
  std::vector<std::string> placeholders;
};
Tree read_tree(const std::string& board, const std::set<std::string>& with);

/// Gives every placeholder its name: "hwmon.fan" -> "hwmon3", "sd.disk1" -> "sdc".
std::map<std::string, std::string> number(const std::vector<std::string>& placeholders,
                                          unsigned seed);

/// "{hwmon.fan}" and "{#hwmon.fan}" replaced; throws for one that has no name.
std::string fill(const std::string& text, const std::map<std::string, std::string>& names);

} // namespace fakeroot

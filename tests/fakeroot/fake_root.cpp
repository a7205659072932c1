// SPDX-License-Identifier: MIT
#include "fake_root.hpp"

#include "tree_file.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;

namespace fakeroot {
namespace {

/// Folders that a kernel has though nothing is in them, and that others watch.
constexpr const char* always[] = {
    "/sys/class/hwmon", "/sys/class/leds",
    "/sys/class/input", "/sys/class/thermal",
    "/sys/class/rtc",   "/sys/class/watchdog",
    "/sys/block",       "/sys/bus/serial/devices",
    "/dev/input",       "/proc",
    "/run/nasmcu",      "/etc/nasmcu",
};

bool matches(const std::vector<std::string>& patterns, const std::string& name) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
  });
}

/// A device shows itself last: what is in /sys/devices first, then the links that lead to it, then
/// /dev. So nobody finds half of it.
int turn(const Entry& entry) {
  if (entry.path.starts_with("/dev/")) return 2;
  return entry.path.starts_with("/sys/") && !entry.path.starts_with("/sys/devices/") ? 1 : 0;
}

std::string text_of(const Entry& entry) {
  std::string text;
  if (entry.kind == Entry::Kind::strings) {
    for (const std::string& word : entry.words) text += word + '\0';
    return text;
  }
  for (const std::string& word : entry.words) text += (text.empty() ? "" : " ") + word;
  return text + "\n";
}

bool served(const Entry& entry) {
  return entry.kind == Entry::Kind::gpio_chip || entry.kind == Entry::Kind::input;
}

} // namespace

FakeRoot::FakeRoot(const std::string& board, std::string folder, const Options& options)
    : folder_(std::move(folder)) {
  Tree tree = read_tree(board, options.with);
  names_ = number(tree.placeholders, options.seed);
  for (const auto& [name, value] : tree.values) values_[name] = fill(value, names_);
  for (Device& device : tree.devices) {
    if (matches(options.without, device.name)) continue;
    for (Entry& entry : device.entries) {
      entry.path = fill(entry.path, names_);
      for (std::string& word : entry.words) word = fill(word, names_);
    }
    std::stable_sort(device.entries.begin(), device.entries.end(),
                     [](const Entry& a, const Entry& b) { return turn(a) < turn(b); });
    devices_.push_back(std::move(device));
  }
  for (const char* one : always) fs::create_directories(below(one));
  for (Device& device : devices_) {
    if (matches(options.late, device.name)) continue;
    write(device);
    device.there = true;
  }
}

std::string FakeRoot::path(const std::string& text) const { return below(fill(text, names_)); }

std::string FakeRoot::value(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? "" : found->second;
}

int FakeRoot::add(const std::string& pattern) {
  int count = 0;
  for (Device& device : devices_) {
    if (device.there || !matches({pattern}, device.name)) continue;
    write(device);
    device.there = true;
    ++count;
  }
  return count;
}

int FakeRoot::remove(const std::string& pattern) {
  int count = 0;
  for (Device& device : devices_) {
    if (!device.there || !matches({pattern}, device.name)) continue;
    erase(device);
    device.there = false;
    ++count;
  }
  return count;
}

void FakeRoot::write(const Device& device) const {
  for (const Entry& entry : device.entries) {
    if (served(entry)) continue;
    const fs::path path = below(entry.path);
    fs::create_directories(entry.kind == Entry::Kind::folder ? path : path.parent_path());
    if (entry.kind == Entry::Kind::link) {
      const fs::path target = below(entry.words.at(0));
      if (!fs::exists(target)) fs::create_directories(target);
      if (!fs::is_symlink(path))
        fs::create_symlink(target.lexically_relative(path.parent_path()), path);
    } else if (entry.kind != Entry::Kind::folder) {
      std::ofstream(path, std::ios::binary) << text_of(entry);
    }
  }
}

void FakeRoot::erase(const Device& device) const {
  std::error_code ignored;
  for (auto entry = device.entries.rbegin(); entry != device.entries.rend(); ++entry) {
    fs::path path = below(entry->path);
    if (entry->kind != Entry::Kind::folder) fs::remove(path, ignored);
    if (turn(*entry) != 0) continue;
    // The folders that held nothing else go too, as far up as they are empty.
    if (entry->kind != Entry::Kind::folder) path = path.parent_path();
    while (path != folder_ && fs::is_empty(path, ignored) && fs::remove(path, ignored))
      path = path.parent_path();
  }
}

} // namespace fakeroot

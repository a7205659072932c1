// SPDX-License-Identifier: MIT
// Small text files that are ours or an administrator's, read whole. What the kernel offers in /sys
// and /proc is libmcu's (libmcu/kernel/files.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

namespace nasmcu {

/// Nothing when it cannot be read, which is not the same as one that a power cut emptied.
std::optional<std::string> read_text_file(const std::string& path);

/// Whether a file or folder changed, by what stat(2) tells. For what is asked for often and lies on
/// a disk that may rest: opening it would write a new access time once a day.
class FileSign {
public:
  explicit FileSign(std::string path) : path_(std::move(path)) {}
  const std::string& path() const { return path_; }
  /// Since the last call; true the first time. A file that comes or goes has changed.
  bool changed();

private:
  /// Device, inode, size, and the times of change in ns; all 0 without the file.
  using Stamp = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::int64_t, std::int64_t>;
  Stamp look() const;

  std::string path_;
  std::optional<Stamp> seen_;
};

} // namespace nasmcu

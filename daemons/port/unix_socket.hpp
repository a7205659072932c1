// SPDX-License-Identifier: MIT
// The Unix side's file: made, given to the control group, replaced when stale, removed at the end.
#pragma once

#include <libmcu/model/result.hpp>

#include <string>

#include <sys/types.h>

namespace nasmcu {

class UnixSocketFile {
public:
  explicit UnixSocketFile(std::string path) : path_(std::move(path)) {}
  ~UnixSocketFile() { remove(); }
  UnixSocketFile(const UnixSocketFile&) = delete;
  UnixSocketFile& operator=(const UnixSocketFile&) = delete;

  /// A bound, listening, non-blocking socket; its folder is made when missing. `busy` when somebody
  /// answers there already; `root` is where /etc/group is looked up.
  mcu::Result<int> listen(const std::string& root);
  /// Removes the file if it is still the one that listen() made.
  void remove();

  const std::string& path() const { return path_; }

private:
  mcu::Status clear_stale() const;

  std::string path_;
  bool made_ = false;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

} // namespace nasmcu

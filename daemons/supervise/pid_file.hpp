// SPDX-License-Identifier: MIT
// Which process supervises, known by the lock that it holds on its file: no name is looked for, and
// a number that is left over from a dead one means nobody.
#pragma once

#include <libmcu/model/result.hpp>

#include <string>

#include <sys/types.h>

namespace nasmcu::supervise {

class PidFile {
public:
  explicit PidFile(std::string path) : path_(std::move(path)) {}
  ~PidFile();
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;

  /// Locks it for this process and its threads (no fork keeps it) and writes our number. Busy when
  /// another process has it.
  mcu::Status take();
  /// Before the end: the file is gone with its lock.
  void remove();

  /// The process that has the lock; 0: nobody.
  static pid_t holder(const std::string& path);

private:
  std::string path_;
  int fd_ = -1;
};

} // namespace nasmcu::supervise

// SPDX-License-Identifier: MIT
// Small files of /sys and /proc, with the kernel's refusals in words.
#pragma once

#include <libmcu/model/result.hpp>

#include <string>
#include <vector>

namespace mcu {

/// Reads and writes at once, in the caller's thread: a file of a slow device belongs into a Worker.
/// Tests put a failing one in its place.
class Files {
public:
  virtual ~Files() = default;

  /// At most 4096 bytes, without the line feed at the end. Errors as os_error() makes them.
  virtual Result<std::string> read(const std::string& path) const;
  /// One write() of all of `text`. Never creates a file.
  virtual Status write(const std::string& path, const std::string& text) const;
  /// Names in a folder, sorted ("hwmon10" behind "hwmon9"); none when it cannot be read.
  virtual std::vector<std::string> list(const std::string& folder) const;
  /// What a symbolic link leads to, absolute and without further links; empty when there is
  /// nothing.
  virtual std::string resolve(const std::string& path) const;
  virtual bool exists(const std::string& path) const;

  /// Reads a whole number.
  Result<long long> number(const std::string& path) const;
};

/// "PATH: cannot read: No such device". The code is `unsupported` for what is not there (ENOENT,
/// ENODEV, ENXIO), `protocol` for a device that answers wrongly (EIO, EREMOTEIO, EPROTO, EBADMSG),
/// `timeout`, `busy`, and `failed` for the rest, missing rights included: they are the daemon's,
/// not the caller's.
Error os_error(const std::string& path, const std::string& what, int number);

} // namespace mcu

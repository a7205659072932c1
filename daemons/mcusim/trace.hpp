// SPDX-License-Identifier: MIT
#pragma once

#include <mcusim/pacing.hpp>

#include <libmcu/model/bytes.hpp>
#include <libmcu/model/result.hpp>

#include <cstdio>
#include <memory>
#include <string>

namespace mcusim {

enum class Direction { rx, tx }; ///< rx: host to MCU

/// Every byte of the wire as JSON Lines, {"t_ms":..., "dir":"rx", "hex":"40 43"}: t_ms is
/// CLOCK_MONOTONIC with microseconds. Each line is flushed, so that the file can be followed.
class Trace {
public:
  /// Writes nothing until opened.
  mcu::Status open(const std::string& path);
  void write(Direction direction, mcu::ByteView bytes, Time at);

private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
};

} // namespace mcusim

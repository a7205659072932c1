// SPDX-License-Identifier: MIT
// A trace: what sensors showed over time, as a text file. Pure.
//
//   # comment, also behind a line
//   0 38.5                          seconds and degrees: the fan's first sensor
//   60 board=39 disk1=41.5          or sensors by name
//   120 disk1=asleep board=failed   or why there is no reading: asleep, failed, absent
//
// Times rise. A sensor that a line does not name goes on as before; between two temperatures of one
// it follows a straight line, and beyond its first and last it stays.
#pragma once

#include <fancontrol/policy.hpp>

#include <map>
#include <string>
#include <vector>

namespace nasmcu::fancontrol {

/// A trace's longest time: 31 days in seconds.
inline constexpr double longest_trace = 31 * 86400.0;

struct Sample {
  double at = 0; ///< seconds
  mcu::Result<mcu::Celsius> value;
};

struct Trace {
  std::map<std::string, std::vector<Sample>> sensors; ///< "" without a name; never an empty list
  double begin = 0, end = 0;                          ///< seconds
};

/// `file` is for the complaints: "FILE:LINE: what is allowed".
mcu::Result<Trace> parse_trace(const std::string& file, const std::string& text);

/// What a sensor shows at that second; `unsupported` for one that is not in the trace.
Reading reading_at(const Trace& trace, const std::string& sensor, double second);

} // namespace nasmcu::fancontrol

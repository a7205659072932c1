// SPDX-License-Identifier: MIT
// Chips in memory, for a libgpiod whose functions the test plays: what the kernel does behind them.
#pragma once

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gpiod_model {

struct Edge {
  bool active = false;
  std::int64_t at = 0; ///< nanoseconds since boot
};

struct Line {
  bool outside = false; ///< the level while nobody drives it
  bool driven = false, output = false, active_low = false, held = false;
  std::string consumer;
  std::deque<Edge> edges;
  int read_end = -1, write_end = -1; ///< a byte for each edge; open while edges are watched

  bool level() const { return output ? driven : outside; }
  bool active() const { return level() != active_low; }
};

struct Chip {
  std::string label;
  std::vector<Line> lines;
  bool gone = false;
};

inline std::map<std::string, std::shared_ptr<Chip>> chips; ///< by the path of the node

inline int fail(int number) {
  errno = number;
  return -1;
}

inline void stop_edges(Line& line) {
  if (line.read_end >= 0) ::close(std::exchange(line.read_end, -1));
  if (line.write_end >= 0) ::close(std::exchange(line.write_end, -1));
  line.edges.clear();
}

inline int hold(Chip& chip, unsigned offset, const std::string& consumer, bool active_low) {
  if (chip.gone) return fail(ENODEV);
  Line& line = chip.lines.at(offset);
  if (line.held) return fail(EBUSY);
  line.held = true;
  line.consumer = consumer;
  line.active_low = active_low;
  return 0;
}

inline int watch_edges(Line& line) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
  line.read_end = ends[0];
  line.write_end = ends[1];
  return 0;
}

/// As on gpio-sim, a line that is let go falls back to what is outside.
inline void let_go(Chip& chip, unsigned offset) {
  Line& line = chip.lines.at(offset);
  stop_edges(line);
  line.held = line.output = line.active_low = false;
  line.consumer.clear();
}

inline void drive_active(Line& line, bool active) {
  line.output = true;
  line.driven = active != line.active_low;
}

inline void from_outside(Line& line, bool high) {
  const bool before = line.level();
  line.outside = high;
  if (line.write_end < 0 || line.level() == before) return;
  timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  line.edges.push_back({line.active(), now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec});
  (void)!::write(line.write_end, "!", 1);
}

/// The next edge; false when none waits.
inline bool take_edge(Line& line, Edge& edge) {
  char byte = 0;
  if (line.edges.empty() || ::read(line.read_end, &byte, 1) != 1) return false;
  edge = line.edges.front();
  line.edges.pop_front();
  return true;
}

/// Its lines hang up, and answer nothing any more.
inline void remove(Chip& chip) {
  chip.gone = true;
  for (Line& line : chip.lines)
    if (line.write_end >= 0) ::close(std::exchange(line.write_end, -1));
}

} // namespace gpiod_model

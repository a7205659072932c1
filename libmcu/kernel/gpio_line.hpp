// SPDX-License-Identifier: MIT
// One line of a GPIO chip. libgpiod 1.6 (line_v1.cpp) and 2 (line_v2.cpp) behind one interface, and
// a documented fake for a fake root (line_fake.cpp).
#pragma once

#include <libmcu/model/result.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace mcu {

struct LineSpec {
  std::string chip; ///< the chip's label, as gpioinfo shows it ("f1010100.gpio")
  unsigned line = 0;
  bool active_low = false;
};
std::string to_string(const LineSpec& spec); ///< "line 29 of f1010100.gpio"

struct LineEdge {
  bool active = false;
  std::chrono::steady_clock::time_point at; ///< when the kernel saw it
};

class InputLine {
public:
  virtual ~InputLine() = default;
  /// Readable when edges() has something to say; hung up when the chip went.
  virtual int fd() const = 0;
  virtual Result<bool> active() = 0;
  /// What came since the last call; does not wait. `unsupported` when the chip went.
  virtual Result<std::vector<LineEdge>> edges() = 0;
};

class OutputLine {
public:
  virtual ~OutputLine() = default;
  virtual Status set(bool active) = 0;
  /// What was set last.
  virtual bool active() const = 0;
};

/// Both edges, no debouncing: that is Debounce's. `busy` when a driver (gpio-keys) or another
/// program has the line, `unsupported` while there is no such chip or line. `consumer` is what
/// gpioinfo shows.
Result<std::unique_ptr<InputLine>> open_input(const std::string& root, const LineSpec& spec,
                                              const std::string& consumer);
/// Starts with the state that the line has, so that taking it changes nothing. The line keeps its
/// last state when it is closed, as far as the chip does.
Result<std::unique_ptr<OutputLine>> open_output(const std::string& root, const LineSpec& spec,
                                                const std::string& consumer);

} // namespace mcu

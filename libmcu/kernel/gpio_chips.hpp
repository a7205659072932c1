// SPDX-License-Identifier: MIT
// Internal to the lines: one way to reach the chips below /dev, by the path of the chip's node.
#pragma once

#include <libmcu/kernel/gpio_line.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace mcu {

struct GpioChips {
  Result<std::string> (*label)(const std::string& path);
  Result<std::unique_ptr<InputLine>> (*input)(const std::string& path, const LineSpec& spec,
                                              const std::string& consumer);
  Result<std::unique_ptr<OutputLine>> (*output)(const std::string& path, const LineSpec& spec,
                                                const std::string& consumer);
};

extern const GpioChips libgpiod_chips; ///< line_v1.cpp or line_v2.cpp
extern const GpioChips fake_chips;     ///< line_fake.cpp

/// "there is no line 99 of f1010100.gpio, it has 32".
Error no_such_line(const LineSpec& spec, std::size_t lines);
/// What a refused request means. `holder` is who has the line as the chip tells it, or empty.
Error line_refused(const LineSpec& spec, const std::string& what, int number,
                   const std::string& holder);
/// The line was there and does not answer any more: `unsupported` when its chip went.
Error line_lost(const LineSpec& spec, const std::string& what, int number);
/// The kernel's time of an edge in nanoseconds. Kernels before 5.7 count from 1970 here: a time
/// that is not of the last minute is replaced by now.
std::chrono::steady_clock::time_point edge_time(std::int64_t nanoseconds);

/// What poll() says of a line's descriptor, without waiting.
enum class LineNews { none, edges, gone };
LineNews line_news(int fd);

} // namespace mcu

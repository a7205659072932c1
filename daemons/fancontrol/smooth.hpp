// SPDX-License-Identifier: MIT
// Takes a sensor's noise out before a rule sees it, without hiding heat. Pure: time is an argument.
#pragma once

#include <libmcu/model/units.hpp>

#include <chrono>
#include <deque>
#include <optional>

namespace nasmcu::fancontrol {

using Instant = std::chrono::steady_clock::time_point;

/// The latest readings of one sensor, oldest first.
using Window = std::deque<std::pair<Instant, mcu::Celsius>>;

/// A reading that is this much above the mean of its window is heat and no noise.
inline constexpr double believable_noise = 2.0; // degrees Celsius

struct Smoothed {
  mcu::Celsius value;
  Window next;
};

/// The mean of `reading` and those of the last `span` before it. A reading at or above `top`, and
/// one that rose by more than believable noise, passes at once, and the mean begins afresh with it.
/// With a span of 0 every reading passes. `reading` is a number; a hotter one never gives less.
Smoothed smooth(const Window& window, mcu::Celsius reading, std::chrono::seconds span,
                std::optional<mcu::Celsius> top, Instant now);

} // namespace nasmcu::fancontrol

// SPDX-License-Identifier: MIT
#pragma once

#include <mcud/lease.hpp>

/// When the tests' clocks start: not at zero, which is also what a forgotten time would be.
inline const nasmcu::Instant clock_start{std::chrono::seconds(1000)};

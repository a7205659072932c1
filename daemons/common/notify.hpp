// SPDX-License-Identifier: MIT
// sd_notify(3)'s protocol in a few lines: no library is needed for one datagram.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace nasmcu {

/// Sends "READY=1", "STATUS=...", "WATCHDOG=1", "STOPPING=1" ... to $NOTIFY_SOCKET; nothing
/// without.
void notify(std::string_view message);

/// Half of $WATCHDOG_USEC when the service manager wants a sign of life from this process.
std::optional<std::chrono::microseconds> watchdog_interval();

} // namespace nasmcu

// SPDX-License-Identifier: MIT
// Two ways to call a watchdog's driver: the kernel's ioctls, and lines to a fake.
#pragma once

#include <watchdogd/device.hpp>

namespace nasmcu::watchdogd {

/// `denied` below another root than "/": the real machine's watchdog is never touched from there.
mcu::Result<std::unique_ptr<DeviceCalls>> open_real(const std::string& node,
                                                    const std::string& root);

/// A Unix stream socket in the place of the node. It says "ready", or "busy" and hangs up. Then:
///   support          -> "support OPTIONS IDENTITY"     boot-status -> "boot-status FLAGS"
///   timeout [N]      -> "timeout N" | "error WORDS"    pretimeout N -> the same
///   feed, V          no answer; a close behind V stops it
mcu::Result<std::unique_ptr<DeviceCalls>> open_fake(const std::string& node);

} // namespace nasmcu::watchdogd

// SPDX-License-Identifier: MIT
// Who else is on the MCU's serial port: a login prompt, or the kernel's console. Pure, but for the
// files that it reads.
#pragma once

#include <libmcu/kernel/files.hpp>

#include <string>
#include <vector>

namespace nasmcu {

/// One sentence each: who it is, and what to do about it. `port` is the path that is opened. Login
/// prompts are looked for among the units that run (the file system of control groups tells
/// everybody) and in /etc/inittab: other users' processes are not for mcud to see.
std::vector<std::string> port_rivals(const mcu::Files& files, const std::string& root,
                                     const std::string& port);

} // namespace nasmcu

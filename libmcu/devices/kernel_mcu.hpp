// SPDX-License-Identifier: MIT
// Whether the kernel's own driver holds the MCU's serial port.
#pragma once

#include <libmcu/kernel/files.hpp>
#include <libmcu/model/board.hpp>

#include <optional>
#include <string>

namespace mcu {

/// In words ("qnap-mcu holds serial0-0"), or nothing. A device on the serial bus takes the tty away
/// even while its driver is not loaded yet: one that is an MCU by its modalias
/// ("...qnap,ts433-mcu") counts as held when the port is not there.
std::optional<std::string> kernel_holder(const Files& files, const std::string& root,
                                         const McuSpec& mcu);

} // namespace mcu

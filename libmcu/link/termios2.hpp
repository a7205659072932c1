// SPDX-License-Identifier: MIT
#pragma once

#include <libmcu/model/result.hpp>
#include <libmcu/protocol/protocol.hpp>

namespace mcu {

/// Puts a tty in true raw mode at any speed its driver can do. The Error has no port name.
Status set_raw_line(int fd, const LineSettings& line);

/// The same with the older interface, which has no other speeds than 1200 ... 921600 of its table.
Status set_raw_line_at_old_speed(int fd, const LineSettings& line);

} // namespace mcu

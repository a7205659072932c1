// SPDX-License-Identifier: MIT
#pragma once

#include <libmcu/model/result.hpp>
#include <libmcu/protocol/protocol.hpp>

namespace mcu {

/// Puts a tty in true raw mode at any speed its driver can do. The Error has no port name.
Status set_raw_line(int fd, const LineSettings& line);

} // namespace mcu

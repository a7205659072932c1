// SPDX-License-Identifier: MIT
#pragma once

#include <libmcu/link/transport.hpp>
#include <libmcu/protocol/protocol.hpp>

#include <memory>
#include <string>

namespace mcu {

/// A tty in true raw mode (no CR/LF mapping: a register 0x0D must not arrive as 0x0A), opened for
/// us alone (TIOCEXCL and an advisory lock), at any speed the driver can do, 250000 included.
std::unique_ptr<Transport> make_serial(asio::any_io_executor executor, std::string path,
                                       LineSettings line);

} // namespace mcu

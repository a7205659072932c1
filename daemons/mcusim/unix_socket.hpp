// SPDX-License-Identifier: MIT
#pragma once

#include <libmcu/model/result.hpp>

#include <boost/asio/local/stream_protocol.hpp>

#include <string>

namespace mcusim {

/// Listens at `path`, replacing the socket of a program that is gone; refuses to take the place of
/// one that still listens, or of anything that is no socket.
mcu::Status listen_at(boost::asio::local::stream_protocol::acceptor& acceptor,
                      const std::string& path);

} // namespace mcusim

// SPDX-License-Identifier: MIT
// Where the host is plugged in. Pacing, faults and the MCU are above it.
#pragma once

#include <libmcu/model/bytes.hpp>
#include <libmcu/model/result.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>

namespace mcusim {

class Wire {
public:
  virtual ~Wire() = default;

  virtual mcu::Status open() = 0;
  /// The host sees a hang-up. open() may follow.
  virtual void close() = 0;
  virtual bool is_open() const = 0;
  /// False when the bytes are lost: nobody has the port open, or nobody reads it.
  virtual bool write(mcu::ByteView bytes) = 0;
  /// What the host opens.
  virtual std::string path() const = 0;

  std::function<void(mcu::ByteView)> on_bytes;
};

/// A pseudo terminal in raw mode; `link` becomes a symbolic link to it (empty: none).
std::shared_ptr<Wire> make_pty(boost::asio::any_io_executor executor, std::string link);

/// A Unix stream socket, one host at a time: for the serial port of an emulator.
std::shared_ptr<Wire> make_socket_wire(boost::asio::any_io_executor executor, std::string path);

} // namespace mcusim

// SPDX-License-Identifier: MIT
// The command port: a line in, an answer out, on TCP and on a Unix socket.
#pragma once

#include <verbs/verbs.hpp>

#include <common/config.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace nasmcu {

struct PortLimits {
  std::size_t line = 512;                ///< bytes
  std::size_t clients = 32;              ///< over both sockets
  std::chrono::milliseconds idle{60000}; ///< without a complete line, or without reading answers
  /// How long a closed client may take to hang up; it reads its last answer meanwhile.
  std::chrono::milliseconds linger{1000};
};

/// Each client is a coroutine of its own that reads, runs one line, writes the answer, and only
/// then goes on: what a client sends or does not read costs nobody else time or memory.
class CommandPort {
public:
  /// `box` and whatever it stands on must live until the executor's loop has ended: a line may be
  /// waiting for an answer when stop() is called.
  CommandPort(mcu::asio::any_io_executor executor, Box& box, CommonOptions options,
              PortLimits limits = {});
  ~CommandPort();
  CommandPort(const CommandPort&) = delete;
  CommandPort& operator=(const CommandPort&) = delete;

  /// Opens, or after a reload moves, the TCP socket (server_port 0: none) and takes RemoteControl.
  /// On an error the socket in use stays.
  Status configure(const DaemonConfig& config);
  /// Opens ROOT/run/nasmcu/command.sock. `busy` when another daemon answers there.
  Status open_unix_socket();
  /// Listens on an address; port 0 takes any free one, see tcp_port().
  Status listen(const std::string& address, unsigned port);

  /// Closes all sockets and removes the Unix one; the clients' coroutines end by themselves.
  void stop();

  unsigned tcp_port() const; ///< 0 while not listening
  const std::string& unix_path() const;
  std::size_t clients() const;

  /// ShutdownDaemon was answered: end with exit code 0.
  std::function<void()> on_shutdown;

private:
  struct State;
  std::shared_ptr<State> state_; ///< shared with the clients' coroutines
};

} // namespace nasmcu

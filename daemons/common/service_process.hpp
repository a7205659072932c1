// SPDX-License-Identifier: MIT
// A daemon as its service manager sees it: signals, readiness, status, signs of life, the end.
#pragma once

#include <common/program.hpp>
#include <libmcu/link/task.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace nasmcu {

/// Made before io.run(), destroyed after it.
class ServiceProcess {
public:
  struct Owner {
    std::function<void()> stop;   ///< SIGTERM and SIGINT
    std::function<void()> reload; ///< SIGHUP; not asked any more once the end has begun
    /// Whether the daemon does its work: without it no sign of life is sent, and the service
    /// manager starts it again. Empty: it does as long as its loop turns.
    std::function<bool()> works;
  };

  explicit ServiceProcess(mcu::asio::io_context& io);

  /// From here on signals are the owner's, and the service manager gets its signs of life.
  void start(Owner owner);
  /// READY=1, and the status that was told before. Once.
  void ready();
  /// STATUS=, when ready and when it says something else than before.
  void status(const std::string& words);
  /// Says STOPPING=1 the first time; false when the end has begun already.
  bool begin_stop();
  /// Why it has to end, which was not wished for: exit code 1.
  void failed(const std::string& words);
  /// No signal is heard any more, and io.run() can return.
  void end();
  /// The owner is being destroyed: stops() from here on, without a word.
  void leave() { stops_ = true; }

  bool stops() const { return stops_; }
  int exit_code() const { return exit_code_; }

private:
  void wait_for_signal();
  void settle();
  mcu::Task<void> give_signs_of_life(std::chrono::microseconds interval);

  mcu::asio::io_context& io_;
  Owner owner_;
  mcu::asio::signal_set signals_;
  mcu::asio::steady_timer timer_;
  mcu::asio::steady_timer settled_;
  std::string status_;
  bool ready_ = false;
  bool stops_ = false;
  int exit_code_ = exit_done;
};

} // namespace nasmcu

// SPDX-License-Identifier: MIT
// Tells the finger on the button that it may let go: a beep, or a LED that blinks.
#pragma once

#include <bus/bus.hpp>

#include <optional>
#include <string>

namespace nasmcu::buttond {

/// Lives until the io_context has run out of work.
class Feedback {
public:
  explicit Feedback(Bus& bus) : bus_(bus), timer_(bus.executor()) {}

  /// One at a time; a second one meanwhile is none.
  Task<void> give();
  /// A LED that blinks for us shows again what it showed before.
  Task<void> restore(std::chrono::milliseconds timeout);
  void stop() { timer_.cancel(); }

private:
  struct Blinking {
    std::string led, before, real; ///< what it showed, and what our blinking really came to
  };
  Task<bool> blink(std::string led, std::string usual);
  Task<std::string> state_of(std::string led, std::chrono::milliseconds timeout);

  Bus& bus_;
  mcu::asio::steady_timer timer_;
  std::optional<Blinking> blinking_;
  bool busy_ = false;
};

} // namespace nasmcu::buttond

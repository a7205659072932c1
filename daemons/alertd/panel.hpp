// SPDX-License-Identifier: MIT
// The box's LEDs and buzzer, through mcud: what is shown is what was last wanted, whoever comes or
// goes meanwhile.
#pragma once

#include <alertd/lights.hpp>
#include <alertd/sound.hpp>

#include <bus/bus.hpp>
#include <libmcu/link/task.hpp>

#include <string>

namespace nasmcu::alertd {

class Panel {
public:
  Panel(mcu::asio::any_io_executor executor, Bus& bus);

  /// What the LEDs shall show from now on; only differences are sent.
  void want(Lights lights);
  /// One after the other; a signal under way is not cut short.
  void play(const Pattern& pattern);
  /// mcud is new: nothing is known of what its LEDs show.
  void forget();
  void stop();

  /// Runs until stop().
  Task<void> run();

private:
  Task<bool> send(std::string led, mcu::LedState state);
  Task<void> beep(Pattern pattern);

  Bus& bus_;
  mcu::asio::steady_timer timer_; ///< woken by cancelling it
  mcu::asio::steady_timer pause_; ///< between two beeps, which nothing shortens but stop()
  Lights wanted_, shown_;
  Lights refused_; ///< LEDs that cannot: not tried again until something else is wanted
  Pattern pattern_;
  std::uint64_t life_ = 0;
  bool stopping_ = false;
};

} // namespace nasmcu::alertd

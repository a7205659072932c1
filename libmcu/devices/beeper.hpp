// SPDX-License-Identifier: MIT
// A sound that lasts for a time.
#pragma once

#include <libmcu/link/task.hpp>
#include <libmcu/model/command.hpp>

#include <functional>
#include <memory>

namespace mcu {

/// 100 ms or a second.
SteadyDuration duration_of(BeepLength length);

/// Switches a sound on and off again. A beep during another one lets it last as long as the later
/// end of both.
class Beeper {
public:
  explicit Beeper(asio::any_io_executor executor);
  ~Beeper();
  Beeper(const Beeper&) = delete;
  Beeper& operator=(const Beeper&) = delete;

  using Switch = std::function<Status(bool on)>;
  /// Returns when the sound is over.
  Task<Status> beep(Switch sound, SteadyDuration duration);
  /// Ends the sound now.
  void stop();

private:
  struct State;
  static Task<Status> run(std::shared_ptr<State> state, Switch sound, SteadyDuration duration);

  std::shared_ptr<State> state_;
};

} // namespace mcu

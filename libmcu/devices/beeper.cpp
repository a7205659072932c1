// SPDX-License-Identifier: MIT
#include <libmcu/devices/beeper.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace mcu {

struct Beeper::State {
  explicit State(const asio::any_io_executor& executor) : timer(executor) {}

  asio::steady_timer timer;
  SteadyTime until = SteadyTime::min();
  Switch sound; ///< while it sounds

  Status end() {
    const Switch ended = std::exchange(sound, nullptr);
    return ended ? ended(false) : Done{};
  }
};

SteadyDuration duration_of(BeepLength length) {
  using namespace std::chrono_literals;
  return length == BeepLength::brief ? SteadyDuration(100ms) : SteadyDuration(1s);
}

Beeper::Beeper(asio::any_io_executor executor) : state_(std::make_shared<State>(executor)) {}

Beeper::~Beeper() { stop(); }

Task<Status> Beeper::beep(Switch sound, SteadyDuration duration) {
  return run(state_, std::move(sound), duration);
}

Task<Status> Beeper::run(std::shared_ptr<State> state, Switch sound, SteadyDuration duration) {
  const SteadyTime end = std::chrono::steady_clock::now() + duration;
  if (!state->sound) {
    const Status on = sound(true);
    if (!on) co_return on;
    state->sound = std::move(sound);
    state->until = end;
  }
  state->until = std::max(state->until, end);
  state->timer.expires_at(state->until); // wakes those who wait for an earlier end: they wait on
  while (state->sound && std::chrono::steady_clock::now() < state->until)
    co_await expired(state->timer);
  co_return state->end();
}

void Beeper::stop() {
  state_->timer.cancel();
  (void)state_->end();
}

} // namespace mcu

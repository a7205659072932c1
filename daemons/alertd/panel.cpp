// SPDX-License-Identifier: MIT
#include <alertd/panel.hpp>

#include <bus/objects.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace nasmcu::alertd {
namespace {

/// Between two tries while mcud does not do what it shall.
constexpr std::chrono::seconds again{10};

/// A buzzer's own signal takes up to a second; the pause makes them countable.
constexpr std::chrono::milliseconds between_beeps{1200};

} // namespace

Panel::Panel(mcu::asio::any_io_executor executor, Bus& bus)
    : bus_(bus), timer_(executor), pause_(executor) {}

void Panel::want(Lights lights) {
  for (const auto& [led, state] : lights)
    if (const auto old = wanted_.find(led); old == wanted_.end() || old->second != state)
      refused_.erase(led);
  wanted_ = std::move(lights);
  timer_.cancel();
}

void Panel::play(const Pattern& pattern) {
  if (pattern.size() > pattern_.size()) pattern_ = pattern;
  timer_.cancel();
}

void Panel::forget() {
  ++life_;
  shown_.clear();
  refused_.clear();
  timer_.cancel();
}

void Panel::stop() {
  stopping_ = true;
  timer_.cancel();
  pause_.cancel();
}

Task<bool> Panel::send(std::string led, mcu::LedState state) {
  const std::uint64_t life = life_;
  const Target target(mcud_name, object_path("led", led), "io.nasmcu1.Led");
  const std::string word(mcu::name(state));
  const auto real = co_await bus_.call<std::string>(target, "Set", call_timeout, word);
  if (life != life_) co_return false;
  if (real) {
    shown_[led] = state;
    co_return true;
  }
  // No LED of that name, or none that is there: a file of the board knows better than we do.
  if (real.error().code == mcu::Errc::unsupported) {
    spdlog::info("led {}: {}", led, real.error().what);
    refused_[led] = state;
    co_return true;
  }
  co_return false;
}

Task<void> Panel::beep(Pattern pattern) {
  const Target target(mcud_name, object_path("buzzer", ""), "io.nasmcu1.Buzzer");
  for (const mcu::BeepLength length : pattern) {
    const std::string word = length == mcu::BeepLength::brief ? "short" : "long";
    const auto done = co_await bus_.call<>(target, "Beep", call_timeout, word);
    // A board without a buzzer, or no mcud: the other channels tell it.
    if (!done || stopping_) co_return;
    pause_.expires_after(between_beeps);
    co_await mcu::expired(pause_);
    if (stopping_) co_return;
  }
}

Task<void> Panel::run() {
  while (!stopping_) {
    bool all_sent = true;
    Lights left = differences(shown_, wanted_);
    for (const auto& [led, state] : refused_) left.erase(led);
    for (const auto& [led, state] : left) {
      const bool sent = co_await send(led, state);
      if (!sent) all_sent = false;
      if (!sent || stopping_) break;
    }
    if (!pattern_.empty()) co_await beep(std::exchange(pattern_, {}));
    if (stopping_) break;
    Lights more = differences(shown_, wanted_);
    for (const auto& [led, state] : refused_) more.erase(led);
    if (all_sent && !more.empty()) continue; // wanted meanwhile
    if (!pattern_.empty()) continue;
    timer_.expires_at(all_sent ? mcu::SteadyTime::max() : std::chrono::steady_clock::now() + again);
    co_await mcu::expired(timer_);
  }
}

} // namespace nasmcu::alertd

// SPDX-License-Identifier: MIT
#include <mcud/sleep_watch.hpp>

#include <spdlog/spdlog.h>

#include <chrono>
#include <string>
#include <utility>

namespace nasmcu {
namespace {

constexpr const char* logind_name = "org.freedesktop.login1";
const Target logind{logind_name, "/org/freedesktop/login1", "org.freedesktop.login1.Manager"};
constexpr std::chrono::milliseconds logind_patience{5000};

} // namespace

void SleepWatch::connected() {
  owner_watch_ = bus_.watch_owner(
      logind_name, [this](const std::string& owner) { logind_changed(!owner.empty()); });
  sleep_watch_ = bus_.watch_signal(logind, "PrepareForSleep", [this](sdbus::Message& message) {
    bool going = false;
    message >> going;
    mcu::asio::co_spawn(bus_.executor(), follow(going), mcu::asio::detached);
  });
  mcu::asio::co_spawn(bus_.executor(), look(), mcu::asio::detached);
}

void SleepWatch::lost() {
  owner_watch_.reset();
  sleep_watch_.reset();
  delay_.reset();
}

/// Another logind knows nothing of the delay that the last one gave.
void SleepWatch::logind_changed(bool there) {
  delay_.reset();
  ask_again_ = asked_ && there;
  if (there) mcu::asio::co_spawn(bus_.executor(), take_delay(), mcu::asio::detached);
}

/// Asks for the name first: a call would start a logind that nobody wants.
Task<void> SleepWatch::look() {
  const Result<bool> there = co_await bus_.has_owner(logind_name);
  if (there.value_or(false)) co_await take_delay();
}

Task<void> SleepWatch::take_delay() {
  if (delay_ || going_ || std::exchange(asked_, true)) co_return;
  const std::string what = "sleep";
  const std::string who = "mcud";
  const std::string why = "fans to failsafe before sleep";
  const std::string mode = "delay";
  auto got =
      co_await bus_.call<sdbus::UnixFd>(logind, "Inhibit", logind_patience, what, who, why, mode);
  asked_ = false;
  if (std::exchange(ask_again_, false)) {
    co_await take_delay();
    co_return;
  }
  if (!got) {
    spdlog::info("logind does not wait for the fans before sleep: {}", got.error().what);
    co_return;
  }
  // Sleep announced meanwhile: nobody would let go of it before the box is back.
  if (!going_ && bus_.connected()) delay_ = std::get<0>(std::move(*got));
}

Task<void> SleepWatch::follow(bool going) {
  going_ = going;
  if (on_sleep) {
    const Status done = co_await on_sleep(going);
    if (!done)
      spdlog::warn("fans at {} sleep: {}", going ? "the beginning of" : "the end of",
                   done.error().what);
  }
  if (going_)
    delay_.reset();
  else
    co_await take_delay();
}

} // namespace nasmcu

// SPDX-License-Identifier: MIT
#include <buttond/logind.hpp>

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace nasmcu::buttond {
namespace {

constexpr const char* login1 = "org.freedesktop.login1";
constexpr const char* manager = "org.freedesktop.login1.Manager";
const Target logind{login1, "/org/freedesktop/login1", manager};
constexpr std::chrono::milliseconds logind_patience{5000};

} // namespace

void Logind::connected() {
  owner_watch_ =
      bus_.watch_owner(login1, [this](const std::string& owner) { changed(!owner.empty()); });
  const auto follow = [this](const char* signal, std::function<void(bool)> Logind::*call) {
    return bus_.watch_signal(logind, signal, [this, call](sdbus::Message& message) {
      bool going = false;
      message >> going;
      if (this->*call) (this->*call)(going);
    });
  };
  shutdown_watch_ = follow("PrepareForShutdown", &Logind::on_shutdown);
  sleep_watch_ = follow("PrepareForSleep", &Logind::on_sleep);
  mcu::asio::co_spawn(bus_.executor(), look(), mcu::asio::detached);
}

void Logind::lost() {
  owner_watch_.reset();
  shutdown_watch_.reset();
  sleep_watch_.reset();
  changed(false);
}

void Logind::stop() {
  wanted_.clear();
  if (!held_.empty()) spdlog::info("logind handles {} again", held_);
  let_go();
  lost();
}

void Logind::let_go() {
  inhibitor_.reset();
  if (!std::exchange(held_, {}).empty() && on_held) on_held();
}

/// Asks for the name first: a call would start a logind that nobody wants.
Task<void> Logind::look() {
  const std::uint64_t life = life_;
  const Result<bool> there = co_await bus_.has_owner(login1);
  if (life == life_ && there.value_or(false)) changed(true);
}

/// Another logind knows nothing of what the last one was told.
void Logind::changed(bool there) {
  ++life_;
  there_ = there;
  refused_.clear();
  let_go();
  if (!there) return;
  mcu::asio::co_spawn(bus_.executor(), look_at_shutdown(), mcu::asio::detached);
  mcu::asio::co_spawn(bus_.executor(), settle(), mcu::asio::detached);
}

/// The signal only tells of changes: a daemon that is started again in the middle missed it.
Task<void> Logind::look_at_shutdown() {
  const std::uint64_t life = life_;
  const Target properties{login1, logind.path, "org.freedesktop.DBus.Properties"};
  const std::string interface = manager;
  const std::string name = "PreparingForShutdown";
  const auto got =
      co_await bus_.call<sdbus::Variant>(properties, "Get", logind_patience, interface, name);
  if (life != life_ || !got) co_return;
  try {
    const bool going = std::get<0>(*got).get<bool>();
    if (going && on_shutdown) on_shutdown(true);
  } catch (const sdbus::Error& error) {
    spdlog::warn("logind tells whether the system goes down badly: {}", error.getMessage());
  }
}

void Logind::want(std::string keys) {
  if (keys == wanted_) return;
  wanted_ = std::move(keys);
  refused_.clear();
  mcu::asio::co_spawn(bus_.executor(), settle(), mcu::asio::detached);
}

/// Makes what is held what is wanted. The old one goes only when there is the new one.
Task<void> Logind::settle() {
  if (std::exchange(settling_, true)) co_return;
  while (there_ && wanted_ != held_ && (wanted_.empty() || wanted_ != refused_)) {
    const std::uint64_t life = life_;
    const std::string what = wanted_;
    if (what.empty()) {
      spdlog::info("logind handles {} again: no action is configured for it", held_);
      let_go();
      break;
    }
    const std::string who = "nas-buttond";
    const std::string why = "nas-buttond acts on this key";
    const std::string mode = "block";
    auto got =
        co_await bus_.call<sdbus::UnixFd>(logind, "Inhibit", logind_patience, what, who, why, mode);
    if (life != life_) continue;
    if (!got) {
      refused_ = what;
      spdlog::warn("logind does not leave {} to us: {}; a key may act twice", what,
                   got.error().what);
      continue;
    }
    inhibitor_ = std::get<0>(std::move(*got));
    held_ = what;
    spdlog::info("logind leaves {} to us", held_);
    if (on_held) on_held();
  }
  settling_ = false;
}

Task<Status> Logind::ask(std::string method) {
  const bool interactive = false; // there is nobody to ask for a password
  const auto done = co_await bus_.call<>(logind, method, logind_patience, interactive);
  if (!done) co_return done.error();
  co_return mcu::Done{};
}

} // namespace nasmcu::buttond

// SPDX-License-Identifier: MIT
// One device of the kernel on a fake sysfs, its worker's thread included. The fake may fail, and
// may do what the kernel does behind a write.
#pragma once

#include <catch.hpp>
#include <devices/loop.hpp>
#include <kernel/sys_tree.hpp>

#include <libmcu/devices/kernel_side.hpp>
#include <libmcu/devices/registry.hpp>

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Notes what is written, and does behind it what the kernel would.
class FakeFiles : public FaultyFiles {
public:
  /// True: the file itself is not written.
  std::function<bool(const std::string& path, const std::string& text)> on_write;

  /// "pwm1=128" for each write since the last call.
  std::vector<std::string> written() { return std::exchange(log_, {}); }

  mcu::Status write(const std::string& path, const std::string& text) const override {
    log_.push_back(path.substr(path.rfind('/') + 1) + "=" + text);
    if (on_write && on_write(path, text)) return {};
    return FaultyFiles::write(path, text);
  }

private:
  mutable std::vector<std::string> log_;
};

/// The kernel's side of a box without an inventory around it.
class OneDevice : public Loop {
public:
  OneDevice() : files(std::make_shared<FakeFiles>()) {
    side = std::make_unique<mcu::KernelSide>(io.get_executor(), tree.root(), files);
    side->look_again = [this] {
      ++looks;
      if (looked_for != nullptr) looked_for->refresh();
    };
  }
  ~OneDevice() {
    side->worker.stop();
    io.restart();
    io.poll();
  }

  mcu::BackendContext context() { return {io.get_executor(), nullptr, nullptr, side.get()}; }
  /// The one that is looked for again.
  template <class T>
  std::unique_ptr<T> start(std::unique_ptr<T> made) {
    REQUIRE(made);
    made->refresh();
    looked_for = made.get();
    return made;
  }

  template <class T>
  T await(mcu::Task<T> task) {
    std::optional<T> value;
    spawn(std::move(task), value);
    REQUIRE(turn_until([&] { return value.has_value(); }));
    return std::move(*value);
  }
  /// Two at once: the second is asked before the first has answered.
  template <class T>
  std::pair<T, T> await(mcu::Task<T> one, mcu::Task<T> other) {
    std::optional<T> a, b;
    spawn(std::move(one), a);
    spawn(std::move(other), b);
    REQUIRE(turn_until([&] { return a && b; }));
    return {std::move(*a), std::move(*b)};
  }

  SysTree tree;
  std::shared_ptr<FakeFiles> files;
  std::unique_ptr<mcu::KernelSide> side;
  mcu::Device* looked_for = nullptr;
  int looks = 0; ///< how often a device was found gone

private:
  template <class T>
  void spawn(mcu::Task<T> task, std::optional<T>& value) {
    mcu::asio::co_spawn(io, std::move(task), [&value](std::exception_ptr error, T got) {
      if (!error) value = std::move(got);
    });
  }
};

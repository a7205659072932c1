// SPDX-License-Identifier: MIT
// A loop that a test turns by hand.
#pragma once

#include <catch.hpp>

#include <libmcu/link/task.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <optional>

struct Loop {
  /// Only what hangs takes as long as that; programs that are started under qemu's user mode, on a
  /// machine that has other work, need seconds.
  bool turn_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io.restart();
      io.run_one_for(std::chrono::milliseconds(10));
    }
    return true;
  }

  template <class T>
  T await(mcu::Task<T> task) {
    std::optional<T> value;
    mcu::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T got) {
      REQUIRE_FALSE(error);
      value = std::move(got);
    });
    REQUIRE(turn_until([&] { return value.has_value(); }));
    return std::move(*value);
  }

  mcu::asio::io_context io{1};
};

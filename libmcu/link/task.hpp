// SPDX-License-Identifier: MIT
// Coroutines as this tree uses them. Boost 1.74's awaitable.hpp forgets <utility>, so it is
// included here first; include this header, never <boost/asio/awaitable.hpp>.
//
// Rule (g++ 12 miscompiles the others): one co_await per full expression, never inside && || ?:,
// its value in a named variable. `make lint` greps for it.
#pragma once

#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace mcu {

namespace asio = boost::asio;

template <class T>
using Task = asio::awaitable<T>;

using SteadyTime = std::chrono::steady_clock::time_point;
using SteadyDuration = std::chrono::steady_clock::duration;

/// A condition that coroutines of one thread wait for: notify() wakes all who wait now.
/// (Asio 1.74 has no channels; a timer that never expires and is cancelled does the same.)
class Signal {
public:
  explicit Signal(asio::any_io_executor executor)
      : timer_(std::move(executor), SteadyTime::max()) {}

  void notify() { timer_.expires_at(SteadyTime::max()); }

  Task<void> wait() {
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

private:
  asio::steady_timer timer_;
};

/// Returns when `timer` expires or is cancelled; true when it expired.
inline Task<bool> expired(asio::steady_timer& timer) {
  boost::system::error_code error;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

} // namespace mcu

// SPDX-License-Identifier: MIT
// A wire in memory with an MCU at its other end that does what the test says: no process, no tty.
#pragma once

#include <libmcu/link/link.hpp>
#include <libmcu/link/transport.hpp>
#include <libmcu/protocol/registry.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <vector>

namespace mcu::testing {

using namespace std::chrono_literals;

/// The other end. Answers in the order of the requests, as an MCU does: what is said after a late
/// answer comes later still.
class Wire : public std::enable_shared_from_this<Wire> {
public:
  explicit Wire(asio::io_context& io) : io_(io), arrived_(io.get_executor()) {}

  /// What the MCU answers to a write; null: it is silent.
  std::function<Bytes(const Bytes&)> answer;
  /// For one coming write each, in place of `answer`; what is left over when empty: `answer`.
  std::deque<std::function<void(Wire&, const Bytes&)>> next;
  bool present = true;     ///< the port can be opened
  bool stuck = false;      ///< writes are refused, the port stays
  bool one_by_one = false; ///< every read yields a single byte

  struct Sent {
    Bytes bytes;
    SteadyTime at;
  };
  std::vector<Sent> sent;
  int opens = 0;
  int reads = 0; ///< read_some() calls
  int woken = 0; ///< times that what came in was told

  std::vector<Bytes> frames() const {
    std::vector<Bytes> all;
    for (const Sent& one : sent) all.push_back(one.bytes);
    return all;
  }

  /// Bytes towards the host, after `delay`.
  void say(Bytes bytes, std::chrono::milliseconds delay = 0ms) {
    const SteadyTime now = std::chrono::steady_clock::now();
    busy_until_ = std::max(busy_until_, now + delay);
    if (busy_until_ <= now) return put(bytes);
    auto timer = std::make_shared<asio::steady_timer>(io_, busy_until_);
    timer->async_wait([self = shared_from_this(), timer, bytes](auto error) {
      if (!error) self->put(bytes);
    });
  }

  /// Received by the operating system, but the loop has not been told yet.
  void slip(const Bytes& bytes) { input_.insert(input_.end(), bytes.begin(), bytes.end()); }

  void hang_up() {
    present = false;
    open_ = false;
    arrived_.notify();
  }

  // --- the host's end
  void hold_input(bool on) {
    held_ = on;
    if (!on && !input_.empty()) tell();
  }
  Status open() {
    ++opens;
    if (!present) return Error{Errc::link_down, "/dev/test: not there"};
    open_ = true;
    input_.clear();
    return Done{};
  }
  void close() {
    open_ = false;
    held_ = false;
    arrived_.notify();
  }
  bool is_open() const { return open_; }

  Status write(const Bytes& bytes) {
    if (!open_) return Error{Errc::link_down, "/dev/test: hung up"};
    if (stuck) return Error{Errc::failed, "/dev/test: stuck"};
    sent.push_back({bytes, std::chrono::steady_clock::now()});
    if (!next.empty()) {
      const auto act = std::move(next.front());
      next.pop_front();
      act(*this, bytes);
    } else if (answer) {
      const Bytes reply = answer(bytes);
      if (!reply.empty()) say(reply);
    }
    return Done{};
  }

  static Task<Result<std::size_t>> read(std::shared_ptr<Wire> self, std::span<std::uint8_t> into) {
    ++self->reads;
    self->cancelled_ = false;
    while (self->open_ && self->input_.empty() && !self->cancelled_) {
      co_await self->arrived_.wait();
    }
    if (self->cancelled_) co_return Error{Errc::failed, "cancelled"};
    if (!self->open_) co_return Error{Errc::link_down, "/dev/test: hung up"};
    co_return self->take(self->one_by_one ? into.first(1) : into);
  }
  std::size_t take(std::span<std::uint8_t> into) {
    const std::size_t count = std::min(into.size(), input_.size());
    const auto end = input_.begin() + static_cast<std::ptrdiff_t>(count);
    std::copy(input_.begin(), end, into.begin());
    input_.erase(input_.begin(), end);
    return count;
  }
  void cancel() {
    cancelled_ = true;
    arrived_.notify();
  }

private:
  void put(const Bytes& bytes) {
    if (!open_) return;
    input_.insert(input_.end(), bytes.begin(), bytes.end());
    if (!held_) tell();
  }
  void tell() {
    ++woken;
    arrived_.notify();
  }

  asio::io_context& io_;
  Signal arrived_;
  bool open_ = false;
  bool cancelled_ = false;
  bool held_ = false;
  std::deque<std::uint8_t> input_;
  SteadyTime busy_until_{};
};

class ScriptedTransport final : public Transport {
public:
  explicit ScriptedTransport(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}
  Status open() override { return wire_->open(); }
  void close() override { wire_->close(); }
  bool is_open() const override { return wire_->is_open(); }
  Task<Status> write(ByteView bytes) override {
    co_return wire_->write(Bytes(bytes.begin(), bytes.end()));
  }
  Task<Result<std::size_t>> read_some(std::span<std::uint8_t> into) override {
    return Wire::read(wire_, into);
  }
  void hold_input(bool on) override { wire_->hold_input(on); }
  void cancel() override { wire_->cancel(); }
  void discard_input() override {
    std::uint8_t byte = 0;
    while (wire_->take({&byte, 1}) == 1) {
    }
  }
  std::size_t read_ready(std::span<std::uint8_t> into) override {
    return wire_->is_open() ? wire_->take(into) : 0;
  }

private:
  std::shared_ptr<Wire> wire_;
};

/// Short times, so that a test of time-outs takes milliseconds; far enough apart for a busy
/// machine.
inline LinkOptions quick() {
  LinkOptions options;
  options.timeout = 40ms;
  options.quiet = 10ms;
  options.backoff = 2ms;
  options.reopen_first = 5ms;
  options.reopen_last = 20ms;
  return options;
}

inline LinkOptions quick(unsigned tries) {
  LinkOptions options = quick();
  options.tries = tries;
  return options;
}

inline std::unique_ptr<Protocol> protocol(std::string_view name) {
  return std::move(make_protocol(name)).value();
}

/// A Link on a Wire. run() turns the loop until the test's coroutine has ended and the link, which
/// is then stopped, has let go of the loop.
class Bench {
public:
  explicit Bench(std::unique_ptr<Protocol> spoken, LinkOptions options = quick())
      : wire(std::make_shared<Wire>(io)),
        link(std::make_unique<Link>(io.get_executor(), std::make_unique<ScriptedTransport>(wire),
                                    std::move(spoken), options)) {}

  /// True when everything ended within 20 s, far beyond every deadline of the tests.
  template <class Coroutine>
  bool run(Coroutine body) {
    link->start();
    bool ended = false;
    const auto finish = [&](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
      ended = true;
      if (link) link->stop();
    };
    asio::co_spawn(io, body(), finish);
    io.run_for(20s);
    return ended && io.stopped();
  }

  /// Starts `task` beside the test's coroutine; its result is in the returned place when it ended.
  template <class T>
  std::shared_ptr<std::optional<T>> beside(Task<T> task) {
    auto place = std::make_shared<std::optional<T>>();
    asio::co_spawn(io, std::move(task), [place, this](const std::exception_ptr& error, T value) {
      if (error) std::rethrow_exception(error);
      *place = std::move(value);
      changed.notify();
    });
    return place;
  }

  template <class T>
  Task<T> ended(std::shared_ptr<std::optional<T>> place) {
    while (!place->has_value()) co_await changed.wait();
    co_return **place;
  }

  Task<void> pause(std::chrono::milliseconds time) {
    asio::steady_timer timer(io, time);
    co_await expired(timer);
  }

  asio::io_context io;
  std::shared_ptr<Wire> wire;
  std::unique_ptr<Link> link;
  Signal changed{io.get_executor()};
};

// --- WT61P803 in bytes

inline Bytes summed(Bytes body) {
  std::uint8_t sum = 0;
  for (const std::uint8_t byte : body) sum ^= byte;
  body.push_back(sum);
  return body;
}
inline const Bytes version_request{0x25, 0x56, 0x73};
inline const Bytes temperature_request{0x40, 0x54, 0x33, 0x27};
inline const Bytes beep_request{0x40, 0x43, 0x32, 0x31};
inline const Bytes accepted{0x40, 0x30, 0x70};
inline Bytes temperature_reply(std::uint8_t celsius) { return summed({0x40, 0x54, 0x33, celsius}); }
inline Bytes fan_request(std::uint8_t pwm) { return summed({0x40, 0x46, 0x57, 0x30, pwm}); }

/// A healthy WT61P803 at 42 degrees.
inline Bytes wt_answer(const Bytes& request) {
  if (request == version_request) return summed({0x25, 0x56, 1, 2, 3, 4});
  if (request == temperature_request) return temperature_reply(42);
  if (request.size() == 4 && request[1] == 0x46) return summed({0x40, 0x46, 0x41, 0, 10, 0});
  return accepted;
}

/// The temperature in an answer, or -1.
inline double degrees(const Result<Reply>& reply) {
  if (!reply) return -1;
  const auto* celsius = std::get_if<Celsius>(&reply.value());
  return celsius ? celsius->value : -1;
}

inline void drop(Wire&, const Bytes&) {}
inline std::function<void(Wire&, const Bytes&)> reply_with(Bytes bytes,
                                                           std::chrono::milliseconds delay = 0ms) {
  return [bytes = std::move(bytes), delay](Wire& wire, const Bytes&) { wire.say(bytes, delay); };
}

} // namespace mcu::testing

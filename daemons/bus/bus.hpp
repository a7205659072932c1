// SPDX-License-Identifier: MIT
// One connection to the system bus, turned by the Asio loop and built up again when it is lost.
#pragma once

#include <bus/errors.hpp>
#include <bus/sdbus.hpp>
#include <libmcu/link/task.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace nasmcu {

using mcu::Result;
using mcu::Status;
using mcu::Task;

/// Whom a call goes to. No aggregate: g++ 12 copies a braced temporary inside a co_await byte by
/// byte, its strings included.
struct Target {
  Target(std::string to, std::string object, std::string of)
      : service(std::move(to)), path(std::move(object)), interface(std::move(of)) {}

  std::string service;
  std::string path;
  std::string interface;
};

class Bus {
public:
  /// `name` is the well-known name to own; empty for a mere client.
  Bus(mcu::asio::any_io_executor executor, std::string name);
  ~Bus();
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  /// Connects now, or as soon as there is a bus (back-off 0.1 to 2 s), until stop().
  void start();
  void stop();
  bool connected() const;
  mcu::asio::any_io_executor executor() const;

  /// Called with a fresh connection: create the objects here. The name is asked for afterwards.
  std::function<void(sdbus::IConnection&)> on_connected;
  /// Called once the name is owned: the service is open.
  std::function<void()> on_named;
  /// Called when the connection is gone, before it is dropped: destroy the objects here. Also at
  /// stop().
  std::function<void(const std::string& reason)> on_lost;
  /// Another process owns our name; it makes no sense to go on.
  std::function<void(const std::string& owner)> on_name_taken;

  /// To be called after anything sent outside a bus handler: it recomputes what to wait for.
  void kick();

  /// Calls a method; the answer's arguments as a tuple. `not_running` without a bus.
  template <class... Out, class... In>
  Task<Result<std::tuple<Out...>>> call(Target target, std::string method,
                                        std::chrono::milliseconds timeout, In... arguments);

  /// Answers a server-side method with what `task` yields, whenever it does. Keeps the connection
  /// alive until then, since an answer must not outlive it.
  template <class... Out, class Value>
  void serve(sdbus::Result<Out...>&& result, Task<Result<Value>> task);

  /// Watches the owner of a bus name; `changed` gets the new unique name or "". The watch ends with
  /// the returned slot, or with the connection. Precondition: connected().
  sdbus::Slot watch_owner(const std::string& name,
                          std::function<void(const std::string& owner)> changed);
  /// A signal from a service. Precondition: connected().
  sdbus::Slot watch_signal(const Target& source, const std::string& signal,
                           std::function<void(sdbus::Message&)> handler);

  /// The Unix user behind a unique bus name.
  Task<Result<uid_t>> uid_of(std::string sender);
  Task<Result<bool>> has_owner(std::string name);

private:
  struct Impl;
  std::shared_ptr<sdbus::IConnection> connection() const;
  static void kick(const std::weak_ptr<Impl>& impl);

  struct Waiting;
  template <class... Out>
  struct Pending;
  void track(const std::shared_ptr<Waiting>& call);
  template <class... Out>
  struct Asked;
  template <class... Out, class Value>
  static Task<void> answer(Asked<Out...> asked, std::weak_ptr<Impl> impl, Task<Result<Value>> task);

  std::shared_ptr<Impl> impl_;
};

inline constexpr std::chrono::milliseconds call_timeout{10000};
inline const Target bus_driver{"org.freedesktop.DBus", "/org/freedesktop/DBus",
                               "org.freedesktop.DBus"};

/// A calling coroutine. Nobody turns a connection that was dropped, so its calls are cut short.
struct Bus::Waiting {
  explicit Waiting(mcu::asio::any_io_executor executor) : arrived(std::move(executor)) {}
  mcu::Signal arrived;
  bool cut = false;
};

/// The reply that it waits for.
template <class... Out>
struct Bus::Pending : Bus::Waiting {
  using Waiting::Waiting;
  std::optional<Result<std::tuple<Out...>>> value;
};

template <class... Out, class... In>
Task<Result<std::tuple<Out...>>> Bus::call(Target target, std::string method,
                                           std::chrono::milliseconds timeout, In... arguments) {
  const std::shared_ptr<sdbus::IConnection> keep = connection();
  if (!keep) co_return mcu::Error{mcu::Errc::not_running, "no connection to the system bus"};
  auto pending = std::make_shared<Pending<Out...>>(executor());
  std::unique_ptr<sdbus::IProxy> proxy;
  try {
    proxy = sdbus::createProxy(*keep, compat::ServiceName(target.service),
                               sdbus::ObjectPath(target.path));
    auto invoker = proxy->callMethodAsync(method);
    invoker.onInterface(target.interface).withTimeout(timeout).withArguments(arguments...);
    invoker.uponReplyInvoke([pending](compat::MaybeError error, Out... values) {
      if (error)
        pending->value.emplace(from_dbus(*error));
      else
        pending->value.emplace(std::tuple<Out...>(std::move(values)...));
      pending->arrived.notify();
    });
  } catch (const sdbus::Error& error) {
    co_return from_dbus(error);
  }
  track(pending);
  kick();
  while (!pending->value && !pending->cut) co_await pending->arrived.wait();
  if (!pending->value)
    co_return mcu::Error{mcu::Errc::not_running, "the connection to the system bus has ended"};
  co_return std::move(*pending->value);
}

/// A method call to be answered, and the connection that its message refers to. One object, because
/// g++ 12 destroys a coroutine's parameters in the order that would free the connection first.
template <class... Out>
struct Bus::Asked {
  Asked(std::shared_ptr<sdbus::IConnection> on, sdbus::Result<Out...>&& to)
      : connection(std::move(on)), result(std::move(to)) {}
  std::shared_ptr<sdbus::IConnection> connection;
  sdbus::Result<Out...> result; ///< destroyed before what it refers to
};

template <class... Out, class Value>
void Bus::serve(sdbus::Result<Out...>&& result, Task<Result<Value>> task) {
  Asked<Out...> asked(connection(), std::move(result));
  mcu::asio::co_spawn(executor(), answer<Out...>(std::move(asked), impl_, std::move(task)),
                      mcu::asio::detached);
}

template <class... Out, class Value>
Task<void> Bus::answer(Asked<Out...> asked, std::weak_ptr<Impl> impl, Task<Result<Value>> task) {
  const Result<Value> value = co_await std::move(task);
  const sdbus::Result<Out...>& result = asked.result;
  try {
    if (!value)
      result.returnError(to_dbus(value.error()));
    else if constexpr (sizeof...(Out) == 0)
      result.returnResults();
    else if constexpr (sizeof...(Out) == 1)
      result.returnResults(value.value());
    else
      std::apply([&result](const auto&... each) { result.returnResults(each...); }, value.value());
  } catch (const sdbus::Error&) {
    // The caller, or the bus, has gone: nobody is left to be told.
  }
  kick(impl);
}

} // namespace nasmcu

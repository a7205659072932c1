// SPDX-License-Identifier: MIT
#include <bus/bus.hpp>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include <spdlog/spdlog.h>

#include <poll.h>
#include <unistd.h>

#include <algorithm>

namespace nasmcu {
namespace {

using mcu::asio::posix::stream_descriptor;

constexpr std::chrono::milliseconds reconnect_first{100};
constexpr std::chrono::milliseconds reconnect_last{2000};

/// A name that another one owns is asked for again, for about a second.
constexpr int name_tries = 11;
constexpr std::chrono::milliseconds name_pause{100};

/// org.freedesktop.DBus.RequestName: fail at once instead of waiting in the owner's queue.
constexpr std::uint32_t do_not_queue = 4;
constexpr std::uint32_t primary_owner = 1;
constexpr std::uint32_t already_owner = 4;

} // namespace

struct Bus::Impl : std::enable_shared_from_this<Impl> {
  Impl(mcu::asio::any_io_executor on, std::string own)
      : executor(on), name(std::move(own)), socket(on), event(on), timer(on), retry(on) {}

  void connect();
  static Task<void> claim(std::shared_ptr<Impl> self);
  void turn();
  void arm();
  void wait(stream_descriptor& descriptor, stream_descriptor::wait_type what, bool& armed);
  void lost(const std::string& reason);
  void later();
  template <class Callback>
  sdbus::Slot add_match(const std::string& rule, Callback callback);

  Bus* bus = nullptr; ///< null once the Bus is gone
  mcu::asio::any_io_executor executor;
  std::string name;
  std::shared_ptr<sdbus::IConnection> connection;
  std::uint64_t generation = 0; ///< counts connections: handlers of an old one do nothing
  stream_descriptor socket;     ///< dups: the library keeps its own
  stream_descriptor event;
  std::vector<std::weak_ptr<Waiting>> calls;
  mcu::asio::steady_timer timer; ///< the library's own time-outs
  mcu::asio::steady_timer retry;
  std::chrono::milliseconds backoff = reconnect_first;
  bool reading = false, writing = false, eventing = false;
  bool turning = false, posted = false, running = false;
  bool announced = false; ///< the loss was logged already
};

Bus::Bus(mcu::asio::any_io_executor executor, std::string name)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(name))) {
  impl_->bus = this;
}

Bus::~Bus() {
  stop();
  impl_->bus = nullptr;
}

bool Bus::connected() const { return impl_->connection != nullptr; }
std::shared_ptr<sdbus::IConnection> Bus::connection() const { return impl_->connection; }
mcu::asio::any_io_executor Bus::executor() const { return impl_->executor; }

void Bus::start() {
  impl_->running = true;
  impl_->connect();
}

void Bus::stop() {
  if (!impl_->running) return;
  impl_->running = false;
  impl_->retry.cancel();
  if (impl_->connection) impl_->lost("");
}

void Bus::kick() { kick(impl_); }

void Bus::track(const std::shared_ptr<Waiting>& call) {
  auto& calls = impl_->calls;
  std::erase_if(calls, [](const std::weak_ptr<Waiting>& each) { return each.expired(); });
  calls.push_back(call);
}

/// The library waits for the bus's answer here, and may take in other messages meanwhile: nothing
/// comes on the socket for those any more, so they are looked for.
template <class Callback>
sdbus::Slot Bus::Impl::add_match(const std::string& rule, Callback callback) {
  sdbus::Slot slot = compat::add_match(*connection, rule, std::move(callback));
  kick(weak_from_this());
  return slot;
}

void Bus::kick(const std::weak_ptr<Impl>& weak) {
  const std::shared_ptr<Impl> impl = weak.lock();
  if (!impl || impl->turning || impl->posted) return;
  impl->posted = true;
  mcu::asio::post(impl->executor, [impl] {
    impl->posted = false;
    impl->turn();
  });
}

void Bus::Impl::connect() {
  try {
    connection = sdbus::createSystemBusConnection();
    const auto poll = connection->getEventLoopPollData();
    socket.assign(::dup(poll.fd));
    if (compat::event_fd(poll) >= 0) event.assign(::dup(compat::event_fd(poll)));
  } catch (const sdbus::Error& error) {
    connection.reset();
    if (!announced) spdlog::warn("no system bus: {}; trying again", error.getMessage());
    announced = true;
    later();
    return;
  }
  announced = false;
  backoff = reconnect_first;
  ++generation;
  if (bus != nullptr && bus->on_connected) bus->on_connected(*connection);
  if (!name.empty()) mcu::asio::co_spawn(executor, claim(shared_from_this()), mcu::asio::detached);
  turn();
}

/// Asks for our name. Who ends and is started again at once may find its old self still in the
/// bus's books.
Task<void> Bus::Impl::claim(std::shared_ptr<Impl> self) {
  const std::uint64_t mine = self->generation;
  for (int tries = 1;; ++tries) {
    if (self->bus == nullptr) co_return; // gone before this began
    const auto got = co_await self->bus->call<std::uint32_t>(
        bus_driver, "RequestName", call_timeout, self->name, do_not_queue);
    if (self->bus == nullptr || self->generation != mine || !self->connection) co_return;
    if (!got && got.error().code != mcu::Errc::denied) {
      self->lost(got.error().what); // the bus went away just now: nobody has our name
      co_return;
    }
    if (!got) {
      if (self->bus->on_name_taken) self->bus->on_name_taken(got.error().what);
      co_return;
    }
    const std::uint32_t answer = std::get<0>(*got);
    if (answer == primary_owner || answer == already_owner) {
      if (self->bus->on_named) self->bus->on_named();
      co_return;
    }
    if (tries == name_tries) {
      if (self->bus->on_name_taken) self->bus->on_name_taken("another process owns it");
      co_return;
    }
    self->retry.expires_after(name_pause);
    const bool time = co_await mcu::expired(self->retry);
    if (!time || self->generation != mine) co_return;
  }
}

/// Lets the library do all it can now, then waits for what it wants next.
void Bus::Impl::turn() {
  if (!connection || turning) return;
  turning = true;
  const std::shared_ptr<sdbus::IConnection> keep = connection;
  try {
    while (connection == keep && compat::process(*keep)) {
    }
  } catch (const sdbus::Error& error) {
    turning = false;
    lost(error.getMessage());
    return;
  }
  turning = false;
  if (connection == keep) arm();
}

void Bus::Impl::arm() {
  const auto poll = connection->getEventLoopPollData();
  if ((poll.events & POLLIN) != 0) wait(socket, stream_descriptor::wait_read, reading);
  if ((poll.events & POLLOUT) != 0) wait(socket, stream_descriptor::wait_write, writing);
  if (event.is_open()) wait(event, stream_descriptor::wait_read, eventing);
  const std::chrono::microseconds at = compat::timeout(poll);
  if (at == std::chrono::microseconds::max()) {
    timer.cancel();
    return;
  }
  // Absolute on CLOCK_MONOTONIC, which is steady_clock here; 0 means now.
  timer.expires_at(mcu::SteadyTime(at));
  timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->turn();
  });
}

void Bus::Impl::wait(stream_descriptor& descriptor, stream_descriptor::wait_type what,
                     bool& armed) {
  if (armed) return;
  armed = true;
  descriptor.async_wait(what, [self = shared_from_this(), &armed,
                               mine = generation](const boost::system::error_code& error) {
    if (self->generation != mine) return;
    armed = false;
    if (!error) self->turn();
  });
}

void Bus::Impl::lost(const std::string& reason) {
  if (!connection) return;
  ++generation;
  socket.close();
  event.close();
  timer.cancel();
  reading = writing = eventing = false;
  const std::shared_ptr<sdbus::IConnection> old = std::move(connection);
  connection.reset();
  if (running) spdlog::warn("system bus lost: {}; trying again", reason);
  announced = true;
  if (bus != nullptr && bus->on_lost) bus->on_lost(reason);
  for (const std::weak_ptr<Waiting>& each : std::exchange(calls, {})) {
    const std::shared_ptr<Waiting> call = each.lock();
    if (!call) continue;
    call->cut = true;
    call->arrived.notify();
  }
  if (running) later();
}

void Bus::Impl::later() {
  retry.expires_after(backoff);
  backoff = std::min(backoff * 2, reconnect_last);
  retry.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && self->running && !self->connection) self->connect();
  });
}

sdbus::Slot Bus::watch_owner(const std::string& name,
                             std::function<void(const std::string& owner)> changed) {
  Target driver = bus_driver;
  const std::string rule = "type='signal',sender='" + driver.service + "',interface='" +
                           driver.interface + "',member='NameOwnerChanged',arg0='" + name + "'";
  return impl_->add_match(rule, [changed = std::move(changed)](sdbus::Message& message) {
    std::string which;
    std::string before;
    std::string after;
    message >> which >> before >> after;
    changed(after);
  });
}

sdbus::Slot Bus::watch_signal(const Target& source, const std::string& signal,
                              std::function<void(sdbus::Message&)> handler) {
  std::string rule = "type='signal',sender='" + source.service + "',interface='" +
                     source.interface + "',member='" + signal + "'";
  if (!source.path.empty()) rule += ",path='" + source.path + "'";
  return impl_->add_match(rule, std::move(handler));
}

Task<Result<uid_t>> Bus::uid_of(std::string sender) {
  const auto got = co_await call<std::uint32_t>(bus_driver, "GetConnectionUnixUser", call_timeout,
                                                std::move(sender));
  if (!got) co_return got.error();
  co_return static_cast<uid_t>(std::get<0>(*got));
}

Task<Result<bool>> Bus::has_owner(std::string name) {
  const auto got = co_await call<bool>(bus_driver, "NameHasOwner", call_timeout, std::move(name));
  if (!got) co_return got.error();
  co_return std::get<0>(*got);
}

} // namespace nasmcu

// SPDX-License-Identifier: MIT
// SleepWatch against a played logind on a private bus.
#include <catch.hpp>

#include "../private_bus.hpp"

#include <mcud/sleep_watch.hpp>

#include <boost/asio/io_context.hpp>

#include <poll.h>

#include <chrono>
#include <memory>
#include <vector>

using namespace std::chrono_literals;
using nasmcu::Bus;
using nasmcu::SleepWatch;
using nasmcu::Status;
using nasmcu::Task;

namespace {

constexpr const char* manager = "org.freedesktop.login1.Manager";

/// What the played logind was asked for, and who still holds its delays.
class Delays {
public:
  ~Delays() {
    for (const int fd : readers_) ::close(fd);
  }
  sdbus::UnixFd give() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    readers_.push_back(ends[0]);
    sdbus::UnixFd writer(ends[1]);
    ::close(ends[1]);
    return writer;
  }
  std::size_t given() const { return readers_.size(); }
  /// Delays that nobody has let go of.
  std::size_t held() const {
    std::size_t count = 0;
    for (const int fd : readers_) {
      pollfd one{fd, POLLIN, 0};
      ::poll(&one, 1, 0);
      if ((one.revents & POLLHUP) == 0) ++count;
    }
    return count;
  }
  std::vector<std::string> words; ///< of the last request
  bool denied = false;

private:
  std::vector<int> readers_;
};

class FakeLogind {
public:
  FakeLogind(mcu::asio::any_io_executor executor, Delays& delays)
      : bus_(executor, "org.freedesktop.login1") {
    bus_.on_connected = [this, &delays](sdbus::IConnection& connection) {
      object_ = sdbus::createObject(connection, sdbus::ObjectPath("/org/freedesktop/login1"));
      offer(delays);
    };
    bus_.on_lost = [this](const std::string&) { object_.reset(); };
    bus_.start();
  }
  ~FakeLogind() { bus_.stop(); }

  void announce(bool going) {
    object_->emitSignal("PrepareForSleep").onInterface(manager).withArguments(going);
    bus_.kick();
  }

private:
  void offer(Delays& delays) {
    const auto inhibit = [&delays](const std::string& what, const std::string& who,
                                   const std::string& why, const std::string& mode) {
      delays.words = {what, who, why, mode};
      if (delays.denied)
        throw nasmcu::compat::make_error("org.freedesktop.DBus.Error.AccessDenied", "no");
      return delays.give();
    };
#if __has_include(<sdbus-c++/VTableItems.h>)
    object_
        ->addVTable(sdbus::registerMethod("Inhibit").implementedAs(inhibit),
                    sdbus::registerSignal("PrepareForSleep").withParameters<bool>())
        .forInterface(manager);
#else
    object_->registerMethod("Inhibit").onInterface(manager).implementedAs(inhibit);
    object_->registerSignal("PrepareForSleep").onInterface(manager).withParameters<bool>();
    object_->finishRegistration();
#endif
  }

  Bus bus_;
  std::unique_ptr<sdbus::IObject> object_;
};

struct Desk {
  Desk() : client(io.get_executor(), ""), watch(client), written(io.get_executor()) {
    watch.on_sleep = [this](bool going) { return told(going); };
    client.on_connected = [this](sdbus::IConnection&) { watch.connected(); };
    client.on_lost = [this](const std::string&) { watch.lost(); };
    client.start();
  }
  ~Desk() {
    busy = false;
    written.notify();
    logind.reset();
    client.stop();
    io.run_for(5s);
  }
  Task<Status> told(bool going) {
    heard.push_back(going);
    while (busy) co_await written.wait();
    co_return mcu::Done{};
  }
  void start_logind() { logind = std::make_unique<FakeLogind>(io.get_executor(), delays); }
  template <class Done>
  bool until(Done done, std::chrono::milliseconds limit = 8s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io.run_one_for(20ms);
    }
    return true;
  }
  bool until_held(std::size_t count) {
    return until([this, count] { return delays.held() == count && watch.delays() == (count > 0); });
  }

  test::PrivateBus bus;
  boost::asio::io_context io;
  Delays delays;
  Bus client;
  SleepWatch watch;
  mcu::Signal written;
  bool busy = false; ///< the fans are not at failsafe yet
  std::vector<bool> heard;
  std::unique_ptr<FakeLogind> logind;
};

} // namespace

TEST_CASE("logind waits until the fans are at failsafe, and the next time too") {
  Desk desk;
  desk.start_logind();
  REQUIRE(desk.until_held(1));
  CHECK(desk.delays.words ==
        std::vector<std::string>{"sleep", "mcud", "fans to failsafe before sleep", "delay"});
  for (int round = 0; round < 2; ++round) {
    desk.busy = true;
    desk.heard.clear();
    desk.logind->announce(true);
    REQUIRE(desk.until([&] { return desk.heard == std::vector<bool>{true}; }));
    CHECK(desk.delays.held() == 1);
    desk.busy = false;
    desk.written.notify();
    REQUIRE(desk.until_held(0));
    desk.logind->announce(false);
    REQUIRE(desk.until_held(1));
    CHECK(desk.heard == std::vector<bool>{true, false});
  }
}

TEST_CASE("a logind that comes later, or again, is asked for a delay") {
  Desk desk;
  REQUIRE(desk.until([&] { return desk.client.connected(); }));
  CHECK_FALSE(desk.watch.delays());
  desk.start_logind();
  REQUIRE(desk.until_held(1));
  desk.logind.reset();
  REQUIRE(desk.until_held(0));
  desk.start_logind();
  REQUIRE(desk.until_held(1));
  CHECK(desk.delays.given() == 2);
  desk.logind->announce(true);
  REQUIRE(desk.until([&] { return desk.heard == std::vector<bool>{true}; }));
  REQUIRE(desk.until_held(0));
}

TEST_CASE("without the right to delay, sleep is heard all the same") {
  Desk desk;
  desk.delays.denied = true;
  desk.start_logind();
  REQUIRE(desk.until([&] { return !desk.delays.words.empty(); }));
  desk.logind->announce(true);
  REQUIRE(desk.until([&] { return desk.heard == std::vector<bool>{true}; }));
  CHECK_FALSE(desk.watch.delays());
}

TEST_CASE("a bus that went and came back changes nothing for logind's delay") {
  Desk desk;
  desk.start_logind();
  REQUIRE(desk.until_held(1));
  desk.bus.stop();
  REQUIRE(desk.until_held(0));
  desk.bus.start();
  REQUIRE(desk.until_held(1));
}

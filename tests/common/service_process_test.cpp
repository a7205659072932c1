// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include "temp_tree.hpp"

#include <devices/loop.hpp>

#include <common/service_process.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>

using namespace std::chrono_literals;
using nasmcu::ServiceProcess;

namespace {

/// What the service manager hears.
class Manager {
public:
  Manager() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path_.c_str());
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  ~Manager() { ::close(fd_); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  /// All since the last call, with '|' between.
  std::string heard() {
    std::string all;
    std::array<char, 512> buffer{};
    for (ssize_t got = 0; (got = ::recv(fd_, buffer.data(), buffer.size(), 0)) > 0;)
      all += (all.empty() ? "" : "|") + std::string(buffer.data(), static_cast<std::size_t>(got));
    return all;
  }

private:
  TempTree tree_;
  std::string path_ = tree_.path("notify");
  int fd_;
  Variable socket_{"NOTIFY_SOCKET", path_.c_str()};
};

struct Daemon : Loop {
  Manager manager;
  ServiceProcess process{io};
  unsigned reloads = 0;
  bool works = true;

  void start() {
    process.start({[this] {
                     if (process.begin_stop()) process.end();
                   },
                   [this] { ++reloads; }, [this] { return works; }});
  }
};

} // namespace

TEST_CASE("a service tells its status when it is ready, and only what is new") {
  Daemon daemon;
  daemon.start();
  daemon.process.status("waiting");
  CHECK(daemon.manager.heard().empty()); // not ready yet
  daemon.process.ready();
  daemon.process.ready();
  daemon.process.status("waiting");
  daemon.process.status("at work");
  CHECK(daemon.manager.heard() == "READY=1|STATUS=waiting|STATUS=at work");
}

TEST_CASE("SIGHUP reloads as often as it comes, SIGTERM ends once") {
  Daemon daemon;
  daemon.start();
  for (unsigned wanted = 1; wanted <= 2; ++wanted) {
    ::raise(SIGHUP);
    REQUIRE(daemon.turn_until([&] { return daemon.reloads == wanted; }));
  }
  ::raise(SIGTERM);
  REQUIRE(daemon.turn_until([&] { return daemon.process.stops(); }));
  CHECK_FALSE(daemon.process.begin_stop());
  CHECK(daemon.manager.heard() == "STOPPING=1");
  CHECK(daemon.process.exit_code() == nasmcu::exit_done);
  daemon.io.restart();
  daemon.io.run(); // nothing holds it
}

TEST_CASE("a service that had to end says so with its exit code") {
  Daemon daemon;
  daemon.start();
  daemon.process.failed("no hardware");
  daemon.process.end();
  daemon.io.run();
  CHECK(daemon.process.exit_code() == nasmcu::exit_failed);
  CHECK(daemon.manager.heard().empty()); // it never was ready
}

TEST_CASE("signs of life come only while the daemon does its work") {
  const Variable interval("WATCHDOG_USEC", "2000");
  Daemon daemon;
  daemon.start();
  std::string heard;
  REQUIRE(daemon.turn_until([&] { return (heard = daemon.manager.heard()) == "WATCHDOG=1"; }));
  REQUIRE(daemon.turn_until([&] { return !(heard = daemon.manager.heard()).empty(); }));
  daemon.works = false;
  unsigned asked = 0;
  daemon.manager.heard();
  REQUIRE(daemon.turn_until([&] { return ++asked > 20; }));
  CHECK(daemon.manager.heard().empty());
  daemon.works = true;
  REQUIRE(daemon.turn_until([&] { return !daemon.manager.heard().empty(); }));
}

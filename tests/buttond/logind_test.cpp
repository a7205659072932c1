// SPDX-License-Identifier: MIT
// Logind against a played one on a private bus.
#include <catch.hpp>

#include "../private_bus.hpp"
#include "fake_logind.hpp"

#include <buttond/logind.hpp>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <optional>

using namespace std::chrono_literals;
using nasmcu::Status;
using nasmcu::buttond::Logind;
using Words = std::vector<std::string>;

namespace {

struct LogindDesk {
  LogindDesk() : client(io.get_executor(), ""), logind(client) {
    logind.on_shutdown = [this](bool going) { shutdowns.push_back(going); };
    logind.on_sleep = [this](bool going) { sleeps.push_back(going); };
    client.on_connected = [this](sdbus::IConnection&) { logind.connected(); };
    client.on_lost = [this](const std::string&) { logind.lost(); };
    client.start();
  }
  ~LogindDesk() {
    fake.reset();
    client.stop();
    io.run_for(5s);
  }
  void start_fake() { fake = std::make_unique<test::FakeLogind>(io.get_executor()); }
  template <class Done>
  bool until(Done done, std::chrono::milliseconds limit = 8s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io.run_one_for(20ms);
    }
    return true;
  }
  bool until_held(const Words& words) {
    return until([&] { return fake->held() == words && logind.held().empty() == words.empty(); });
  }
  static nasmcu::Task<void> asking(Logind& logind, std::string method,
                                   std::optional<Status>& answer) {
    answer = co_await logind.ask(std::move(method));
  }
  Status ask(const char* method) {
    std::optional<Status> answer;
    mcu::asio::co_spawn(io, asking(logind, method, answer), mcu::asio::detached);
    REQUIRE(until([&] { return answer.has_value(); }));
    return *answer;
  }

  test::PrivateBus bus;
  boost::asio::io_context io;
  nasmcu::Bus client;
  Logind logind;
  std::unique_ptr<test::FakeLogind> fake;
  std::vector<bool> shutdowns, sleeps;
};

} // namespace

TEST_CASE("keys that are wanted are taken in block mode, and given back at the end") {
  LogindDesk desk;
  desk.start_fake();
  desk.logind.want("handle-power-key");
  REQUIRE(desk.until_held({"handle-power-key nas-buttond block"}));
  CHECK(desk.logind.held() == "handle-power-key");
  CHECK(desk.fake->calls.size() == 1);
  desk.logind.want("handle-power-key:handle-reboot-key");
  REQUIRE(desk.until_held({"handle-power-key:handle-reboot-key nas-buttond block"}));
  desk.logind.want("");
  REQUIRE(desk.until_held({}));
  desk.logind.want("handle-power-key");
  REQUIRE(desk.until_held({"handle-power-key nas-buttond block"}));
  desk.logind.stop();
  CHECK(desk.until_held({}));
}

TEST_CASE("a logind that comes later, or again, is asked too") {
  LogindDesk desk;
  desk.logind.want("handle-power-key");
  CHECK_FALSE(desk.until([&] { return desk.logind.there(); }, 200ms));
  desk.start_fake();
  REQUIRE(desk.until_held({"handle-power-key nas-buttond block"}));
  desk.fake.reset();
  REQUIRE(desk.until([&] { return desk.logind.held().empty(); }));
  desk.start_fake();
  CHECK(desk.until_held({"handle-power-key nas-buttond block"}));
}

TEST_CASE("a logind that says no is asked once") {
  LogindDesk desk;
  desk.start_fake();
  desk.fake->denied = true;
  desk.logind.want("handle-power-key");
  REQUIRE(desk.until([&] { return desk.fake->calls.size() == 1; }));
  CHECK_FALSE(desk.until([&] { return desk.fake->calls.size() > 1; }, 300ms));
  CHECK(desk.logind.held().empty());
}

TEST_CASE("power is asked for once, and nobody is asked for a password") {
  LogindDesk desk;
  desk.start_fake();
  REQUIRE(desk.until([&] { return desk.logind.there(); }));
  CHECK(desk.ask("PowerOff").ok());
  CHECK(desk.fake->calls == Words{"PowerOff false"});
  desk.fake->denied = true;
  CHECK_FALSE(desk.ask("Suspend").ok());
}

TEST_CASE("shutdown and sleep are heard, also a shutdown that began before") {
  LogindDesk desk;
  desk.start_fake();
  REQUIRE(desk.until([&] { return desk.logind.there(); }));
  desk.fake->announce("PrepareForShutdown", true);
  desk.fake->announce("PrepareForShutdown", false);
  desk.fake->announce("PrepareForSleep", true);
  REQUIRE(desk.until([&] { return desk.sleeps.size() == 1; }));
  CHECK(desk.shutdowns == std::vector<bool>{true, false});
  desk.fake.reset();
  REQUIRE(desk.until([&] { return !desk.logind.there(); }));
  desk.start_fake();
  desk.fake->preparing = true;
  REQUIRE(desk.until([&] { return desk.shutdowns.size() == 3; }));
  CHECK(desk.shutdowns.back());
}

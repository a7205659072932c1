// SPDX-License-Identifier: MIT
// Two processes that want the same name on the bus, played by two connections.
#include <catch.hpp>

#include "../private_bus.hpp"

#include <bus/bus.hpp>

#include <boost/asio/io_context.hpp>

#include <string>

using namespace std::chrono_literals;

namespace {

constexpr const char* contested = "io.nasmcu1.test";

struct Owner {
  explicit Owner(mcu::asio::io_context& io) : bus(io.get_executor(), contested) {
    bus.on_named = [this] { named = true; };
    bus.on_name_taken = [this](const std::string& owner) { taken = owner; };
  }
  nasmcu::Bus bus;
  bool named = false;
  std::string taken;
};

template <class Done>
bool turn_until(mcu::asio::io_context& io, Done done) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!done() && std::chrono::steady_clock::now() < end) io.run_one_for(20ms);
  return done();
}

} // namespace

TEST_CASE("who is started again at once gets the name as soon as its old self has let it go") {
  const test::PrivateBus private_bus;
  mcu::asio::io_context io;
  Owner before(io), after(io);
  before.bus.start();
  REQUIRE(turn_until(io, [&] { return before.named; }));
  after.bus.start();
  // It has asked, and was refused: the name is another one's still.
  mcu::asio::steady_timer soon(io, 50ms);
  bool time = false;
  soon.async_wait([&](const boost::system::error_code&) { time = true; });
  REQUIRE(turn_until(io, [&] { return time; }));
  CHECK_FALSE(after.named);
  CHECK(after.taken.empty());
  before.bus.stop();
  CHECK(turn_until(io, [&] { return after.named; }));
  CHECK(after.taken.empty());
  after.bus.stop();
}

TEST_CASE("a name that another process keeps is told as taken") {
  const test::PrivateBus private_bus;
  mcu::asio::io_context io;
  Owner first(io), second(io);
  first.bus.start();
  REQUIRE(turn_until(io, [&] { return first.named; }));
  second.bus.start();
  CHECK(turn_until(io, [&] { return !second.taken.empty(); }));
  CHECK(second.taken == "another process owns it");
  CHECK_FALSE(second.named);
  first.bus.stop();
  second.bus.stop();
}

TEST_CASE("who gives up waiting for a name leaves nothing behind") {
  const test::PrivateBus private_bus;
  mcu::asio::io_context io;
  Owner first(io);
  first.bus.start();
  REQUIRE(turn_until(io, [&] { return first.named; }));
  {
    Owner second(io);
    second.bus.start();
    REQUIRE(turn_until(io, [&] { return second.bus.connected(); }));
    second.bus.stop();
  }
  first.bus.stop();
  io.run_for(200ms);
  CHECK(io.stopped());
}

TEST_CASE("what arrives while a watch is being set up is not left lying") {
  const test::PrivateBus private_bus;
  mcu::asio::io_context io;
  nasmcu::Bus bus(io.get_executor(), "");
  bus.start();
  REQUIRE(turn_until(io, [&] { return bus.connected(); }));
  std::string owner;
  auto watch = bus.watch_owner("io.nasmcu1.other", [&](const std::string& now) { owner = now; });
  const auto other = sdbus::createSystemBusConnection();
  io.run_for(50ms); // nothing is left to be done
  // The bus tells of the new owner before it answers; the message waits in our socket.
  other->requestName(nasmcu::compat::ServiceName("io.nasmcu1.other"));
  auto second = bus.watch_owner("io.nasmcu1.third", [](const std::string&) {});
  CHECK(turn_until(io, [&] { return !owner.empty(); }));
  watch.reset(); // before the connection
  second.reset();
  bus.stop();
}

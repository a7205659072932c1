// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <shutdown/facts.hpp>

#include <libmcu/protocol/power_guard.hpp>
#include <libmcu/protocol/registry.hpp>

using namespace nasmcu;
using namespace nasmcu::shutdown;

namespace {

mcu::Board board(const std::string& id) {
  const auto file = mcu::read_board(
      std::string(NASMCU_SOURCE_DIR) + "/config/boards/" + id + ".ini", mcu::protocol_names());
  REQUIRE(file.board);
  return *file.board;
}

mcu::Result<Supply> supply(const std::string& id, const Config& config = {},
                           const std::optional<std::string>& asked = {}) {
  return find_supply(board(id), config, asked, mcu::Files(), "/nonexistent");
}

} // namespace

TEST_CASE("a person on a running system is refused, and so is anybody but root") {
  CHECK_FALSE(not_going_down({0, "systemd", ""}).empty());
  CHECK_FALSE(not_going_down({0, "systemd", "0"}).empty()); // a variable is easily set
  CHECK_FALSE(not_going_down({0, "init", "2"}).empty());
  CHECK_FALSE(not_going_down({0, "init", ""}).empty());
  CHECK_FALSE(not_going_down({0, "init", "6"}).empty()); // a reboot
  CHECK_FALSE(not_going_down({0, "", ""}).empty());
  CHECK_FALSE(not_going_down({1000, "systemd-shutdow", ""}).empty());
  CHECK(not_going_down({0, "systemd-shutdow", ""}).empty());
  CHECK(not_going_down({0, "init", "0"}).empty());
}

TEST_CASE("whether the MCU waits follows from its frame, not from a list of boards") {
  CHECK_FALSE(supply("qnap-ts433")->waits());
  CHECK(supply("dlink-dns327l")->waits());
  CHECK(supply("dlink-dns320l")->waits());
  for (const char* other : {"buffalo-ls220d", "cloudengines-pogoe02", "arduino-yun"})
    CHECK(supply(other).error().code == mcu::Errc::unsupported);
}

TEST_CASE("the delay is what was asked for, else the configuration's, else the board's") {
  Config config;
  CHECK(supply("dlink-dns327l", config)->delay == std::chrono::seconds(20));
  config.daemon.device_shutdown_delay = 44;
  CHECK(supply("dlink-dns327l", config)->delay == std::chrono::seconds(44));
  CHECK(supply("dlink-dns327l", config, "7\n")->delay == std::chrono::seconds(7));
  for (const char* nonsense : {"", "0", "100", "-5", "soon", "7 8"}) {
    INFO(nonsense);
    CHECK(supply("dlink-dns327l", config, nonsense)->delay == std::chrono::seconds(44));
  }
}

TEST_CASE("every shipped board's frame is one that raw refuses") {
  for (const char* id :
       {"qnap-ts133", "qnap-ts233", "qnap-ts433", "dlink-dns320l", "dlink-dns327l"}) {
    const auto found = supply(id);
    REQUIRE(found);
    const auto frame = found->protocol->encode(mcu::cmd::PowerOff{found->delay, found->coding});
    REQUIRE(frame);
    CHECK(mcu::could_cut_power(*found->protocol, frame->tx));
  }
}

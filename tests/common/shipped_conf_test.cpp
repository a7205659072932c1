// SPDX-License-Identifier: MIT
// The shipped nasmcu.conf and the example in board.ini(5) are checked like any other file.
#include <catch.hpp>

#include <common/config.hpp>
#include <libmcu/protocol/registry.hpp>

#include <fstream>
#include <iterator>
#include <regex>

using namespace nasmcu;

namespace {

std::string read(const std::string& below) {
  std::ifstream file(NASMCU_SOURCE_DIR + below);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string all_text(const std::vector<mcu::Diagnostic>& diagnostics) {
  std::string text;
  for (const mcu::Diagnostic& one : diagnostics) text += mcu::to_string(one) + "\n";
  return text;
}

/// The last block between .nf and .fi: the page's EXAMPLE.
std::string example_of(const std::string& page) {
  const auto begin = page.rfind("\n.nf\n");
  const auto end = page.rfind("\n.fi\n");
  REQUIRE(begin != std::string::npos);
  REQUIRE(end > begin);
  return page.substr(begin + 5, end - begin - 4);
}

} // namespace

TEST_CASE("the shipped nasmcu.conf is the default configuration, without a complaint") {
  const auto file = load_config(NASMCU_SOURCE_DIR "/config/nasmcu.conf", "");
  INFO(all_text(file.diagnostics));
  CHECK(file.diagnostics.empty());
  CHECK_FALSE(file.config.step_rule);
  CHECK(file.config.fans.empty());
}

TEST_CASE(
    "with its comments taken away every key of the shipped nasmcu.conf is known and allowed") {
  const std::string text =
      std::regex_replace(read("/config/nasmcu.conf"), std::regex("\n#(?=[\\[A-Z])"), "\n");
  const auto file = make_config({mcu::parse_ini("nasmcu.conf", text)});
  INFO(all_text(file.diagnostics));
  CHECK(file.diagnostics.empty());
  const Config defaults;
  CHECK(file.config.serial.tries == defaults.serial.tries);
  CHECK(file.config.serial.timeout == defaults.serial.timeout);
  CHECK(file.config.daemon.server_port == defaults.daemon.server_port);
  CHECK(file.config.daemon.server_addr == defaults.daemon.server_addr);
  CHECK(file.config.daemon.device_shutdown_delay == 20);
  CHECK(file.config.fan_poll == defaults.fan_poll);
  CHECK(file.config.sensor_timeout == defaults.sensor_timeout);
  REQUIRE(file.config.step_rule);
  CHECK(file.config.step_rule->low == StepRuleConfig{}.low);
  CHECK(file.config.step_rule->high == StepRuleConfig{}.high);
  const FanConfig& fan = file.config.fans.at("system");
  CHECK(fan.curve.size() == 4);
  CHECK(fan.sensors == std::vector<std::string>{"board"});
  CHECK(fan.conflict == mcu::FanSpec{}.conflict);
  CHECK(fan.own.at("board").curve == fan.curve);
  CHECK(fan.own.at("board").hysteresis == 3);
  CHECK(fan.start_boost == 0);
}

TEST_CASE("the examples of the manual pages are right") {
  const auto config =
      make_config({mcu::parse_ini("nasmcu.conf.5", example_of(read("/config/nasmcu.conf.5")))});
  INFO(all_text(config.diagnostics));
  CHECK(config.diagnostics.empty());
  const auto board = mcu::make_board(
      "acme", mcu::parse_ini("board.ini.5", example_of(read("/config/board.ini.5"))),
      mcu::protocol_names());
  INFO(all_text(board.diagnostics));
  CHECK(board.board);
  CHECK(board.diagnostics.empty());
}

// SPDX-License-Identifier: MIT
// Every shipped board file: a mistake in one is a red test and not a report from the field.
#include <catch.hpp>

#include <libmcu/devices/registry.hpp>
#include <libmcu/model/board.hpp>
#include <libmcu/protocol/registry.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

using namespace mcu;

namespace {

std::vector<std::string> shipped_files() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(NASMCU_SOURCE_DIR "/config/boards"))
    if (entry.path().extension() == ".ini") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string all_text(const BoardFile& file) {
  std::string text;
  for (const Diagnostic& one : file.diagnostics) text += to_string(one) + "\n";
  return text;
}

std::vector<Board> shipped() {
  std::vector<Board> boards;
  for (const std::string& path : shipped_files()) {
    const BoardFile file = read_board(path, protocol_names());
    INFO(all_text(file));
    REQUIRE(file.board);
    boards.push_back(*file.board);
  }
  return boards;
}

bool on_mcu(const DeviceUri& uri) { return uri.scheme == "mcu"; }

} // namespace

TEST_CASE("the boards of the first release are shipped") {
  std::set<std::string> ids;
  for (const Board& board : shipped()) ids.insert(board.id);
  for (const char* id :
       {"dlink-dns320l", "dlink-dns327l", "qnap-ts133", "qnap-ts233", "qnap-ts433"})
    CHECK(ids.contains(id));
}

TEST_CASE("every shipped board file loads without a single complaint") {
  for (const std::string& path : shipped_files()) {
    const BoardFile file = read_board(path, protocol_names());
    INFO(all_text(file));
    CHECK(file.board);
    CHECK(file.diagnostics.empty());
  }
}

TEST_CASE("no two shipped boards match the same box") {
  std::map<std::string, std::string> seen;
  for (const Board& board : shipped()) {
    CHECK_FALSE(board.match.empty());
    for (const std::string& match : board.match) {
      INFO(board.id << " and " << seen[match] << " match " << match);
      CHECK(seen[match].empty());
      seen[match] = board.id;
    }
  }
}

TEST_CASE("every fan's failsafe can be sent, and is a duty that the fan can really do") {
  for (const Board& board : shipped())
    for (const FanSpec& fan : board.fans) {
      INFO(board.id << " fan " << fan.name);
      CHECK(fan.failsafe >= Duty{50});
      CHECK(fit(fan, fan.failsafe) == fan.failsafe);
      if (!on_mcu(fan.device)) continue;
      const auto protocol = make_protocol(board.mcu->protocol);
      REQUIRE(protocol);
      CHECK(protocol.value()->encode(cmd::SetFanDuty{fan.failsafe}).ok());
      for (const Duty level : fan.levels)
        CHECK(protocol.value()->encode(cmd::SetFanDuty{level}).ok());
      if (fan.tach && on_mcu(*fan.tach)) CHECK(protocol.value()->encode(cmd::ReadFanSpeed{}).ok());
    }
}

TEST_CASE("every device on the MCU is one that the MCU's protocol has") {
  for (const Board& board : shipped()) {
    if (!board.mcu) continue;
    INFO(board.id);
    const auto protocol = make_protocol(board.mcu->protocol);
    REQUIRE(protocol);
    const auto can = [&](const Command& command) { return protocol.value()->encode(command).ok(); };
    for (const SensorSpec& one : board.sensors)
      if (on_mcu(one.device)) CHECK(can(cmd::ReadTemperature{}));
    for (const LedSpec& one : board.leds) {
      INFO(one.name);
      if (on_mcu(one.device)) CHECK(can(cmd::SetLed{one.device.address}));
    }
    for (const ButtonSpec& one : board.buttons)
      if (on_mcu(one.device)) CHECK(can(cmd::ReadButton{one.device.address}));
    if (board.buzzer && on_mcu(board.buzzer->device)) CHECK(can(cmd::Beep{}));
    if (board.clock && on_mcu(board.clock->device)) CHECK(can(cmd::ReadClock{}));
    if (board.power && on_mcu(board.power->device))
      CHECK(can(cmd::PowerOff{std::chrono::seconds(board.power->delay.value_or(0)),
                              board.power->coding}));
  }
}

TEST_CASE(
    "every board with a fan has a sensor with a limit below which its curve is at full speed") {
  for (const Board& board : shipped()) {
    if (board.fans.empty()) continue;
    INFO(board.id);
    REQUIRE(board.sensor("board") != nullptr);
    REQUIRE(board.sensor("board")->max);
    for (const FanSpec& fan : board.fans)
      if (!fan.curve.empty()) {
        CHECK(fan.curve.back().at <= *board.sensor("board")->max);
        CHECK(fan.curve.back().duty == fan.max);
      }
  }
}

TEST_CASE("D-Link boards keep local time in their clock, the others UTC") {
  for (const Board& board : shipped())
    if (board.clock) CHECK(board.clock->utc == !board.id.starts_with("dlink-"));
}

// SPDX-License-Identifier: MIT
// Every shipped board file: a mistake in one is a red test and not a report from the field.
#include <catch.hpp>

#include <libmcu/devices/registry.hpp>
#include <libmcu/model/board.hpp>
#include <libmcu/protocol/registry.hpp>

#include <algorithm>
#include <cmath>
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

TEST_CASE("nine boards are shipped") {
  std::set<std::string> ids;
  for (const Board& board : shipped()) ids.insert(board.id);
  CHECK(ids == std::set<std::string>{"dlink-dns320l", "dlink-dns327l", "qnap-ts133", "qnap-ts233",
                                     "qnap-ts433", "buffalo-ls220d", "cloudengines-pogoe02",
                                     "arduino-yun", "tplink-tl-wr842n"});
}

TEST_CASE("every device of a shipped board is of a kind that this version knows") {
  for (const Board& board : shipped()) {
    INFO(board.id);
    const auto schemes = backend_schemes();
    const auto known = [&](const DeviceUri& uri) {
      return std::find(schemes.begin(), schemes.end(), uri.scheme) != schemes.end();
    };
    for (const Board& one : {board, with_kernel_mcu(board)}) {
      for (const FanSpec& fan : one.fans) CHECK(known(fan.device));
      for (const SensorSpec& sensor : one.sensors) CHECK(known(sensor.device));
      for (const LedSpec& led : one.leds) CHECK(known(led.device));
      for (const ButtonSpec& button : one.buttons) CHECK(known(button.device));
      if (one.clock) CHECK(known(one.clock->device));
    }
    REQUIRE(board.watchdog);
    CHECK(board.watchdog->device.scheme == "watchdog");
  }
}

TEST_CASE("with the kernel's driver nothing of a QNAP but its power switch stays on the MCU") {
  int boards = 0;
  for (const Board& tty : shipped()) {
    if (!tty.id.starts_with("qnap-")) continue;
    INFO(tty.id);
    ++boards;
    CHECK(tty.mcu->kernel_driver == "qnap-mcu");
    const Board board = with_kernel_mcu(tty);
    for (const FanSpec& fan : board.fans) {
      CHECK(to_string(fan.device) == "hwmon:qnapmcu/pwm1");
      CHECK(to_string(*fan.tach) == "hwmon:qnapmcu/fan1");
    }
    for (const SensorSpec& one : board.sensors) CHECK_FALSE(on_mcu(one.device));
    for (const LedSpec& one : board.leds) CHECK(one.device.scheme == "led");
    for (const ButtonSpec& one : board.buttons) CHECK(one.device.scheme == "input");
    CHECK(to_string(board.buzzer->device) == "input:qnap-mcu/SND_BELL");
    CHECK(on_mcu(board.power->device));
    // Names stay: a script does not see which back end it is.
    CHECK(board.leds.size() == tty.leds.size());
  }
  CHECK(boards == 3);
}

TEST_CASE("each bay has a port of its own, or none, and a fault LED") {
  for (const Board& board : shipped()) {
    std::set<std::string> ports;
    for (const BaySpec& bay : board.bays) {
      INFO(board.id << " bay " << bay.name);
      CHECK((bay.port.empty() || ports.insert(bay.port).second));
      CHECK_FALSE(bay.led.empty());
      CHECK_FALSE(bay.label.empty());
    }
  }
}

TEST_CASE("each level of the LS220D's fan is a speed of gpio-fan's, whatever way it is rounded") {
  for (const Board& board : shipped()) {
    if (board.id != "buffalo-ls220d") continue;
    const FanSpec& fan = *board.fan("system");
    REQUIRE(fan.levels.size() == 4);
    for (unsigned speed = 0; speed < 4; ++speed)
      for (const double pwm : {std::floor(fan.levels[speed].percent * 255 / 100),
                               std::round(fan.levels[speed].percent * 255 / 100)})
        CHECK(std::ceil(pwm * 3 / 255) == speed);
  }
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

TEST_CASE("every fan has a sensor with a limit, and its curve ends at full speed below that") {
  for (const Board& board : shipped())
    for (const FanSpec& fan : board.fans) {
      INFO(board.id << " fan " << fan.name);
      std::vector<std::string> names = fan.sensors;
      if (names.empty()) names = {"board"};
      for (const std::string& name : names) {
        INFO("sensor " << name);
        REQUIRE(board.sensor(name) != nullptr);
        REQUIRE(board.sensor(name)->max);
        if (fan.curve.empty()) continue;
        CHECK(fan.curve.back().at <= *board.sensor(name)->max);
        CHECK(fan.curve.back().duty == fan.max);
      }
    }
}

TEST_CASE("D-Link boards keep local time in their clock, the others UTC") {
  for (const Board& board : shipped())
    if (board.clock) CHECK(board.clock->utc == !board.id.starts_with("dlink-"));
}

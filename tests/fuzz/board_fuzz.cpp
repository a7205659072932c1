// SPDX-License-Identifier: MIT
// Board files, and the small languages in them: device URIs and curves.
//   input: the file
#include "ini_text.hpp"

#include <libmcu/model/board.hpp>
#include <libmcu/model/text.hpp>
#include <libmcu/protocol/registry.hpp>

#include <set>

namespace fuzz {
namespace {

using mcu::Board;
using mcu::Duty;

void check_uri(const mcu::DeviceUri& uri) {
  const auto again = mcu::parse_device_uri(to_string(uri));
  require(again && *again == uri, "a device printed is read as the same", to_string(uri));
  const std::string path = "/" + uri.address + "/";
  require(path.find("/../") == std::string::npos, "an address stays below its folder",
          to_string(uri));
}

void check_fan(const mcu::FanSpec& fan) {
  check_uri(fan.device);
  if (fan.tach) check_uri(*fan.tach);
  require(in_range(fan.failsafe) && fan.failsafe.percent >= 50 && fan.failsafe >= fan.min,
          "failsafe is at least 50 % and at least min", fan.name);
  for (int percent = 0; percent <= 100; ++percent) {
    const Duty got = fit(fan, Duty{static_cast<double>(percent)});
    require(in_range(got), "a fitted duty is 0 to 100 percent", fan.name);
    require(got.percent > 0 || (fan.stop && percent == 0) || !fan.levels.empty() ||
                fan.min.percent <= 0,
            "a fan stops only where the board says so", fan.name);
    require(fit(fan, got) == got, "what fits is fitted to itself", fan.name);
  }
  for (std::size_t i = 1; i < fan.curve.size(); ++i)
    require(fan.curve[i - 1].at < fan.curve[i].at && fan.curve[i - 1].duty <= fan.curve[i].duty,
            "a curve rises", fan.name);
}

template <class Things>
void check_names(const Things& things) {
  std::set<std::string> seen;
  for (const auto& thing : things) {
    require(mcu::is_device_name(thing.name), "a name is a device name", thing.name);
    require(seen.insert(thing.name).second, "a name is unique in its kind", thing.name);
  }
}

void check_board(const Board& board) {
  for (const mcu::FanSpec& fan : board.fans) check_fan(fan);
  check_names(board.fans);
  check_names(board.sensors);
  check_names(board.leds);
  check_names(board.buttons);
  for (const auto& sensor : board.sensors) check_uri(sensor.device);
  for (const auto& led : board.leds) check_uri(led.device);
  for (const auto& button : board.buttons) check_uri(button.device);
  if (board.power && board.power->delay)
    require(*board.power->delay >= 1 && *board.power->delay <= 99, "a delay is 1 to 99 s");
  const Board moved = with_kernel_mcu(board);
  require(moved.fans.size() == board.fans.size() && moved.leds.size() == board.leds.size(),
          "the kernel's side loses no device");
}

/// A line once more as one of the small languages.
void check_words(const std::string& line) {
  if (const auto uri = mcu::parse_device_uri(line)) check_uri(*uri);
  if (const auto curve = mcu::parse_curve(line)) {
    std::string again;
    for (const mcu::CurvePoint& point : *curve)
      again += mcu::number_text(point.at.value) + ":" + mcu::number_text(point.duty.percent) + " ";
    const auto twice = mcu::parse_curve(again);
    require(!curve->empty() && twice && twice->size() == curve->size(),
            "a curve printed is read as one", again);
  }
}

} // namespace

void run(ByteView input) {
  const std::string text = text_of(input);
  const mcu::IniFile ini = mcu::parse_ini("board.ini", text);
  check_diagnostics(ini.diagnostics, "board.ini", text);
  check_printed(ini);
  const mcu::BoardFile file = mcu::make_board("board", ini, mcu::protocol_names());
  check_diagnostics(file.diagnostics, "board.ini", text);
  require(file.board.has_value() == !has_errors(file.diagnostics),
          "a board without errors, or errors without a board", text);
  if (file.board) check_board(*file.board);
  for (const std::string& line : lines_of(text)) check_words(line);
}

} // namespace fuzz

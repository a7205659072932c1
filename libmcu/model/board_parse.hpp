// SPDX-License-Identifier: MIT
// Internal to the board file's reader: board_parse.cpp dispatches, board_fan.cpp reads the fans.
#pragma once

#include <libmcu/model/board.hpp>
#include <libmcu/model/ini_reader.hpp>

#include <string_view>

namespace mcu {

/// Which kinds of device may hang on which scheme.
enum class DeviceKind : unsigned {
  fan = 1,
  tach = 2,
  sensor = 4,
  led = 8,
  button = 16,
  buzzer = 32,
  clock = 64,
  power = 128,
  watchdog = 256,
  alarm = 512,
};

/// The key's device, checked for `kind`; nothing (with a complaint) when it is wrong. A scheme that
/// is not known is a warning only: the device will be listed as not available.
std::optional<DeviceUri> read_device(IniReader& in, std::string_view key, DeviceKind kind);

FanSpec read_fan(IniReader& in, const std::string& name);

} // namespace mcu

// SPDX-License-Identifier: MIT
// Protocols and commands by number, for the targets that speak to an MCU.
#pragma once

#include "fuzz.hpp"

#include <libmcu/protocol/registry.hpp>
#include <tests/protocol/pic_like.hpp>
#include <tests/protocol/pmc_like.hpp>

#include <memory>

namespace fuzz {

/// The shipped ones, then the two of the tests, which stand for the other classes of MCU.
inline const std::vector<std::unique_ptr<mcu::Protocol>>& protocols() {
  static const auto all = [] {
    std::vector<std::unique_ptr<mcu::Protocol>> list;
    for (const auto name : mcu::protocol_names())
      list.push_back(std::move(mcu::make_protocol(name)).value());
    list.push_back(std::make_unique<mcu::testing::PicLike>());
    list.push_back(std::make_unique<mcu::testing::PmcLike>());
    return list;
  }();
  return all;
}

inline const mcu::Protocol& protocol_from(Input& input) {
  return *protocols()[input.below(static_cast<unsigned>(protocols().size()))];
}

inline mcu::LedState led_state_from(Input& input) {
  return static_cast<mcu::LedState>(input.below(4));
}

/// A LED that some protocol has, or a name that none has.
inline std::string led_from(Input& input) {
  static const std::vector<std::string> names = {
      "power",        "power-blue",   "power-orange", "power-red",  "usb",
      "disk1",        "disk9",        "status-red",   "disk0",      "status-green",
      "power-yellow", "disk1-active", "status",       "disk1-fault"};
  return names[input.below(static_cast<unsigned>(names.size()))];
}

/// Any moment, also one that is none.
inline mcu::CivilTime moment_from(Input& input) {
  mcu::CivilTime time;
  time.year = 1990 + input.byte();
  time.month = input.below(16);
  time.day = input.below(40);
  time.hour = input.below(30);
  time.minute = input.below(70);
  time.second = input.below(70);
  return time;
}

inline mcu::Command command_from(Input& input) {
  using namespace mcu::cmd;
  const auto on = [&] { return input.below(2) == 1; };
  const auto alarm = [&] { return static_cast<mcu::AlarmField>(input.below(5)); };
  switch (input.below(21)) {
  case 0: return Identify{};
  case 1: return Ready{};
  case 2: return ReadTemperature{};
  case 3: return ReadFanSpeed{};
  case 4: return ReadFanDuty{};
  case 5: return SetFanDuty{mcu::Duty{input.byte() / 2.0}};
  case 6: {
    SetLed set;
    set.led = led_from(input);
    set.state = led_state_from(input);
    set.partner = led_state_from(input);
    return set;
  }
  case 7: return Beep{on() ? mcu::BeepLength::extended : mcu::BeepLength::brief};
  case 8: return ReadButton{};
  case 9: return ReadClock{};
  case 10: return SetClock{moment_from(input)};
  case 11: return ReadAlarm{alarm()};
  case 12: {
    const mcu::AlarmField field = alarm();
    return SetAlarm{field, input.byte()};
  }
  case 13: return EnableAlarm{on()};
  case 14: return ReadAlarmFlag{};
  case 15: return SetPowerRecovery{on()};
  case 16: return ReadPowerRecovery{};
  case 17: return SetWakeOnLan{on()};
  case 18: return ReadWakeOnLan{};
  case 19: {
    const std::uint8_t offset = input.byte();
    return ReadEeprom{offset, input.byte()};
  }
  default: {
    const std::chrono::seconds delay(input.byte());
    return PowerOff{delay, on() ? mcu::DelayCoding::bcd : mcu::DelayCoding::binary};
  }
  }
}

} // namespace fuzz

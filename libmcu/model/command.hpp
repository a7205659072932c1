// SPDX-License-Identifier: MIT
// What can be asked of a NAS microcontroller, in the field's words and free of any wire format.
// A protocol that cannot encode a command does not have the capability: there is no second list.
#pragma once

#include <libmcu/model/bytes.hpp>
#include <libmcu/model/civil_time.hpp>
#include <libmcu/model/result.hpp>
#include <libmcu/model/units.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace mcu {

enum class LedState : std::uint8_t { off, on, blink_slow, blink_fast };
enum class BeepLength : std::uint8_t { brief, extended };

/// "off", "on", "blink-slow", "blink-fast": the words of board files, D-Bus and the command line.
std::string_view name(LedState state);
Result<LedState> led_state_from_name(std::string_view word);

/// One register of the MCU's alarm clock (it has no year).
enum class AlarmField : std::uint8_t { month, day, hour, minute, second };

/// How DeviceShutdown's delay byte is coded; the sources disagree, so it is the board's to say.
enum class DelayCoding : std::uint8_t { binary, bcd };

namespace cmd {
struct Identify {
  bool operator==(const Identify&) const = default;
}; ///< -> Identity
struct Ready {
  bool operator==(const Ready&) const = default;
}; ///< the system is up; -> Done
struct ReadTemperature {
  bool operator==(const ReadTemperature&) const = default;
}; ///< -> Celsius
struct ReadFanSpeed {
  bool operator==(const ReadFanSpeed&) const = default;
}; ///< -> Rpm
struct ReadFanDuty {
  bool operator==(const ReadFanDuty&) const = default;
}; ///< -> Duty
struct SetFanDuty {
  Duty duty;
  bool operator==(const SetFanDuty&) const = default;
}; ///< -> Duty, the one the MCU really takes (it may have a few steps only)
/// Sets one LED by the protocol's name for it ("power", "usb", "disk1", "status-green"). Where two
/// LEDs share one command (see Protocol::led_partner), `partner` is what the other one shall show.
struct SetLed {
  std::string led;
  LedState state = LedState::off;
  LedState partner = LedState::off;
  bool operator==(const SetLed&) const = default;
}; ///< -> LedShown
struct Beep {
  BeepLength length = BeepLength::brief;
  bool operator==(const Beep&) const = default;
}; ///< -> Done
struct ReadButton {
  std::string button = "power";
  bool operator==(const ReadButton&) const = default;
}; ///< -> Pressed
struct ReadClock {
  bool operator==(const ReadClock&) const = default;
}; ///< -> CivilTime
struct SetClock {
  CivilTime time;
  bool operator==(const SetClock&) const = default;
}; ///< -> Done
struct ReadAlarm {
  AlarmField field = AlarmField::minute;
  bool operator==(const ReadAlarm&) const = default;
}; ///< -> Number
struct SetAlarm {
  AlarmField field = AlarmField::minute;
  int value = 0;
  bool operator==(const SetAlarm&) const = default;
}; ///< -> Done
struct EnableAlarm {
  bool on = false;
  bool operator==(const EnableAlarm&) const = default;
}; ///< -> Done
struct ReadAlarmFlag {
  bool operator==(const ReadAlarmFlag&) const = default;
}; ///< -> Number
struct SetPowerRecovery {
  bool on = false;
  bool operator==(const SetPowerRecovery&) const = default;
}; ///< start after a mains loss; -> Done
struct ReadPowerRecovery {
  bool operator==(const ReadPowerRecovery&) const = default;
}; ///< -> Number, 0 or 1
struct SetWakeOnLan {
  bool on = false;
  bool operator==(const SetWakeOnLan&) const = default;
}; ///< -> Done
struct ReadWakeOnLan {
  bool operator==(const ReadWakeOnLan&) const = default;
}; ///< -> Number, 0 or 1
struct ReadEeprom {
  std::uint8_t offset = 0;
  std::uint8_t length = 1; ///< 1 to 32 bytes
  bool operator==(const ReadEeprom&) const = default;
}; ///< -> Bytes
/// Cuts the power. Encoded for the late shutdown hook alone (safety rule 5); every other caller is
/// refused by Mcu, which has no call that sends it.
struct PowerOff {
  std::chrono::seconds delay{0};
  DelayCoding coding = DelayCoding::binary;
  bool operator==(const PowerOff&) const = default;
}; ///< -> Done
} // namespace cmd

using Command =
    std::variant<cmd::Identify, cmd::Ready, cmd::ReadTemperature, cmd::ReadFanSpeed,
                 cmd::ReadFanDuty, cmd::SetFanDuty, cmd::SetLed, cmd::Beep, cmd::ReadButton,
                 cmd::ReadClock, cmd::SetClock, cmd::ReadAlarm, cmd::SetAlarm, cmd::EnableAlarm,
                 cmd::ReadAlarmFlag, cmd::SetPowerRecovery, cmd::ReadPowerRecovery,
                 cmd::SetWakeOnLan, cmd::ReadWakeOnLan, cmd::ReadEeprom, cmd::PowerOff>;

/// The command in words for logs and errors: "fan duty 50 %", "read temperature".
std::string describe(const Command& command);

/// The MCU's own version bytes, as text in hex ("01 02 03 04"); their meaning is not public.
struct Identity {
  std::string version;
  bool operator==(const Identity&) const = default;
};
struct Pressed {
  bool pressed = false;
  bool operator==(const Pressed&) const = default;
};
struct Number {
  int value = 0;
  bool operator==(const Number&) const = default;
};
/// What the LEDs of one command really show now: the MCU may know fewer states than asked for.
struct LedShown {
  LedState state = LedState::off;
  LedState partner = LedState::off;
  bool operator==(const LedShown&) const = default;
};

using Reply =
    std::variant<Done, Celsius, Rpm, Duty, Identity, Pressed, Number, LedShown, CivilTime, Bytes>;

/// What an MCU says without being asked.
namespace event {
struct Button {
  std::string button;
  bool pressed = true; ///< single-byte MCUs report presses only
  bool operator==(const Button&) const = default;
};
struct Temperature {
  Celsius value;
  bool operator==(const Temperature&) const = default;
};
struct FanHealth {
  int fan = 1; ///< 1-based
  bool ok = true;
  bool operator==(const FanHealth&) const = default;
};
/// "Something changed, read my status register" (the ALERT line of text MCUs).
struct Attention {
  bool operator==(const Attention&) const = default;
};
} // namespace event

using Event = std::variant<event::Button, event::Temperature, event::FanHealth, event::Attention>;

} // namespace mcu

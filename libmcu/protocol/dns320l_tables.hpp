// SPDX-License-Identifier: MIT
// The fixed facts of the D-Link MCU and its relative: frame marks, LEDs, alarm registers, fans.
#pragma once

#include <libmcu/model/command.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>

namespace mcu::dns320l {

inline constexpr std::uint8_t start = 0xFA;
inline constexpr std::uint8_t stop = 0xFB;
inline constexpr std::size_t short_frame = 7;
inline constexpr std::size_t clock_frame = 13;
inline constexpr std::size_t mirrored = 5; ///< bytes of the request that its answer repeats
inline constexpr std::array<std::uint8_t, short_frame> acknowledge = {start, 0x30, 0,   0,
                                                                      0,     0,    stop};

inline constexpr std::uint8_t clock_group = 0x01;
inline constexpr std::uint8_t fan_group = 0x02;
inline constexpr std::uint8_t system_group = 0x03;

// --- what differs between the relatives

/// Frame of an LED: FA group command STATE 00 01 FB.
struct LedRow {
  std::string_view name;
  std::uint8_t group;
  std::uint8_t command;
  std::uint8_t off;
  std::uint8_t on;
  std::uint8_t blink;
};
inline constexpr std::array<LedRow, 1> dlink_leds = {
    {{"power", system_group, 0x06, 0x00, 0x01, 0x02}}};
/// One lamp of three colours: the low digit is the colour, the high one on (1) or blinking (2).
/// Whatever is set replaces what was shown before.
inline constexpr std::array<LedRow, 3> wd_leds = {{{"power-blue", 0x26, 0x00, 0x01, 0x11, 0x21},
                                                   {"power-orange", 0x26, 0x00, 0x01, 0x12, 0x22},
                                                   {"power-red", 0x26, 0x00, 0x01, 0x14, 0x24}}};

struct Variant {
  std::string_view name;
  unsigned baud;
  std::chrono::microseconds byte_gap; ///< without it the first daemons read wrong values
  std::span<const LedRow> leds;
  bool fan_by_pwm;     ///< byte 3 is 0 to 255; else 0, 1, 2 for stopped, half, full
  bool tacho;          ///< fan speed can be read
  bool clock_and_wake; ///< clock, alarm, wake on LAN, power recovery are known to work
};
inline constexpr Variant dlink{"dns320l", 115200, std::chrono::microseconds(100), dlink_leds, false,
                               false,     true};
inline constexpr Variant wd{
    "wd-mirror-gen2", 19200, std::chrono::microseconds(200), wd_leds, true, true, false};

struct AlarmRow {
  AlarmField field;
  std::uint8_t command;
  std::string_view name;
  int min;
  int max;
};
inline constexpr std::array<AlarmRow, 5> alarm_rows = {
    {{AlarmField::month, 0x0A, "month", 1, 12},
     {AlarmField::day, 0x0B, "day", 1, 31},
     {AlarmField::hour, 0x0C, "hour", 0, 23},
     {AlarmField::minute, 0x0D, "minute", 0, 59},
     {AlarmField::second, 0x0E, "second", 0, 59}}};

/// Precondition: `field` is one of the enumeration.
inline const AlarmRow& row_of(AlarmField field) {
  return *std::ranges::find(alarm_rows, field, &AlarmRow::field);
}

/// 0 is the fan's stop and is sent for nothing else.
inline int pwm_of(Duty duty) {
  if (duty.percent <= 0) return 0;
  return std::max(1, static_cast<int>(std::lround(duty.percent * 255 / 100)));
}

/// 0, 1, 2: the lowest of stopped, half and full that is not below `duty`.
inline int step_of(Duty duty) {
  if (duty.percent <= 0) return 0;
  return duty.percent <= 50 ? 1 : 2;
}

inline int fan_byte(const Variant& variant, Duty duty) {
  return variant.fan_by_pwm ? pwm_of(duty) : step_of(duty);
}
inline Duty fan_duty(const Variant& variant, int byte) {
  return {variant.fan_by_pwm ? byte * 100.0 / 255 : byte * 50.0};
}

inline const LedRow* led_row(const Variant& variant, std::string_view name) {
  const auto row = std::ranges::find(variant.leds, name, &LedRow::name);
  return row == variant.leds.end() ? nullptr : &*row;
}

inline std::uint8_t led_byte(const LedRow& row, LedState state) {
  if (state == LedState::off) return row.off;
  return state == LedState::on ? row.on : row.blink;
}

/// There is one blink of unpublished speed; it is called slow.
inline LedState shown_as(LedState asked) {
  return asked == LedState::blink_fast ? LedState::blink_slow : asked;
}

} // namespace mcu::dns320l

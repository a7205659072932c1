// SPDX-License-Identifier: MIT
#include <libmcu/model/command.hpp>

#include <libmcu/model/text.hpp>

#include <array>

namespace mcu {
namespace {

constexpr std::array<std::string_view, 4> led_words = {"off", "on", "blink-slow", "blink-fast"};

std::string_view word(AlarmField field) {
  constexpr std::array<std::string_view, 5> words = {"month", "day", "hour", "minute", "second"};
  return words.at(static_cast<std::size_t>(field));
}

/// One overload a command: a command without words does not compile.
struct Words {
  std::string operator()(const cmd::Identify&) const { return "read version"; }
  std::string operator()(const cmd::Ready&) const { return "ready"; }
  std::string operator()(const cmd::ReadTemperature&) const { return "read temperature"; }
  std::string operator()(const cmd::ReadFanSpeed&) const { return "read fan speed"; }
  std::string operator()(const cmd::ReadFanDuty&) const { return "read fan duty"; }
  std::string operator()(const cmd::SetFanDuty& c) const {
    return "fan duty " + number_text(c.duty.percent) + " %";
  }
  std::string operator()(const cmd::SetLed& c) const {
    return "led " + c.led + " " + std::string(name(c.state));
  }
  std::string operator()(const cmd::Beep& c) const {
    return c.length == BeepLength::brief ? "beep short" : "beep long";
  }
  std::string operator()(const cmd::ReadButton& c) const { return "read button " + c.button; }
  std::string operator()(const cmd::ReadClock&) const { return "read clock"; }
  std::string operator()(const cmd::SetClock& c) const { return "set clock " + iso_text(c.time); }
  std::string operator()(const cmd::ReadAlarm& c) const {
    return "read alarm " + std::string(word(c.field));
  }
  std::string operator()(const cmd::SetAlarm& c) const {
    return "set alarm " + std::string(word(c.field)) + " " + std::to_string(c.value);
  }
  std::string operator()(const cmd::EnableAlarm& c) const { return switched("alarm", c.on); }
  std::string operator()(const cmd::ReadAlarmFlag&) const { return "read alarm flag"; }
  std::string operator()(const cmd::SetPowerRecovery& c) const {
    return switched("power recovery", c.on);
  }
  std::string operator()(const cmd::ReadPowerRecovery&) const { return "read power recovery"; }
  std::string operator()(const cmd::SetWakeOnLan& c) const { return switched("wake on LAN", c.on); }
  std::string operator()(const cmd::ReadWakeOnLan&) const { return "read wake on LAN"; }
  std::string operator()(const cmd::ReadEeprom& c) const {
    return "read eeprom " + std::to_string(c.offset) + " length " + std::to_string(c.length);
  }
  std::string operator()(const cmd::PowerOff& c) const {
    return "power off in " + std::to_string(c.delay.count()) + " s";
  }

private:
  static std::string switched(const std::string& what, bool on) {
    return what + (on ? " on" : " off");
  }
};

} // namespace

std::string_view name(LedState state) { return led_words.at(static_cast<std::size_t>(state)); }

Result<LedState> led_state_from_name(std::string_view word) {
  for (std::size_t i = 0; i < led_words.size(); ++i)
    if (led_words[i] == word) return static_cast<LedState>(i);
  return Error{Errc::invalid_argument, "no LED state " + in_quotes(word) + "; there are " +
                                           join({led_words.begin(), led_words.end()})};
}

std::string describe(const Command& command) { return std::visit(Words{}, command); }

} // namespace mcu

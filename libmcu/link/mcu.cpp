// SPDX-License-Identifier: MIT
#include <libmcu/link/mcu.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace mcu {

struct Mcu::Shared {
  Shared(const asio::any_io_executor& executor, Command asked)
      : command(std::move(asked)), done(executor) {}
  Command command;
  std::optional<Result<Reply>> result;
  Signal done;
};

bool Mcu::can(const Command& command) const { return link_.protocol().encode(command).ok(); }

Capabilities Mcu::capabilities(const std::vector<std::string>& leds) const {
  Capabilities able;
  able.identify = can(cmd::Identify{});
  able.ready = can(cmd::Ready{});
  able.temperature = can(cmd::ReadTemperature{});
  able.fan_speed = can(cmd::ReadFanSpeed{});
  able.fan_duty = can(cmd::ReadFanDuty{});
  able.set_fan = can(cmd::SetFanDuty{full_duty});
  able.beep = can(cmd::Beep{BeepLength::brief});
  able.button = can(cmd::ReadButton{});
  able.clock = can(cmd::ReadClock{});
  able.alarm = can(cmd::ReadAlarm{});
  able.power_recovery = can(cmd::ReadPowerRecovery{});
  able.wake_on_lan = can(cmd::ReadWakeOnLan{});
  able.eeprom = can(cmd::ReadEeprom{});
  able.power_off = can(cmd::PowerOff{});
  for (const std::string& led : leds)
    if (can(cmd::SetLed{led, LedState::on, LedState::off})) able.leds.push_back(led);
  return able;
}

// --- how a call is made

/// Joins a read of the same thing that is in flight already; else does it for all who join.
Task<Result<Reply>> Mcu::read(Command command) {
  const auto same = [&](const auto& other) { return other->command == command; };
  const auto running = std::find_if(reads_.begin(), reads_.end(), same);
  if (running != reads_.end()) {
    const std::shared_ptr<Shared> other = *running;
    while (!other->result) co_await other->done.wait();
    co_return *other->result;
  }
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  auto mine = std::make_shared<Shared>(executor, command);
  reads_.push_back(mine);
  Result<Reply> reply = co_await link_.ask(std::move(command));
  mine->result = reply;
  std::erase(reads_, mine);
  mine->done.notify();
  co_return reply;
}

Task<Status> Mcu::tell(Command command) {
  const Result<Reply> reply = co_await link_.ask(std::move(command));
  if (!reply) co_return reply.error();
  co_return Done{};
}

template <class T>
Task<Result<T>> Mcu::value_of(Command command, bool shared, Urgency urgency) {
  std::string what = describe(command);
  Result<Reply> reply = Error{};
  if (shared)
    reply = co_await read(std::move(command));
  else
    reply = co_await link_.ask(std::move(command), urgency);
  if (!reply) co_return reply.error();
  if (const T* value = std::get_if<T>(&*reply)) co_return *value;
  co_return Error{Errc::protocol, what + ": the codec answers with a value of another kind"};
}

// --- the calls

Task<Result<Identity>> Mcu::identify() { return value_of<Identity>(cmd::Identify{}); }
Task<Status> Mcu::ready() { return tell(cmd::Ready{}); }
Task<Result<Celsius>> Mcu::temperature() { return value_of<Celsius>(cmd::ReadTemperature{}); }
Task<Result<Rpm>> Mcu::fan_speed() { return value_of<Rpm>(cmd::ReadFanSpeed{}); }
Task<Result<Duty>> Mcu::fan_duty() { return value_of<Duty>(cmd::ReadFanDuty{}); }

Task<Result<Duty>> Mcu::set_fan(Duty duty, Urgency urgency) {
  return value_of<Duty>(cmd::SetFanDuty{duty}, false, urgency);
}

Task<Result<LedState>> Mcu::set_led(std::string led, LedState state) {
  cmd::SetLed command{led, state, LedState::off};
  const auto partner = link_.protocol().led_partner(led);
  if (partner) {
    const auto wanted = wanted_leds_.find(std::string(*partner));
    if (wanted != wanted_leds_.end()) command.partner = wanted->second;
  }
  const bool known = can(command);
  if (known) wanted_leds_[led] = state;
  Result<LedShown> shown = co_await value_of<LedShown>(std::move(command), false);
  if (!shown) co_return shown.error();
  co_return shown->state;
}

Task<Status> Mcu::beep(BeepLength length) { return tell(cmd::Beep{length}); }

Task<Result<bool>> Mcu::button(std::string button) {
  // Named: g++ 12 copies a braced temporary inside a co_await byte by byte, its string included.
  Command command = cmd::ReadButton{std::move(button)};
  Result<Pressed> answer = co_await value_of<Pressed>(std::move(command));
  if (!answer) co_return answer.error();
  co_return answer->pressed;
}

Task<Result<CivilTime>> Mcu::clock() { return value_of<CivilTime>(cmd::ReadClock{}); }
Task<Status> Mcu::set_clock(CivilTime time) { return tell(cmd::SetClock{time}); }

namespace {

/// In the order in which another client is known to write them.
using AlarmPart = std::pair<AlarmField, int AlarmTime::*>;
constexpr std::array<AlarmPart, 5> alarm_parts = {{{AlarmField::minute, &AlarmTime::minute},
                                                   {AlarmField::hour, &AlarmTime::hour},
                                                   {AlarmField::day, &AlarmTime::day},
                                                   {AlarmField::month, &AlarmTime::month},
                                                   {AlarmField::second, &AlarmTime::second}}};

} // namespace

Task<Result<AlarmTime>> Mcu::alarm() {
  AlarmTime time;
  for (const auto& [field, member] : alarm_parts) {
    const Result<Number> number = co_await value_of<Number>(cmd::ReadAlarm{field});
    if (!number) co_return number.error();
    time.*member = number.value().value;
  }
  co_return time;
}

Task<Status> Mcu::set_alarm(AlarmTime time) {
  // Nothing is sent unless everything can be: no half-set alarm.
  for (const auto& [field, member] : alarm_parts) {
    const Result<Exchange> sendable = link_.protocol().encode(cmd::SetAlarm{field, time.*member});
    if (!sendable) co_return sendable.error();
  }
  for (const auto& [field, member] : alarm_parts) {
    Status set = co_await tell(cmd::SetAlarm{field, time.*member});
    if (!set) co_return set;
  }
  Status enabled = co_await enable_alarm(true);
  co_return enabled;
}

Task<Status> Mcu::enable_alarm(bool on) { return tell(cmd::EnableAlarm{on}); }

Task<Result<bool>> Mcu::flag(Command command) {
  const Result<Number> number = co_await value_of<Number>(std::move(command));
  if (!number) co_return number.error();
  co_return number.value().value != 0;
}

Task<Result<bool>> Mcu::power_recovery() { return flag(cmd::ReadPowerRecovery{}); }
Task<Status> Mcu::set_power_recovery(bool on) { return tell(cmd::SetPowerRecovery{on}); }
Task<Result<bool>> Mcu::wake_on_lan() { return flag(cmd::ReadWakeOnLan{}); }
Task<Status> Mcu::set_wake_on_lan(bool on) { return tell(cmd::SetWakeOnLan{on}); }

Task<Result<Bytes>> Mcu::eeprom(std::uint8_t offset, std::uint8_t length) {
  return value_of<Bytes>(cmd::ReadEeprom{offset, length});
}

} // namespace mcu

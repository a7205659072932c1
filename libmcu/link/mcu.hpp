// SPDX-License-Identifier: MIT
// Typed calls over a Link: what a program says to an MCU.
#pragma once

#include <libmcu/link/link.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace mcu {

/// What this MCU can do, asked of the protocol by trying to encode.
struct Capabilities {
  bool identify = false, ready = false, temperature = false, fan_speed = false, fan_duty = false,
       set_fan = false, beep = false, button = false, clock = false, alarm = false,
       power_recovery = false, wake_on_lan = false, eeprom = false, power_off = false;
  std::vector<std::string> leds; ///< of the names asked about
};

/// The alarm clock's registers (it has no year).
struct AlarmTime {
  int month = 0, day = 0, hour = 0, minute = 0, second = 0;
  bool operator==(const AlarmTime&) const = default;
};

/// One MCU. Identical reads that are in flight at the same time share one exchange. It must outlive
/// the calls made on it.
class Mcu {
public:
  explicit Mcu(Link& link) : link_(link) {}

  bool can(const Command& command) const;
  Capabilities capabilities(const std::vector<std::string>& leds = {}) const;

  Task<Result<Identity>> identify();
  Task<Status> ready();
  Task<Result<Celsius>> temperature();
  Task<Result<Rpm>> fan_speed();
  Task<Result<Duty>> fan_duty();
  /// Returns the duty that the MCU really took.
  Task<Result<Duty>> set_fan(Duty duty, Urgency urgency = Urgency::normal);
  /// Returns the state that the LED really shows. The other half of a two-colour LED keeps what it
  /// was last asked for.
  Task<Result<LedState>> set_led(std::string led, LedState state);
  Task<Status> beep(BeepLength length);
  Task<Result<bool>> button(std::string button);
  Task<Result<CivilTime>> clock();
  Task<Status> set_clock(CivilTime time);
  Task<Result<AlarmTime>> alarm();
  Task<Status> set_alarm(AlarmTime time); ///< in the order minute, hour, day, month, second, on
  Task<Status> enable_alarm(bool on);
  Task<Result<bool>> power_recovery();
  Task<Status> set_power_recovery(bool on);
  Task<Result<bool>> wake_on_lan();
  Task<Status> set_wake_on_lan(bool on);
  Task<Result<Bytes>> eeprom(std::uint8_t offset, std::uint8_t length);

  Link& link() { return link_; }
  const Link& link() const { return link_; }

private:
  struct Shared; ///< a read in flight and those who wait for it
  Task<Result<Reply>> read(Command command);
  Task<Status> tell(Command command);
  /// The answer by its type; only reads are shared.
  template <class T>
  Task<Result<T>> value_of(Command command, bool shared = true, Urgency urgency = Urgency::normal);
  Task<Result<bool>> flag(Command command);

  Link& link_;
  std::map<std::string, LedState> wanted_leds_;
  std::vector<std::shared_ptr<Shared>> reads_; ///< a handful at most
};

} // namespace mcu

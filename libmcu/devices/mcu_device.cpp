// SPDX-License-Identifier: MIT
// Devices that hang on the serial MCU. Each is there while the link is up and the protocol can
// encode what the device needs.
#include <libmcu/devices/backends.hpp>
#include <libmcu/model/civil_time.hpp>

#include <utility>

namespace mcu {
namespace {

/// What all kinds share. The Mcu belongs to the Inventory and outlives its devices.
class OnMcu {
public:
  explicit OnMcu(const BackendContext& context) : mcu_(*context.mcu) {}

protected:
  Mcu& mcu() const { return mcu_; }

  /// Present when the link is up and one of `needs` can be encoded.
  Availability presence(std::initializer_list<Command> needs) const {
    bool can = false;
    for (const Command& need : needs) can = can || mcu_.can(need);
    if (!can)
      return {false, "not available: the MCU protocol " + std::string(link().protocol().name()) +
                         " has no such function"};
    if (link().up()) return {true, ""};
    const std::string& why = link().down_reason();
    return {false, why.empty() ? "the MCU's port is not open yet" : why};
  }

private:
  const Link& link() const { return std::as_const(mcu_).link(); }

  Mcu& mcu_;
};

class McuFan : public Fan, OnMcu {
public:
  McuFan(const BackendContext& context, const FanSpec& spec) : Fan(spec), OnMcu(context) {}
  Availability availability() const override { return presence({cmd::SetFanDuty{full_duty}}); }

  Task<Result<Duty>> set(Duty duty, Urgency urgency) override {
    if (!in_range(duty))
      co_return Error{Errc::invalid_argument, "fan " + name() + ": a duty is 0 to 100 percent"};
    auto taken = co_await mcu().set_fan(fit(spec(), duty), urgency);
    co_return taken;
  }

  Task<Result<Duty>> duty() override {
    if (!mcu().can(cmd::ReadFanDuty{}))
      co_return Error{Errc::unsupported, "this board cannot tell the duty in force"};
    auto in_force = co_await mcu().fan_duty();
    co_return in_force;
  }

  Task<Result<Rpm>> speed() override {
    if (!spec().tach) co_return Error{Errc::unsupported, "fan " + name() + " has no tachometer"};
    if (spec().tach->scheme != "mcu")
      co_return Error{Errc::unsupported, "fan " + name() + ": its tachometer " +
                                             to_string(*spec().tach) + " is not on the MCU"};
    auto rpm = co_await mcu().fan_speed();
    co_return rpm;
  }
};

class McuSensor : public Sensor, OnMcu {
public:
  McuSensor(const BackendContext& context, const SensorSpec& spec) : Sensor(spec), OnMcu(context) {}
  Availability availability() const override { return presence({cmd::ReadTemperature{}}); }
  Task<Result<Celsius>> read() override { return mcu().temperature(); }
};

class McuLed : public Led, OnMcu {
public:
  McuLed(const BackendContext& context, const LedSpec& spec) : Led(spec), OnMcu(context) {}
  Availability availability() const override {
    return presence({cmd::SetLed{spec().device.address}});
  }
  Task<Result<LedState>> set(LedState state) override {
    return mcu().set_led(spec().device.address, state);
  }
};

class McuButton : public Button, OnMcu {
public:
  McuButton(const BackendContext& context, const ButtonSpec& spec) : Button(spec), OnMcu(context) {}
  Availability availability() const override { return presence({question()}); }
  Task<Result<bool>> pressed() override { return mcu().button(spec().device.address); }
  bool polled() const override { return mcu().can(question()); }

private:
  cmd::ReadButton question() const { return {spec().device.address}; }
};

class McuBuzzer : public Buzzer, OnMcu {
public:
  McuBuzzer(const BackendContext& context, const BuzzerSpec&) : OnMcu(context) {}
  const std::string& name() const override { return buzzer_name; }
  Availability availability() const override { return presence({cmd::Beep{}}); }
  Task<Status> beep(BeepLength length) override { return mcu().beep(length); }
};

class McuClock : public Clock, OnMcu {
public:
  McuClock(const BackendContext& context, const ClockSpec& spec) : Clock(spec), OnMcu(context) {}
  const std::string& name() const override { return clock_name; }
  Availability availability() const override { return presence({cmd::ReadClock{}}); }
  Task<Result<CivilTime>> read() override { return mcu().clock(); }
  Task<Status> set(CivilTime time) override { return mcu().set_clock(time); }
  bool wakes_without_year() const override { return true; }

  Task<Result<std::optional<CivilTime>>> wake() override {
    if (!mcu().can(cmd::ReadAlarm{})) co_return no_alarm();
    const Result<AlarmTime> alarm = co_await mcu().alarm();
    if (!alarm) co_return alarm.error();
    // Never set: another client of these MCUs takes it so too.
    if (*alarm == AlarmTime{}) co_return std::optional<CivilTime>();
    const Result<CivilTime> now = co_await mcu().clock();
    if (!now) co_return now.error();
    co_return next_date(*alarm, *now);
  }

  Task<Status> set_wake(std::optional<CivilTime> time) override {
    if (!mcu().can(cmd::EnableAlarm{})) co_return no_alarm();
    // Off first: a half-written alarm must not come.
    Status off = co_await mcu().enable_alarm(false);
    if (!off || !time) co_return off;
    const AlarmTime alarm{time->month, time->day, time->hour, time->minute, time->second};
    Status set = co_await mcu().set_alarm(alarm);
    if (!set) co_return set;
    const Result<AlarmTime> told = co_await mcu().alarm();
    if (!told) co_return told.error();
    if (*told == alarm) co_return Done{};
    co_return Error{Errc::protocol, "the MCU did not take the alarm: it says " +
                                        iso_text({time->year, told->month, told->day, told->hour,
                                                  told->minute, told->second})};
  }

private:
  static Error no_alarm() { return {Errc::unsupported, "this board's clock cannot start the box"}; }

  /// The first time from `now` on that the registers fit, by the MCU's own clock.
  static Result<std::optional<CivilTime>> next_date(const AlarmTime& alarm, const CivilTime& now) {
    // A 29 February is up to 8 years away.
    for (int year = now.year; year <= now.year + 8; ++year) {
      const CivilTime time{year, alarm.month, alarm.day, alarm.hour, alarm.minute, alarm.second};
      if (!check(time)) continue;
      // As text, which has the same order: seconds end in 2038 where time_t has 32 bits.
      if (iso_text(time) >= iso_text(now)) return std::optional<CivilTime>(time);
    }
    return Error{Errc::protocol, "the MCU's alarm is on day " + std::to_string(alarm.day) +
                                     " of month " + std::to_string(alarm.month) +
                                     ", which is no date; set it again, or off"};
  }
};

class McuPower : public Power, OnMcu {
public:
  McuPower(const BackendContext& context, const PowerSpec& spec) : Power(spec), OnMcu(context) {}
  const std::string& name() const override { return power_name; }
  Availability availability() const override {
    return presence({cmd::Ready{}, cmd::PowerOff{std::chrono::seconds(20)},
                     cmd::ReadPowerRecovery{}, cmd::ReadWakeOnLan{}});
  }
  Task<Status> ready() override { return mcu().ready(); }
  Task<Result<bool>> recovery() override { return mcu().power_recovery(); }
  Task<Status> set_recovery(bool on) override { return mcu().set_power_recovery(on); }
  Task<Result<bool>> wake_on_lan() override { return mcu().wake_on_lan(); }
  Task<Status> set_wake_on_lan(bool on) override { return mcu().set_wake_on_lan(on); }
};

} // namespace

const Backend mcu_backend = {
    "mcu",
    &make<McuFan, Fan, FanSpec>,
    &make<McuSensor, Sensor, SensorSpec>,
    &make<McuLed, Led, LedSpec>,
    &make<McuButton, Button, ButtonSpec>,
    &make<McuBuzzer, Buzzer, BuzzerSpec>,
    &make<McuClock, Clock, ClockSpec>,
    &make<McuPower, Power, PowerSpec>,
};

} // namespace mcu

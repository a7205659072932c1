// SPDX-License-Identifier: MIT
// Devices that cannot be had: listed with the reason, and every request answered with it.
#include <libmcu/devices/backends.hpp>

namespace mcu {
namespace {

std::string reason_for(const DeviceUri& uri) {
  if (uri.scheme == "mcu")
    return "not available: the kernel's own driver holds the MCU and offers no such function";
  return "not available: " + uri.scheme + " devices are not known to this version (" +
         to_string(uri) + ")";
}

/// What all kinds share.
class Missing {
public:
  explicit Missing(const DeviceUri& uri) : reason_(reason_for(uri)) {}

protected:
  Availability absence() const { return {false, reason_}; }
  Error refusal(const std::string& name) const {
    return {Errc::unsupported, name + " is " + reason_};
  }

private:
  std::string reason_;
};

class AbsentFan : public Fan, Missing {
public:
  explicit AbsentFan(const FanSpec& spec) : Fan(spec), Missing(spec.device) {}
  Availability availability() const override { return absence(); }
  Task<Result<Duty>> set(Duty, Urgency) override { co_return refusal("fan " + name()); }
  Task<Result<Rpm>> speed() override { co_return refusal("fan " + name()); }
};

class AbsentSensor : public Sensor, Missing {
public:
  explicit AbsentSensor(const SensorSpec& spec) : Sensor(spec), Missing(spec.device) {}
  Availability availability() const override { return absence(); }
  Task<Result<Celsius>> read() override { co_return refusal("sensor " + name()); }
};

class AbsentLed : public Led, Missing {
public:
  explicit AbsentLed(const LedSpec& spec) : Led(spec), Missing(spec.device) {}
  Availability availability() const override { return absence(); }
  Task<Result<LedState>> set(LedState) override { co_return refusal("led " + name()); }
};

class AbsentButton : public Button, Missing {
public:
  explicit AbsentButton(const ButtonSpec& spec) : Button(spec), Missing(spec.device) {}
  Availability availability() const override { return absence(); }
  Task<Result<bool>> pressed() override { co_return refusal("button " + name()); }
  bool polled() const override { return false; }
};

class AbsentBuzzer : public Buzzer, Missing {
public:
  explicit AbsentBuzzer(const BuzzerSpec& spec) : Missing(spec.device) {}
  const std::string& name() const override { return buzzer_name; }
  Availability availability() const override { return absence(); }
  Task<Status> beep(BeepLength) override { co_return refusal(name()); }
};

class AbsentClock : public Clock, Missing {
public:
  explicit AbsentClock(const ClockSpec& spec) : Clock(spec), Missing(spec.device) {}
  const std::string& name() const override { return clock_name; }
  Availability availability() const override { return absence(); }
  Task<Result<CivilTime>> read() override { co_return refusal(name()); }
  Task<Status> set(CivilTime) override { co_return refusal(name()); }
};

class AbsentPower : public Power, Missing {
public:
  explicit AbsentPower(const PowerSpec& spec) : Power(spec), Missing(spec.device) {}
  const std::string& name() const override { return power_name; }
  Availability availability() const override { return absence(); }
  Task<Status> ready() override { co_return refusal(name()); }
  Task<Result<bool>> recovery() override { co_return refusal(name()); }
  Task<Status> set_recovery(bool) override { co_return refusal(name()); }
  Task<Result<bool>> wake_on_lan() override { co_return refusal(name()); }
  Task<Status> set_wake_on_lan(bool) override { co_return refusal(name()); }
};

template <class Kind, class Base, class Spec>
std::unique_ptr<Base> make_absent(const BackendContext&, const Spec& spec) {
  return std::make_unique<Kind>(spec);
}

} // namespace

const Backend absent_backend = {
    "absent",
    &make_absent<AbsentFan, Fan, FanSpec>,
    &make_absent<AbsentSensor, Sensor, SensorSpec>,
    &make_absent<AbsentLed, Led, LedSpec>,
    &make_absent<AbsentButton, Button, ButtonSpec>,
    &make_absent<AbsentBuzzer, Buzzer, BuzzerSpec>,
    &make_absent<AbsentClock, Clock, ClockSpec>,
    &make_absent<AbsentPower, Power, PowerSpec>,
};

} // namespace mcu

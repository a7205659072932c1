// SPDX-License-Identifier: MIT
// Devices as programs see them: a fan is a fan, whether an MCU or the kernel drives it.
// A back end (one file here, one line in registry.cpp) implements the kinds it can.
#pragma once

#include <libmcu/link/link.hpp>
#include <libmcu/model/board.hpp>
#include <libmcu/model/command.hpp>

#include <functional>
#include <optional>
#include <string>

namespace mcu {

/// Whether a device is there now, and if not, why, in words for its owner.
struct Availability {
  bool present = false;
  std::string reason; ///< empty while present
};

/// Another one who drives the same fan.
struct Rival {
  enum class Kind {
    thermal_zone, ///< the kernel: the fan is a cooling device of a zone that is in force
    program,      ///< the value was changed under us
  } kind = Kind::program;
  std::string what; ///< "thermal zone hdd-thermal (step_wise)", "pwm1 is 77, 128 was written"
  bool operator==(const Rival&) const = default;
};

class Device {
public:
  virtual ~Device() = default;
  virtual const std::string& name() const = 0;
  virtual Availability availability() const = 0;
  /// Looks again whether it is there: devices of the kernel come and go. The first time is
  /// Inventory::start().
  virtual void refresh() {}
  /// Lets go of what it holds open; refresh() takes it again.
  virtual void close() {}
};

class Fan : public Device {
public:
  explicit Fan(FanSpec spec) : spec_(std::move(spec)) {}
  const std::string& name() const final { return spec_.name; }
  const FanSpec& spec() const { return spec_; }

  /// Drives the fan at fit(spec(), duty); returns the duty that the hardware really took.
  virtual Task<Result<Duty>> set(Duty duty, Urgency urgency) = 0;
  /// unsupported where there is no tachometer.
  virtual Task<Result<Rpm>> speed() = 0;
  /// The duty in force as the hardware tells it; unsupported where it cannot.
  virtual Task<Result<Duty>> duty() {
    co_return Error{Errc::unsupported, "this board cannot tell the duty in force"};
  }
  /// The fan's own alarm line: it should turn and does not. unsupported without one.
  virtual Task<Result<bool>> alarm() {
    co_return Error{Errc::unsupported, "fan " + name() + " has no alarm line"};
  }
  /// Who else drives this fan now; nothing: nobody that can be seen.
  virtual Task<Result<std::optional<Rival>>> rival() { co_return std::optional<Rival>(); }
  /// Takes the fan from that rival, as far as the kernel allows. What is taken is given back by
  /// Inventory::give_back().
  virtual Task<Status> take_over() { co_return Done{}; }

private:
  FanSpec spec_;
};

class Sensor : public Device {
public:
  explicit Sensor(SensorSpec spec) : spec_(std::move(spec)) {}
  const std::string& name() const final { return spec_.name; }
  const SensorSpec& spec() const { return spec_; }

  /// One reading as the hardware gives it. Impossible values are errors here already; whether a
  /// possible one may be believed is SensorReader's to say.
  virtual Task<Result<Celsius>> read() = 0;

private:
  SensorSpec spec_;
};

class Led : public Device {
public:
  explicit Led(LedSpec spec) : spec_(std::move(spec)) {}
  const std::string& name() const final { return spec_.name; }
  const LedSpec& spec() const { return spec_; }

  /// Returns the state that it really shows: a back end maps to the nearest it can do.
  virtual Task<Result<LedState>> set(LedState state) = 0;

private:
  LedSpec spec_;
};

class Button : public Device {
public:
  explicit Button(ButtonSpec spec) : spec_(std::move(spec)) {}
  const std::string& name() const final { return spec_.name; }
  const ButtonSpec& spec() const { return spec_; }

  virtual Task<Result<bool>> pressed() = 0;
  /// True where the state must be polled; false where on_edge is called by itself.
  virtual bool polled() const = 0;
  std::function<void(bool pressed)> on_edge;
  /// How late on_edge may be called: the kernel polls some keys. 0: at once.
  virtual std::chrono::milliseconds resolution() const { return {}; }

private:
  ButtonSpec spec_;
};

class Buzzer : public Device {
public:
  virtual Task<Status> beep(BeepLength length) = 0;
};

class Clock : public Device {
public:
  explicit Clock(ClockSpec spec) : spec_(std::move(spec)) {}
  const ClockSpec& spec() const { return spec_; }

  virtual Task<Result<CivilTime>> read() = 0;
  virtual Task<Status> set(CivilTime time) = 0;
  /// When the clock shall start the box, in the clock's own zone; nothing: not set.
  virtual Task<Result<std::optional<CivilTime>>> wake() {
    co_return Error{Errc::unsupported, "this board's clock cannot start the box"};
  }
  virtual Task<Status> set_wake(std::optional<CivilTime>) {
    co_return Error{Errc::unsupported, "this board's clock cannot start the box"};
  }
  /// The wake-up is a date without a year, which stays readable when it is switched off.
  virtual bool wakes_without_year() const { return false; }

private:
  ClockSpec spec_;
};

/// The box's supply. Nothing here cuts it: that is the late shutdown hook's alone.
class Power : public Device {
public:
  explicit Power(PowerSpec spec) : spec_(std::move(spec)) {}
  const PowerSpec& spec() const { return spec_; }

  /// Tells the MCU that the system is up (the power LED stops blinking).
  virtual Task<Status> ready() = 0;
  virtual Task<Result<bool>> recovery() = 0;
  virtual Task<Status> set_recovery(bool on) = 0;
  virtual Task<Result<bool>> wake_on_lan() = 0;
  virtual Task<Status> set_wake_on_lan(bool on) = 0;

private:
  PowerSpec spec_;
};

} // namespace mcu

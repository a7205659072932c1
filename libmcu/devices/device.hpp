// SPDX-License-Identifier: MIT
// Devices as programs see them: a fan is a fan, whether an MCU or the kernel drives it.
// A back end (one file here, one line in registry.cpp) implements the kinds it can.
#pragma once

#include <libmcu/link/link.hpp>
#include <libmcu/model/board.hpp>
#include <libmcu/model/command.hpp>

#include <functional>
#include <string>

namespace mcu {

/// Whether a device is there now, and if not, why, in words for its owner.
struct Availability {
  bool present = false;
  std::string reason; ///< empty while present
};

class Device {
public:
  virtual ~Device() = default;
  virtual const std::string& name() const = 0;
  virtual Availability availability() const = 0;
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

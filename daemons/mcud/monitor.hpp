// SPDX-License-Identifier: MIT
// Keeps the last believable state of what can be read: sensors, tachometers, fan alarms (polled)
// and buttons (polled, or told by the kernel).
#pragma once

#include <libmcu/devices/inventory.hpp>

#include <mcud/guard.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu {

/// Of a sensor that measures the disk in a bay.
inline constexpr const char* disk_scheme = "disk";

class Monitor {
public:
  struct SensorState {
    std::optional<mcu::Celsius> value; ///< the last believable reading
    bool valid = false;                ///< of the last try
    std::string reason;                ///< why not
    Instant since;                     ///< of `value`; of the start before the first
    Instant tried;
    bool over = false;    ///< at its limit, with hysteresis
    bool asleep = false;  ///< a disk at rest: not valid, and no failure
    bool reading = false; ///< one of its own is under way
    bool away = false;    ///< was not there at the last look
  };
  struct ButtonState {
    bool pressed = false;
    bool valid = false;
    std::string reason;
    Instant since; ///< when it was first seen so
  };

  Monitor(mcu::asio::any_io_executor executor, mcu::Inventory& inventory);

  std::chrono::seconds poll{10};
  std::function<void(const std::string& sensor)> on_sensor;
  std::function<void(const std::string& fan)> on_speed;
  std::function<void(const std::string& button)> on_button;
  std::function<void()> on_poll; ///< each turn of the polling loop

  void start();
  void stop();
  /// Devices came or went: look at once.
  void devices_changed();
  /// Everything counts as not read yet.
  void read_all_again();

  /// Reads now and keeps the result; reads of one sensor under way at the same time are one.
  mcu::Task<mcu::Result<mcu::Celsius>> read(std::string sensor);
  mcu::Task<mcu::Result<bool>> read_button(std::string button);

  const SensorState& sensor(const std::string& name) const { return sensors_.at(name); }
  std::optional<mcu::Rpm> speed(const std::string& fan) const;
  /// The fan's own alarm line.
  bool alarm(const std::string& fan) const;
  const ButtonState& button(const std::string& name) const { return buttons_.at(name); }
  /// How late its edges may be seen; 0: at once.
  std::chrono::milliseconds resolution(const std::string& button) const;
  /// Readings of the sensors that have a limit and should have a value now.
  std::vector<LimitReading> limits() const;

  /// Moves on each turn of the polling loop: a sign of life for the service watchdog.
  std::uint64_t heartbeat() const { return heartbeat_; }

private:
  mcu::Task<void> poll_sensors();
  mcu::Task<void> poll_buttons();
  mcu::Task<void> read_alone(std::string sensor);
  mcu::Task<void> poll_speeds();
  mcu::Task<void> poll_alarms();
  mcu::Task<void> read_edge_buttons();
  bool has_limit_now(const mcu::Sensor& sensor) const;
  Instant next_poll() const;
  void note_presence(const mcu::Sensor& sensor);
  void keep(const std::string& name, const mcu::Result<mcu::Celsius>& reading);
  void keep_button(const std::string& name, const mcu::Result<bool>& state);

  mcu::asio::any_io_executor executor_;
  mcu::Inventory& inventory_;
  mcu::asio::steady_timer sensor_timer_;
  mcu::asio::steady_timer button_timer_;
  std::map<std::string, SensorState> sensors_;
  std::map<std::string, ButtonState> buttons_;
  std::map<std::string, mcu::Rpm> speeds_;
  std::map<std::string, bool> alarms_;
  std::uint64_t heartbeat_ = 0;
  bool at_once_ = false; ///< poll again without waiting
  bool running_ = false;
};

} // namespace nasmcu

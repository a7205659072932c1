// SPDX-License-Identifier: MIT
// Keeps the last believable state of what must be polled: sensors, tachometers, polled buttons.
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

class Monitor {
public:
  struct SensorState {
    std::optional<mcu::Celsius> value; ///< the last believable reading
    bool valid = false;                ///< of the last try
    std::string reason;                ///< why not
    Instant since;                     ///< of `value`; of the start before the first
    Instant tried;
    bool over = false; ///< at its limit, with hysteresis
  };
  struct ButtonState {
    bool pressed = false;
    bool valid = false;
    std::string reason;
  };

  Monitor(mcu::asio::any_io_executor executor, mcu::Inventory& inventory);

  std::chrono::seconds poll{10};
  std::function<void(const std::string& sensor)> on_sensor;
  std::function<void(const std::string& fan)> on_speed;
  std::function<void(const std::string& button)> on_button;

  void start();
  void stop();
  /// Devices came or went: look at once.
  void link_changed();

  /// Reads now and keeps the result; reads of one sensor under way at the same time are one.
  mcu::Task<mcu::Result<mcu::Celsius>> read(std::string sensor);
  mcu::Task<mcu::Result<bool>> read_button(std::string button);

  const SensorState& sensor(const std::string& name) const { return sensors_.at(name); }
  std::optional<mcu::Rpm> speed(const std::string& fan) const;
  const ButtonState& button(const std::string& name) const { return buttons_.at(name); }
  /// Readings of the present sensors that have a limit.
  std::vector<LimitReading> limits() const;

  /// Moves on each turn of the polling loop: a sign of life for the service watchdog.
  std::uint64_t heartbeat() const { return heartbeat_; }

private:
  mcu::Task<void> poll_sensors();
  mcu::Task<void> poll_buttons();
  mcu::Task<void> poll_speeds();
  Instant next_poll() const;
  void keep(const std::string& name, const mcu::Result<mcu::Celsius>& reading);
  void keep_button(const std::string& name, const mcu::Result<bool>& state);

  mcu::asio::any_io_executor executor_;
  mcu::Inventory& inventory_;
  mcu::asio::steady_timer sensor_timer_;
  mcu::asio::steady_timer button_timer_;
  std::map<std::string, SensorState> sensors_;
  std::map<std::string, ButtonState> buttons_;
  std::map<std::string, mcu::Rpm> speeds_;
  std::uint64_t heartbeat_ = 0;
  bool running_ = false;
};

} // namespace nasmcu

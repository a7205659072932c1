// SPDX-License-Identifier: MIT
#include <mcud/monitor.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace nasmcu {
namespace {

/// The kernel's driver polls the power key at this pace too; the MCU shows only long presses.
constexpr std::chrono::milliseconds button_poll{500};

Instant clock_now() { return std::chrono::steady_clock::now(); }

} // namespace

Monitor::Monitor(mcu::asio::any_io_executor executor, mcu::Inventory& inventory)
    : executor_(executor), inventory_(inventory), sensor_timer_(executor), button_timer_(executor) {
  for (const auto& sensor : inventory_.sensors()) {
    SensorState state;
    state.since = clock_now();
    state.reason = "not read yet";
    sensors_[sensor->name()] = state;
  }
  for (const auto& button : inventory_.buttons())
    buttons_[button->name()] = {false, false, "not read yet"};
}

void Monitor::start() {
  running_ = true;
  mcu::asio::co_spawn(executor_, poll_sensors(), mcu::asio::detached);
  for (const auto& button : inventory_.buttons()) {
    if (!button->polled()) continue;
    mcu::asio::co_spawn(executor_, poll_buttons(), mcu::asio::detached);
    break;
  }
}

void Monitor::stop() {
  running_ = false;
  sensor_timer_.cancel();
  button_timer_.cancel();
}

void Monitor::link_changed() {
  sensor_timer_.cancel();
  button_timer_.cancel();
}

/// Half a poll later than a client that reads at the same pace would: then nothing is read twice.
mcu::Task<void> Monitor::poll_sensors() {
  while (running_) {
    ++heartbeat_;
    const Instant due = clock_now() - poll - poll / 2;
    for (const auto& sensor : inventory_.sensors()) {
      if (!running_ || !sensor->availability().present) continue;
      const SensorState& state = sensors_.at(sensor->name());
      if (state.valid && state.tried > due) continue;
      const auto ignored = co_await read(sensor->name());
      (void)ignored;
    }
    co_await poll_speeds();
    if (!running_) break;
    sensor_timer_.expires_at(next_poll());
    co_await mcu::expired(sensor_timer_);
  }
}

Instant Monitor::next_poll() const {
  Instant next = clock_now() + poll + poll / 2;
  for (const auto& sensor : inventory_.sensors()) {
    if (!sensor->availability().present) continue;
    const Instant due = sensors_.at(sensor->name()).tried + poll + poll / 2;
    next = std::min(next, std::max(due, clock_now() + poll / 2));
  }
  return next;
}

mcu::Task<void> Monitor::poll_speeds() {
  for (const auto& fan : inventory_.fans()) {
    if (!running_ || !fan->spec().tach || !fan->availability().present) continue;
    const mcu::Result<mcu::Rpm> rpm = co_await fan->speed();
    const auto before = speed(fan->name());
    if (rpm)
      speeds_[fan->name()] = *rpm;
    else
      speeds_.erase(fan->name());
    if (before != speed(fan->name()) && on_speed) on_speed(fan->name());
  }
}

/// While none of them is there it waits for link_changed().
mcu::Task<void> Monitor::poll_buttons() {
  while (running_) {
    bool any = false;
    for (const auto& button : inventory_.buttons()) {
      if (!running_ || !button->polled() || !button->availability().present) continue;
      any = true;
      const auto ignored = co_await read_button(button->name());
      (void)ignored;
    }
    if (!running_) break;
    button_timer_.expires_after(any ? button_poll : std::chrono::milliseconds(poll));
    co_await mcu::expired(button_timer_);
  }
}

mcu::Task<mcu::Result<mcu::Celsius>> Monitor::read(std::string name) {
  mcu::Sensor* sensor = inventory_.sensor(name);
  if (sensor == nullptr)
    co_return mcu::Error{mcu::Errc::unsupported, "no sensor " + name + " on this board"};
  mcu::Result<mcu::Celsius> reading = co_await inventory_.read_sensor(*sensor);
  keep(name, reading);
  co_return reading;
}

void Monitor::keep(const std::string& name, const mcu::Result<mcu::Celsius>& reading) {
  SensorState& state = sensors_.at(name);
  const SensorState before = state;
  state.tried = clock_now();
  state.valid = reading.ok();
  state.reason = reading ? "" : reading.error().what;
  if (reading) {
    state.value = *reading;
    state.since = state.tried;
  }
  if (before.valid && !state.valid) spdlog::warn("sensor {}: {}", name, state.reason);
  if (!before.valid && state.valid && before.value)
    spdlog::info("sensor {}: reads again, {:.1f} °C", name, reading->value);
  if (const mcu::SensorSpec* spec = inventory_.board().sensor(name); spec != nullptr && spec->max)
    state.over = over_limit({name, *spec->max, state.value, state.since, state.over});
  const bool changed = before.valid != state.valid || before.reason != state.reason ||
                       before.value != state.value || before.over != state.over;
  if (changed && on_sensor) on_sensor(name);
}

mcu::Task<mcu::Result<bool>> Monitor::read_button(std::string name) {
  mcu::Button* button = inventory_.button(name);
  if (button == nullptr)
    co_return mcu::Error{mcu::Errc::unsupported, "no button " + name + " on this board"};
  mcu::Result<bool> pressed = co_await button->pressed();
  keep_button(name, pressed);
  co_return pressed;
}

void Monitor::keep_button(const std::string& name, const mcu::Result<bool>& pressed) {
  ButtonState& state = buttons_.at(name);
  const ButtonState before = state;
  state.valid = pressed.ok();
  state.reason = pressed ? "" : pressed.error().what;
  if (pressed) state.pressed = *pressed;
  if (pressed && before.valid && before.pressed != state.pressed)
    spdlog::info("button {}: {}", name, state.pressed ? "pressed" : "released");
  if ((before.valid != state.valid || before.pressed != state.pressed) && on_button)
    on_button(name);
}

std::optional<mcu::Rpm> Monitor::speed(const std::string& fan) const {
  const auto found = speeds_.find(fan);
  if (found == speeds_.end()) return std::nullopt;
  return found->second;
}

std::vector<LimitReading> Monitor::limits() const {
  std::vector<LimitReading> readings;
  for (const auto& sensor : inventory_.sensors()) {
    const SensorState& state = sensors_.at(sensor->name());
    // A kernel sensor that this box does not have is no reason to run the fan at full speed; one
    // that has been read before, or an MCU's, is.
    const bool counts =
        sensor->availability().present || state.value || sensor->spec().device.scheme == "mcu";
    if (sensor->spec().max && counts)
      readings.push_back(
          {sensor->name(), *sensor->spec().max, state.value, state.since, state.over});
  }
  return readings;
}

} // namespace nasmcu

// SPDX-License-Identifier: MIT
#include <mcud/monitor.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace nasmcu {
namespace {

/// The kernel's driver polls the power key at this pace too; the MCU shows only long presses.
constexpr std::chrono::milliseconds button_poll{500};

} // namespace

Monitor::Monitor(mcu::asio::any_io_executor executor, mcu::Inventory& inventory)
    : executor_(executor), inventory_(inventory), sensor_timer_(executor), button_timer_(executor) {
  for (const auto& sensor : inventory_.sensors()) {
    SensorState state;
    state.since = Clock::now();
    state.reason = "not read yet";
    sensors_[sensor->name()] = state;
  }
  for (const auto& button : inventory_.buttons())
    buttons_[button->name()] = {false, false, "not read yet", {}};
}

void Monitor::start() {
  running_ = true;
  for (const auto& sensor : inventory_.sensors()) note_presence(*sensor);
  bool polled = false;
  for (const auto& button : inventory_.buttons()) {
    polled = polled || button->polled();
    button->on_edge = [this, name = button->name()](bool pressed) {
      if (running_) keep_button(name, pressed);
    };
  }
  mcu::asio::co_spawn(executor_, poll_sensors(), mcu::asio::detached);
  if (polled) mcu::asio::co_spawn(executor_, poll_buttons(), mcu::asio::detached);
  mcu::asio::co_spawn(executor_, read_edge_buttons(), mcu::asio::detached);
}

void Monitor::stop() {
  running_ = false;
  sensor_timer_.cancel();
  button_timer_.cancel();
}

void Monitor::devices_changed() {
  if (!running_) return;
  for (const auto& sensor : inventory_.sensors()) note_presence(*sensor);
  for (const auto& button : inventory_.buttons())
    if (!button->availability().present) buttons_.at(button->name()).valid = false;
  at_once_ = true;
  sensor_timer_.cancel();
  button_timer_.cancel();
  mcu::asio::co_spawn(executor_, read_edge_buttons(), mcu::asio::detached);
}

/// What is away is not what it was when it comes back.
void Monitor::note_presence(const mcu::Sensor& sensor) {
  SensorState& state = sensors_.at(sensor.name());
  const bool away = !sensor.availability().present;
  if (away) state.valid = false;
  if (away && sensor.spec().device.scheme == disk_scheme) {
    state.value.reset(); // of a disk that was pulled out
    state.over = state.asleep = false;
  }
  if (std::exchange(state.away, away) && !away && !state.value) state.since = Clock::now();
}

void Monitor::read_all_again() {
  for (auto& [name, state] : sensors_) state.tried = Instant();
  for (const auto& button : inventory_.buttons())
    if (!button->polled()) buttons_.at(button->name()).valid = false;
  devices_changed();
}

/// Those that tell their edges by themselves, once when they appear.
mcu::Task<void> Monitor::read_edge_buttons() {
  for (const auto& button : inventory_.buttons()) {
    if (!running_ || button->polled() || !button->availability().present) continue;
    if (buttons_.at(button->name()).valid) continue;
    const auto ignored = co_await read_button(button->name());
    (void)ignored;
  }
}

/// Half a poll later than a client that reads at the same pace would: then nothing is read twice.
mcu::Task<void> Monitor::poll_sensors() {
  while (running_) {
    ++heartbeat_;
    at_once_ = false;
    const Instant due = Clock::now() - poll - poll / 2;
    for (const auto& sensor : inventory_.sensors()) {
      if (!running_ || !sensor->availability().present) continue;
      const SensorState& state = sensors_.at(sensor->name());
      if ((state.valid || state.asleep) && state.tried > due) continue;
      if (sensor->spec().device.scheme == disk_scheme) {
        if (!state.reading)
          mcu::asio::co_spawn(executor_, read_alone(sensor->name()), mcu::asio::detached);
        continue;
      }
      const auto ignored = co_await read(sensor->name());
      (void)ignored;
    }
    co_await poll_speeds();
    co_await poll_alarms();
    if (!running_) break;
    if (on_poll) on_poll();
    if (at_once_) continue;
    sensor_timer_.expires_at(next_poll());
    co_await mcu::expired(sensor_timer_);
  }
}

/// A disk may take ten seconds to answer: the other sensors do not wait for it.
mcu::Task<void> Monitor::read_alone(std::string name) {
  sensors_.at(name).reading = true;
  const auto ignored = co_await read(name);
  (void)ignored;
  sensors_.at(name).reading = false;
}

Instant Monitor::next_poll() const {
  Instant next = Clock::now() + poll + poll / 2;
  for (const auto& sensor : inventory_.sensors()) {
    if (!sensor->availability().present || sensors_.at(sensor->name()).reading) continue;
    const Instant due = sensors_.at(sensor->name()).tried + poll + poll / 2;
    next = std::min(next, std::max(due, Clock::now() + poll / 2));
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

mcu::Task<void> Monitor::poll_alarms() {
  for (const auto& fan : inventory_.fans()) {
    if (!running_ || !fan->spec().alarm || !fan->availability().present) continue;
    const mcu::Result<bool> alarm = co_await fan->alarm();
    if (!alarm || std::exchange(alarms_[fan->name()], *alarm) == *alarm) continue;
    if (*alarm)
      spdlog::error("fan {}: its alarm line says that it does not turn", fan->name());
    else
      spdlog::info("fan {}: its alarm has ended", fan->name());
    if (on_speed) on_speed(fan->name());
  }
}

/// While none of them is there it waits for devices_changed().
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
  state.tried = Clock::now();
  state.valid = reading.ok();
  state.reason = reading ? "" : reading.error().what;
  state.asleep = !reading && reading.error().code == mcu::Errc::asleep;
  if (reading) state.value = *reading;
  if (state.asleep) state.value.reset();
  if (state.asleep) state.over = false;
  if (reading || state.asleep) state.since = state.tried;
  if ((before.valid || before.asleep) && !state.valid && !state.asleep)
    spdlog::warn("sensor {}: {}", name, state.reason);
  if (!before.valid && state.valid && before.value)
    spdlog::info("sensor {}: reads again, {:.1f} °C", name, reading->value);
  if (const mcu::SensorSpec* spec = inventory_.board().sensor(name); spec != nullptr && spec->max)
    state.over = over_limit({name, *spec->max, state.value, state.since, state.over});
  const bool changed = before.valid != state.valid || before.reason != state.reason ||
                       before.value != state.value || before.over != state.over ||
                       before.asleep != state.asleep;
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
  if (pressed && (!before.valid || before.pressed != *pressed)) state.since = Clock::now();
  // The signal before the log: who waits for an edge waits for nothing else.
  if ((before.valid != state.valid || before.pressed != state.pressed) && on_button)
    on_button(name);
  if (pressed && before.valid && before.pressed != state.pressed)
    spdlog::info("button {}: {}", name, state.pressed ? "pressed" : "released");
}

std::chrono::milliseconds Monitor::resolution(const std::string& name) const {
  const mcu::Button* button = inventory_.button(name);
  if (button == nullptr) return {};
  return button->polled() ? button_poll : button->resolution();
}

std::optional<mcu::Rpm> Monitor::speed(const std::string& fan) const {
  const auto found = speeds_.find(fan);
  if (found == speeds_.end()) return std::nullopt;
  return found->second;
}

bool Monitor::alarm(const std::string& fan) const {
  const auto found = alarms_.find(fan);
  return found != alarms_.end() && found->second;
}

/// A disk that is asleep or was pulled out, or a kernel sensor that this box never had, is no
/// reason to run the fan at full speed. Another one that has been read before, or an MCU's, is.
bool Monitor::has_limit_now(const mcu::Sensor& sensor) const {
  const SensorState& state = sensors_.at(sensor.name());
  const std::string& scheme = sensor.spec().device.scheme;
  if (!sensor.spec().max || state.asleep) return false;
  if (sensor.availability().present) return true;
  return scheme != disk_scheme && (state.value || scheme == "mcu");
}

std::vector<LimitReading> Monitor::limits() const {
  std::vector<LimitReading> readings;
  for (const auto& sensor : inventory_.sensors()) {
    if (!has_limit_now(*sensor)) continue;
    const SensorState& state = sensors_.at(sensor->name());
    readings.push_back({sensor->name(), *sensor->spec().max, state.value, state.since, state.over});
  }
  return readings;
}

} // namespace nasmcu

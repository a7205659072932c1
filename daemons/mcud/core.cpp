// SPDX-License-Identifier: MIT
#include <mcud/core.hpp>

#include <mcud/port_rivals.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <spdlog/spdlog.h>

namespace nasmcu {
namespace {

LocalBoxOptions box_options(const Config& config) {
  return {config.clock_utc, config.daemon.device_shutdown_delay, true, config.wake};
}

/// Who announced sleep and never says that it is over: the fans are not left in failsafe for that.
constexpr std::chrono::minutes longest_sleep{2}; // awake: steady_clock stands still in a sleep

} // namespace

Core::Core(mcu::asio::any_io_executor executor, mcu::Inventory& inventory, const System& system,
           const Config& config)
    : LocalBox(inventory, system, box_options(config)),
      executor_(executor),
      monitor_(executor, inventory),
      asleep_(executor) {
  for (const auto& fan : inventory.fans()) {
    auto driver = std::make_unique<FanDriver>(executor, *fan);
    driver->limits = [this] { return monitor_.limits(); };
    driver->on_change = [this, name = fan->name()] { changed(Kind::fan, name); };
    drivers_.push_back(std::move(driver));
  }
  monitor_.on_sensor = [this](const std::string& name) {
    for (const auto& driver : drivers_) driver->readings_changed();
    changed(Kind::sensor, name);
  };
  monitor_.on_speed = [this](const std::string& name) { changed(Kind::fan, name); };
  monitor_.on_button = [this](const std::string& name) { changed(Kind::button, name); };
  monitor_.on_poll = [this] {
    look_at_devices();
    for (const auto& driver : drivers_) driver->look_for_rivals();
  };
  inventory.on_devices_changed = [this] { look_at_devices(); };
  if (inventory.link() != nullptr)
    inventory.link()->on_state = [this](bool up, const std::string& reason) {
      link_changed(up, reason);
    };
  use(config);
}

void Core::use(const Config& config) {
  set_options(box_options(config));
  monitor_.poll = config.fan_poll;
  for (const auto& driver : drivers_) driver->sensor_timeout = config.sensor_timeout;
}

void Core::reload(const Config& config) {
  use(config);
  if (mcu::Link* link = inventory().link(); link != nullptr) {
    const mcu::LinkOptions wanted = inventory_options(config, system().root()).link;
    mcu::LinkOptions options = link->options();
    options.timeout = wanted.timeout;
    options.tries = wanted.tries;
    options.byte_gap = config.serial.byte_gap.value_or(link->protocol().line().byte_gap);
    link->set_options(options);
  }
}

Status Core::start() {
  Status owned = inventory().start();
  if (!owned) return owned;
  if (const std::string& note = inventory().journal_note(); !note.empty()) spdlog::warn("{}", note);
  look_for_port_rivals();
  look_at_devices();
  for (const auto& driver : drivers_) driver->start();
  monitor_.start();
  return owned;
}

Task<void> Core::stop(std::chrono::milliseconds limit) {
  stopping_ = true;
  inventory().on_devices_changed = nullptr;
  monitor_.stop();
  asleep_.cancel();
  mcu::asio::steady_timer patience(executor_, limit);
  patience.async_wait([this](const boost::system::error_code& error) {
    if (!error) inventory().stop(); // fails what still waits for the MCU
  });
  const Status safe = co_await failsafe();
  // A fan that is left to somebody else is not touched at the end either.
  if (!safe && safe.error().code != mcu::Errc::busy)
    spdlog::error("failsafe at the end: {}", safe.error().what);
  for (const auto& driver : drivers_) driver->stop();
  const Status back = co_await inventory().give_back();
  if (!back) spdlog::warn("given back to the kernel at the end: {}", back.error().what);
  patience.cancel();
  inventory().stop();
}

void Core::changed(Kind kind, const std::string& name) {
  if (on_change) on_change(kind, name);
}

void Core::link_changed(bool up, const std::string& reason) {
  if (up)
    spdlog::info("MCU link up on {}", inventory().port());
  else
    spdlog::error("MCU link down: {}", reason);
  if (!up) look_for_port_rivals();
  look_at_devices();
  changed(Kind::link, "");
}

/// A login prompt may have been started since; what was told once stands in the log.
void Core::look_for_port_rivals() {
  if (inventory().link() == nullptr) return;
  for (const std::string& words : port_rivals(mcu::Files(), system().root(), inventory().port()))
    if (told_rivals_.insert(words).second) spdlog::warn("{}", words);
}

/// Whether it came or went, or is away for another reason, since this was asked last.
bool Core::moved(const mcu::Device& device) {
  const mcu::Availability now = device.availability();
  mcu::Availability& before = announced_[&device];
  if (before.present == now.present && before.reason == now.reason) return false;
  before = now;
  return true;
}

void Core::look_at_devices() {
  bool any = false;
  const auto announce = [this, &any](Kind kind, const auto& devices) {
    for (const auto& device : devices) {
      if (!moved(*device)) continue;
      any = true;
      changed(kind, device->name());
    }
  };
  for (const auto& driver : drivers_) {
    const bool before = announced_[&driver->fan()].present;
    if (!moved(driver->fan())) continue;
    any = true;
    const bool present = driver->fan().availability().present;
    if (present != before) driver->presence_changed(present);
    changed(Kind::fan, driver->fan().name());
  }
  announce(Kind::sensor, inventory().sensors());
  announce(Kind::button, inventory().buttons());
  announce(Kind::led, inventory().leds());
  bool others = false;
  for (const mcu::Device* device : {static_cast<const mcu::Device*>(inventory().buzzer()),
                                    static_cast<const mcu::Device*>(inventory().clock()),
                                    static_cast<const mcu::Device*>(inventory().power())})
    if (device != nullptr && moved(*device)) others = true;
  if (!any && !others) return;
  restore_leds();
  monitor_.devices_changed();
  changed(Kind::link, "");
}

/// LEDs that have been away and were set before.
void Core::restore_leds() {
  for (auto& [name, memory] : leds_) {
    const bool present = inventory().led(name)->availability().present;
    if (!present)
      memory.shown.reset();
    else if (!memory.shown)
      mcu::asio::co_spawn(executor_, restore_led(name), mcu::asio::detached);
  }
}

Task<void> Core::restore_led(std::string name) {
  const mcu::LedState wanted = leds_.at(name).wanted;
  const Result<mcu::LedState> real = co_await LocalBox::set_led(name, wanted);
  if (!real)
    spdlog::warn("led {}: cannot show {} again: {}", name, mcu::name(wanted), real.error().what);
  LedMemory& memory = leds_.at(name);
  if (!real || memory.wanted != wanted) co_return;
  memory.shown = *real;
  changed(Kind::led, name);
}

void Core::bus_lost() {
  for (const auto& driver : drivers_)
    if (driver->lease().held()) driver->end_all("the system bus is gone");
}

FanDriver* Core::driver(const std::string& fan) {
  for (const auto& driver : drivers_)
    if (driver->fan().name() == fan) return driver.get();
  return nullptr;
}

FanView Core::fan_view(const std::string& name) {
  FanDriver& driver = *this->driver(name);
  FanView view = basic_view<FanView>(driver.fan());
  const GuardDecision& decision = driver.decision();
  view.duty = driver.real().value_or(decision.duty).percent;
  view.valid = view.present && driver.real().has_value();
  if (view.present && driver.error()) view.reason = driver.error()->what;
  if (view.present && !view.valid && view.reason.empty()) view.reason = "not set yet";
  if (const auto rpm = monitor_.speed(name)) view.rpm = rpm->value;
  view.holder = driver.by_hand() ? "by hand" : driver.lease().holder();
  view.alarm = monitor_.alarm(name);
  view.conflict = driver.claim().words();
  if (driver.claim().theirs()) view.holder = driver.claim().rival();
  view.failsafe = driver.fan().spec().failsafe.percent;
  view.in_failsafe = decision.failsafe;
  view.why = decision.why;
  return view;
}

SensorView Core::sensor_view(const std::string& name) {
  const mcu::Sensor& sensor = *inventory().sensor(name);
  SensorView view = basic_view<SensorView>(sensor);
  const Monitor::SensorState& state = monitor_.sensor(name);
  view.valid = view.present && state.valid;
  view.asleep = view.present && state.asleep;
  if (view.present) view.reason = state.reason;
  if (state.value) view.celsius = state.value->value;
  if (sensor.spec().max) view.max = sensor.spec().max->value;
  if (sensor.spec().device.scheme == disk_scheme) view.bay = sensor.spec().device.address;
  return view;
}

LedView Core::led_view(const std::string& name) {
  LedView view = basic_view<LedView>(*inventory().led(name));
  const auto set = leds_.find(name);
  view.valid = view.present && set != leds_.end() && set->second.shown;
  if (view.valid) view.state = mcu::name(*set->second.shown);
  if (view.present && !view.valid) view.reason = "not set yet";
  return view;
}

ButtonView Core::button_view(const std::string& name) {
  ButtonView view = basic_view<ButtonView>(*inventory().button(name));
  const Monitor::ButtonState& state = monitor_.button(name);
  view.pressed = state.pressed;
  view.since = state.since;
  view.valid = view.present && state.valid;
  if (view.present) view.reason = state.reason;
  return view;
}

LinkView Core::link_view() { return describe_box(inventory()).link; }

Task<Result<Snapshot>> Core::snapshot() {
  Snapshot snapshot = describe_box(inventory());
  for (const auto& sensor : inventory().sensors())
    snapshot.sensors.push_back(sensor_view(sensor->name()));
  for (const auto& driver : drivers_) snapshot.fans.push_back(fan_view(driver->fan().name()));
  for (const auto& led : inventory().leds()) snapshot.leds.push_back(led_view(led->name()));
  for (const auto& button : inventory().buttons())
    snapshot.buttons.push_back(button_view(button->name()));
  if (fan_daemon != nullptr && fan_daemon->running()) co_await fan_daemon->explain(snapshot.fans);
  co_return snapshot;
}

Task<Result<SensorView>> Core::read_sensor(std::string name) {
  if (name.empty() && !inventory().sensors().empty()) name = inventory().sensors().front()->name();
  if (inventory().sensor(name) == nullptr) {
    Result<SensorView> unknown = co_await LocalBox::read_sensor(name);
    co_return unknown;
  }
  const Result<mcu::Celsius> reading = co_await monitor_.read(name);
  if (!reading) co_return reading.error();
  co_return sensor_view(name);
}

Task<Result<std::string>> Core::set_fan(std::string name, mcu::Duty duty) {
  FanDriver* const driver = this->driver(name);
  if (driver == nullptr) {
    Result<std::string> unknown = co_await LocalBox::set_fan(name, duty);
    co_return unknown;
  }
  if (driver->claim().theirs()) co_return driver->claim().refusal();
  if (fan_daemon != nullptr && fan_daemon->running()) {
    Result<std::string> note = co_await fan_daemon->set_manual(name, duty);
    co_return note;
  }
  Result<std::string> note = co_await driver->set_by_hand(duty);
  co_return note;
}

Task<Result<std::string>> Core::fan_auto(std::string name) {
  FanDriver* const driver = this->driver(name);
  if (driver == nullptr) {
    Result<std::string> unknown = co_await LocalBox::fan_auto(name);
    co_return unknown;
  }
  if (fan_daemon != nullptr && fan_daemon->running()) {
    Result<std::string> note = co_await fan_daemon->set_auto(name);
    co_return note;
  }
  Result<std::string> note = co_await driver->end_hand();
  co_return note;
}

Task<Status> Core::failsafe() {
  for (const auto& driver : drivers_) driver->end_all("failsafe was asked for");
  Status safe = co_await fans_settled();
  co_return safe;
}

/// The first failure; a fan that is left to somebody else counts less than one that fails.
Task<Status> Core::fans_settled() {
  Status first = mcu::Done{};
  for (const auto& driver : drivers_) {
    const Status safe = co_await driver->settled();
    if (!safe && (first || first.error().code == mcu::Errc::busy)) first = safe.error();
  }
  co_return first;
}

Task<Status> Core::sleeping(bool going) {
  if (stopping_) co_return mcu::Done{};
  asleep_.cancel();
  if (going) {
    spdlog::info("the box goes to sleep: fans to failsafe");
    asleep_.expires_after(longest_sleep);
    asleep_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      spdlog::warn("nobody said within 2 minutes that the box is back from sleep; going on");
      wake_up();
    });
    for (const auto& driver : drivers_) driver->sleep(true);
  } else {
    spdlog::info("the box is back from sleep: everything is read and written again");
    wake_up();
  }
  Status settled = co_await fans_settled();
  // What is left to somebody else is his to look after.
  if (!settled && settled.error().code == mcu::Errc::busy) co_return mcu::Done{};
  co_return settled;
}

void Core::wake_up() {
  inventory().look_again();
  for (const auto& driver : drivers_) driver->sleep(false);
  monitor_.read_all_again();
  for (auto& [name, memory] : leds_) memory.shown.reset();
  restore_leds();
}

Task<Result<mcu::LedState>> Core::set_led(std::string name, mcu::LedState state) {
  if (stopping_) co_return mcu::Error{mcu::Errc::failed, "mcud is ending"};
  Result<mcu::LedState> real = co_await LocalBox::set_led(name, state);
  if (real) {
    leds_[name] = {state, *real};
    changed(Kind::led, name);
  }
  co_return real;
}

Task<Result<bool>> Core::read_button(std::string name) {
  if (inventory().button(name) == nullptr) {
    Result<bool> unknown = co_await LocalBox::read_button(name);
    co_return unknown;
  }
  Result<bool> pressed = co_await monitor_.read_button(std::move(name));
  co_return pressed;
}

} // namespace nasmcu

// SPDX-License-Identifier: MIT
#include <verbs/local_box.hpp>

#include <verbs/outcome.hpp>
#include <verbs/raw_rules.hpp>

#include <fmt/format.h>

#include <algorithm>

#include <unistd.h>

namespace nasmcu {
namespace {

mcu::Error unsupported(std::string what) { return {mcu::Errc::unsupported, std::move(what)}; }

/// A device that is away together with the link is a link's failure, not a missing function.
mcu::Error absent(mcu::Inventory& inventory, const std::string& what, const std::string& reason) {
  const bool down = inventory.link() && !inventory.link()->up();
  return {down ? mcu::Errc::link_down : mcu::Errc::unsupported,
          what + " is not available: " + plain_reason(reason)};
}

/// The device of that name, or an error with the names that this board has.
template <class Device>
Result<Device*> find(mcu::Inventory& inventory, const std::vector<std::unique_ptr<Device>>& devices,
                     const std::string& kind, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& device : devices) {
    if (device->name() == name) {
      const mcu::Availability there = device->availability();
      if (!there.present) return absent(inventory, kind + " " + name, there.reason);
      return device.get();
    }
    names.push_back(device->name());
  }
  if (names.empty()) return unsupported("this board has no " + kind);
  return unsupported("no " + kind + " '" + name + "' on this board; it has: " + join(names));
}

/// A device that a board has once or not at all.
template <class Device>
Result<Device*> fitted(mcu::Inventory& inventory, Device* device, const std::string& kind) {
  if (!device) return unsupported("this board has no " + kind);
  const mcu::Availability there = device->availability();
  if (!there.present) return absent(inventory, kind, there.reason);
  return device;
}

} // namespace

mcu::InventoryOptions inventory_options(const Config& config, const std::string& root) {
  mcu::InventoryOptions options;
  options.root = root;
  options.port = config.serial.port;
  options.link.timeout = config.serial.timeout;
  options.link.tries = config.serial.tries;
  options.link.byte_gap = config.serial.byte_gap.value_or(std::chrono::microseconds{0});
  options.byte_gap_set = config.serial.byte_gap.has_value();
  return options;
}

Snapshot describe_box(mcu::Inventory& inventory) {
  Snapshot snapshot;
  snapshot.board = inventory.board().id;
  snapshot.board_name = inventory.board().name;
  snapshot.backend = inventory.backend();
  const mcu::Link* link = inventory.link();
  if (!link) return snapshot;
  const mcu::LinkStats& stats = link->stats();
  snapshot.link.up = link->up();
  snapshot.link.reason = link->down_reason();
  snapshot.link.protocol = link->protocol().name();
  snapshot.link.port = inventory.port();
  snapshot.link.statistics = {{"exchanges", stats.exchanges},
                              {"failures", stats.failures},
                              {"tries", stats.tries},
                              {"retries", stats.retries},
                              {"timeouts", stats.timeouts},
                              {"bad_replies", stats.bad_replies},
                              {"refusals", stats.refusals},
                              {"stray_bytes", stats.stray_bytes},
                              {"resyncs", stats.resyncs},
                              {"missing_acks", stats.missing_acks},
                              {"events", stats.events},
                              {"reopens", stats.reopens},
                              {"rtt_last_us", stats.rtt_last_us},
                              {"rtt_min_us", stats.rtt_min_us},
                              {"rtt_max_us", stats.rtt_max_us},
                              {"rtt_total_us", stats.rtt_total_us}};
  return snapshot;
}

Task<FanView> LocalBox::view_of(mcu::Fan& fan) {
  FanView view = basic_view<FanView>(fan);
  view.failsafe = fan.spec().failsafe.percent;
  if (!view.present) co_return view;
  if (fan.spec().tach) {
    Result<mcu::Rpm> speed = co_await fan.speed();
    if (speed) view.rpm = speed->value;
  }
  view.reason = "this board cannot tell the duty in force";
  if (fan.spec().device.scheme != "mcu" || !inventory_.mcu()) co_return view;
  if (!inventory_.mcu()->can(mcu::cmd::ReadFanDuty{})) co_return view;
  Result<mcu::Duty> duty = co_await inventory_.mcu()->fan_duty();
  view.valid = duty.ok();
  view.duty = duty.value_or({}).percent;
  view.reason = duty ? "" : duty.error().what;
  co_return view;
}

Task<Result<Snapshot>> LocalBox::snapshot() {
  std::vector<SensorView> sensors;
  for (const auto& sensor : inventory_.sensors()) {
    SensorView view = basic_view<SensorView>(*sensor);
    if (sensor->spec().max) view.max = sensor->spec().max->value;
    if (view.present) {
      Result<mcu::Celsius> reading = co_await inventory_.read_sensor(*sensor);
      view.valid = reading.ok();
      view.celsius = reading.value_or({}).value;
      view.reason = reading ? "" : reading.error().what;
    }
    sensors.push_back(std::move(view));
  }
  std::vector<FanView> fans;
  for (const auto& fan : inventory_.fans()) {
    FanView view = co_await view_of(*fan);
    fans.push_back(std::move(view));
  }
  std::vector<ButtonView> buttons;
  for (const auto& button : inventory_.buttons()) {
    ButtonView view = basic_view<ButtonView>(*button);
    if (view.present) {
      Result<bool> pressed = co_await button->pressed();
      view.valid = pressed.ok();
      view.pressed = pressed.value_or(false);
      view.reason = pressed ? "" : pressed.error().what;
    }
    buttons.push_back(std::move(view));
  }
  Snapshot snapshot = describe_box(inventory_); // last: its counters then include the reads above
  snapshot.sensors = std::move(sensors);
  snapshot.fans = std::move(fans);
  snapshot.buttons = std::move(buttons);
  for (const auto& led : inventory_.leds()) snapshot.leds.push_back(basic_view<LedView>(*led));
  co_return snapshot;
}

Task<Result<SensorView>> LocalBox::read_sensor(std::string name) {
  if (name.empty() && !inventory_.sensors().empty()) name = inventory_.sensors().front()->name();
  Result<mcu::Sensor*> sensor = find(inventory_, inventory_.sensors(), "sensor", name);
  if (!sensor) co_return sensor.error();
  Result<mcu::Celsius> reading = co_await inventory_.read_sensor(**sensor);
  if (!reading) co_return reading.error();
  SensorView view = basic_view<SensorView>(**sensor);
  view.valid = true;
  view.celsius = reading->value;
  if ((*sensor)->spec().max) view.max = (*sensor)->spec().max->value;
  co_return view;
}

Task<Result<std::string>> LocalBox::set_fan(std::string name, mcu::Duty duty) {
  Result<mcu::Fan*> fan = find(inventory_, inventory_.fans(), "fan", name);
  if (!fan) co_return fan.error();
  const mcu::Duty failsafe = (*fan)->spec().failsafe;
  Result<mcu::Duty> real = co_await (*fan)->set(std::max(duty, failsafe), mcu::Urgency::normal);
  if (!real) co_return real.error();
  std::string note = fmt::format("{} is at {} %", name, number_text(real->percent));
  if (duty < failsafe)
    note += fmt::format(", not below the board's failsafe of {} %", number_text(failsafe.percent));
  co_return note + "; nobody keeps it there: mcud does not run";
}

Task<Result<std::string>> LocalBox::fan_auto(std::string name) {
  Result<mcu::Fan*> fan = find(inventory_, inventory_.fans(), "fan", name);
  if (!fan) co_return fan.error();
  co_return mcu::Error{mcu::Errc::not_running,
                       "nobody is there to drive fan " + name +
                           ": start mcud and nas-fand (systemctl start mcud nas-fand)"};
}

Task<Status> LocalBox::failsafe() {
  Status first = mcu::Done{};
  for (const auto& fan : inventory_.fans()) {
    // Also one that seems absent: no fan may be left alone silently.
    Result<mcu::Duty> set = co_await fan->set(fan->spec().failsafe, mcu::Urgency::urgent);
    if (!set && first)
      first = mcu::Error{set.error().code, "fan " + fan->name() + ": " + set.error().what};
  }
  co_return first;
}

Task<Result<mcu::LedState>> LocalBox::set_led(std::string name, mcu::LedState state) {
  Result<mcu::Led*> led = find(inventory_, inventory_.leds(), "LED", name);
  if (!led) co_return led.error();
  Result<mcu::LedState> real = co_await (*led)->set(state);
  co_return real;
}

Task<Status> LocalBox::beep(mcu::BeepLength length) {
  Result<mcu::Buzzer*> buzzer = fitted(inventory_, inventory_.buzzer(), "buzzer");
  if (!buzzer) co_return buzzer.error();
  Status beeped = co_await (*buzzer)->beep(length);
  co_return beeped;
}

Task<Result<bool>> LocalBox::read_button(std::string name) {
  Result<mcu::Button*> button = find(inventory_, inventory_.buttons(), "button", name);
  if (!button) co_return button.error();
  Result<bool> pressed = co_await (*button)->pressed();
  co_return pressed;
}

bool LocalBox::clock_utc() const {
  if (options_.clock_utc) return *options_.clock_utc;
  return inventory_.board().clock ? inventory_.board().clock->utc : true;
}

Task<Result<ClockView>> LocalBox::read_clock() {
  Result<mcu::Clock*> clock = fitted(inventory_, inventory_.clock(), "clock");
  if (!clock) co_return clock.error();
  Result<mcu::CivilTime> fields = co_await (*clock)->read();
  if (!fields) co_return fields.error();
  const Result<std::time_t> seconds = mcu::to_time_t(*fields, clock_utc());
  if (!seconds) co_return seconds.error();
  co_return ClockView{*seconds, clock_utc()};
}

Task<Result<ClockPair>> LocalBox::clock_to_system() {
  Result<ClockView> clock = co_await read_clock();
  if (!clock) co_return clock.error();
  const ClockPair pair{clock->time, std::time(nullptr)};
  Status set = system_.set_clock(pair.clock);
  if (!set) co_return set.error();
  co_return pair;
}

Task<Result<std::time_t>> LocalBox::system_to_clock() {
  Result<mcu::Clock*> clock = fitted(inventory_, inventory_.clock(), "clock");
  if (!clock) co_return clock.error();
  const std::time_t now = std::time(nullptr);
  const Result<mcu::CivilTime> fields = mcu::to_civil(now, clock_utc());
  if (!fields) co_return fields.error();
  Status set = co_await (*clock)->set(*fields);
  if (!set) co_return set.error();
  co_return now;
}

} // namespace nasmcu

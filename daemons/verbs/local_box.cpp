// SPDX-License-Identifier: MIT
#include <verbs/local_box.hpp>

#include <verbs/local_device.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace nasmcu {
namespace {

/// What the board's file hangs on the MCU and the kernel's driver offers.
std::vector<const mcu::Device*> moved_to_kernel(mcu::Inventory& inventory) {
  std::vector<const mcu::Device*> moved;
  const auto add = [&moved](const mcu::Device& device, const mcu::DeviceUri& uri,
                            const std::optional<mcu::DeviceUri>& kernel) {
    if (kernel && uri == *kernel) moved.push_back(&device);
  };
  for (const auto& one : inventory.fans()) add(*one, one->spec().device, one->spec().kernel);
  for (const auto& one : inventory.sensors()) add(*one, one->spec().device, one->spec().kernel);
  for (const auto& one : inventory.leds()) add(*one, one->spec().device, one->spec().kernel);
  for (const auto& one : inventory.buttons()) add(*one, one->spec().device, one->spec().kernel);
  const mcu::Board& board = inventory.board();
  if (inventory.buzzer()) add(*inventory.buzzer(), board.buzzer->device, board.buzzer->kernel);
  return moved;
}

/// The link that the kernel's driver keeps: up when it offers anything. It counts nothing for us.
LinkView kernel_link(mcu::Inventory& inventory) {
  LinkView link;
  link.protocol = inventory.board().mcu->protocol;
  for (const mcu::Device* device : moved_to_kernel(inventory)) {
    const mcu::Availability there = device->availability();
    link.up = link.up || there.present;
    if (link.reason.empty()) link.reason = plain_reason(there.reason);
  }
  if (link.up) link.reason.clear();
  if (!link.up && link.reason.empty()) link.reason = "the kernel's driver offers no device";
  return link;
}

LinkView own_link(mcu::Inventory& inventory) {
  const mcu::Link& link = *inventory.link();
  const mcu::LinkStats& stats = link.stats();
  return {link.up(),
          link.down_reason(),
          std::string(link.protocol().name()),
          inventory.port(),
          {{"exchanges", stats.exchanges},
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
           {"rtt_total_us", stats.rtt_total_us}}};
}

/// A device that has no value: being there is all that it tells.
std::optional<DeviceView> plain_view(const mcu::Device* device) {
  if (!device) return {};
  DeviceView view = basic_view<DeviceView>(*device);
  view.valid = view.present;
  return view;
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
  for (const auto& [name, fan] : config.fans)
    if (fan.conflict) options.conflicts[name] = *fan.conflict;
  return options;
}

Snapshot describe_box(mcu::Inventory& inventory) {
  Snapshot snapshot;
  snapshot.board = inventory.board().id;
  snapshot.board_name = inventory.board().name;
  snapshot.backend = inventory.backend();
  snapshot.backend_reason = inventory.backend_reason();
  if (inventory.link()) snapshot.link = own_link(inventory);
  if (inventory.backend() == "kernel") snapshot.link = kernel_link(inventory);
  snapshot.buzzer = plain_view(inventory.buzzer());
  snapshot.clock = plain_view(inventory.clock());
  snapshot.power = plain_view(inventory.power());
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
  Result<mcu::Duty> duty = co_await fan.duty();
  view.valid = duty.ok();
  view.duty = duty.value_or({}).percent;
  view.reason = duty ? "" : duty.error().what;
  Result<bool> alarm = co_await fan.alarm();
  view.alarm = alarm.value_or(false);
  Result<std::optional<mcu::Rival>> rival = co_await fan.rival();
  if (rival && *rival) view.conflict = (*rival)->what + " drives it";
  co_return view;
}

Task<SensorView> LocalBox::view_of(mcu::Sensor& sensor) {
  SensorView view = basic_view<SensorView>(sensor);
  if (sensor.spec().max) view.max = sensor.spec().max->value;
  if (!view.present) co_return view;
  Result<mcu::Celsius> reading = co_await inventory_.read_sensor(sensor);
  view.valid = reading.ok();
  view.celsius = reading.value_or({}).value;
  view.reason = reading ? "" : reading.error().what;
  view.asleep = !reading && reading.error().code == mcu::Errc::asleep;
  co_return view;
}

Task<Result<Snapshot>> LocalBox::snapshot() {
  std::vector<SensorView> sensors;
  for (const auto& sensor : inventory_.sensors()) {
    SensorView view = co_await view_of(*sensor);
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
  Result<mcu::Sensor*> sensor = named(inventory_, inventory_.sensors(), "sensor", name);
  if (!sensor) co_return sensor.error();
  Result<mcu::Celsius> reading = co_await inventory_.read_sensor(**sensor);
  if (!reading) co_return reading.error();
  SensorView view = basic_view<SensorView>(**sensor);
  view.valid = true;
  view.celsius = reading->value;
  if ((*sensor)->spec().max) view.max = (*sensor)->spec().max->value;
  co_return view;
}

Task<Status> LocalBox::make_free(mcu::Fan& fan) {
  Result<std::optional<mcu::Rival>> rival = co_await fan.rival();
  // Not known is no reason to leave a fan alone.
  if (!rival || !*rival) co_return mcu::Done{};
  if (fan.spec().conflict != mcu::Conflict::take_over)
    co_return mcu::Error{mcu::Errc::busy,
                         "fan " + fan.name() + " is left to " + (*rival)->what +
                             "; conflict = take-over in its section takes it from there"};
  Status taken = co_await fan.take_over();
  co_return taken;
}

Task<Result<std::string>> LocalBox::set_fan(std::string name, mcu::Duty duty) {
  Result<mcu::Fan*> fan = named(inventory_, inventory_.fans(), "fan", name);
  if (!fan) co_return fan.error();
  Status free = co_await make_free(**fan);
  if (!free) co_return free.error();
  const mcu::Duty failsafe = (*fan)->spec().failsafe;
  Result<mcu::Duty> real = co_await (*fan)->set(std::max(duty, failsafe), mcu::Urgency::normal);
  if (!real) co_return real.error();
  std::string note = fmt::format("{} is at {} %", name, number_text(real->percent));
  if (duty < failsafe)
    note += fmt::format(", not below the board's failsafe of {} %", number_text(failsafe.percent));
  co_return note + "; nobody keeps it there: mcud does not run";
}

Task<Result<std::string>> LocalBox::fan_auto(std::string name) {
  Result<mcu::Fan*> fan = named(inventory_, inventory_.fans(), "fan", name);
  if (!fan) co_return fan.error();
  co_return mcu::Error{mcu::Errc::not_running,
                       "nobody is there to drive fan " + name +
                           ": start mcud and nas-fand (systemctl start mcud nas-fand)"};
}

Task<Status> LocalBox::failsafe() {
  Status first = mcu::Done{};
  for (const auto& fan : inventory_.fans()) {
    // One that somebody else drives is in good hands.
    Status free = co_await make_free(*fan);
    if (!free && free.error().code == mcu::Errc::busy) continue;
    // Also one that seems absent: no fan may be left alone silently.
    Result<mcu::Duty> set = co_await fan->set(fan->spec().failsafe, mcu::Urgency::urgent);
    if (!set && first)
      first = mcu::Error{set.error().code, "fan " + fan->name() + ": " + set.error().what};
  }
  co_return first;
}

Task<Result<mcu::LedState>> LocalBox::set_led(std::string name, mcu::LedState state) {
  Result<mcu::Led*> led = named(inventory_, inventory_.leds(), "LED", name);
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
  Result<mcu::Button*> button = named(inventory_, inventory_.buttons(), "button", name);
  if (!button) co_return button.error();
  Result<bool> pressed = co_await (*button)->pressed();
  co_return pressed;
}

Task<Status> LocalBox::sleeping(bool going) {
  // Nobody keeps anything here, so there is nothing to write again on the way back.
  if (!going) co_return mcu::Done{};
  Status safe = co_await failsafe();
  co_return safe;
}

} // namespace nasmcu

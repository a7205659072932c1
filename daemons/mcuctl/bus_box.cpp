// SPDX-License-Identifier: MIT
#include <mcuctl/bus_box.hpp>

#include <verbs/outcome.hpp>

#include <cctype>

namespace nasmcu {
namespace {

/// "fan" -> "io.nasmcu1.Fan".
std::string interface_of(std::string kind) {
  kind[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(kind[0])));
  return "io.nasmcu1." + kind;
}

/// The bus's own words tell a person neither what is wrong nor what to do.
mcu::Error explain(mcu::Error error) {
  if (error.code == mcu::Errc::not_running)
    error.what = "mcud is not running: start it with systemctl start mcud, or use --direct";
  if (error.code == mcu::Errc::denied && error.what.find("Rejected send message") == 0)
    error.what = "you may not: changing is for root and group nasmcu, power for root alone";
  return error;
}

template <class View>
View make_view(const Properties& properties) {
  View view;
  view.name = property<std::string>(properties, "Name");
  view.present = property<bool>(properties, "Present");
  view.valid = property<bool>(properties, "Valid");
  view.reason = property<std::string>(properties, "Reason");
  return view;
}

SensorView make_sensor(const Properties& properties) {
  SensorView sensor = make_view<SensorView>(properties);
  sensor.celsius = property<double>(properties, "Temperature");
  const double max = property<double>(properties, "Max");
  if (max != 0) sensor.max = max;
  sensor.asleep = property<bool>(properties, "Asleep");
  return sensor;
}

template <class T>
Result<T> first_of(Result<std::tuple<T>> got) {
  if (!got) return got.error();
  return std::get<0>(std::move(*got));
}

} // namespace

void BusBox::take_mcu(Snapshot& snapshot, const Properties& properties) {
  snapshot.board = property<std::string>(properties, "Board");
  snapshot.board_name = property<std::string>(properties, "BoardName");
  snapshot.backend = property<std::string>(properties, "Backend");
  snapshot.backend_reason = property<std::string>(properties, "BackendReason");
  snapshot.link.up = property<bool>(properties, "Up");
  snapshot.link.reason = property<std::string>(properties, "LinkReason");
  snapshot.link.protocol = property<std::string>(properties, "Protocol");
  snapshot.link.port = property<std::string>(properties, "Port");
  snapshot.link.statistics =
      property<std::map<std::string, std::uint64_t>>(properties, "Statistics");
}

FanView BusBox::make_fan(const Properties& properties) {
  FanView fan = make_view<FanView>(properties);
  fan.duty = property<double>(properties, "Duty");
  if (property<bool>(properties, "HasTach")) fan.rpm = property<std::uint32_t>(properties, "Rpm");
  fan.holder = property<std::string>(properties, "Holder");
  fan.failsafe = property<double>(properties, "Failsafe");
  fan.in_failsafe = property<bool>(properties, "InFailsafe");
  fan.why = property<std::string>(properties, "Why");
  fan.alarm = property<bool>(properties, "Alarm");
  fan.conflict = property<std::string>(properties, "Conflict");
  return fan;
}

Result<Snapshot> BusBox::make_snapshot(const ObjectTree& objects) {
  Snapshot snapshot;
  for (const auto& [path, interfaces] : objects)
    for (const auto& [interface, properties] : interfaces) try {
        if (interface == "io.nasmcu1.Mcu") take_mcu(snapshot, properties);
        if (interface == "io.nasmcu1.Sensor") snapshot.sensors.push_back(make_sensor(properties));
        if (interface == "io.nasmcu1.Fan") snapshot.fans.push_back(make_fan(properties));
        if (interface == "io.nasmcu1.Led") {
          snapshot.leds.push_back(make_view<LedView>(properties));
          snapshot.leds.back().state = property<std::string>(properties, "State");
        }
        if (interface == "io.nasmcu1.Button") {
          snapshot.buttons.push_back(make_view<ButtonView>(properties));
          snapshot.buttons.back().pressed = property<bool>(properties, "Pressed");
        }
        if (interface == "io.nasmcu1.Buzzer") snapshot.buzzer = make_view<DeviceView>(properties);
        if (interface == "io.nasmcu1.Clock") snapshot.clock = make_view<DeviceView>(properties);
        if (interface == "io.nasmcu1.Power") snapshot.power = make_view<DeviceView>(properties);
      } catch (const sdbus::Error& error) {
        return mcu::Error{mcu::Errc::protocol,
                          "mcud describes " + std::string(path) + " badly: " + error.getMessage()};
      }
  return snapshot;
}

Task<Result<ObjectTree>> BusBox::objects() {
  Result<ObjectTree> tree = co_await managed_objects(bus_, mcud_name);
  if (!tree) co_return explain(tree.error());
  co_return tree;
}

Task<Result<Snapshot>> BusBox::snapshot() {
  Result<ObjectTree> found = co_await objects();
  if (!found) co_return found.error();
  Result<Snapshot> snapshot = make_snapshot(*found);
  if (!snapshot) co_return snapshot.error();
  const auto controls = co_await fan_controls(bus_);
  for (FanView& fan : snapshot->fans)
    if (const auto control = controls.find(fan.name); control != controls.end())
      add_fan_daemon(fan, control->second.mode, control->second.why);
  co_return snapshot;
}

template <class... Out, class... In>
Task<Result<std::tuple<Out...>>> BusBox::call(std::string kind, std::string name,
                                              std::string method, In... arguments) {
  Result<ObjectTree> found = co_await objects();
  if (!found) co_return found.error();
  const Target target{mcud_name, object_path(kind, name), interface_of(kind)};
  if (found->find(sdbus::ObjectPath(target.path)) == found->end()) {
    std::vector<std::string> names;
    for (const auto& [path, interfaces] : *found)
      if (const auto device = interfaces.find(target.interface); device != interfaces.end())
        if (const auto known = device->second.find("Name"); known != device->second.end())
          names.push_back(known->second.template get<std::string>());
    co_return mcu::Error{mcu::Errc::unsupported,
                         names.empty() ? "this board has no " + kind
                                       : "no " + kind + " '" + name +
                                             "' on this board; it has: " + join(names)};
  }
  auto got =
      co_await bus_.call<Out...>(target, std::move(method), call_timeout, std::move(arguments)...);
  if (!got) co_return explain(got.error());
  co_return std::move(*got);
}

template <class... In>
Task<Status> BusBox::tell(std::string kind, std::string method, In... arguments) {
  auto got = co_await call<>(std::move(kind), "", std::move(method), std::move(arguments)...);
  if (!got) co_return got.error();
  co_return mcu::Done{};
}

Task<Result<SensorView>> BusBox::read_sensor(std::string name) {
  Result<Snapshot> known = co_await snapshot();
  if (!known) co_return known.error();
  if (name.empty() && !known->sensors.empty()) name = known->sensors.front().name;
  Result<SensorView> sensor = find_view(known->sensors, "sensor", name);
  if (!sensor) co_return sensor.error();
  const Target target{mcud_name, object_path("sensor", name), "io.nasmcu1.Sensor"};
  auto got = co_await bus_.call<double>(target, "Read", call_timeout);
  if (!got) co_return explain(got.error());
  sensor->valid = true;
  sensor->asleep = false;
  sensor->reason.clear();
  sensor->celsius = std::get<0>(*got);
  co_return sensor;
}

Task<Result<std::string>> BusBox::set_fan(std::string name, mcu::Duty duty) {
  const Target control{fand_name, object_path("fancontrol", name), "io.nasmcu1.FanControl"};
  auto kept = co_await bus_.call<std::string>(control, "SetManual", call_timeout, duty.percent);
  if (kept) co_return std::get<0>(*kept);
  if (kept.error().code != mcu::Errc::not_running) co_return explain(kept.error());
  auto got = co_await call<std::string>("fan", name, "SetByHand", duty.percent);
  co_return first_of(std::move(got));
}

Task<Result<std::string>> BusBox::fan_auto(std::string name) {
  const Target control{fand_name, object_path("fancontrol", name), "io.nasmcu1.FanControl"};
  auto given = co_await bus_.call<std::string>(control, "Auto", call_timeout);
  if (given) co_return std::get<0>(*given);
  if (given.error().code != mcu::Errc::not_running) co_return explain(given.error());
  auto got = co_await call<std::string>("fan", name, "Auto");
  co_return first_of(std::move(got));
}

Task<Status> BusBox::failsafe() {
  Status done = co_await tell("mcu", "Failsafe");
  co_return done;
}

Task<Result<mcu::LedState>> BusBox::set_led(std::string name, mcu::LedState state) {
  auto got = co_await call<std::string>("led", name, "Set", std::string(mcu::name(state)));
  if (!got) co_return got.error();
  co_return mcu::led_state_from_name(std::get<0>(*got));
}

Task<Status> BusBox::beep(mcu::BeepLength length) {
  const std::string word = length == mcu::BeepLength::brief ? "short" : "long";
  Status done = co_await tell("buzzer", "Beep", word);
  co_return done;
}

Task<Result<bool>> BusBox::read_button(std::string name) {
  auto got = co_await call<bool>("button", name, "Read");
  co_return first_of(std::move(got));
}

Task<Result<ClockView>> BusBox::read_clock() {
  auto got = co_await call<std::int64_t, bool>("clock", "", "Read");
  if (!got) co_return got.error();
  co_return ClockView{static_cast<std::time_t>(std::get<0>(*got)), std::get<1>(*got)};
}

Task<Result<ClockPair>> BusBox::clock_to_system() {
  auto got = co_await call<std::int64_t, std::int64_t>("clock", "", "SetSystem");
  if (!got) co_return got.error();
  co_return ClockPair{static_cast<std::time_t>(std::get<0>(*got)),
                      static_cast<std::time_t>(std::get<1>(*got))};
}

Task<Result<std::time_t>> BusBox::system_to_clock() {
  auto got = co_await call<std::int64_t>("clock", "", "SetClock");
  if (!got) co_return got.error();
  co_return static_cast<std::time_t>(std::get<0>(*got));
}

Task<Result<std::optional<std::time_t>>> BusBox::wake() {
  auto got = co_await call<std::int64_t>("clock", "", "GetWake");
  if (!got) co_return got.error();
  std::optional<std::time_t> when;
  if (std::get<0>(*got) != 0) when = static_cast<std::time_t>(std::get<0>(*got));
  co_return when;
}

Task<Status> BusBox::set_wake(std::optional<std::time_t> when) {
  Status done = co_await tell("clock", "SetWake", std::int64_t{when.value_or(0)});
  co_return done;
}

Task<Result<std::optional<std::time_t>>> BusBox::arm_wake() {
  auto got = co_await call<std::int64_t>("clock", "", "ArmWake");
  if (!got) co_return got.error();
  std::optional<std::time_t> when;
  if (std::get<0>(*got) != 0) when = static_cast<std::time_t>(std::get<0>(*got));
  co_return when;
}

Task<Status> BusBox::sleeping(bool going) {
  Status done = co_await tell("mcu", "PrepareForSleep", going);
  co_return done;
}

Task<Status> BusBox::ready() {
  Status done = co_await tell("power", "Ready");
  co_return done;
}

Task<Result<bool>> BusBox::power_recovery() {
  auto got = co_await call<bool>("power", "", "GetRecovery");
  co_return first_of(std::move(got));
}

Task<Status> BusBox::set_power_recovery(bool on) {
  Status done = co_await tell("power", "SetRecovery", on);
  co_return done;
}

Task<Result<bool>> BusBox::wake_on_lan() {
  auto got = co_await call<bool>("power", "", "GetWakeOnLan");
  co_return first_of(std::move(got));
}

Task<Status> BusBox::set_wake_on_lan(bool on) {
  Status done = co_await tell("power", "SetWakeOnLan", on);
  co_return done;
}

Task<Status> BusBox::power_off(int delay) {
  Status done = co_await tell("power", "PowerOff", std::int32_t{delay});
  co_return done;
}

Task<Result<std::string>> BusBox::identify() {
  auto got = co_await call<std::string>("mcu", "", "Identify");
  co_return first_of(std::move(got));
}

Task<Result<std::vector<mcu::Bytes>>> BusBox::raw(mcu::Bytes frame, bool force) {
  auto got = co_await call<std::vector<mcu::Bytes>>("mcu", "", "Raw", std::move(frame), force);
  co_return first_of(std::move(got));
}

} // namespace nasmcu

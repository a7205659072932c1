// SPDX-License-Identifier: MIT
#include <mcud/small_objects.hpp>

#include <tuple>

namespace nasmcu {
namespace {

Task<Result<double>> read_celsius(Core& core, std::string name) {
  const Result<SensorView> view = co_await core.read_sensor(std::move(name));
  if (!view) co_return view.error();
  co_return view->celsius;
}

Task<Result<std::string>> set_led(Core& core, std::string name, std::string word) {
  const Result<mcu::LedState> state = mcu::led_state_from_name(word);
  if (!state) co_return state.error();
  const Result<mcu::LedState> real = co_await core.set_led(std::move(name), *state);
  if (!real) co_return real.error();
  co_return std::string(mcu::name(*real));
}

Task<Status> beep(Core& core, std::string length) {
  if (length != "short" && length != "long")
    co_return mcu::Error{mcu::Errc::invalid_argument,
                         "beep '" + length + "': allowed are short and long"};
  const auto wanted = length == "long" ? mcu::BeepLength::extended : mcu::BeepLength::brief;
  Status beeped = co_await core.beep(wanted);
  co_return beeped;
}

Task<Result<std::tuple<std::int64_t, bool>>> read_clock(Core& core) {
  const Result<ClockView> view = co_await core.read_clock();
  if (!view) co_return view.error();
  co_return std::tuple<std::int64_t, bool>(view->time, view->utc);
}

Task<Result<std::tuple<std::int64_t, std::int64_t>>> set_system(Core& core) {
  const Result<ClockPair> pair = co_await core.clock_to_system();
  if (!pair) co_return pair.error();
  co_return std::tuple<std::int64_t, std::int64_t>(pair->clock, pair->system);
}

Task<Result<std::int64_t>> set_clock(Core& core) {
  const Result<std::time_t> written = co_await core.system_to_clock();
  if (!written) co_return written.error();
  co_return static_cast<std::int64_t>(*written);
}

Task<Result<std::int64_t>> get_wake(Core& core) {
  const Result<std::optional<std::time_t>> when = co_await core.wake();
  if (!when) co_return when.error();
  co_return static_cast<std::int64_t>(when->value_or(0));
}

Task<Result<std::int64_t>> arm_wake(Core& core) {
  const Result<std::optional<std::time_t>> when = co_await core.arm_wake();
  if (!when) co_return when.error();
  co_return static_cast<std::int64_t>(when->value_or(0));
}

Task<Status> set_wake(Core& core, std::int64_t time) {
  if (time < 0)
    co_return mcu::Error{mcu::Errc::invalid_argument,
                         "a wake time is seconds since the epoch, or 0 for none"};
  std::optional<std::time_t> when;
  if (time != 0) when = static_cast<std::time_t>(time);
  Status done = co_await core.set_wake(when);
  co_return done;
}

Task<Result<std::vector<mcu::Bytes>>> raw(Bus& bus, Core& core, std::string sender,
                                          mcu::Bytes frame, bool force) {
  if (force) {
    const Result<uid_t> uid = co_await bus.uid_of(std::move(sender));
    if (!uid) co_return uid.error();
    if (*uid != 0) co_return mcu::Error{mcu::Errc::denied, "raw --force is for root alone"};
  }
  Result<std::vector<mcu::Bytes>> replies = co_await core.raw(std::move(frame), force);
  co_return replies;
}

} // namespace

DeviceView simple_view(const mcu::Device& device) {
  const mcu::Availability there = device.availability();
  return {device.name(), there.present, there.present, there.reason};
}

void SensorObject::Read(sdbus::Result<double>&& result) {
  serve(std::move(result), read_celsius(core_, name_));
}

void LedObject::Set(sdbus::Result<std::string>&& result, std::string state) {
  serve(std::move(result), set_led(core_, name_, std::move(state)));
}

void ButtonObject::Read(sdbus::Result<bool>&& result) {
  serve(std::move(result), core_.read_button(name_));
}

std::uint64_t ButtonObject::Since() {
  const auto since = core_.button_view(name_).since.time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

std::uint32_t ButtonObject::Resolution() {
  return static_cast<std::uint32_t>(core_.monitor().resolution(name_).count());
}

void BuzzerObject::Beep(sdbus::Result<>&& result, std::string length) {
  serve(std::move(result), beep(core_, std::move(length)));
}

void ClockObject::Read(sdbus::Result<std::int64_t, bool>&& result) {
  serve(std::move(result), read_clock(core_));
}

void ClockObject::SetSystem(sdbus::Result<std::int64_t, std::int64_t>&& result) {
  serve(std::move(result), set_system(core_));
}

void ClockObject::SetClock(sdbus::Result<std::int64_t>&& result) {
  serve(std::move(result), set_clock(core_));
}

void ClockObject::GetWake(sdbus::Result<std::int64_t>&& result) {
  serve(std::move(result), get_wake(core_));
}

void ClockObject::SetWake(sdbus::Result<>&& result, std::int64_t time) {
  serve(std::move(result), set_wake(core_, time));
}

void ClockObject::ArmWake(sdbus::Result<std::int64_t>&& result) {
  serve(std::move(result), arm_wake(core_));
}

void PowerObject::Ready(sdbus::Result<>&& result) { serve(std::move(result), core_.ready()); }

void PowerObject::GetRecovery(sdbus::Result<bool>&& result) {
  serve(std::move(result), core_.power_recovery());
}

void PowerObject::SetRecovery(sdbus::Result<>&& result, bool on) {
  serve(std::move(result), core_.set_power_recovery(on));
}

void PowerObject::GetWakeOnLan(sdbus::Result<bool>&& result) {
  serve(std::move(result), core_.wake_on_lan());
}

void PowerObject::SetWakeOnLan(sdbus::Result<>&& result, bool on) {
  serve(std::move(result), core_.set_wake_on_lan(on));
}

void PowerObject::PowerOff(sdbus::Result<>&& result, std::int32_t delay) {
  serve(std::move(result), core_.power_off(delay));
}

McuObject::McuObject(Bus& bus, Core& core, sdbus::IConnection& connection)
    : AdaptorInterfaces(connection, sdbus::ObjectPath(object_path("mcu", ""))),
      bus_(bus),
      core_(core) {
  registerAdaptor();
}

void McuObject::changed() {
  compat::emit_changed(getObject(), INTERFACE_NAME, {"Backend", "Up", "LinkReason"});
  bus_.kick();
}

void McuObject::Identify(sdbus::Result<std::string>&& result) {
  bus_.serve(std::move(result), core_.identify());
}

void McuObject::Raw(sdbus::Result<std::vector<std::vector<std::uint8_t>>>&& result,
                    std::vector<std::uint8_t> frame, bool force) {
  bus_.serve(std::move(result),
             raw(bus_, core_, compat::sender(getObject()), std::move(frame), force));
}

void McuObject::Failsafe(sdbus::Result<>&& result) {
  bus_.serve(std::move(result), core_.failsafe());
}

void McuObject::PrepareForSleep(sdbus::Result<>&& result, bool start) {
  bus_.serve(std::move(result), core_.sleeping(start));
}

} // namespace nasmcu

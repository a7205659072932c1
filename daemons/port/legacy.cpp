// SPDX-License-Identifier: MIT
#include <port/legacy.hpp>

#include <verbs/clock_text.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace nasmcu {
namespace {

using Number = std::optional<int>;

Reply error() { return {std::string(legacy_error)}; }
Reply ok_or_error(const Status& status) { return status ? Reply{"OK\n"} : error(); }
Reply flag_or_error(const Result<bool>& flag) {
  return flag ? Reply{*flag ? "1\n" : "0\n"} : error();
}

Task<Reply> device_ready(Box* box, Number) {
  Status told = co_await box->ready();
  co_return ok_or_error(told);
}

Task<Reply> get_temperature(Box* box, Number) {
  Result<SensorView> sensor = co_await box->read_sensor("");
  if (!sensor) co_return error();
  co_return Reply{std::to_string(std::lround(sensor->celsius)) + "\n"};
}

Task<Reply> device_shutdown(Box* box, Number seconds) {
  if (seconds && (*seconds < 1 || *seconds > 99)) co_return error();
  Status asked = co_await box->power_off(seconds.value_or(0));
  co_return ok_or_error(asked);
}

template <bool on>
Task<Reply> set_power_recovery(Box* box, Number) {
  Status set = co_await box->set_power_recovery(on);
  co_return ok_or_error(set);
}

Task<Reply> get_power_recovery(Box* box, Number) {
  Result<bool> on = co_await box->power_recovery();
  co_return flag_or_error(on);
}

template <bool on>
Task<Reply> set_wol(Box* box, Number) {
  Status set = co_await box->set_wake_on_lan(on);
  co_return ok_or_error(set);
}

Task<Reply> get_wol(Box* box, Number) {
  Result<bool> on = co_await box->wake_on_lan();
  co_return flag_or_error(on);
}

template <mcu::LedState state>
Task<Reply> power_led(Box* box, Number) {
  Result<mcu::LedState> shown = co_await box->set_led("power", state);
  co_return shown ? Reply{"OK\n"} : error();
}

/// The old boards have one fan; where there are more, the first is meant.
template <int percent>
Task<Reply> drive_fan(Box* box, Number) {
  Result<Snapshot> snapshot = co_await box->snapshot();
  if (!snapshot || snapshot->fans.empty()) co_return error();
  const std::string name = snapshot->fans.front().name;
  Result<std::string> set = co_await box->set_fan(name, mcu::Duty{percent});
  co_return set ? Reply{"OK\n"} : error();
}

Task<Reply> systohc(Box* box, Number) {
  Result<std::time_t> written = co_await box->system_to_clock();
  co_return written ? Reply{"OK\n"} : error();
}

Task<Reply> hctosys(Box* box, Number) {
  Result<ClockPair> clocks = co_await box->clock_to_system();
  if (!clocks) co_return error();
  co_return Reply{hctosys_text(*clocks)};
}

Task<Reply> read_rtc(Box* box, Number) {
  Result<ClockView> clock = co_await box->read_clock();
  if (!clock) co_return error();
  co_return Reply{"RTC: " + ctime_text(clock->time) + "\n"};
}

/// The daemon ends also when the MCU is silent: then the fan is as safe as it can be made.
Task<Reply> shutdown_daemon(Box* box, Number) {
  Status safe = co_await box->failsafe();
  (void)safe;
  co_return Reply{"OK\n", Reply::Then::end_daemon};
}

Task<Reply> quit(Box*, Number) { co_return Reply{"Bye\n", Reply::Then::close}; }

/// The text of the daemon that had this port (2014). Its last version's two words, FanHalf and
/// FanStop, are understood too, but a script that compares this line knows the older one.
Task<Reply> help(Box*, Number) {
  co_return Reply{"Available Commands: DeviceReady, GetTemperature, DeviceShutdown, "
                  "EnablePowerRecovery, DisablePowerRecovery, GetPowerRecoveryState, EnableWOL, "
                  "DisableWOL, GetWOLState, PowerLedOn, PowerLedOff, "
                  "PowerLedBlink, systohc, hctosys, ReadRtc, ShutdownDaemon, quit\n"};
}

constexpr std::array table = {
    LegacyVerb{"DeviceReady", false, Access::changing, device_ready},
    LegacyVerb{"GetTemperature", false, Access::reading, get_temperature},
    LegacyVerb{"DeviceShutdown", true, Access::root_only, device_shutdown},
    LegacyVerb{"EnablePowerRecovery", false, Access::changing, set_power_recovery<true>},
    LegacyVerb{"DisablePowerRecovery", false, Access::changing, set_power_recovery<false>},
    LegacyVerb{"GetPowerRecoveryState", false, Access::reading, get_power_recovery},
    LegacyVerb{"EnableWOL", false, Access::changing, set_wol<true>},
    LegacyVerb{"DisableWOL", false, Access::changing, set_wol<false>},
    LegacyVerb{"GetWOLState", false, Access::reading, get_wol},
    LegacyVerb{"PowerLedOn", false, Access::changing, power_led<mcu::LedState::on>},
    LegacyVerb{"FanHalf", false, Access::changing, drive_fan<50>},
    LegacyVerb{"FanStop", false, Access::changing, drive_fan<0>},
    LegacyVerb{"PowerLedOff", false, Access::changing, power_led<mcu::LedState::off>},
    LegacyVerb{"PowerLedBlink", false, Access::changing, power_led<mcu::LedState::blink_slow>},
    LegacyVerb{"systohc", false, Access::changing, systohc},
    LegacyVerb{"hctosys", false, Access::changing, hctosys},
    LegacyVerb{"ReadRtc", false, Access::reading, read_rtc},
    LegacyVerb{"ShutdownDaemon", false, Access::root_only, shutdown_daemon},
    LegacyVerb{"quit", false, Access::reading, quit},
    LegacyVerb{"help", false, Access::reading, help},
};

} // namespace

std::span<const LegacyVerb> legacy_verbs() { return table; }

const LegacyVerb* find_legacy_verb(std::string_view word) {
  const auto it = std::find_if(table.begin(), table.end(),
                               [word](const LegacyVerb& verb) { return verb.word == word; });
  return it == table.end() ? nullptr : &*it;
}

} // namespace nasmcu

// SPDX-License-Identifier: MIT
// The box as a verb sees it. mcud answers for itself (the command port), mcuctl asks mcud over
// D-Bus, and mcuctl --direct uses the devices in its own process: the same verbs, three boxes.
#pragma once

#include <common/alert_service.hpp>
#include <common/device_view.hpp>
#include <common/watchdog_service.hpp>
#include <libmcu/link/task.hpp>
#include <libmcu/model/board.hpp>
#include <libmcu/model/command.hpp>

#include <cstdint>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu {

using mcu::Result;
using mcu::Status;
using mcu::Task;

struct SensorView : DeviceView {
  double celsius = 0;        ///< only while valid
  std::optional<double> max; ///< the board's limit
  bool asleep = false;       ///< a disk at rest: not valid, and all right
  std::string bay;           ///< whose disk it measures; empty: none
};
struct FanView : DeviceView {
  double duty = 0; ///< percent in force
  std::optional<unsigned> rpm;
  std::string holder; ///< who drives it; empty: nobody
  double failsafe = 100;
  bool in_failsafe = false;
  std::string why;
  bool alarm = false;   ///< its own alarm line says that it does not turn
  std::string conflict; ///< who else drives it, and what is done about it; empty: nobody
  std::string mode;     ///< "auto", "manual", "failsafe", "waiting"; empty: no fan daemon
};
/// What the fan daemon says of it; but in failsafe mcud decides, and knows why.
inline void add_fan_daemon(FanView& fan, const std::string& mode, const std::string& why) {
  fan.mode = mode;
  if (!fan.in_failsafe && !why.empty()) fan.why = why;
}
struct LedView : DeviceView {
  std::string state; ///< empty: unknown
};
struct ButtonView : DeviceView {
  bool pressed = false;
  mcu::SteadyTime since; ///< of `pressed`, as mcud saw it
};
struct LinkView {
  bool up = false;
  std::string reason; ///< why it is down
  std::string protocol;
  std::string port;
  std::map<std::string, std::uint64_t> statistics; ///< names as in LinkStats
};

/// Everything `status` shows, as last known: asking costs no byte on the wire.
struct Snapshot {
  std::string board;          ///< id
  std::string board_name;     ///< for people
  std::string backend;        ///< "tty", "kernel", "none"
  std::string backend_reason; ///< "qnap-mcu holds serial0-0"; may be empty
  LinkView link;
  std::vector<SensorView> sensors;
  std::vector<FanView> fans;
  std::vector<LedView> leds;
  std::vector<ButtonView> buttons;
  std::optional<DeviceView> buzzer, clock, power; ///< nothing: not fitted
};

struct ClockView {
  std::time_t time = 0;
  bool utc = true; ///< how the clock itself keeps it
};
/// The two clocks at one moment, before one was set from the other.
struct ClockPair {
  std::time_t clock = 0;
  std::time_t system = 0;
};

/// All calls may be made while others are under way. Names are checked by the box: `unsupported`
/// for a device that this board does not have, with the names it has. Alerts and disks
/// (AlertService) are nas-alertd's, the watchdog (WatchdogService) is nas-watchdogd's: a box that
/// cannot reach them says so.
class Box : public AlertService, public WatchdogService {
public:
  virtual Task<Result<Snapshot>> snapshot() = 0;

  /// A fresh, believable reading. An empty name means the board's first sensor.
  virtual Task<Result<SensorView>> read_sensor(std::string name) = 0;

  /// By hand: nas-fand keeps it until fan_auto(); without nas-fand mcud keeps it for 30 minutes.
  /// Returns what was done, in words.
  virtual Task<Result<std::string>> set_fan(std::string name, mcu::Duty duty) = 0;
  virtual Task<Result<std::string>> fan_auto(std::string name) = 0;
  /// Every fan to failsafe, all leases ended.
  virtual Task<Status> failsafe() = 0;

  /// Returns the state that it really shows.
  virtual Task<Result<mcu::LedState>> set_led(std::string name, mcu::LedState state) = 0;
  virtual Task<Status> beep(mcu::BeepLength length) = 0;
  virtual Task<Result<bool>> read_button(std::string name) = 0;

  virtual Task<Result<ClockView>> read_clock() = 0;
  virtual Task<Result<ClockPair>> clock_to_system() = 0;   ///< hctosys
  virtual Task<Result<std::time_t>> system_to_clock() = 0; ///< systohc
  /// When the clock shall start the box; nothing: not set.
  virtual Task<Result<std::optional<std::time_t>>> wake() = 0;
  virtual Task<Status> set_wake(std::optional<std::time_t> when) = 0;
  /// Before the system goes down: sets what was asked for last, or what the configuration says,
  /// whichever comes first. Nothing: there is nothing to come, and nothing was changed.
  virtual Task<Result<std::optional<std::time_t>>> arm_wake() = 0;

  /// The box goes to sleep (fans to failsafe until it is back), or is back (everything is read and
  /// written again). For the sleep hook of systems without logind.
  virtual Task<Status> sleeping(bool going) = 0;

  virtual Task<Status> ready() = 0;
  virtual Task<Result<bool>> power_recovery() = 0;
  virtual Task<Status> set_power_recovery(bool on) = 0;
  virtual Task<Result<bool>> wake_on_lan() = 0;
  virtual Task<Status> set_wake_on_lan(bool on) = 0;
  /// Asks the system to power off; `delay` seconds (1 to 99, 0: configured) are left for the hook.
  virtual Task<Status> power_off(int delay) = 0;

  virtual Task<Result<std::string>> identify() = 0; ///< the MCU's version bytes
  /// Without force: exactly one complete, known, reading frame.
  virtual Task<Result<std::vector<mcu::Bytes>>> raw(mcu::Bytes frame, bool force) = 0;
};

} // namespace nasmcu

// SPDX-License-Identifier: MIT
// A box of plain values: verbs and the command port are tested without any device.
#pragma once

#include <verbs/box.hpp>
#include <verbs/verbs.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu::test {

/// Runs a coroutine to its end in a loop of its own.
template <class T>
T run(Task<T> task) {
  mcu::asio::io_context io;
  std::optional<T> result;
  mcu::asio::co_spawn(
      io,
      [](Task<T> inner, std::optional<T>* out) -> Task<void> {
        T value = co_await std::move(inner);
        out->emplace(std::move(value));
      }(std::move(task), &result),
      mcu::asio::detached);
  io.run();
  return std::move(result).value();
}

/// Remembers what was asked in `calls`; fails with `failure` when that is set.
class FakeBox : public Box {
public:
  FakeBox() {
    snapshot_.board = "test-board";
    snapshot_.board_name = "Test Board";
    snapshot_.backend = "tty";
    snapshot_.link = {true,
                      "",
                      "wt61p803",
                      "/dev/ttyS0",
                      {{"tries", 1000}, {"exchanges", 1000}, {"rtt_total_us", 1900000}}};
    SensorView board;
    board.name = "board";
    board.present = board.valid = true;
    board.celsius = 38;
    board.max = 75;
    SensorView cpu;
    cpu.name = "cpu";
    cpu.reason = "no driver for thermal yet";
    snapshot_.sensors = {board, cpu};
    FanView fan;
    fan.name = "system";
    fan.present = fan.valid = true;
    fan.duty = 35;
    fan.rpm = 1230;
    fan.failsafe = 60;
    fan.mode = "auto";
    fan.why = "38 °C at board";
    snapshot_.fans = {fan};
    LedView power;
    power.name = "power";
    power.present = power.valid = true;
    power.state = "on";
    LedView disk;
    disk.name = "disk1-fault";
    disk.present = true;
    snapshot_.leds = {power, disk};
    ButtonView button;
    button.name = "power";
    button.present = button.valid = true;
    snapshot_.buttons = {button};
  }

  std::optional<mcu::Error> failure;
  std::vector<std::string> calls;
  Snapshot snapshot_;
  ClockPair clocks{1378847177, 1378847180}; // 2013-09-10 21:06:17 and :20 UTC
  std::optional<std::time_t> wake_at;
  std::function<Task<void>()> before; ///< awaited in read_sensor()
  bool alertd_runs = true;            ///< without it the box answers as any without nas-alertd
  AlertList alert_list;
  WatchdogView watchdog_view;
  std::vector<DiskView> disk_list;

  Task<Result<Snapshot>> snapshot() override { co_return snapshot_; }
  Task<Result<SensorView>> read_sensor(std::string name) override {
    if (before) co_await before();
    if (!note("read_sensor " + name)) co_return *failure;
    for (const SensorView& sensor : snapshot_.sensors)
      if (name.empty() || sensor.name == name) co_return sensor;
    co_return mcu::Error{mcu::Errc::unsupported, "no sensor '" + name + "'"};
  }
  Task<Result<std::string>> set_fan(std::string name, mcu::Duty duty) override {
    if (!note("set_fan " + name + " " + std::to_string(duty.percent))) co_return *failure;
    co_return name + " is set";
  }
  Task<Result<std::string>> fan_auto(std::string name) override {
    if (!note("fan_auto " + name)) co_return *failure;
    co_return name + " is automatic";
  }
  Task<Status> failsafe() override { co_return status("failsafe"); }
  Task<Result<mcu::LedState>> set_led(std::string name, mcu::LedState state) override {
    if (!note("set_led " + name + " " + std::string(mcu::name(state)))) co_return *failure;
    // Knows one blink only.
    co_return state == mcu::LedState::blink_fast ? mcu::LedState::blink_slow : state;
  }
  Task<Status> beep(mcu::BeepLength length) override {
    co_return status(length == mcu::BeepLength::brief ? "beep short" : "beep long");
  }
  Task<Result<bool>> read_button(std::string name) override {
    if (!note("read_button " + name)) co_return *failure;
    co_return true;
  }
  Task<Result<ClockView>> read_clock() override {
    if (!note("read_clock")) co_return *failure;
    co_return ClockView{clocks.clock, false};
  }
  Task<Result<ClockPair>> clock_to_system() override {
    if (!note("clock_to_system")) co_return *failure;
    co_return clocks;
  }
  Task<Result<std::time_t>> system_to_clock() override {
    if (!note("system_to_clock")) co_return *failure;
    co_return clocks.system;
  }
  Task<Result<std::optional<std::time_t>>> wake() override {
    if (!note("wake")) co_return *failure;
    co_return wake_at;
  }
  Task<Result<std::optional<std::time_t>>> arm_wake() override {
    if (!note("arm_wake")) co_return *failure;
    co_return wake_at;
  }
  Task<Status> set_wake(std::optional<std::time_t> when) override {
    co_return status("set_wake " + (when ? std::to_string(*when) : "off"));
  }
  Task<Status> sleeping(bool going) override {
    co_return status(going ? "sleeping" : "awake again");
  }
  Task<Status> ready() override { co_return status("ready"); }
  Task<Result<bool>> power_recovery() override {
    if (!note("power_recovery")) co_return *failure;
    co_return true;
  }
  Task<Status> set_power_recovery(bool on) override {
    co_return status(on ? "set_power_recovery on" : "set_power_recovery off");
  }
  Task<Result<bool>> wake_on_lan() override {
    if (!note("wake_on_lan")) co_return *failure;
    co_return false;
  }
  Task<Status> set_wake_on_lan(bool on) override {
    co_return status(on ? "set_wake_on_lan on" : "set_wake_on_lan off");
  }
  Task<Status> power_off(int delay) override {
    co_return status("power_off " + std::to_string(delay));
  }
  Task<Result<std::string>> identify() override {
    if (!note("identify")) co_return *failure;
    co_return std::string("01 02 03 04");
  }
  Task<Result<std::vector<mcu::Bytes>>> raw(mcu::Bytes frame, bool force) override {
    if (!note("raw " + mcu::to_hex(frame) + (force ? " forced" : ""))) co_return *failure;
    co_return std::vector<mcu::Bytes>{{0x40, 0x54, 0x33, 0x26, 0x01}};
  }
  Task<Result<WatchdogView>> watchdog() override { co_return watchdog_view; }
  Task<Status> announce(std::string why, std::chrono::seconds time) override {
    co_return status("announce " + why + " " + std::to_string(time.count()));
  }
  Task<Result<AlertList>> alerts() override {
    if (!alertd_runs) co_return no_alert_daemon();
    co_return alert_list;
  }
  Task<Status> acknowledge_alert(std::string id) override {
    co_return alertd_runs ? status("acknowledge_alert " + id) : no_alert_daemon();
  }
  Task<Status> mute_alerts(std::chrono::seconds time) override {
    co_return alertd_runs ? status("mute_alerts " + std::to_string(time.count()))
                          : no_alert_daemon();
  }
  Task<Result<std::string>> test_alerts() override {
    if (!alertd_runs) co_return no_alert_daemon();
    if (!note("test_alerts")) co_return *failure;
    co_return std::string("buzzer: a short beep; mail: nobody is configured");
  }
  Task<Result<std::vector<DiskView>>> disks() override {
    if (!alertd_runs) co_return no_alert_daemon();
    co_return disk_list;
  }
  Task<Result<std::string>> identify_bay(std::string bay, bool on) override {
    if (!alertd_runs) co_return no_alert_daemon();
    if (!note("identify_bay " + bay + (on ? " on" : " off"))) co_return *failure;
    co_return "disk" + bay + "-fault";
  }
  Task<Status> forget_bay(std::string bay) override {
    co_return alertd_runs ? status("forget_bay " + bay) : no_alert_daemon();
  }
  Task<Result<std::string>> test_disk(std::string bay, std::string kind) override {
    if (!alertd_runs) co_return no_alert_daemon();
    if (!note("test_disk " + bay + " " + kind)) co_return *failure;
    co_return "a " + kind + " self-test has begun";
  }

private:
  bool note(std::string call) {
    calls.push_back(std::move(call));
    return !failure;
  }
  Status status(std::string call) {
    if (!note(std::move(call))) return *failure;
    return mcu::Done{};
  }
};

/// Times are printed in local time: the tests' is UTC.
inline void use_utc() {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
}

} // namespace nasmcu::test

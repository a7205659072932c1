// SPDX-License-Identifier: MIT
// The box as mcud, nas-fand, nas-alertd and nas-watchdogd offer it on D-Bus.
#pragma once

#include <verbs/box.hpp>

#include <bus/alertd_client.hpp>
#include <bus/objects.hpp>
#include <bus/watchdogd_client.hpp>

#include <string>

namespace nasmcu {

class BusBox final : public Box {
public:
  explicit BusBox(Bus& bus) : bus_(bus), alertd_(bus), watchdogd_(bus) {}

  Task<Result<Snapshot>> snapshot() override;
  Task<Result<SensorView>> read_sensor(std::string name) override;
  Task<Result<std::string>> set_fan(std::string name, mcu::Duty duty) override;
  Task<Result<std::string>> fan_auto(std::string name) override;
  Task<Status> failsafe() override;
  Task<Result<mcu::LedState>> set_led(std::string name, mcu::LedState state) override;
  Task<Status> beep(mcu::BeepLength length) override;
  Task<Result<bool>> read_button(std::string name) override;
  Task<Result<ClockView>> read_clock() override;
  Task<Result<ClockPair>> clock_to_system() override;
  Task<Result<std::time_t>> system_to_clock() override;
  Task<Result<std::optional<std::time_t>>> wake() override;
  Task<Status> set_wake(std::optional<std::time_t> when) override;
  Task<Result<std::optional<std::time_t>>> arm_wake() override;
  Task<Status> sleeping(bool going) override;
  Task<Status> ready() override;
  Task<Result<bool>> power_recovery() override;
  Task<Status> set_power_recovery(bool on) override;
  Task<Result<bool>> wake_on_lan() override;
  Task<Status> set_wake_on_lan(bool on) override;
  Task<Status> power_off(int delay) override;
  Task<Result<std::string>> identify() override;
  Task<Result<std::vector<mcu::Bytes>>> raw(mcu::Bytes frame, bool force) override;

  Task<Result<AlertList>> alerts() override { return alertd_.alerts(); }
  Task<Status> acknowledge_alert(std::string id) override {
    return alertd_.acknowledge_alert(std::move(id));
  }
  Task<Status> mute_alerts(std::chrono::seconds time) override { return alertd_.mute_alerts(time); }
  Task<Result<std::string>> test_alerts() override { return alertd_.test_alerts(); }
  Task<Result<std::vector<DiskView>>> disks() override { return alertd_.disks(); }
  Task<Result<std::string>> identify_bay(std::string bay, bool on) override {
    return alertd_.identify_bay(std::move(bay), on);
  }
  Task<Status> forget_bay(std::string bay) override { return alertd_.forget_bay(std::move(bay)); }
  Task<Result<std::string>> test_disk(std::string bay, std::string kind) override {
    return alertd_.test_disk(std::move(bay), std::move(kind));
  }
  Task<Result<WatchdogView>> watchdog() override { return watchdogd_.watchdog(); }
  Task<Status> announce(std::string why, std::chrono::seconds time) override {
    return watchdogd_.announce(std::move(why), time);
  }

private:
  Task<Result<ObjectTree>> objects();
  /// A method of mcud's device of that kind; one without a name where the board has it once.
  template <class... Out, class... In>
  Task<Result<std::tuple<Out...>>> call(std::string kind, std::string name, std::string method,
                                        In... arguments);
  template <class... In>
  Task<Status> tell(std::string kind, std::string method, In... arguments);

  static Result<Snapshot> make_snapshot(const ObjectTree& objects);
  static void take_mcu(Snapshot& snapshot, const Properties& properties);
  static FanView make_fan(const Properties& properties);

  Bus& bus_;
  AlertdClient alertd_;
  WatchdogdClient watchdogd_;
};

} // namespace nasmcu

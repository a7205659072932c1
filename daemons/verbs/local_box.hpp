// SPDX-License-Identifier: MIT
// The box in this process: mcuctl --direct is this, mcud builds on it.
#pragma once

#include <verbs/box.hpp>

#include <common/config.hpp>
#include <common/system.hpp>
#include <common/wake_plan.hpp>
#include <libmcu/devices/inventory.hpp>

namespace nasmcu {

struct LocalBoxOptions {
  std::optional<bool> clock_utc; ///< nothing: the board's
  /// Seconds that power_off(0) leaves for the hook; nothing: the board's, else 20.
  std::optional<int> shutdown_delay;
  bool may_power_off = false; ///< mcud alone
  WakeConfig wake;
};

/// What every device tells of itself, as the view of its kind; not valid yet.
template <class View>
View basic_view(const mcu::Device& device) {
  const mcu::Availability there = device.availability();
  View view;
  view.name = device.name();
  view.present = there.present;
  view.reason = there.reason;
  return view;
}

/// What the configuration says about the serial link, as libmcu takes it.
mcu::InventoryOptions inventory_options(const Config& config, const std::string& root);

/// Calls go straight to the devices, one after the other; nothing is remembered between them.
class LocalBox : public Box {
public:
  LocalBox(mcu::Inventory& inventory, const System& system, LocalBoxOptions options)
      : inventory_(inventory), system_(system), options_(options) {}

  /// Reads everything that can be read, because nobody else has.
  Task<Result<Snapshot>> snapshot() override;
  Task<Result<SensorView>> read_sensor(std::string name) override;
  /// Writes the duty once, never below failsafe; nobody keeps it.
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

  void set_options(LocalBoxOptions options) { options_ = options; }
  /// Whether the clock keeps UTC: the configuration's word, else the board's.
  bool clock_utc() const;

  mcu::Inventory& inventory() { return inventory_; }
  const System& system() const { return system_; }

private:
  int usual_delay() const;
  /// The alarm itself, read back; the wish stays as it is.
  Task<Status> write_wake(std::optional<std::time_t> when);
  std::string wish_file() const;
  std::optional<WakeWish> wake_wish() const;
  Status keep_wish(std::optional<std::time_t> when) const;
  Task<FanView> view_of(mcu::Fan& fan);
  Task<SensorView> view_of(mcu::Sensor& sensor);
  /// Deals with somebody else who drives it: `busy` where the fan is left to them.
  Task<Status> make_free(mcu::Fan& fan);

  mcu::Inventory& inventory_;
  const System& system_;
  LocalBoxOptions options_;
};

/// The board, its back end, its link's counters and the devices that have no value; without the
/// others. Snapshots begin with it.
Snapshot describe_box(mcu::Inventory& inventory);

/// Sends what prepare_raw() allowed and returns the reply frames.
Task<Result<std::vector<mcu::Bytes>>> send_raw(mcu::Inventory& inventory, mcu::Bytes frame,
                                               bool force, bool root);

} // namespace nasmcu

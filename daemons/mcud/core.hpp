// SPDX-License-Identifier: MIT
// The box as mcud keeps it: devices, who drives the fans, and the last state of everything.
// No D-Bus here: objects.cpp is its face on the bus, the command port its other one.
#pragma once

#include <mcud/fan_driver.hpp>
#include <mcud/monitor.hpp>

#include <common/config.hpp>
#include <common/system.hpp>
#include <libmcu/devices/inventory.hpp>
#include <verbs/local_box.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace nasmcu {

/// The fan daemon, as far as mcud must know it: hand-set duties go there while it runs.
class FanDaemon {
public:
  virtual ~FanDaemon() = default;
  virtual bool running() const = 0;
  virtual Task<Result<std::string>> set_manual(std::string fan, mcu::Duty duty) = 0;
  virtual Task<Result<std::string>> set_auto(std::string fan) = 0;
  /// Fills in what it says about the fans. `fans` must live until then.
  virtual Task<void> explain(std::vector<FanView>& fans) = 0;
};

class Core final : public LocalBox {
public:
  enum class Kind { fan, sensor, led, button, link };

  Core(mcu::asio::any_io_executor executor, mcu::Inventory& inventory, const System& system,
       const Config& config);

  /// The state of a device changed; an empty name means all of that kind.
  std::function<void(Kind kind, const std::string& name)> on_change;
  FanDaemon* fan_daemon = nullptr;            ///< null: unknown
  AlertService* alert_daemon = nullptr;       ///< null: there is none
  WatchdogService* watchdog_daemon = nullptr; ///< null: there is none

  /// `busy` when another program owns the hardware: then nothing was touched.
  Status start();
  /// Fans to failsafe, what was borrowed from the kernel back to it, at most `limit` long; then
  /// everything ends.
  Task<void> stop(std::chrono::milliseconds limit);
  void reload(const Config& config);

  /// Null for a name that this board does not have.
  FanDriver* driver(const std::string& fan);
  const std::vector<std::unique_ptr<FanDriver>>& drivers() const { return drivers_; }
  Monitor& monitor() { return monitor_; }
  void bus_lost();

  FanView fan_view(const std::string& name);
  SensorView sensor_view(const std::string& name);
  LedView led_view(const std::string& name);
  ButtonView button_view(const std::string& name);
  LinkView link_view();

  Task<Result<Snapshot>> snapshot() override;
  Task<Result<SensorView>> read_sensor(std::string name) override;
  Task<Result<std::string>> set_fan(std::string name, mcu::Duty duty) override;
  Task<Result<std::string>> fan_auto(std::string name) override;
  Task<Status> failsafe() override;
  Task<Status> sleeping(bool going) override;
  Task<Result<mcu::LedState>> set_led(std::string name, mcu::LedState state) override;
  Task<Result<bool>> read_button(std::string name) override;

  // core_alerts.cpp: nas-alertd's, passed on.
  Task<Result<AlertList>> alerts() override;
  Task<Status> acknowledge_alert(std::string id) override;
  Task<Status> mute_alerts(std::chrono::seconds time) override;
  Task<Result<std::string>> test_alerts() override;
  Task<Result<std::vector<DiskView>>> disks() override;
  Task<Result<std::string>> identify_bay(std::string bay, bool on) override;
  Task<Status> forget_bay(std::string bay) override;
  Task<Result<std::string>> test_disk(std::string bay, std::string kind) override;
  // core_watchdog.cpp: nas-watchdogd's, passed on.
  Task<Result<WatchdogView>> watchdog() override;
  Task<Status> announce(std::string why, std::chrono::seconds time) override;

private:
  /// A LED that was set.
  struct LedMemory {
    mcu::LedState wanted = mcu::LedState::off;
    std::optional<mcu::LedState> shown; ///< what it really shows; nothing: it has been away
  };

  void changed(Kind kind, const std::string& name);
  void link_changed(bool up, const std::string& reason);
  /// Devices may have come or gone: acts on, and announces, those that did.
  void look_at_devices();
  bool moved(const mcu::Device& device);
  void look_for_port_rivals();
  void restore_leds();
  Task<void> restore_led(std::string name);
  Task<Status> fans_settled();
  void wake_up();
  void use(const Config& config);
  WatchdogService& watchdogd() {
    return watchdog_daemon != nullptr ? *watchdog_daemon : no_watchdogd_;
  }
  AlertService& alertd() { return alert_daemon != nullptr ? *alert_daemon : no_alertd_; }

  mcu::asio::any_io_executor executor_;
  Monitor monitor_;
  std::vector<std::unique_ptr<FanDriver>> drivers_;
  std::map<std::string, LedMemory> leds_;
  std::map<const mcu::Device*, mcu::Availability> announced_;
  std::set<std::string> told_rivals_; ///< who else is on the serial port
  mcu::asio::steady_timer asleep_;    ///< runs while the box is said to sleep
  AlertService no_alertd_;
  WatchdogService no_watchdogd_;
  bool stopping_ = false;
};

} // namespace nasmcu

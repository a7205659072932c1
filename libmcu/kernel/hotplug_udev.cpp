// SPDX-License-Identifier: MIT
// Events of the kernel's devices, behind udev's rules where udev runs, so that nodes are there with
// their rights.
#include <libmcu/kernel/hotplug_source.hpp>

#include <libudev.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace mcu {
namespace {

constexpr std::array subsystems = {"hwmon",    "leds",  "thermal",  "input",  "gpio",     "rtc",
                                   "watchdog", "block", "ata_port", "serial", "scsi_disk"};

struct FreeUdev {
  void operator()(udev* context) const { udev_unref(context); }
  void operator()(udev_monitor* monitor) const { udev_monitor_unref(monitor); }
  void operator()(udev_device* device) const { udev_device_unref(device); }
};

class UdevSource final : public HotPlugSource {
public:
  bool open() {
    udev_.reset(udev_new());
    if (!udev_) return false;
    const bool udev_runs = ::access("/run/udev/control", F_OK) == 0;
    monitor_.reset(udev_monitor_new_from_netlink(udev_.get(), udev_runs ? "udev" : "kernel"));
    if (!monitor_) return false;
    for (const char* subsystem : subsystems)
      udev_monitor_filter_add_match_subsystem_devtype(monitor_.get(), subsystem, nullptr);
    return udev_monitor_enable_receiving(monitor_.get()) >= 0;
  }

  int fd() const override { return udev_monitor_get_fd(monitor_.get()); }

  bool take() override {
    bool found = false;
    for (;;) {
      errno = 0;
      const Device device(udev_monitor_receive_device(monitor_.get()));
      if (!device) return found || errno == ENOBUFS; // some were lost: any may have mattered
      found = found || is_about_coming(udev_device_get_action(device.get()));
    }
  }

private:
  using Device = std::unique_ptr<udev_device, FreeUdev>;

  /// "change" tells of a value (a zone's trip, a disk's medium), and comes often.
  static bool is_about_coming(const char* action) {
    return action != nullptr && std::strcmp(action, "change") != 0;
  }

  std::unique_ptr<udev, FreeUdev> udev_;
  std::unique_ptr<udev_monitor, FreeUdev> monitor_;
};

} // namespace

std::unique_ptr<HotPlugSource> make_udev_source() {
  auto source = std::make_unique<UdevSource>();
  if (!source->open()) return nullptr;
  return source;
}

} // namespace mcu

// SPDX-License-Identifier: MIT
// Where a thing is now, found by its name: the kernel's numbers (hwmon3, event1, sda, ata5) change
// from boot to boot. Each error says in words what was looked for and what there is.
#pragma once

#include <libmcu/kernel/files.hpp>
#include <libmcu/model/board.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mcu {

/// "CHIP" or "CHIP@DEVICE": the folder /sys/class/hwmon/hwmonN whose `name` is CHIP and, where
/// DEVICE is given, whose `device` link ends in it ("lm75@0-0048"). Several that fit are an error
/// that lists them. The result has `root` in front.
Result<std::string> find_hwmon(const Files& files, const std::string& root, std::string_view chip);

/// /sys/class/thermal/thermal_zoneN by its `type`.
Result<std::string> find_thermal_zone(const Files& files, const std::string& root,
                                      std::string_view type);

/// /sys/class/leds/NAME of the first name that exists. A second LED of that name, which the kernel
/// calls NAME_1, is never taken for it.
Result<std::string> find_led(const Files& files, const std::string& root,
                             const std::vector<std::string>& names);

/// /dev/input/eventN by the device's name.
Result<std::string> find_input(const Files& files, const std::string& root, std::string_view name);

/// A clock: "rtc0", or the first word of its `name` ("rtc-pcf85063").
struct RtcNode {
  std::string sysfs; ///< /sys/class/rtc/rtcN
  std::string dev;   ///< /dev/rtcN
};
Result<RtcNode> find_rtc(const Files& files, const std::string& root, std::string_view name);

/// /dev/watchdogN by its `identity`.
Result<std::string> find_watchdog(const Files& files, const std::string& root,
                                  std::string_view identity);

/// The disk on a port, by what udev would call the port in /dev/disk/by-path ("platform-
/// f1080000.sata-ata-2", "pci-0000:01:00.0-ata-1",
/// "platform-3c0800000.pcie-pci-0002:21:00.0-ata-2"). Computed from sysfs, so that it works without
/// udev and under a fake root. Newer names that end in ".0" are understood as well, and names that
/// begin with "pci-" where the whole one has the platform in front. `unsupported` when no disk is
/// there, `invalid_argument` when several fit.
struct DiskNode {
  std::string name;  ///< "sda"
  std::string sysfs; ///< /sys/block/sda
  std::string hwmon; ///< its drivetemp folder; empty while there is none
};
Result<DiskNode> find_disk(const Files& files, const std::string& root, std::string_view port);
/// Every disk on an ata port, with the name of its port.
struct DiskOnPort {
  std::string port;
  DiskNode disk;
};
std::vector<DiskOnPort> disks_on_ports(const Files& files, const std::string& root);

/// A thermal zone that has the fan of this hwmon folder as a cooling device: its folder, type and
/// policy. The kernel does not link the two: a cooling device's `type` is its driver's name, which
/// is also the name of hwmonN/device/driver (gpio-fan, pwm-fan, qnap-mcu-hwmon).
struct BoundZone {
  std::string sysfs; ///< /sys/class/thermal/thermal_zoneN
  std::string type;
  std::string policy; ///< "step_wise", "user_space"
  bool enabled = true;
};
std::vector<BoundZone> zones_driving(const Files& files, const std::string& root,
                                     const std::string& hwmon);

} // namespace mcu

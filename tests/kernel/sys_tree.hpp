// SPDX-License-Identifier: MIT
// A small /sys below a temporary root, with the links that the kernel makes.
#pragma once

#include <common/temp_tree.hpp>

#include <libmcu/kernel/files.hpp>

#include <cerrno>
#include <map>
#include <mutex>
#include <utility>

class SysTree : public TempTree {
public:
  SysTree() { folder("sys/devices"); }

  void folder(const std::string& below) const { std::filesystem::create_directories(path(below)); }
  /// A relative link, as sysfs has them.
  void link(const std::string& below, const std::string& target) const {
    const std::filesystem::path from = path(below);
    std::filesystem::create_directories(from.parent_path());
    std::filesystem::remove(from);
    std::filesystem::create_symlink(
        std::filesystem::path(path(target)).lexically_relative(from.parent_path()), from);
  }
  void remove(const std::string& below) const { std::filesystem::remove_all(path(below)); }

  /// A device below /sys/devices on a bus, with its driver where it has one.
  std::string device(const std::string& below, const std::string& bus,
                     const std::string& driver = "") const {
    const std::string place = "sys/devices/" + below;
    folder(place);
    folder("sys/bus/" + bus);
    link(place + "/subsystem", "sys/bus/" + bus);
    if (driver.empty()) return place;
    folder("sys/bus/" + bus + "/drivers/" + driver);
    link(place + "/driver", "sys/bus/" + bus + "/drivers/" + driver);
    return place;
  }

  /// hwmonN of a device; returns its folder behind the class's link.
  std::string hwmon(int number, const std::string& device_place, const std::string& name) const {
    const std::string node = "hwmon" + std::to_string(number);
    std::string place = device_place;
    place += "/hwmon/" + node;
    write(place + "/name", name + "\n");
    link(place + "/device", device_place);
    link("sys/class/hwmon/" + node, place);
    return place;
  }

  struct Disk {
    std::string name = "sda";
    std::string controller; ///< "platform/soc/f1080000.sata"
    int ata = 1, host = 0;
    std::string port_no = "1"; ///< empty: an older kernel
    std::string target = "0:0:0";
  };
  /// Returns the SCSI device's folder.
  std::string disk(const Disk& one) const {
    const std::string ata = "ata" + std::to_string(one.ata);
    const std::string host = std::to_string(one.host);
    const std::string scsi = host + ":" + one.target;
    const std::string port = "sys/devices/" + one.controller + "/" + ata;
    const std::string place =
        port + "/host" + host + "/target" + scsi.substr(0, scsi.rfind(':')) + "/" + scsi;
    if (!one.port_no.empty()) {
      write(port + "/ata_port/" + ata + "/port_no", one.port_no + "\n");
      link("sys/class/ata_port/" + ata, port + "/ata_port/" + ata);
    }
    write(place + "/block/" + one.name + "/stat", "     100        0      800      10 "
                                                  "      50        0      400       5 0 15 15\n");
    link(place + "/block/" + one.name + "/device", place);
    link("sys/block/" + one.name, place + "/block/" + one.name);
    return place;
  }

  void zone(int number, const std::string& type, const std::string& temp) const {
    const std::string node = "thermal_zone" + std::to_string(number);
    write("sys/devices/virtual/thermal/" + node + "/type", type + "\n");
    write("sys/devices/virtual/thermal/" + node + "/temp", temp + "\n");
    link("sys/class/thermal/" + node, "sys/devices/virtual/thermal/" + node);
  }
};

/// Fails where it is told to, and counts.
class FaultyFiles : public mcu::Files {
public:
  void fail(const std::string& end, int number) {
    const std::lock_guard lock(mutex_);
    faults_[end] = number;
  }
  void heal() {
    const std::lock_guard lock(mutex_);
    faults_.clear();
  }
  int reads_of(const std::string& end) const {
    const std::lock_guard lock(mutex_);
    int count = 0;
    for (const auto& [path, times] : reads_)
      if (path.ends_with(end)) count += times;
    return count;
  }

  mcu::Result<std::string> read(const std::string& path) const override {
    if (const int number = fault(path, true)) return mcu::os_error(path, "cannot read", number);
    return Files::read(path);
  }
  mcu::Status write(const std::string& path, const std::string& text) const override {
    if (const int number = fault(path, false)) return mcu::os_error(path, "cannot write", number);
    return Files::write(path, text);
  }

private:
  int fault(const std::string& path, bool reading) const {
    const std::lock_guard lock(mutex_);
    if (reading) ++reads_[path];
    for (const auto& [end, number] : faults_)
      if (path.ends_with(end)) return number;
    return 0;
  }

  mutable std::mutex mutex_;
  std::map<std::string, int> faults_;
  mutable std::map<std::string, int> reads_;
};

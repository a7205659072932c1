// SPDX-License-Identifier: MIT
#include <alertd/sources/find_disks.hpp>

#include <libmcu/devices/disk_activity.hpp>
#include <libmcu/kernel/find.hpp>
#include <libmcu/model/text.hpp>

#include <map>

namespace nasmcu::alertd {
namespace {

/// A disk's name, not a partition's: those are not in /sys/block.
bool is_disk(const mcu::Files& files, const std::string& block, const std::string& name) {
  if (!name.starts_with("sd") && !name.starts_with("nvme")) return false;
  // An NVMe namespace that is one of several ways to the same disk ("nvme0c1n1") has no node.
  return files.exists(block + "/device") && files.read(block + "/hidden").value_or("0") != "1";
}

/// The kernel read it from the disk when it found it, long ago.
std::string serial_of(const mcu::Files& files, const std::string& block) {
  for (const char* file : {"/device/serial", "/serial"})
    if (const auto text = files.read(block + file); text.ok()) return std::string(mcu::trim(*text));
  // Vital product data, page 80h: four bytes of header, then the number.
  const auto page = files.read(block + "/device/vpd_pg80");
  if (!page || page->size() <= 4) return {};
  std::string serial(mcu::trim(page->substr(4)));
  for (const char c : serial)
    if (c <= ' ' || c > '~') return {};
  return serial;
}

} // namespace

std::vector<SeenDisk> find_disks(const mcu::Files& files, const std::string& root,
                                 const mcu::Board& board) {
  std::map<std::string, const mcu::BaySpec*> bays; // by the disk's name
  for (const mcu::BaySpec& bay : board.bays) {
    if (bay.port.empty()) continue;
    if (const auto disk = mcu::find_disk(files, root, bay.port); disk.ok()) bays[disk->name] = &bay;
  }
  std::vector<SeenDisk> disks;
  for (const std::string& name : files.list(root + "/sys/block")) {
    const std::string block = root + "/sys/block/" + name;
    if (!is_disk(files, block, name)) continue;
    const auto activity = mcu::read_activity(files, block);
    if (!activity) continue; // it has gone just now
    SeenDisk disk;
    disk.node = "/dev/" + name;
    disk.path = files.resolve(block);
    disk.serial = serial_of(files, block);
    disk.usb = disk.path.find("/usb") != std::string::npos;
    disk.activity = *activity;
    if (const auto bay = bays.find(name); bay != bays.end()) {
      disk.bay = bay->second->name;
      disk.label = bay->second->label;
    }
    disks.push_back(std::move(disk));
  }
  return disks;
}

} // namespace nasmcu::alertd

// SPDX-License-Identifier: MIT
// What the kernel tells about this machine, by name: for reports, for a draft of a board file, and
// to guess which board it is. Reads small files only; no disk is woken and nothing is changed.
#pragma once

#include <libmcu/kernel/files.hpp>
#include <libmcu/kernel/find.hpp>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace nasmcu {

/// A node of the kernel and what it calls itself.
struct KernelNode {
  std::string node; ///< "rtc0"
  std::string name; ///< "rtc-rv8263"
  std::string more; ///< in words; may be empty
};

struct HwmonValue {
  std::string file; ///< "pwm1", "temp1_input"
  std::string text; ///< what it says, or why it says nothing
};
struct HwmonChip {
  std::string node;   ///< "hwmon3"
  std::string name;   ///< "qnapmcu"
  std::string device; ///< last part of its device's path; empty for none
  bool disk = false;  ///< a disk's temperature: reading it could wake the disk
  std::vector<HwmonValue> values;
};

struct InputNode : KernelNode {
  std::vector<std::string> keys; ///< of those that boxes have: "KEY_POWER"; "SW 5" for a switch
  std::size_t all_keys = 0;      ///< a keyboard has many
  bool sounds = false;
};

struct SerialPort {
  std::string name; ///< "ttyS1"
  std::string device;
  bool console = false;
};

struct Machine {
  std::string model;                                    ///< of the device tree
  std::vector<std::string> compatible;                  ///< most specific first
  std::vector<std::pair<std::string, std::string>> dmi; ///< x86
  std::vector<HwmonChip> hwmon;
  std::vector<KernelNode> leds; ///< `more`: the trigger in force
  std::vector<KernelNode> gpio_chips;
  std::vector<InputNode> inputs;
  std::vector<KernelNode> clocks, watchdogs, zones, coolers;
  std::vector<SerialPort> ports;
  std::vector<KernelNode> serial_devices; ///< on the serial bus; `name`: its modalias
  std::vector<mcu::DiskOnPort> disks;
  std::set<std::string> missing; ///< folders that were looked for and are not there
};

Machine look_at_machine(const mcu::Files& files, const std::string& root);

/// "CHIP", or "CHIP@DEVICE" where several chips have that name, as device URIs take it.
std::string hwmon_word(const Machine& machine, const HwmonChip& chip);

/// A title and lines below it, as a report shows them.
struct Section {
  std::string title;
  std::vector<std::string> lines;
};
/// The sections about the hardware; what is not there is said, with the folder looked into.
std::vector<Section> describe(const Machine& machine);

} // namespace nasmcu

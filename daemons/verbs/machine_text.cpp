// SPDX-License-Identifier: MIT
// A machine as lines of a report.
#include <verbs/machine.hpp>

#include <fmt/format.h>

namespace nasmcu {
namespace {

using Lines = std::vector<std::string>;

std::string line_of(const KernelNode& node) {
  const std::string name = node.name == node.node ? node.node : node.node + ": " + node.name;
  return node.more.empty() ? name : name + " (" + node.more + ")";
}

Lines lines_of(const std::vector<KernelNode>& nodes) {
  Lines lines;
  for (const KernelNode& node : nodes) lines.push_back(line_of(node));
  return lines;
}

Lines identity(const Machine& machine) {
  Lines lines;
  if (!machine.model.empty()) lines.push_back("model: " + machine.model);
  for (const std::string& one : machine.compatible) lines.push_back("compatible: " + one);
  for (const auto& [key, text] : machine.dmi) lines.push_back(key + ": " + text);
  return lines;
}

Lines chips(const Machine& machine) {
  Lines lines;
  for (const HwmonChip& chip : machine.hwmon) {
    lines.push_back(fmt::format("{}: {}{}", chip.node, chip.name.empty() ? "(no name)" : chip.name,
                                chip.device.empty() ? "" : " on " + chip.device));
    for (const HwmonValue& value : chip.values)
      lines.push_back("  " + value.file + " " + value.text);
  }
  return lines;
}

Lines inputs(const Machine& machine) {
  Lines lines;
  for (const InputNode& input : machine.inputs) {
    std::string line = fmt::format("{}: {}", input.node, input.name);
    line += input.keys.empty() ? "" : fmt::format(": {}", fmt::join(input.keys, " "));
    line += fmt::format(" ({} keys{})", input.all_keys, input.sounds ? ", sounds" : "");
    lines.push_back(line);
  }
  return lines;
}

Lines ports(const Machine& machine) {
  Lines lines;
  for (const SerialPort& port : machine.ports)
    lines.push_back(port.name + (port.device.empty() ? "" : " on " + port.device) +
                    (port.console ? " (console)" : ""));
  return lines;
}

Lines disks(const Machine& machine) {
  Lines lines;
  for (const mcu::DiskOnPort& one : machine.disks)
    lines.push_back(one.port + ": " + one.disk.name +
                    (one.disk.hwmon.empty() ? " (no drivetemp)" : ""));
  return lines;
}

/// An empty section says where it looked.
class Describer {
public:
  explicit Describer(const Machine& machine) : machine_(machine) {}

  void add(const char* title, Lines lines, std::initializer_list<const char*> places) {
    if (lines.empty())
      for (const char* place : places)
        lines.push_back(machine_.missing.contains(place)
                            ? fmt::format("none: there is no {}", place)
                            : fmt::format("none: nothing of that can be read in {}", place));
    sections_.push_back({title, std::move(lines)});
  }
  std::vector<Section> take() { return std::move(sections_); }

private:
  const Machine& machine_;
  std::vector<Section> sections_;
};

} // namespace

std::vector<Section> describe(const Machine& machine) {
  Describer to(machine);
  to.add("Machine", identity(machine), {"/proc/device-tree", "/sys/class/dmi/id"});
  to.add("Monitoring chips (hwmon)", chips(machine), {"/sys/class/hwmon"});
  to.add("LEDs and their triggers", lines_of(machine.leds), {"/sys/class/leds"});
  to.add("GPIO chips and their labels", lines_of(machine.gpio_chips),
         {"/sys/bus/gpio/devices", "/sys/class/gpio"});
  to.add("Input devices", inputs(machine), {"/sys/class/input"});
  to.add("Clocks", lines_of(machine.clocks), {"/sys/class/rtc"});
  to.add("Watchdogs", lines_of(machine.watchdogs), {"/sys/class/watchdog"});
  to.add("Thermal zones", lines_of(machine.zones), {"/sys/class/thermal"});
  to.add("Cooling devices", lines_of(machine.coolers), {"/sys/class/thermal"});
  to.add("Serial ports", ports(machine), {"/sys/class/tty"});
  to.add("Devices on serial ports", lines_of(machine.serial_devices), {"/sys/bus/serial/devices"});
  to.add("Disks by port", disks(machine), {"/sys/block"});
  return to.take();
}

} // namespace nasmcu

// SPDX-License-Identifier: MIT
#include <verbs/machine.hpp>

#include <common/program.hpp>
#include <libmcu/model/text.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <set>

#include <linux/input-event-codes.h>

namespace nasmcu {
namespace {

using mcu::Files;

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// What a file says in one line, or the reason in brackets. Device trees end their texts with NUL.
std::string said(const Files& files, const std::string& path) {
  const auto text = files.read(path);
  if (!text) {
    const std::string& why = text.error().what;
    return "(" + (why.starts_with(path + ": ") ? why.substr(path.size() + 2) : why) + ")";
  }
  std::string line(mcu::trim(text->substr(0, text->find('\0'))));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return line;
}

/// The same, empty for a file that is not there.
std::string maybe(const Files& files, const std::string& path) {
  return files.exists(path) ? said(files, path) : std::string();
}

/// The word that a trigger or a governor file has in brackets: "none [timer] mmc0" -> "timer".
std::string chosen(const std::string& text) {
  const auto begin = text.find('[');
  const auto end = text.find(']', begin);
  // A list that was cut off says nothing.
  if (begin == std::string::npos || end == std::string::npos) return text.size() > 40 ? "" : text;
  return text.substr(begin + 1, end - begin - 1);
}

/// "fan1_input" -> true for the files whose values are worth a line, and harmless.
bool telling(const std::string& file) {
  const auto digits = file.find_first_of("0123456789");
  if (digits == std::string::npos) return false;
  const auto rest = std::min(file.find_first_not_of("0123456789", digits), file.size());
  const std::string kind = file.substr(0, digits), suffix = file.substr(rest);
  if (kind == "pwm") return suffix.empty() || suffix == "_enable" || suffix == "_mode";
  if (kind == "fan")
    return suffix == "_input" || suffix == "_label" || suffix == "_alarm" || suffix == "_target";
  return kind == "temp" && (suffix == "_input" || suffix == "_label" || suffix == "_max");
}

HwmonChip look_at_chip(const Files& files, const std::string& folder) {
  HwmonChip chip;
  chip.node = last_part(folder);
  chip.name = maybe(files, folder + "/name");
  const std::string device = files.resolve(folder + "/device");
  chip.device = last_part(device);
  chip.disk = chip.name == "drivetemp" || chip.name == "nvme" ||
              device.find("/target") != std::string::npos ||
              device.find("/nvme/") != std::string::npos;
  for (const std::string& file : files.list(folder))
    if (telling(file))
      chip.values.push_back({file, chip.disk ? "(not read: it could wake the disk)"
                                             : said(files, folder + "/" + file)});
  return chip;
}

std::vector<KernelNode> look_at_leds(const Files& files, const std::string& folder) {
  std::vector<KernelNode> leds;
  for (const std::string& name : files.list(folder))
    leds.push_back({name, name, chosen(maybe(files, folder + name + "/trigger"))});
  return leds;
}

/// The character device's folder does not tell the label; its parent's name usually is the label,
/// and the old interface of sysfs, where it is, tells it.
std::vector<KernelNode> look_at_gpio(const Files& files, const std::string& sys) {
  std::vector<KernelNode> chips;
  std::set<std::string> told;
  for (const std::string& name : files.list(sys + "/class/gpio")) {
    const std::string folder = sys + "/class/gpio/" + name;
    if (!name.starts_with("gpiochip") || !files.exists(folder + "/label")) continue;
    chips.push_back({name, said(files, folder + "/label"),
                     "first line " + said(files, folder + "/base") + ", lines " +
                         said(files, folder + "/ngpio")});
    told.insert(last_part(files.resolve(folder + "/device")));
  }
  for (const std::string& name : files.list(sys + "/bus/gpio/devices")) {
    const std::string path = files.resolve(sys + "/bus/gpio/devices/" + name);
    const std::string parent = last_part(path.substr(0, path.rfind('/')));
    if (!told.contains(parent) && !told.contains(name)) chips.push_back({name, parent, ""});
  }
  return chips;
}

struct KnownKey {
  unsigned code;
  const char* name;
};
// What buttons of boxes are; any other key is only counted.
constexpr std::array<KnownKey, 17> known_keys = {{{KEY_POWER, "KEY_POWER"},
                                                  {KEY_POWER2, "KEY_POWER2"},
                                                  {KEY_RESTART, "KEY_RESTART"},
                                                  {KEY_COPY, "KEY_COPY"},
                                                  {KEY_CONFIG, "KEY_CONFIG"},
                                                  {KEY_SETUP, "KEY_SETUP"},
                                                  {KEY_EJECTCD, "KEY_EJECTCD"},
                                                  {KEY_SLEEP, "KEY_SLEEP"},
                                                  {KEY_WAKEUP, "KEY_WAKEUP"},
                                                  {KEY_RFKILL, "KEY_RFKILL"},
                                                  {KEY_WPS_BUTTON, "KEY_WPS_BUTTON"},
                                                  {KEY_VENDOR, "KEY_VENDOR"},
                                                  {KEY_OPTION, "KEY_OPTION"},
                                                  {KEY_PROG1, "KEY_PROG1"},
                                                  {BTN_0, "BTN_0"},
                                                  {BTN_1, "BTN_1"},
                                                  {BTN_2, "BTN_2"}}};

/// The bits of "10000 0 100": words of the kernel's `unsigned long`, the highest first.
std::set<unsigned> bits_of(const std::string& text) {
  constexpr unsigned width = sizeof(unsigned long) * 8;
  std::set<unsigned> bits;
  const std::vector<std::string> words = mcu::split_words(text);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto first = static_cast<unsigned>(words.size() - 1 - i) * width;
    const unsigned long long word = std::strtoull(words[i].c_str(), nullptr, 16);
    for (unsigned bit = 0; bit < 64; ++bit)
      if ((word >> bit & 1) != 0) bits.insert(first + bit);
  }
  return bits;
}

std::vector<InputNode> look_at_inputs(const Files& files, const std::string& folder) {
  std::vector<InputNode> inputs;
  for (const std::string& event : files.list(folder)) {
    if (!event.starts_with("event")) continue;
    const std::string device = folder + event + "/device";
    InputNode input;
    input.node = event;
    input.name = maybe(files, device + "/name");
    const auto keys = bits_of(maybe(files, device + "/capabilities/key"));
    input.all_keys = keys.size();
    for (const KnownKey& known : known_keys)
      if (keys.contains(known.code)) input.keys.emplace_back(known.name);
    for (const unsigned code : bits_of(maybe(files, device + "/capabilities/sw")))
      input.keys.push_back("SW " + std::to_string(code));
    input.sounds = !bits_of(maybe(files, device + "/capabilities/snd")).empty();
    inputs.push_back(std::move(input));
  }
  return inputs;
}

/// Folders of a class with the file that names them.
std::vector<KernelNode> look_at_class(const Files& files, const std::string& folder,
                                      const std::string& begins, const std::string& name_file,
                                      const std::vector<std::string>& more_files) {
  std::vector<KernelNode> nodes;
  for (const std::string& node : files.list(folder)) {
    const std::string name = maybe(files, folder + node + "/" + name_file);
    if (!node.starts_with(begins) || name.empty()) continue;
    std::string more;
    for (const std::string& file : more_files)
      if (const std::string text = maybe(files, folder + node + "/" + file); !text.empty())
        more += (more.empty() ? "" : ", ") + file + " " + text;
    nodes.push_back({node, name, more});
  }
  return nodes;
}

/// Which cooling devices a zone drives, by their types.
void add_coolers(const Files& files, const std::string& folder, KernelNode& zone) {
  std::string types;
  for (const std::string& link : files.list(folder + zone.node))
    if (link.starts_with("cdev") && link.find('_') == std::string::npos)
      types +=
          (types.empty() ? "" : ", ") + maybe(files, folder + zone.node + "/" + link + "/type");
  if (!types.empty())
    zone.more += (zone.more.empty() ? "" : ", ") + std::string("cools by ") + types;
}

std::vector<SerialPort> look_at_ports(const Files& files, const std::string& root) {
  const std::string folder = root + "/sys/class/tty/";
  const std::vector<std::string> consoles =
      mcu::split_words(maybe(files, folder + "console/active"));
  std::vector<SerialPort> ports;
  for (const std::string& name : files.list(folder)) {
    const bool serial =
        std::any_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
        (name.starts_with("ttyS") || name.starts_with("ttyA") || name.starts_with("ttyUSB") ||
         name.starts_with("ttyMV"));
    // Type 0 is a place that the driver keeps for a port that is not there.
    if (!serial || maybe(files, folder + name + "/type") == "0") continue;
    const bool console = std::find(consoles.begin(), consoles.end(), name) != consoles.end();
    ports.push_back({name, last_part(files.resolve(folder + name + "/device")), console});
  }
  return ports;
}

std::vector<KernelNode> look_at_serial_bus(const Files& files, const std::string& folder) {
  std::vector<KernelNode> nodes;
  for (const std::string& node : files.list(folder)) {
    const std::string alias = maybe(files, folder + node + "/modalias");
    const std::string driver = last_part(files.resolve(folder + node + "/driver"));
    nodes.push_back({node, alias, driver.empty() ? "no driver" : "driver " + driver});
  }
  return nodes;
}

} // namespace

Machine look_at_machine(const Files& files, const std::string& root) {
  const std::string sys = root + "/sys";
  Machine machine;
  machine.model = maybe(files, root + "/proc/device-tree/model");
  machine.compatible = compatible_strings(root);
  for (const char* file : {"sys_vendor", "product_name", "board_vendor", "board_name"})
    if (const std::string text = maybe(files, sys + "/class/dmi/id/" + file); !text.empty())
      machine.dmi.emplace_back(file, text);
  for (const std::string& node : files.list(sys + "/class/hwmon"))
    machine.hwmon.push_back(look_at_chip(files, sys + "/class/hwmon/" + node));
  machine.leds = look_at_leds(files, sys + "/class/leds/");
  machine.gpio_chips = look_at_gpio(files, sys);
  machine.inputs = look_at_inputs(files, sys + "/class/input/");
  machine.clocks = look_at_class(files, sys + "/class/rtc/", "rtc", "name", {});
  machine.watchdogs = look_at_class(files, sys + "/class/watchdog/", "watchdog", "identity",
                                    {"timeout", "nowayout"});
  const std::string thermal = sys + "/class/thermal/";
  machine.zones = look_at_class(files, thermal, "thermal_zone", "type", {"policy", "mode"});
  for (KernelNode& zone : machine.zones) add_coolers(files, thermal, zone);
  machine.coolers = look_at_class(files, thermal, "cooling_device", "type", {"max_state"});
  machine.ports = look_at_ports(files, root);
  machine.serial_devices = look_at_serial_bus(files, sys + "/bus/serial/devices/");
  machine.disks = mcu::disks_on_ports(files, root);
  for (const char* folder :
       {"/proc/device-tree", "/sys/class/dmi/id", "/sys/class/hwmon", "/sys/class/leds",
        "/sys/bus/gpio/devices", "/sys/class/gpio", "/sys/class/input", "/sys/class/rtc",
        "/sys/class/watchdog", "/sys/class/thermal", "/sys/class/tty", "/sys/bus/serial/devices",
        "/sys/block"})
    if (!files.exists(root + folder)) machine.missing.insert(folder);
  return machine;
}

std::string hwmon_word(const Machine& machine, const HwmonChip& chip) {
  const auto same = std::count_if(machine.hwmon.begin(), machine.hwmon.end(),
                                  [&](const HwmonChip& one) { return one.name == chip.name; });
  return same > 1 && !chip.device.empty() ? chip.name + "@" + chip.device : chip.name;
}

} // namespace nasmcu

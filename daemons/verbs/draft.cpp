// SPDX-License-Identifier: MIT
#include <verbs/draft.hpp>

#include <libmcu/model/board.hpp>
#include <libmcu/model/text.hpp>
#include <libmcu/protocol/registry.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace nasmcu {
namespace {

/// A text that means itself in an INI file: no comment begins in it, and no line ends.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x20 && c != ';' && c != '#') out += c;
  return std::string(mcu::trim(out));
}

std::string commented(const std::string& text) {
  std::string out = "# ";
  for (const char c : text) out += c == '\n' ? "\n# " : std::string(1, c);
  return out;
}

class Draft {
public:
  explicit Draft(const Machine& machine) : machine_(machine) {}

  std::string write() {
    head();
    mcu_section();
    for (const HwmonChip& chip : machine_.hwmon) fans(chip);
    zones();
    for (const HwmonChip& chip : machine_.hwmon) sensors(chip);
    leds();
    for (const InputNode& input : machine_.inputs) buttons(input);
    rest();
    return std::move(out_);
  }

private:
  /// A device's name from the kernel's: "hdd1:green:disk" -> "hdd1-green-disk", not used yet.
  std::string fresh(const std::string& kind, const std::string& wish) {
    std::string name;
    for (const char c : wish) {
      const auto byte = static_cast<unsigned char>(c);
      if (std::isalnum(byte) != 0)
        name += static_cast<char>(std::tolower(byte));
      else if (!name.empty() && name.back() != '-')
        name += '-';
    }
    name.resize(std::min<std::size_t>(name.size(), 28));
    while (name.ends_with('-')) name.pop_back();
    if (name.empty()) name = kind;
    std::string unique = name;
    for (int i = 2; !used_.insert(kind + " " + unique).second; ++i)
      unique = name + "-" + std::to_string(i);
    return unique;
  }

  void comment(const std::string& text) { out_ += commented(text) + "\n"; }

  /// A section that a check would complain about, behind those before it, becomes a comment.
  void block(const std::string& text) {
    const mcu::BoardFile board = mcu::make_board(
        "draft", mcu::parse_ini("draft.ini", out_ + "\n" + text), mcu::protocol_names());
    const bool good = board.board && board.diagnostics.empty();
    std::string safe = text;
    if (!good) {
      while (safe.ends_with('\n')) safe.pop_back();
      safe = commented(safe) + "\n";
    }
    out_ += "\n" + safe;
  }

  void head() {
    std::string name = plain(machine_.model);
    for (const auto& [key, text] : machine_.dmi)
      if (machine_.model.empty() && key == "product_name") name = plain(text);
    std::string text =
        "[board]\n# As its owner would call it.\nname = " + (name.empty() ? "Unknown box" : name) +
        "\n";
    const std::string match = machine_.compatible.empty() ? "" : plain(machine_.compatible.front());
    text += match.empty() || match.find(' ') != std::string::npos
                ? "# No device tree tells what this is: it can be chosen by name only.\n"
                : "match = " + match + "\n";
    out_ += text;
  }

  void mcu_section() {
    out_ += "\n";
    comment("Is there a microcontroller on a serial port? Then these, and devices on `mcu`.");
    std::string ports;
    for (const SerialPort& port : machine_.ports)
      if (!port.console) ports += " /dev/" + port.name;
    comment("[mcu]\nprotocol = wt61p803\nport =" + (ports.empty() ? " /dev/ttyS1" : ports));
  }

  static const HwmonValue* find(const HwmonChip& chip, const std::string& file) {
    const auto found = std::find_if(chip.values.begin(), chip.values.end(),
                                    [&](const HwmonValue& one) { return one.file == file; });
    return found == chip.values.end() ? nullptr : &*found;
  }

  void fans(const HwmonChip& chip) {
    for (const HwmonValue& value : chip.values) {
      const std::string number = value.file.substr(std::min<std::size_t>(3, value.file.size()));
      if (!value.file.starts_with("pwm") || !mcu::parse_integer(number)) continue;
      const std::string word = "hwmon:" + plain(hwmon_word(machine_, chip)) + "/";
      std::string text =
          fmt::format("[fan {}]\ndevice = {}{}\n", fresh("fan", "system"), word, value.file);
      text += "# A guess. Find the lowest duty at which it surely turns.\nmin = 50\n"
              "failsafe = 100\n";
      if (find(chip, "fan" + number + "_input")) text += "tach = " + word + "fan" + number + "\n";
      block(text);
    }
  }

  void zones() {
    for (const KernelNode& zone : machine_.zones) {
      const bool cpu = zone.name.find("cpu") != std::string::npos ||
                       zone.name.find("soc") != std::string::npos ||
                       zone.name.find("x86_pkg") != std::string::npos;
      block(fmt::format("[sensor {}]\ndevice = thermal:{}\n# max = 85\n",
                        fresh("sensor", cpu ? "cpu" : zone.name), plain(zone.name)));
    }
  }

  /// A zone of the kernel is a hwmon chip of the same name too, with '_' for '-'.
  bool is_zone(const HwmonChip& chip) const {
    return std::any_of(machine_.zones.begin(), machine_.zones.end(), [&](const KernelNode& zone) {
      std::string name = zone.name;
      std::replace(name.begin(), name.end(), '-', '_');
      return name == chip.name;
    });
  }

  void sensors(const HwmonChip& chip) {
    if (chip.disk || is_zone(chip)) return;
    for (const HwmonValue& value : chip.values) {
      if (!value.file.starts_with("temp") || !value.file.ends_with("_input")) continue;
      const std::string number = value.file.substr(4, value.file.size() - 4 - 6);
      const HwmonValue* label = find(chip, "temp" + number + "_label");
      block(fmt::format("[sensor {}]\ndevice = hwmon:{}/temp{}\n# max = 70\n",
                        fresh("sensor", label ? label->text : chip.name),
                        plain(hwmon_word(machine_, chip)), number));
    }
  }

  void leds() {
    for (const KernelNode& led : machine_.leds) {
      const bool other = led.name.starts_with("input") || led.name.starts_with("phy") ||
                         led.name.starts_with("mmc") || led.name.find(":lan") != led.name.npos ||
                         led.name.find(":link") != led.name.npos;
      if (other) continue;
      block(fmt::format("[led {}]\ndevice = led:{}\n", fresh("led", led.name), plain(led.name)));
    }
  }

  void buttons(const InputNode& input) {
    constexpr std::size_t keyboard = 30; // nobody's NAS has so many buttons
    if (input.all_keys >= keyboard) return;
    for (const std::string& key : input.keys) {
      if (key.starts_with("SW ")) {
        comment("A switch, " + key + ", on " + plain(input.name));
        continue;
      }
      const std::string name = key == "KEY_RESTART" ? "reset" : key.substr(key.find('_') + 1);
      block(fmt::format("[button {}]\ndevice = input:{}/{}\n", fresh("button", name),
                        plain(input.name), key));
    }
    if (input.sounds && used_.insert("buzzer").second)
      block(fmt::format("[buzzer]\ndevice = input:{}/SND_BELL\n", plain(input.name)));
  }

  void rest() {
    if (!machine_.clocks.empty()) {
      const std::string name = machine_.clocks.front().name;
      block(fmt::format("[clock]\ndevice = rtc:{}\nutc = yes\n",
                        plain(name.substr(0, name.find(' ')))));
    }
    for (const KernelNode& watchdog : machine_.watchdogs)
      if (watchdog.name != "Software Watchdog" && used_.insert("watchdog").second)
        block(fmt::format("[watchdog]\ndevice = watchdog:{}\n", plain(watchdog.name)));
    int bay = 0;
    for (const mcu::DiskOnPort& one : machine_.disks) {
      ++bay;
      block(fmt::format("[bay {0}]\n# Which bay this port is must be looked up in the box.\n"
                        "port = {1}\n# led = \n\n[sensor disk{0}]\ndevice = disk:{0}\n",
                        bay, plain(one.port)));
    }
    if (machine_.gpio_chips.empty()) return;
    out_ += "\n";
    comment("Lines of these GPIO chips may be LEDs, buttons or a fan's alarm, as gpio:LABEL/LINE:");
    for (const KernelNode& chip : machine_.gpio_chips) comment("gpio:" + plain(chip.name) + "/0");
  }

  const Machine& machine_;
  std::string out_;
  std::set<std::string> used_; ///< "led power"
};

} // namespace

std::string draft_board(const Machine& machine) { return Draft(machine).write(); }

} // namespace nasmcu

// SPDX-License-Identifier: MIT
#include <libmcu/model/board_parse.hpp>

#include <libmcu/model/text.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace mcu {
namespace {

/// Reads one board file, section by section.
class BoardParser {
public:
  BoardParser(const std::string& id, const IniFile& ini,
              const std::vector<std::string_view>& protocols)
      : ini_(ini), protocols_(protocols), complaints_(ini.diagnostics) {
    board_.id = id;
  }

  BoardFile parse(const std::string& file) {
    for (const IniSection& section : ini_.sections) read(section);
    if (!seen_board_) complain(file, 0, "no [board] section with a name: this is no board file");
    check_links();
    BoardFile result{std::move(board_), std::move(complaints_)};
    if (has_errors(result.diagnostics)) result.board.reset();
    return result;
  }

private:
  using Handler = void (BoardParser::*)(IniReader&, const std::string& name);
  struct Kind {
    std::string_view word;
    bool named; ///< [fan NAME] or [power]
    bool hangs; ///< needs a device
    Handler read;
  };
  static constexpr std::size_t kind_count = 11;
  static const std::array<Kind, kind_count> kinds;

  void read(const IniSection& section) {
    IniReader in(section, complaints_);
    const auto blank = section.name.find(' ');
    const std::string word = lower(section.name.substr(0, blank));
    const std::string name = blank == std::string::npos ? "" : section.name.substr(blank + 1);
    const auto kind =
        std::find_if(kinds.begin(), kinds.end(), [&](const Kind& one) { return one.word == word; });
    if (kind == kinds.end()) return in.warning(0, unknown_section(section));
    if (kind->named && !is_device_name(name))
      return in.error(0, in.title() + ": a name is needed behind " + word +
                             ", 1 to 32 of a-z, 0-9 and -, such as [" + word + " " +
                             (word == "bay" ? "1" : "system") + "]");
    if (!kind->named && !name.empty())
      return in.error(0, in.title() + ": there is one only, write [" + word + "]");
    if (kind->hangs && section.find("device") == nullptr)
      in.error(0, in.title() + " needs a device");
    (this->*kind->read)(in, name);
    in.finish();
  }

  static std::string unknown_section(const IniSection& section) {
    std::vector<std::string_view> words;
    words.reserve(kind_count);
    for (const Kind& kind : kinds) words.push_back(kind.word);
    const std::string what = section.name.empty() ? "keys before any [section]"
                                                  : "unknown section [" + section.name + "]";
    return what + ": ignored; known sections are " + join(words);
  }

  void read_board(IniReader& in, const std::string&) {
    seen_board_ = true;
    const auto name = in.text("name");
    if (name) board_.name = *name;
    if (in.section().find("name") == nullptr)
      in.error(0, "[board] needs a name for people, such as name = QNAP TS-433");
    if (const IniEntry* match = in.take("match")) board_.match = split_words(match->value);
  }

  void read_mcu(IniReader& in, const std::string&) {
    McuSpec mcu;
    mcu.protocol = read_protocol(in);
    if (const IniEntry* port = in.take("port")) {
      mcu.port = port->value;
      if (!mcu.port.starts_with('/')) in.reject(*port, "a path is needed, such as /dev/ttyS1");
    } else {
      in.error(0, "[mcu] needs the port that the MCU hangs on, such as port = /dev/ttyS1");
    }
    if (const auto baud = in.integer("baud", 300, 4000000)) mcu.baud = static_cast<unsigned>(*baud);
    mcu.kernel_driver = in.text("kernel-driver").value_or("");
    board_.mcu = mcu;
  }

  std::string read_protocol(IniReader& in) {
    const IniEntry* entry = in.take("protocol");
    if (entry == nullptr) {
      in.error(0, "[mcu] needs a protocol, one of " + join(protocols_));
      return {};
    }
    if (std::find(protocols_.begin(), protocols_.end(), entry->value) == protocols_.end())
      in.reject(*entry, "known protocols are " + join(protocols_));
    return entry->value;
  }

  /// Where a device on the MCU hangs while the kernel's driver holds the MCU.
  std::optional<DeviceUri> kernel_name(IniReader& in, const DeviceUri& device, DeviceKind kind) {
    const IniEntry* entry = in.take("kernel");
    if (entry == nullptr) return {};
    auto uri = read_device(in, "kernel", kind);
    if (uri && device.scheme != "mcu")
      in.reject(*entry, "only a device on the MCU has another name in the kernel");
    if (uri && uri->scheme == "mcu") in.reject(*entry, "a device of the kernel is needed");
    return uri;
  }

  DeviceUri device(IniReader& in, DeviceKind kind) {
    DeviceUri uri = read_device(in, "device", kind).value_or(DeviceUri{});
    note_use(in, kind, uri);
    return uri;
  }

  /// Two names for one device would be two owners of it.
  void note_use(IniReader& in, DeviceKind kind, const DeviceUri& uri) {
    if (uri.scheme.empty()) return;
    const int line = in.take("device")->line;
    if (uri.scheme == "mcu" && first_mcu_use_ == 0) first_mcu_use_ = line;
    const auto key = std::pair(kind, uri.scheme + ":" + uri.address);
    const auto [first, is_new] = uses_.emplace(key, in.title());
    if (!is_new) in.reject(*in.take("device"), "that is the device of " + first->second);
  }

  void read_fan(IniReader& in, const std::string& name) {
    board_.fans.push_back(mcu::read_fan(in, name));
    const FanSpec& fan = board_.fans.back();
    note_use(in, DeviceKind::fan, fan.device);
    for (const std::string& sensor : fan.sensors)
      sensor_uses_.emplace_back(*in.take("sensors"), sensor);
  }

  void read_sensor(IniReader& in, const std::string& name) {
    SensorSpec sensor;
    sensor.name = name;
    sensor.device = device(in, DeviceKind::sensor);
    sensor.kernel = kernel_name(in, sensor.device, DeviceKind::sensor);
    sensors_.insert(name);
    if (sensor.device.scheme == "disk")
      disk_uses_.emplace_back(*in.take("device"), sensor.device.address);
    // Below 30 a warm room would hold the fans in failsafe; above 120 nothing here survives.
    if (const auto max = in.decimal("max", 30, 120)) sensor.max = Celsius{*max};
    board_.sensors.push_back(sensor);
  }

  void read_led(IniReader& in, const std::string& name) {
    LedSpec led;
    led.name = name;
    led.device = device(in, DeviceKind::led);
    led.kernel = kernel_name(in, led.device, DeviceKind::led);
    if (const IniEntry* names = in.take("fallback")) led.fallback = split_words(names->value);
    leds_.insert(name);
    board_.leds.push_back(led);
  }

  void read_button(IniReader& in, const std::string& name) {
    ButtonSpec button;
    button.name = name;
    button.device = device(in, DeviceKind::button);
    button.kernel = kernel_name(in, button.device, DeviceKind::button);
    if (const auto seconds = in.decimal("held", 0, 30))
      button.held = std::chrono::milliseconds(std::lround(*seconds * 1000));
    board_.buttons.push_back(button);
  }

  void read_buzzer(IniReader& in, const std::string&) {
    BuzzerSpec buzzer;
    buzzer.device = device(in, DeviceKind::buzzer);
    buzzer.kernel = kernel_name(in, buzzer.device, DeviceKind::buzzer);
    board_.buzzer = buzzer;
  }

  void read_clock(IniReader& in, const std::string&) {
    ClockSpec clock;
    clock.device = device(in, DeviceKind::clock);
    clock.kernel = kernel_name(in, clock.device, DeviceKind::clock);
    clock.utc = in.yes_no("utc").value_or(true);
    board_.clock = clock;
  }

  void read_power(IniReader& in, const std::string&) {
    PowerSpec power;
    power.device = device(in, DeviceKind::power);
    power.kernel = kernel_name(in, power.device, DeviceKind::power);
    // More than 99 seconds cannot be coded in BCD.
    if (const auto delay = in.integer("delay", 1, 99)) power.delay = static_cast<int>(*delay);
    if (const IniEntry* coding = in.take("coding")) {
      if (coding->value == "bcd")
        power.coding = DelayCoding::bcd;
      else if (coding->value != "binary")
        in.reject(*coding, "binary or bcd is allowed");
    }
    board_.power = power;
  }

  void read_bay(IniReader& in, const std::string& name) {
    BaySpec bay;
    bay.name = name;
    bay.port = in.text("port").value_or("");
    bay.led = read_bay_led(in, "led");
    bay.activity_led = read_bay_led(in, "activity-led");
    bay.label = in.text("label").value_or("");
    bays_.insert(name);
    board_.bays.push_back(bay);
  }

  std::string read_bay_led(IniReader& in, std::string_view key) {
    const auto led = in.device_name(key);
    // Checked at the end: the LED may stand further down.
    if (led) led_uses_.push_back(*in.take(key));
    return led.value_or("");
  }

  void read_watchdog(IniReader& in, const std::string&) {
    board_.watchdog = WatchdogSpec{device(in, DeviceKind::watchdog)};
  }

  void check_links() {
    for (const IniEntry& use : led_uses_)
      if (!leds_.contains(use.value))
        complain(use.file, use.line,
                 use.key + " = " + use.value + ": there is no [led " + use.value +
                     "] in this file");
    for (const auto& [use, sensor] : sensor_uses_)
      if (!sensors_.contains(sensor))
        complain(use.file, use.line, "sensors: there is no [sensor " + sensor + "] in this file");
    for (const auto& [use, bay] : disk_uses_)
      if (!bays_.contains(bay))
        complain(use.file, use.line,
                 use.key + " = " + use.value + ": there is no [bay " + bay + "] in this file");
    if (first_mcu_use_ > 0 && !board_.mcu)
      complain(ini_.sections.front().file, first_mcu_use_,
               "the device hangs on the MCU, but there is no [mcu] section");
  }

  void complain(const std::string& file, int line, std::string text) {
    complaints_.push_back({Diagnostic::Severity::error, file, line, std::move(text)});
  }

  const IniFile& ini_;
  const std::vector<std::string_view>& protocols_;
  std::vector<Diagnostic> complaints_;
  Board board_;
  bool seen_board_ = false;
  int first_mcu_use_ = 0;                                          ///< line
  std::map<std::pair<DeviceKind, std::string>, std::string> uses_; ///< device -> section
  std::set<std::string> leds_;
  std::vector<IniEntry> led_uses_;
  std::set<std::string> sensors_, bays_;
  std::vector<std::pair<IniEntry, std::string>> sensor_uses_,
      disk_uses_; ///< key, and what it names
};

const std::array<BoardParser::Kind, BoardParser::kind_count> BoardParser::kinds = {{
    {"board", false, false, &BoardParser::read_board},
    {"mcu", false, false, &BoardParser::read_mcu},
    {"fan", true, true, &BoardParser::read_fan},
    {"sensor", true, true, &BoardParser::read_sensor},
    {"led", true, true, &BoardParser::read_led},
    {"button", true, true, &BoardParser::read_button},
    {"buzzer", false, true, &BoardParser::read_buzzer},
    {"clock", false, true, &BoardParser::read_clock},
    {"power", false, true, &BoardParser::read_power},
    {"bay", true, false, &BoardParser::read_bay},
    {"watchdog", false, true, &BoardParser::read_watchdog},
}};

std::string id_of(const std::string& path) {
  std::string id = path.substr(path.rfind('/') + 1);
  if (id.ends_with(".ini")) id.resize(id.size() - 4);
  return id;
}

} // namespace

BoardFile make_board(const std::string& id, const IniFile& ini,
                     const std::vector<std::string_view>& protocols) {
  const std::string file = ini.sections.empty() ? id + ".ini" : ini.sections.front().file;
  return BoardParser(id, ini, protocols).parse(file);
}

BoardFile read_board(const std::string& path, const std::vector<std::string_view>& protocols) {
  const auto ini = read_ini(path);
  if (!ini) return {{}, {{Diagnostic::Severity::error, path, 0, ini.error().what}}};
  BoardFile result = make_board(id_of(path), *ini, protocols);
  // An empty file has no section to take its path from.
  for (Diagnostic& one : result.diagnostics)
    if (ini->sections.empty() && one.line == 0) one.file = path;
  return result;
}

} // namespace mcu

// SPDX-License-Identifier: MIT
#include <common/config.hpp>

#include <libmcu/model/ini_reader.hpp>
#include <libmcu/model/text.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace nasmcu {
namespace {

using mcu::Diagnostic;
using mcu::IniEntry;
using mcu::IniReader;
using mcu::IniSection;

bool is_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> buffer;
  return ::inet_pton(AF_INET, text.c_str(), buffer.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), buffer.data()) == 1;
}

/// The old daemon's parser took # for a comment anywhere and values in quotes.
std::string classic_value(std::string value) {
  value.resize(std::min(value.find('#'), value.size()));
  value = mcu::trim(value);
  const bool in_quotes = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                         value.front() == value.back();
  return in_quotes ? value.substr(1, value.size() - 2) : value;
}

/// Turns the sections of all files into one Config, one section at a time.
class ConfigMaker {
public:
  void add(const mcu::IniFile& file) {
    auto& all = result_.diagnostics;
    all.insert(all.end(), file.diagnostics.begin(), file.diagnostics.end());
    for (const IniSection& section : file.sections) add(section);
  }

  ConfigFile take() {
    check_step_rule();
    return std::move(result_);
  }

private:
  using Handler = void (ConfigMaker::*)(IniReader&);
  struct Classic {
    std::string_view name;
    Handler read;
  };

  void add(const IniSection& section) {
    static constexpr std::array<Classic, 6> classic = {{{"Serial", &ConfigMaker::read_serial},
                                                        {"Daemon", &ConfigMaker::read_daemon},
                                                        {"GPIO", &ConfigMaker::read_gpio},
                                                        {"Fan", &ConfigMaker::read_fan},
                                                        {"Clock", &ConfigMaker::read_clock},
                                                        {"Wake", &ConfigMaker::read_wake}}};
    for (const Classic& one : classic)
      if (mcu::same_word(section.name, one.name)) return read_classic(section, one.read);
    IniReader in(section, result_.diagnostics);
    if (mcu::same_word(section.name.substr(0, 4), "fan ")) return read_named_fan(in);
    if (belongs_to_others(section.name)) return;
    in.warning(0, section.name.empty()
                      ? "keys before any [section] are ignored"
                      : "unknown section [" + section.name +
                            "] is ignored; known are Serial, Daemon, GPIO, Fan, Fan NAME, Alert, "
                            "Watchdog, Button NAME, Clock, Wake");
  }

  /// Sections that other programs of the suite read and check.
  static bool belongs_to_others(const std::string& name) {
    const std::string word = mcu::lower(name.substr(0, name.find(' ')));
    return word == "alert" || word == "watchdog" || word == "button";
  }

  void read_classic(const IniSection& section, Handler read) {
    IniSection cleaned = section;
    IniReader in(cleaned, result_.diagnostics);
    const auto is_empty = [&](IniEntry& entry) {
      entry.value = classic_value(entry.value);
      if (entry.value.empty())
        in.warning(entry.line, entry.key + " has no value; its default is used");
      return entry.value.empty();
    };
    std::erase_if(cleaned.entries, is_empty);
    (this->*read)(in);
    in.finish();
  }

  void read_serial(IniReader& in) {
    SerialConfig& serial = config().serial;
    if (const IniEntry* port = in.take("Port")) {
      if (port->value.starts_with('/'))
        serial.port = port->value;
      else
        in.reject(*port, "a path is needed, such as /dev/ttyS1");
    }
    if (const auto retries = in.integer("NumberOfRetries", 0, 9))
      serial.tries = static_cast<unsigned>(*retries) + 1;
    if (const auto gap = in.integer("ByteGap", 0, 20000))
      serial.byte_gap = std::chrono::microseconds(*gap);
    if (const auto timeout = in.integer("Timeout_ms", 50, 10000))
      serial.timeout = std::chrono::milliseconds(*timeout);
  }

  void read_daemon(IniReader& in) {
    DaemonConfig& daemon = config().daemon;
    if (const auto port = in.integer("ServerPort", 0, 65535))
      daemon.server_port = static_cast<unsigned>(*port);
    if (const IniEntry* address = in.take("ServerAddr")) {
      if (is_address(address->value))
        daemon.server_addr = address->value;
      else
        in.reject(*address, "a numeric address is needed, such as 127.0.0.1 or ::1");
    }
    daemon.remote_control = in.yes_no("RemoteControl").value_or(daemon.remote_control);
    daemon.sync_time_on_startup =
        in.yes_no("SyncTimeOnStartup").value_or(daemon.sync_time_on_startup);
    daemon.sync_time_on_shutdown =
        in.yes_no("SyncTimeOnShutdown").value_or(daemon.sync_time_on_shutdown);
    if (const auto delay = in.integer("DeviceShutdownDelay", 1, 99))
      daemon.device_shutdown_delay = static_cast<int>(*delay);
    if (const IniEntry* poll = in.take("PollGPIO"))
      in.warning(poll->line, "PollGPIO is accepted and has no effect: the board file says where "
                             "the buttons are");
  }

  void read_gpio(IniReader& in) {
    in.take("SysfsGpioDir");
    in.take("PollTime");
    in.warning(0, "[GPIO] is accepted and has no effect: the board file says where the buttons "
                  "are, and they are not polled in sysfs");
  }

  void read_fan(IniReader& in) {
    if (const auto poll = in.integer("PollTime", 1, 60))
      config().fan_poll = std::chrono::seconds(*poll);
    if (const auto timeout = in.integer("SensorTimeout", 5, 600))
      config().sensor_timeout = std::chrono::seconds(*timeout);
    // Up to 250: "never" has always been written as a temperature that is never reached.
    step(in, "TempLow", -40, 250, &StepRuleConfig::low);
    step(in, "TempHigh", -40, 250, &StepRuleConfig::high);
    step(in, "Hysteresis", 0, 20, &StepRuleConfig::hysteresis);
  }

  void step(IniReader& in, std::string_view key, long low, long high, int StepRuleConfig::*member) {
    const auto value = in.integer(key, low, high);
    if (!value) return;
    if (!config().step_rule) config().step_rule.emplace();
    (*config().step_rule).*member = static_cast<int>(*value);
    last_step_ = *in.take(key);
  }

  /// The old daemon ran with such limits, so they are no error; but hardly what was meant.
  void check_step_rule() {
    if (!config().step_rule || config().step_rule->low < config().step_rule->high) return;
    result_.diagnostics.push_back(
        {Diagnostic::Severity::warning, last_step_.file, last_step_.line,
         "TempLow " + std::to_string(config().step_rule->low) + " is not below TempHigh " +
             std::to_string(config().step_rule->high) + ": the fan will hardly ever run at half"});
  }

  void read_named_fan(IniReader& in) {
    const std::string name = mcu::lower(in.section().name.substr(4));
    if (!mcu::is_device_name(name))
      return in.error(0, in.title() + ": a fan's name is 1 to 32 of a-z, 0-9 and -");
    FanConfig& fan = config().fans[name];
    if (const IniEntry* entry = in.take("Curve")) read_curve(in, *entry, fan.curve);
    if (const auto degrees = in.decimal("Hysteresis", 0, 20)) fan.hysteresis = degrees;
    if (const IniEntry* entry = in.take("Sensor")) read_sensors(in, *entry, fan);
    if (const IniEntry* entry = in.take("Conflict")) {
      const auto conflict = mcu::conflict_from_name(entry->value);
      if (conflict)
        fan.conflict = *conflict;
      else
        in.reject(*entry, "stand-back, take-over or refuse is allowed");
    }
    read_changes(in, fan);
    read_own_rules(in, fan);
    in.finish();
  }

  static void read_curve(IniReader& in, const IniEntry& entry,
                         std::vector<mcu::CurvePoint>& points) {
    const auto curve = mcu::parse_curve(entry.value);
    if (curve)
      points = *curve;
    else
      in.reject(entry, curve.error().what);
  }

  /// How a fan's duty may change.
  static void read_changes(IniReader& in, FanConfig& fan) {
    if (const auto span = in.integer("Smoothing", 0, 600))
      fan.smoothing = std::chrono::seconds(*span);
    if (const auto rate = in.decimal("RampUp", 0, 6000)) fan.ramp_up = rate;
    if (const auto rate = in.decimal("RampDown", 0, 6000)) fan.ramp_down = rate;
    if (const auto dwell = in.integer("Dwell", 0, 3600)) fan.dwell = std::chrono::seconds(*dwell);
    if (const auto changes = in.integer("MaxChangesPerHour", 0, 3600)) {
      // Half of them are kept for rising, in steps of which the last goes to full speed.
      if (*changes == 0 || *changes >= 4)
        fan.changes_per_hour = static_cast<unsigned>(*changes);
      else
        in.reject(*in.take("MaxChangesPerHour"), "4 to 3600 are allowed, or 0 for no limit");
    }
    if (const auto boost = in.decimal("StartBoost", 0, 100)) fan.start_boost = boost;
  }

  /// "Curve disk1", "Hysteresis disk1".
  static void read_own_rules(IniReader& in, FanConfig& fan) {
    for (const IniEntry& each : in.section().entries) {
      const auto words = mcu::split_words(each.key);
      if (words.size() < 2) continue;
      const bool curve = mcu::same_word(words[0], "Curve");
      if (!curve && !mcu::same_word(words[0], "Hysteresis")) continue;
      const IniEntry& entry = *in.take(each.key);
      if (&entry != &each) continue; // it stands there twice, and the last one counts
      const std::string sensor = mcu::lower(words[1]);
      if (words.size() > 2 || !mcu::is_device_name(sensor)) {
        in.error(entry.line, entry.key + ": one sensor's name is allowed behind " + words[0] +
                                 ", 1 to 32 of a-z, 0-9 and -, such as " + words[0] + " disk1");
      } else if (curve) {
        read_curve(in, entry, fan.own[sensor].curve);
      } else if (const auto degrees = in.decimal(each.key, 0, 20)) {
        fan.own[sensor].hysteresis = degrees;
      }
    }
  }

  static void read_sensors(IniReader& in, const IniEntry& entry, FanConfig& fan) {
    const auto names = mcu::split_words(entry.value);
    if (names.empty() || !std::all_of(names.begin(), names.end(), mcu::is_device_name))
      return in.reject(entry, "names of sensors with blanks between are allowed, each 1 to 32 of "
                              "a-z, 0-9 and -, such as disk1 disk2");
    for (const std::string& name : names)
      if (std::count(names.begin(), names.end(), name) > 1)
        return in.reject(entry, name + " stands there twice");
    fan.sensors = names;
  }

  void read_clock(IniReader& in) {
    if (const auto utc = in.yes_no("UTC")) config().clock_utc = utc;
    if (const auto sync = in.yes_no("SyncAfterNTP")) config().clock_after_ntp = *sync;
  }

  void read_wake(IniReader& in) {
    if (const IniEntry* at = in.take("At")) read_wake_time(in, *at);
    if (const IniEntry* days = in.take("Days")) read_wake_days(in, *days);
  }

  /// "06:30", or "off" for what an earlier file says.
  void read_wake_time(IniReader& in, const IniEntry& entry) {
    const std::string& text = entry.value;
    config().wake.at.reset();
    if (mcu::same_word(text, "off")) return;
    const auto colon = std::min(text.find(':'), text.size());
    const auto hour = mcu::parse_integer(text.substr(0, colon));
    const std::string rest = text.substr(std::min(colon + 1, text.size()));
    const auto minute = rest.size() == 2 ? mcu::parse_integer(rest) : std::nullopt;
    if (hour && minute && *hour >= 0 && *hour <= 23 && *minute >= 0 && *minute <= 59)
      config().wake.at = {static_cast<int>(*hour), static_cast<int>(*minute)};
    else
      in.reject(entry, "a local time from 00:00 to 23:59 is needed, such as 06:30, or off");
  }

  void read_wake_days(IniReader& in, const IniEntry& entry) {
    static constexpr std::array<std::string_view, 7> names = {"sun", "mon", "tue", "wed",
                                                              "thu", "fri", "sat"};
    std::array<bool, 7> days{};
    for (const std::string& word : mcu::split_words(entry.value)) {
      const auto name = std::find(names.begin(), names.end(), mcu::lower(word));
      if (name == names.end())
        return in.reject(entry,
                         "days with blanks between are allowed: mon tue wed thu fri sat sun");
      days.at(static_cast<std::size_t>(name - names.begin())) = true;
    }
    config().wake.days = days;
  }

  Config& config() { return result_.config; }

  ConfigFile result_;
  IniEntry last_step_;
};

Diagnostic file_error(const std::string& path, std::string text) {
  return {Diagnostic::Severity::error, path, 0, std::move(text)};
}

/// ROOT/etc/nasmcu/nasmcu.conf and nasmcu.conf.d/*.conf, as far as they are there.
std::vector<std::string> default_files(const std::string& root, std::vector<Diagnostic>& out) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  std::error_code error;
  const std::string folder = root + "/etc/nasmcu/nasmcu.conf.d";
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    if (name.ends_with(".conf") && !name.starts_with('.')) files.push_back(it->path());
  }
  if (error && error != std::errc::no_such_file_or_directory)
    out.push_back(file_error(folder, "cannot be listed: " + error.message()));
  std::sort(files.begin(), files.end());
  const std::string main = root + "/etc/nasmcu/nasmcu.conf";
  const bool missing = fs::status(main, error).type() == fs::file_type::not_found;
  if (!missing) files.insert(files.begin(), main);
  return files;
}

} // namespace

ConfigFile make_config(const std::vector<mcu::IniFile>& files) {
  ConfigMaker maker;
  for (const mcu::IniFile& file : files) maker.add(file);
  return maker.take();
}

ConfigSources read_config_files(const std::string& file, const std::string& root) {
  ConfigSources result;
  std::vector<Diagnostic>& unreadable = result.unreadable;
  std::vector<std::string> paths = {file};
  if (file.empty()) paths = default_files(root, unreadable);
  for (const std::string& path : paths) {
    auto ini = mcu::read_ini(path);
    if (!ini) {
      unreadable.push_back(file_error(path, ini.error().what));
      continue;
    }
    result.origin += (result.origin.empty() ? "" : ", ") + path;
    result.files.push_back(std::move(*ini));
  }
  return result;
}

ConfigFile load_config(const std::string& file, const std::string& root) {
  const ConfigSources sources = read_config_files(file, root);
  ConfigFile result = make_config(sources.files);
  result.config.origin = sources.origin;
  result.diagnostics.insert(result.diagnostics.begin(), sources.unreadable.begin(),
                            sources.unreadable.end());
  return result;
}

} // namespace nasmcu

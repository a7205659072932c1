// SPDX-License-Identifier: MIT
#include <watchdogd/watchdog_config.hpp>

#include <libmcu/model/board.hpp>
#include <libmcu/model/ini_reader.hpp>
#include <libmcu/model/text.hpp>

#include <algorithm>
#include <string_view>

namespace nasmcu::watchdogd {
namespace {

using std::chrono::seconds;

/// Turns the sections of all files into one WatchdogConfig, one section at a time.
class WatchdogConfigMaker {
public:
  void add(const mcu::IniFile& file) {
    for (const mcu::IniSection& section : file.sections) {
      if (!mcu::same_word(section.name, "Watchdog")) continue;
      mcu::IniReader in(section, result_.diagnostics);
      read_device(in);
      read_checks(in);
      read_times(in);
      read_disks(in);
      read_test(in);
      in.finish();
    }
  }

  WatchdogConfigFile take() {
    check_pretimeout();
    return std::move(result_);
  }

private:
  WatchdogConfig& config() { return result_.config; }

  static void time(mcu::IniReader& in, std::string_view key, long low, long high, seconds& value) {
    if (const auto given = in.integer(key, low, high)) value = seconds(*given);
  }

  void read_device(mcu::IniReader& in) {
    if (const auto device = in.text("Device")) config().device = *device;
    // Below 2 s a busy box would be reset for being busy.
    time(in, "Timeout", 2, 3600, config().timeout);
    time(in, "PreTimeout", 0, 3599, config().pretimeout);
    if (const mcu::IniEntry* entry = in.take("PreTimeout")) last_pretimeout_ = *entry;
    config().no_way_out = in.yes_no("NoWayOut").value_or(config().no_way_out);
    config().keepalive_only = in.yes_no("KeepaliveOnly").value_or(config().keepalive_only);
  }

  /// Each may be right by itself, and in another file.
  void check_pretimeout() {
    if (config().pretimeout < config().timeout) return;
    result_.diagnostics.push_back(
        {mcu::Diagnostic::Severity::error, last_pretimeout_.file, last_pretimeout_.line,
         "PreTimeout " + std::to_string(config().pretimeout.count()) + " is not below Timeout " +
             std::to_string(config().timeout.count())});
  }

  void read_checks(mcu::IniReader& in) {
    read_words(in, "Checks", config().checks);
    read_words(in, "AlertOnly", config().alert_only);
    if (const auto resets = in.integer("Resets", 0, 3))
      config().resets = static_cast<unsigned>(*resets);
    const mcu::IniEntry* absent = in.take("Absent");
    if (absent == nullptr) return;
    if (mcu::same_word(absent->value, "alert"))
      config().absent = Absent::alert;
    else if (mcu::same_word(absent->value, "reset"))
      config().absent = Absent::reset;
    else if (mcu::same_word(absent->value, "ignore"))
      config().absent = Absent::ignore;
    else
      in.reject(*absent, "alert, reset or ignore is allowed");
  }

  static void read_words(mcu::IniReader& in, std::string_view key, std::set<std::string>& checks) {
    const mcu::IniEntry* entry = in.take(key);
    if (entry == nullptr) return;
    std::set<std::string> words;
    for (const std::string& word : mcu::split_words(entry->value)) words.insert(mcu::lower(word));
    const std::set<std::string> known = {"fan", "mcu", "disk", "test"};
    if (!words.empty() && std::includes(known.begin(), known.end(), words.begin(), words.end()))
      checks = words;
    else if (words == std::set<std::string>{"none"})
      checks.clear();
    else
      in.reject(*entry,
                "words of fan, mcu, disk and test with blanks between are allowed, or none");
  }

  void read_times(mcu::IniReader& in) {
    time(in, "Grace", 5, 600, config().grace);
    time(in, "RestartGrace", 10, 600, config().restart_grace);
    time(in, "Warning", 5, 300, config().warning);
  }

  void read_disks(mcu::IniReader& in) {
    time(in, "DiskTimeout", 5, 300, config().disk_timeout);
    const mcu::IniEntry* entry = in.take("Disks");
    if (entry == nullptr) return;
    std::vector<std::string> disks;
    for (const std::string& word : mcu::split_words(entry->value))
      disks.push_back(mcu::lower(word));
    if (disks.empty() || !std::all_of(disks.begin(), disks.end(), mcu::is_device_name))
      return in.reject(*entry, "root and names of bays with blanks between are allowed, such as "
                               "root 1 2");
    for (const std::string& disk : disks)
      if (std::count(disks.begin(), disks.end(), disk) > 1)
        return in.reject(*entry, disk + " stands there twice");
    config().disks = disks;
  }

  void read_test(mcu::IniReader& in) {
    time(in, "TestTimeout", 1, 300, config().test_timeout);
    time(in, "TestEvery", 5, 3600, config().test_every);
    const mcu::IniEntry* entry = in.take("Test");
    if (entry == nullptr) return;
    const auto words = mcu::split_words(entry->value);
    if (words.empty() || !words.front().starts_with('/'))
      return in.reject(*entry, "a program's path that begins with / and its arguments are allowed");
    // There is no shell: the marks would reach the program.
    if (entry->value.find_first_of("'\"`|<>&") != std::string::npos)
      return in.reject(*entry, "no shell reads it, so quotes, pipes and the like are not allowed; "
                               "put them into a script");
    config().test = words;
  }

  WatchdogConfigFile result_;
  mcu::IniEntry last_pretimeout_;
};

} // namespace

WatchdogConfigFile make_watchdog_config(const std::vector<mcu::IniFile>& files) {
  WatchdogConfigMaker maker;
  for (const mcu::IniFile& file : files) maker.add(file);
  return maker.take();
}

} // namespace nasmcu::watchdogd

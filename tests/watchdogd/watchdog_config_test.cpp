// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <watchdogd/watchdog_config.hpp>

#include <fstream>
#include <iterator>
#include <regex>

using namespace nasmcu::watchdogd;
using namespace std::chrono_literals;

namespace {

WatchdogConfigFile configured(const std::string& text) {
  return make_watchdog_config({mcu::parse_ini("nasmcu.conf", "[Watchdog]\n" + text)});
}

std::string only_complaint(const std::string& text) {
  const auto file = configured(text);
  REQUIRE(file.diagnostics.size() == 1);
  return mcu::to_string(file.diagnostics.front());
}

} // namespace

TEST_CASE("without a section the watchdog has its defaults") {
  const auto file = make_watchdog_config({mcu::parse_ini("nasmcu.conf", "[Fan]\nx = y\n")});
  CHECK(file.diagnostics.empty());
  CHECK(file.config.timeout == 60s);
  CHECK(file.config.resets == 3);
  CHECK(file.config.checks.size() == 4);
  CHECK(file.config.absent == Absent::alert);
}

TEST_CASE("every key of the watchdog is taken") {
  const auto file =
      configured("Device = /dev/watchdog1\nTimeout = 10\nPreTimeout = 3\n"
                 "NoWayOut = yes\nKeepaliveOnly = no\nChecks = fan DISK\n"
                 "AlertOnly = disk\nGrace = 5\nRestartGrace = 10\nWarning = 7\n"
                 "Resets = 0\nAbsent = reset\nDisks = root 2\nDiskTimeout = 9\n"
                 "Test = /usr/local/bin/well --now\nTestTimeout = 3\nTestEvery = 5\n");
  for (const auto& one : file.diagnostics) UNSCOPED_INFO(mcu::to_string(one));
  CHECK(file.diagnostics.empty());
  const WatchdogConfig& config = file.config;
  CHECK(config.device == "/dev/watchdog1");
  CHECK(config.timeout == 10s);
  CHECK(config.pretimeout == 3s);
  CHECK(config.no_way_out);
  CHECK(config.checks == std::set<std::string>{"disk", "fan"});
  CHECK(config.alert_only == std::set<std::string>{"disk"});
  CHECK((config.grace == 5s && config.restart_grace == 10s && config.warning == 7s));
  CHECK(config.resets == 0);
  CHECK(config.absent == Absent::reset);
  CHECK(config.disks == std::vector<std::string>{"root", "2"});
  CHECK(config.test == std::vector<std::string>{"/usr/local/bin/well", "--now"});
  CHECK((config.disk_timeout == 9s && config.test_timeout == 3s && config.test_every == 5s));
}

TEST_CASE("a bad value is named with its place and what is allowed") {
  CHECK_THAT(only_complaint("\nTimeout = 1\n"), ContainsSubstring("nasmcu.conf:3") &&
                                                    ContainsSubstring("'1'") &&
                                                    ContainsSubstring("2 to 3600"));
  CHECK_THAT(only_complaint("Resets = 4\n"), ContainsSubstring("0 to 3"));
  CHECK_THAT(only_complaint("Checks = fan lamp\n"), ContainsSubstring("fan, mcu, disk and test"));
  CHECK_THAT(only_complaint("Absent = never\n"), ContainsSubstring("alert, reset or ignore"));
  CHECK_THAT(only_complaint("Test = true\n"), ContainsSubstring("begins with /"));
  CHECK_THAT(only_complaint("Test = /bin/sh -c 'true'\n"), ContainsSubstring("no shell"));
  CHECK_THAT(only_complaint("Disks = root root\n"), ContainsSubstring("root stands there twice"));
  CHECK_THAT(only_complaint("Timeout = 10\nPreTimeout = 10\n"),
             ContainsSubstring("nasmcu.conf:3") &&
                 ContainsSubstring("PreTimeout 10 is not below Timeout 10"));
  CHECK_THAT(only_complaint("Timeuot = 10\n"), ContainsSubstring("Timeuot"));
}

TEST_CASE("checks can be switched off altogether") {
  CHECK(configured("Checks = none\n").config.checks.empty());
}

TEST_CASE("the watchdog's part of the shipped nasmcu.conf is its defaults") {
  std::ifstream file(NASMCU_SOURCE_DIR "/config/nasmcu.conf");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto bare = std::regex_replace(text, std::regex("\n#(?=[\\[A-Z][A-Za-z]* ?=?)"), "\n");
  const auto read = make_watchdog_config({mcu::parse_ini("nasmcu.conf", bare)});
  for (const auto& one : read.diagnostics) UNSCOPED_INFO(mcu::to_string(one));
  CHECK(read.diagnostics.empty());
  const WatchdogConfig defaults;
  CHECK(read.config.timeout == defaults.timeout);
  CHECK(read.config.checks == defaults.checks);
  CHECK(read.config.grace == defaults.grace);
  CHECK(read.config.restart_grace == defaults.restart_grace);
  CHECK(read.config.warning == defaults.warning);
  CHECK(read.config.resets == defaults.resets);
  CHECK(read.config.disks == defaults.disks);
  CHECK(read.config.test_every == defaults.test_every);
}

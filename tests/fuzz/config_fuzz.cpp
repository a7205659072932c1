// SPDX-License-Identifier: MIT
// nasmcu.conf as all its readers see it, and the fan's plan that comes of it.
//   input: the file
#include "ini_text.hpp"

#include <alertd/alert_config.hpp>
#include <buttond/button_config.hpp>
#include <common/config.hpp>
#include <fancontrol/plan.hpp>
#include <watchdogd/watchdog_config.hpp>

namespace fuzz {
namespace {

using namespace nasmcu;
using std::chrono::seconds;

const std::string file = "nasmcu.conf";

template <class Number>
bool within(Number value, Number low, Number high) {
  return value >= low && value <= high; // false for a NaN
}

void check_config(const Config& config) {
  require(within(config.fan_poll, seconds(1), seconds(60)), "PollTime is 1 to 60");
  require(within(config.sensor_timeout, seconds(5), seconds(600)), "SensorTimeout is 5 to 600");
  require(within(config.serial.tries, 1U, 10U), "1 to 10 tries");
  require(within<long>(config.serial.timeout.count(), 50, 10000), "Timeout_ms is 50 to 10000");
  require(config.daemon.server_port <= 65535, "a port");
  if (const auto delay = config.daemon.device_shutdown_delay)
    require(within(*delay, 1, 99), "DeviceShutdown's delay is 1 to 99");
  if (const auto& rule = config.step_rule)
    require(within(rule->low, -40, 250) && within(rule->hysteresis, 0, 20), "the old rule");
  if (config.wake.at)
    require(within(config.wake.at->hour, 0, 23) && within(config.wake.at->minute, 0, 59),
            "a time of day");
}

/// Whatever the file says, the fan gets a plan that can be carried out.
void check_plan(const Config& config) {
  fancontrol::FanFacts fan;
  fan.name = "system";
  const std::vector<fancontrol::SensorFacts> sensors = {{"board", "/b"}, {"disk1", "/d", "1"}};
  const fancontrol::Plan plan = make_plan(config, fan, sensors);
  require(!plan.sources.empty(), "a plan has a source");
  require(!rule_words(plan).empty() && !sensor_words(plan).empty(), "a plan has words");
  for (const fancontrol::Source& source : plan.sources)
    for (double celsius = -40; celsius <= 125; celsius += 2.5) {
      const fancontrol::Reading reading{source.name, mcu::Celsius{celsius}};
      const auto demand = ask(rule_of(plan, source), {}, reading, fan.limits);
      require(mcu::in_range(demand.duty), "a demand is 0 to 100 percent", source.name);
    }
  for (const std::string& line : fancontrol::complaints(config, {{fan}, sensors}))
    require(!line.empty(), "a complaint has words");
}

void check_alerts(const alertd::AlertConfig& config) {
  require(within(config.space.warn, 50.0, 100.0) && within(config.space.fail, 50.0, 100.0),
          "SpaceWarn and SpaceFail are 50 to 100");
  require(within<long>(config.smart_interval.count(), 5, 1440), "SmartInterval is 5 to 1440");
  for (const alertd::UserCheck& check : config.checks) {
    require(mcu::is_device_name(check.name), "a check has a name", check.name);
    require(check.file.empty() != check.command.empty(), "a file or a command", check.name);
    require(within(check.limit, seconds(1), seconds(300)), "Timeout is 1 to 300", check.name);
  }
}

void check_watchdog(const watchdogd::WatchdogConfig& config) {
  require(within(config.timeout, seconds(2), seconds(3600)), "Timeout is 2 to 3600");
  require(config.pretimeout < config.timeout, "PreTimeout is below Timeout");
  require(within(config.grace, seconds(5), seconds(600)), "Grace is 5 to 600");
  for (const std::string& check : config.alert_only) require(!check.empty(), "a check has a name");
}

} // namespace

void run(ByteView input) {
  const std::string text = text_of(input);
  const mcu::IniFile ini = mcu::parse_ini(file, text);
  check_diagnostics(ini.diagnostics, file, text);
  check_printed(ini);

  const ConfigFile config = make_config({ini});
  check_diagnostics(config.diagnostics, file, text);
  if (!has_errors(config.diagnostics)) {
    check_config(config.config);
    check_plan(config.config);
  }
  const auto alerts = alertd::make_alert_config({ini});
  check_diagnostics(alerts.diagnostics, file, text);
  if (!has_errors(alerts.diagnostics)) check_alerts(alerts.config);
  const auto watchdog = watchdogd::make_watchdog_config({ini});
  check_diagnostics(watchdog.diagnostics, file, text);
  if (!has_errors(watchdog.diagnostics)) check_watchdog(watchdog.config);
  const auto buttons = buttond::make_button_config({ini});
  check_diagnostics(buttons.diagnostics, file, text);

  // The same file twice says what it says once: later files win key by key.
  const ConfigFile twice = make_config({ini, ini});
  require(has_errors(twice.diagnostics) == has_errors(config.diagnostics),
          "a file twice is as good");
  require(buttond::make_button_config({ini, ini}).config.buttons == buttons.config.buttons,
          "a file twice is the same file");
}

} // namespace fuzz

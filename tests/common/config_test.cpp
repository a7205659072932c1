// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include "temp_tree.hpp"

#include <common/config.hpp>

using namespace nasmcu;
using namespace std::chrono_literals;

namespace {

ConfigFile load(const std::string& text) { return make_config({mcu::parse_ini("n.conf", text)}); }

std::string all_text(const ConfigFile& file) {
  std::string text;
  for (const mcu::Diagnostic& one : file.diagnostics) text += mcu::to_string(one) + "\n";
  return text;
}

} // namespace

TEST_CASE("an empty configuration has the documented defaults") {
  const auto file = load("");
  CHECK(file.diagnostics.empty());
  const Config& config = file.config;
  CHECK(config.serial.port.empty());
  CHECK(config.serial.tries == 3);
  CHECK_FALSE(config.serial.byte_gap);
  CHECK(config.serial.timeout == 500ms);
  CHECK(config.daemon.server_port == 57367);
  CHECK(config.daemon.server_addr == "127.0.0.1");
  CHECK_FALSE(config.daemon.remote_control);
  CHECK(!config.daemon.device_shutdown_delay);
  CHECK(config.fan_poll == 10s);
  CHECK(config.sensor_timeout == 30s);
  CHECK_FALSE(config.step_rule);
  CHECK_FALSE(config.clock_utc);
}

TEST_CASE("the ini of the DNS-327L guide works unchanged, with one notice about its GPIO section") {
  const auto file = load("[Serial]\n"
                         "Port=/dev/ttyS1\n"
                         "NumberOfRetries=3\n"
                         "\n"
                         "[Daemon]\n"
                         "ServerPort=57367\n"
                         "ServerAddr=127.0.0.1\n"
                         "SyncTimeOnStartup=1\n"
                         "SyncTimeOnShutdown=0\n"
                         "\n"
                         "[GPIO]\n"
                         "SysfsGpioDir=/sys/class/gpio\n"
                         "PollTime=100\n"
                         "\n"
                         "[Fan]\n"
                         "PollTime=10\n"
                         "TempLow=25\n"
                         "TempHigh=34\n"
                         "Hysteresis=2\n");
  CHECK_FALSE(mcu::has_errors(file.diagnostics));
  REQUIRE(file.diagnostics.size() == 1);
  CHECK(all_text(file).starts_with("n.conf:11: warning: [GPIO] is accepted"));
  CHECK(file.config.serial.port == "/dev/ttyS1");
  CHECK(file.config.serial.tries == 4);
  CHECK(file.config.daemon.server_port == 57367);
  CHECK(file.config.daemon.sync_time_on_startup);
  CHECK_FALSE(file.config.daemon.sync_time_on_shutdown);
  CHECK(file.config.fan_poll == 10s);
  REQUIRE(file.config.step_rule);
  CHECK(file.config.step_rule->low == 25);
  CHECK(file.config.step_rule->high == 34);
  CHECK(file.config.step_rule->hysteresis == 2);
}

TEST_CASE("the old parser's ways are understood: # behind a value, quotes, a value left empty") {
  const auto file = load("[serial]\nport = \"/dev/ttyS1\" # the second one\nNUMBEROFRETRIES = 5#x\n"
                         "[Daemon]\nServerAddr=\nDeviceShutdownDelay=30\n");
  CHECK(file.config.serial.port == "/dev/ttyS1");
  CHECK(file.config.serial.tries == 6);
  CHECK(file.config.daemon.server_addr == "127.0.0.1");
  CHECK(file.config.daemon.device_shutdown_delay == 30);
  CHECK(all_text(file) == "n.conf:5: warning: ServerAddr has no value; its default is used\n");
}

TEST_CASE("any one key of the old rule switches it on, with the old defaults for the others") {
  const auto file = load("[Fan]\nTempHigh = 55\n");
  REQUIRE(file.config.step_rule);
  CHECK(file.config.step_rule->low == 45);
  CHECK(file.config.step_rule->high == 55);
  CHECK_FALSE(load("[Fan]\nPollTime = 15\n").config.step_rule);
}

TEST_CASE("a TempLow that is never reached is accepted with a warning") {
  const auto file = load("[Fan]\nTempLow = 200\n");
  CHECK_FALSE(mcu::has_errors(file.diagnostics));
  CHECK(file.config.step_rule->low == 200);
  CHECK(all_text(file) == "n.conf:2: warning: TempLow 200 is not below TempHigh 50: the fan will "
                          "hardly ever run at half\n");
}

TEST_CASE("the new keys are read") {
  const auto file = load("[Serial]\nByteGap = 0\nTimeout_ms = 700\n[Daemon]\nRemoteControl = yes\n"
                         "ServerPort = 0\nServerAddr = ::1\n[Fan]\nSensorTimeout = 60\n"
                         "[Fan System]\nCurve = 30:20 50:100\nHysteresis = 1.5\nSensor = cpu\n"
                         "Conflict = take-over\n[Fan rear]\nSensor = disk1  disk2\n"
                         "[Clock]\nUTC = no\n");
  INFO(all_text(file));
  CHECK(file.diagnostics.empty());
  CHECK(file.config.serial.byte_gap == 0us);
  CHECK(file.config.serial.timeout == 700ms);
  CHECK(file.config.daemon.remote_control);
  CHECK(file.config.daemon.server_port == 0);
  CHECK(file.config.sensor_timeout == 60s);
  REQUIRE(file.config.fans.contains("system"));
  CHECK(file.config.fans.at("system").curve.size() == 2);
  CHECK(file.config.fans.at("system").hysteresis == 1.5);
  CHECK(file.config.fans.at("system").sensors == std::vector<std::string>{"cpu"});
  CHECK(file.config.fans.at("system").conflict == mcu::Conflict::take_over);
  CHECK(file.config.fans.at("rear").sensors == std::vector<std::string>{"disk1", "disk2"});
  CHECK_FALSE(file.config.fans.at("rear").conflict);
  CHECK(file.config.clock_utc == false);
}

TEST_CASE("sections of other programs pass without a word") {
  CHECK(load("[Alert]\nMail = root # x\n[Watchdog]\nNoWayOut = yes\n[Button copy]\nPress = x\n"
             "[Wake]\nAt = 7:00\n")
            .diagnostics.empty());
}

TEST_CASE("a wake-up has a local time and days") {
  const auto file = load("[Wake]\nAt = 7:05\nDays = Mon sun\n[Clock]\nSyncAfterNTP = no\n");
  CHECK(file.diagnostics.empty());
  REQUIRE(file.config.wake.at);
  CHECK(file.config.wake.at->hour == 7);
  CHECK(file.config.wake.at->minute == 5);
  CHECK(file.config.wake.days == std::array{true, true, false, false, false, false, false});
  CHECK_FALSE(file.config.clock_after_ntp);
  CHECK_FALSE(load("[Wake]\nAt = off\n").config.wake.at);
  for (const char* bad : {"At = 24:00", "At = 7", "At = 7:5", "At = 07:60", "At = :30",
                          "At = -1:30", "Days = Monday"}) {
    const auto refused = load(std::string("[Wake]\n") + bad + "\n");
    INFO(bad);
    CHECK(refused.diagnostics.size() == 1);
    CHECK_FALSE(refused.config.wake.at);
  }
}

TEST_CASE("each bad value is named with file, line, value and what is allowed") {
  struct Row {
    std::string text;
    std::string complaint;
  };
  const std::vector<Row> rows = {
      {"[Serial]\nPort = ttyS1\n", "n.conf:2: error: Port = 'ttyS1': a path"},
      {"[Serial]\nNumberOfRetries = 10\n", "NumberOfRetries = '10': a whole number from 0 to 9"},
      {"[Serial]\nNumberOfRetries = -1\n", "NumberOfRetries = '-1'"},
      {"[Serial]\nByteGap = 1e3\n", "ByteGap = '1e3': a whole number from 0 to 20000"},
      {"[Serial]\nTimeout_ms = 5\n", "Timeout_ms = '5': a whole number from 50 to 10000"},
      {"[Daemon]\nServerPort = 65536\n", "ServerPort = '65536': a whole number from 0 to 65535"},
      {"[Daemon]\nServerAddr = localhost\n", "ServerAddr = 'localhost': a numeric address"},
      {"[Daemon]\nServerAddr = 256.0.0.1\n", "ServerAddr = '256.0.0.1'"},
      {"[Daemon]\nRemoteControl = perhaps\n", "RemoteControl = 'perhaps': yes or no"},
      {"[Daemon]\nSyncTimeOnStartup = 2\n", "SyncTimeOnStartup = '2': yes or no"},
      {"[Daemon]\nDeviceShutdownDelay = 0\n",
       "DeviceShutdownDelay = '0': a whole number from 1 to 99"},
      {"[Daemon]\nDeviceShutdownDelay = 100\n", "DeviceShutdownDelay = '100'"},
      {"[Fan]\nPollTime = 0\n", "n.conf:2: error: PollTime = '0': a whole number from 1 to 60"},
      {"[Fan]\nPollTime = 61\n", "PollTime = '61'"},
      {"[Fan]\nTempLow = warm\n", "TempLow = 'warm': a whole number from -40 to 250"},
      {"[Fan]\nTempHigh = 251\n", "TempHigh = '251'"},
      {"[Fan]\nHysteresis = -1\n", "Hysteresis = '-1': a whole number from 0 to 20"},
      {"[Fan]\nSensorTimeout = 4\n", "SensorTimeout = '4': a whole number from 5 to 600"},
      {"[Fan system]\nCurve = 50:100 30:20\n",
       "n.conf:2: error: Curve = '50:100 30:20': curve point '30:20'"},
      {"[Fan system]\nHysteresis = 21\n", "Hysteresis = '21': a number from 0 to 20"},
      {"[Fan system]\nSensor = disk1, disk2\n",
       "n.conf:2: error: Sensor = 'disk1, disk2': names of sensors with blanks between"},
      {"[Fan system]\nSensor =\n", "n.conf:2: error: Sensor = '': names of sensors"},
      {"[Fan system]\nSensor = disk1 cpu disk1\n",
       "n.conf:2: error: Sensor = 'disk1 cpu disk1': disk1 stands there twice"},
      {"[Fan system]\nConflict = fight\n",
       "n.conf:2: error: Conflict = 'fight': stand-back, take-over or refuse"},
      {"[Fan a_b]\nCurve = 30:20\n", "n.conf:1: error: [Fan a_b]: a fan's name"},
      {"[Clock]\nUTC = GMT\n", "UTC = 'GMT': yes or no"},
      {"[Fan]\nnonsense\n", "n.conf:2: error: neither"},
  };
  for (const Row& row : rows) {
    const auto file = load(row.text);
    INFO(row.text << "---\n" << all_text(file));
    CHECK(mcu::has_errors(file.diagnostics));
    CHECK(all_text(file).find(row.complaint) != std::string::npos);
  }
}

TEST_CASE("unknown keys and sections are warnings with their line") {
  CHECK(all_text(load("[Fan]\nSpeedMin = 80\n")).starts_with("n.conf:2: warning: unknown key"));
  CHECK(all_text(load("[Disks]\na = 1\n")).starts_with("n.conf:1: warning: unknown section"));
  CHECK(all_text(load("a = 1\n")).starts_with("n.conf:1: warning: keys before any"));
  CHECK(all_text(load("[Daemon]\nPollGPIO = 1\n")).starts_with("n.conf:2: warning: PollGPIO"));
}

TEST_CASE("all three words for a conflict are understood") {
  for (const auto conflict :
       {mcu::Conflict::stand_back, mcu::Conflict::take_over, mcu::Conflict::refuse}) {
    const std::string word(mcu::name(conflict));
    const auto file = load("[Fan system]\nConflict = " + word + "\n");
    INFO(word << "\n" << all_text(file));
    CHECK(file.diagnostics.empty());
    CHECK(file.config.fans.at("system").conflict == conflict);
  }
}

TEST_CASE("a later file wins key by key") {
  const auto file = make_config({mcu::parse_ini("a", "[Fan]\nPollTime=5\nTempLow=30\n"),
                                 mcu::parse_ini("b", "[fan]\npolltime=7\n")});
  CHECK(file.config.fan_poll == 7s);
  CHECK(file.config.step_rule->low == 30);
}

TEST_CASE("without --config the main file and then nasmcu.conf.d are read in name order") {
  const TempTree tree;
  CHECK(load_config("", tree.root()).diagnostics.empty()); // nothing there: defaults
  tree.write("etc/nasmcu/nasmcu.conf", "[Fan]\nPollTime=5\nSensorTimeout=50\n");
  tree.write("etc/nasmcu/nasmcu.conf.d/20-b.conf", "[Fan]\nPollTime=20\n");
  tree.write("etc/nasmcu/nasmcu.conf.d/10-a.conf", "[Fan]\nPollTime=10\nTempLow=1\n");
  tree.write("etc/nasmcu/nasmcu.conf.d/30-c.conf.dpkg-old", "[Fan]\nPollTime=30\n");
  tree.write("etc/nasmcu/nasmcu.conf.d/.40.conf", "[Fan]\nPollTime=40\n");
  const auto file = load_config("", tree.root());
  CHECK(file.diagnostics.empty());
  CHECK(file.config.fan_poll == 20s);
  CHECK(file.config.sensor_timeout == 50s);
  CHECK(file.config.step_rule->low == 1);
  CHECK(file.config.origin.find("10-a.conf") != std::string::npos);
}

TEST_CASE("a --config file is read alone, and its absence is an error") {
  const TempTree tree;
  tree.write("etc/nasmcu/nasmcu.conf", "[Fan]\nPollTime=5\n");
  const std::string given = tree.write("my.ini", "[Fan]\nSensorTimeout=60\n");
  const auto file = load_config(given, tree.root());
  CHECK(file.config.fan_poll == 10s);
  CHECK(file.config.sensor_timeout == 60s);
  CHECK(file.config.origin == given);
  const auto missing = load_config(tree.path("none.ini"), tree.root());
  CHECK(mcu::has_errors(missing.diagnostics));
  CHECK(all_text(missing).find("none.ini") != std::string::npos);
}

TEST_CASE("a sensor of a fan may have its own curve and hysteresis, in any case of its name") {
  const auto file = load("[Fan system]\nSensor = board disk1\ncurve DISK1 = 40:20 50:100\n"
                         "Hysteresis disk1 = 2.5\nHysteresis board = 1\n");
  INFO(all_text(file));
  CHECK(file.diagnostics.empty());
  const FanConfig& fan = file.config.fans.at("system");
  CHECK(fan.curve.empty());
  CHECK(fan.own.at("disk1").curve.size() == 2);
  CHECK(fan.own.at("disk1").hysteresis == 2.5);
  CHECK(fan.own.at("board").curve.empty());
  CHECK(fan.own.at("board").hysteresis == 1);
}

TEST_CASE("the limits of a fan's changes are read, and mistakes told with their lines") {
  const auto file = load("[Fan system]\nSmoothing = 20\nRampUp = 50\nRampDown = 7.5\nDwell = 90\n"
                         "MaxChangesPerHour = 12\nStartBoost = 60\n");
  INFO(all_text(file));
  CHECK(file.diagnostics.empty());
  const FanConfig& fan = file.config.fans.at("system");
  CHECK(fan.smoothing == 20s);
  CHECK(fan.ramp_up == 50);
  CHECK(fan.ramp_down == 7.5);
  CHECK(fan.dwell == 90s);
  CHECK(fan.changes_per_hour == 12U);
  CHECK(fan.start_boost == 60);
  CHECK(all_text(load("[Fan system]\nMaxChangesPerHour = 3\n")) ==
        "n.conf:2: error: MaxChangesPerHour = '3': 4 to 3600 are allowed, or 0 for no limit\n");
  CHECK(load("[Fan system]\nMaxChangesPerHour = 0\n").config.fans.at("system").changes_per_hour ==
        0U);
  CHECK(all_text(load("[Fan system]\nCurve disk1 = 40\n"))
            .starts_with("n.conf:2: error: Curve disk1 ="));
  CHECK(all_text(load("[Fan system]\nCurve disk1 disk2 = 40:50\n")) ==
        "n.conf:2: error: Curve disk1 disk2: one sensor's name is allowed behind Curve, 1 to 32 of "
        "a-z, 0-9 and -, such as Curve disk1\n");
  CHECK(all_text(load("[Fan system]\nHysteresis disk1 = 21\n")) ==
        "n.conf:2: error: Hysteresis disk1 = '21': a number from 0 to 20 is allowed\n");
  CHECK(all_text(load("[Fan system]\nCurves disk1 = 40:50\n"))
            .starts_with("n.conf:2: warning: unknown key 'Curves disk1' in [Fan system]"));
}

// SPDX-License-Identifier: MIT
#include <catch.hpp>
#include <verbs/fake_box.hpp>

#include <port/request.hpp>

#include <set>

using namespace nasmcu;
using test::FakeBox;

namespace {

Reply reply_to(FakeBox& box, const std::string& line) {
  Session session;
  session.box = &box;
  return test::run(answer(session, parse_request(line)));
}

/// Line, reply, and what it made the box do.
struct Row {
  std::string line, text, call;
};

const std::vector<Row> rows = {
    {"DeviceReady", "OK\n", "ready"},
    {"GetTemperature", "38\n", "read_sensor "},
    {"DeviceShutdown 30", "OK\n", "power_off 30"},
    {"DeviceShutdown", "OK\n", "power_off 0"},
    {"EnablePowerRecovery", "OK\n", "set_power_recovery on"},
    {"DisablePowerRecovery", "OK\n", "set_power_recovery off"},
    {"GetPowerRecoveryState", "1\n", "power_recovery"},
    {"EnableWOL", "OK\n", "set_wake_on_lan on"},
    {"DisableWOL", "OK\n", "set_wake_on_lan off"},
    {"GetWOLState", "0\n", "wake_on_lan"},
    {"PowerLedOn", "OK\n", "set_led power on"},
    {"PowerLedOff", "OK\n", "set_led power off"},
    {"PowerLedBlink", "OK\n", "set_led power blink-slow"},
    {"FanHalf", "OK\n", "set_fan system 50.000000"},
    {"FanStop", "OK\n", "set_fan system 0.000000"},
    {"systohc", "OK\n", "system_to_clock"},
    {"hctosys", "RTC: Tue Sep 10 21:06:17 2013\nSys: Tue Sep 10 21:06:20 2013\nDiff: 3s\n",
     "clock_to_system"},
    {"ReadRtc", "RTC: Tue Sep 10 21:06:17 2013\n", "read_clock"},
    {"ShutdownDaemon", "OK\n", "failsafe"},
    {"quit", "Bye\n", ""},
    {"help",
     "Available Commands: DeviceReady, GetTemperature, DeviceShutdown, EnablePowerRecovery, "
     "DisablePowerRecovery, GetPowerRecoveryState, EnableWOL, DisableWOL, GetWOLState, PowerLedOn, "
     "PowerLedOff, PowerLedBlink, systohc, hctosys, ReadRtc, ShutdownDaemon, "
     "quit\n",
     ""},
};

} // namespace

TEST_CASE("every old word is answered byte for byte") {
  test::use_utc();
  std::set<std::string> seen;
  for (const Row& row : rows) {
    FakeBox box;
    CAPTURE(row.line);
    CHECK(reply_to(box, row.line).text == row.text);
    CHECK(box.calls ==
          (row.call.empty() ? std::vector<std::string>{} : std::vector<std::string>{row.call}));
    seen.insert(row.line.substr(0, row.line.find(' ')));
  }
  CHECK(seen.size() == legacy_verbs().size());
}

TEST_CASE("every old word that fails is answered ERR") {
  for (const Row& row : rows) {
    if (row.call.empty() || row.line == "ShutdownDaemon") continue;
    for (const mcu::Errc code : {mcu::Errc::timeout, mcu::Errc::unsupported, mcu::Errc::denied}) {
      FakeBox box;
      box.failure = mcu::Error{code, "words that old clients do not expect"};
      CAPTURE(row.line);
      CHECK(reply_to(box, row.line).text == "ERR\n");
    }
  }
}

TEST_CASE("ShutdownDaemon ends the daemon even when the MCU is silent") {
  FakeBox box;
  box.failure = mcu::Error{mcu::Errc::timeout, "silent"};
  const Reply reply = reply_to(box, "ShutdownDaemon");
  CHECK(reply.text == "OK\n");
  CHECK(reply.then == Reply::Then::end_daemon);
  CHECK(reply_to(box, "quit").then == Reply::Then::close);
}

TEST_CASE("what is no whole known word is not understood") {
  for (const char* line : {"foo", "devICEready", "", " ", "Dev", "DeviceReadyX", "DeviceReady now",
                           "GetTemperature 1", "DeviceShutdown30", "hctosy", "\r", "\xC3\xBC"}) {
    FakeBox box;
    CAPTURE(line);
    CHECK(reply_to(box, line).text == "Command not Understood!\n");
    CHECK(box.calls.empty());
  }
}

TEST_CASE("DeviceShutdown takes 1 to 99 and nothing else") {
  for (const char* line :
       {"DeviceShutdown 0", "DeviceShutdown 100", "DeviceShutdown -1", "DeviceShutdown soon",
        "DeviceShutdown 5s", "DeviceShutdown 5 6", "DeviceShutdown 99999999999999999999"}) {
    FakeBox box;
    CAPTURE(line);
    CHECK(reply_to(box, line).text == "ERR\n");
    CHECK(box.calls.empty());
  }
  FakeBox box;
  CHECK(reply_to(box, "DeviceShutdown 1").text == "OK\n");
  CHECK(reply_to(box, "DeviceShutdown 99").text == "OK\n");
}

TEST_CASE("after the old words every verb of the table is a line") {
  FakeBox box;
  CHECK(reply_to(box, "temp board").text == "38 °C\n");
  CHECK(reply_to(box, "  fan   system  50 ").text == "system is set\n");
  CHECK(reply_to(box, "beep").text == "OK\n"); // silent on the command line
  CHECK(reply_to(box, "status").text.find("Test Board (test-board)\n") == 0);
  CHECK(reply_to(box, "fan system nan").text ==
        "ERR: 'nan' is not a percentage from 0 to 100, auto or why\n");
  CHECK(reply_to(box, "alerts").text == "no alerts\n");
  CHECK(reply_to(box, "alerts mute 2h").text.find("the buzzer is muted until ") == 0);
  box.alertd_runs = false;
  CHECK(reply_to(box, "disks").text == "ERR: " + no_alert_daemon().what + "\n");
  box.failure = mcu::Error{mcu::Errc::timeout, "the MCU does not answer"};
  CHECK(reply_to(box, "ready").text == "ERR: the MCU does not answer\n");
}

TEST_CASE("a verb of a function that the board lacks is a bare ERR") {
  FakeBox box;
  box.failure = mcu::Error{mcu::Errc::unsupported, "this board has no buzzer"};
  CHECK(reply_to(box, "beep").text == "ERR\n");
  CHECK(reply_to(box, "led nosuch").text == "ERR\n");
}

TEST_CASE("a line knows what right it needs") {
  CHECK(parse_request("GetTemperature").access == Access::reading);
  CHECK(parse_request("hctosys").access == Access::changing);
  CHECK(parse_request("DeviceShutdown 5").access == Access::root_only);
  CHECK(parse_request("ShutdownDaemon").access == Access::root_only);
  CHECK(parse_request("fan system 50").access == Access::changing);
  CHECK(parse_request("fan system").access == Access::reading);
  for (const char* line : {"alerts", "disks", "metrics"})
    CHECK(parse_request(line).access == Access::reading);
  for (const char* line : {"alerts ack x", "alerts mute", "alerts test", "disks forget 2",
                           "identify 2", "identify 2 off"})
    CHECK(parse_request(line).access == Access::changing);
  CHECK(parse_request("raw 405433").access == Access::never_port);
  CHECK(parse_request("check /etc/shadow").access == Access::root_only);
  CHECK(parse_request("nonsense").access == Access::reading);
}

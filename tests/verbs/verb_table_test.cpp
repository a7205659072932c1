// SPDX-License-Identifier: MIT
#include <catch.hpp>
#include <verbs/fake_box.hpp>

#include <verbs/outcome.hpp>
#include <verbs/parse.hpp>

#include <filesystem>
#include <fstream>

using namespace nasmcu;
using test::FakeBox;

namespace {

Outcome call(FakeBox& box, std::string name, Arguments arguments, bool json = false) {
  Session session;
  session.box = &box;
  session.json = json;
  return test::run(run_verb(session, std::move(name), std::move(arguments)));
}

Access needed(const char* verb, Arguments arguments) {
  return access_of(*find_verb(verb), arguments);
}

struct TempFile {
  explicit TempFile(const std::string& content) {
    path = (std::filesystem::temp_directory_path() /
            ("nasmcu-check-" + std::to_string(::getpid()) + ".ini"))
               .string();
    std::ofstream(path) << content;
  }
  ~TempFile() { std::filesystem::remove(path); }
  std::string path;
};

} // namespace

TEST_CASE("every verb refuses arguments it does not know without touching the box") {
  const std::vector<std::pair<std::string, Arguments>> bad = {
      {"status", {"x"}},
      {"temp", {"a", "b"}},
      {"fan", {"system", "50", "x"}},
      {"fan", {"system", "nan"}},
      {"fan", {"system", "inf"}},
      {"fan", {"system", "-1"}},
      {"fan", {"system", "100.1"}},
      {"fan", {"system", "1e999"}},
      {"fan", {"system", "50x"}},
      {"fan", {"system", ""}},
      {"fan", {"0x20"}},
      {"led", {"power", "on", "x"}},
      {"led", {"power", "green"}},
      {"beep", {"loud"}},
      {"beep", {"short", "long"}},
      {"button", {"a", "b"}},
      {"clock", {"x"}},
      {"hctosys", {"x"}},
      {"systohc", {"x"}},
      {"wake", {"soon"}},
      {"wake", {"15m", "x"}},
      {"wake", {"2001-01-01T00:00"}},
      {"sleep", {}},
      {"sleep", {"now"}},
      {"sleep", {"before", "after"}},
      {"ready", {"x"}},
      {"failsafe", {"x"}},
      {"power-recovery", {"maybe"}},
      {"wol", {"on", "off"}},
      {"poweroff", {"0"}},
      {"poweroff", {"100"}},
      {"poweroff", {"-5"}},
      {"poweroff", {"soon"}},
      {"raw", {}},
      {"raw", {"4"}},
      {"raw", {"zz"}},
      {"alerts", {"ack"}},
      {"alerts", {"ack", "a", "b"}},
      {"alerts", {"mute", "soon"}},
      {"alerts", {"mute", "0"}},
      {"alerts", {"mute", "1h", "x"}},
      {"alerts", {"test", "x"}},
      {"alerts", {"clear"}},
      {"disks", {"x"}},
      {"disks", {"forget"}},
      {"disks", {"test"}},
      {"disks", {"test", "1", "quick"}},
      {"disks", {"forget", "1", "short"}},
      {"identify", {}},
      {"identify", {"1", "on"}},
      {"identify", {"1", "off", "x"}},
      {"metrics", {"a", "b"}},
      {"watchdog", {"x"}},
      {"watchdog", {"grace"}},
      {"watchdog", {"grace", "soon"}},
      {"watchdog", {"grace", "3601"}},
      {"boards", {"x"}},
      {"check", {}},
      {"check", {"/dev/null"}},
      {"setup", {"a", "b"}},
      {"report", {"x"}},
      {"version", {"x"}},
      {"", {}},
      {"tmep", {}},
  };
  for (const auto& [name, arguments] : bad) {
    FakeBox box;
    CAPTURE(name, arguments);
    const Outcome outcome = call(box, name, arguments);
    CHECK(outcome.exit == exit_usage);
    CHECK(!outcome.error.empty());
    CHECK(outcome.error.find('\n') == std::string::npos);
    CHECK(box.calls.empty());
  }
}

TEST_CASE("every verb does what it says") {
  const std::vector<std::tuple<std::string, Arguments, std::string, std::string>> good = {
      {"temp", {"board"}, "38 °C\n", "read_sensor board"},
      {"fan", {"system", "50"}, "system is set\n", "set_fan system 50.000000"},
      {"fan", {"45.5%"}, "system is set\n", "set_fan system 45.500000"},
      {"fan", {"auto"}, "system is automatic\n", "fan_auto system"},
      {"led", {"power", "off"}, "off\n", "set_led power off"},
      {"led",
       {"power", "blink-fast"},
       "blink-slow (the nearest that it can do to blink-fast)\n",
       "set_led power blink-fast"},
      {"beep", {}, "", "beep short"},
      {"beep", {"long"}, "", "beep long"},
      {"button", {"power"}, "pressed\n", "read_button power"},
      {"hctosys",
       {},
       "RTC: Tue Sep 10 21:06:17 2013\nSys: Tue Sep 10 21:06:20 2013\nDiff: 3s\n",
       "clock_to_system"},
      {"systohc", {}, "RTC: Tue Sep 10 21:06:20 2013\n", "system_to_clock"},
      {"clock", {}, "2013-09-10 21:06:17 +0000 (it keeps local time)\n", "read_clock"},
      {"wake", {}, "off\n", "wake"},
      {"wake", {"off"}, "off\n", "set_wake off"},
      {"wake", {"2037-01-01T00:00Z"}, "2037-01-01 00:00:00 +0000\n", "set_wake 2114380800"},
      {"sleep", {"before"}, "", "sleeping"},
      {"sleep", {"after"}, "", "awake again"},
      {"ready", {}, "", "ready"},
      {"failsafe", {}, "every fan is at its failsafe duty\n", "failsafe"},
      {"power-recovery", {}, "on\n", "power_recovery"},
      {"power-recovery", {"off"}, "", "set_power_recovery off"},
      {"wol", {}, "off\n", "wake_on_lan"},
      {"wol", {"on"}, "", "set_wake_on_lan on"},
      {"poweroff", {}, "the system is going down\n", "power_off 0"},
      {"poweroff", {"30"}, "the system is going down\n", "power_off 30"},
      {"alerts",
       {"ack", "disk.WD-X.verdict"},
       "disk.WD-X.verdict is acknowledged until it changes\n",
       "acknowledge_alert disk.WD-X.verdict"},
      {"alerts", {"mute", "off"}, "the buzzer is not muted\n", "mute_alerts 0"},
      {"alerts", {"test"}, "buzzer: a short beep; mail: nobody is configured\n", "test_alerts"},
      {"disks", {"test", "2"}, "a short self-test has begun\n", "test_disk 2 short"},
      {"disks", {"test", "2", "long"}, "a long self-test has begun\n", "test_disk 2 long"},
      {"disks", {"forget", "2"}, "bay 2 is not expected to hold a disk any more\n", "forget_bay 2"},
      {"identify",
       {"2"},
       "LED disk2-fault blinks for 10 minutes, or until: identify 2 off\n",
       "identify_bay 2 on"},
      {"identify",
       {"2", "off"},
       "LED disk2-fault shows bay 2's state again\n",
       "identify_bay 2 off"},
      {"raw", {"40", "54", "33"}, "40 54 33 26 01\n", "raw 40 54 33"},
      {"raw", {"405433"}, "40 54 33 26 01\n", "raw 40 54 33"},
      {"watchdog", {"grace", "60"}, "no reset for 60 s, whatever fails\n", "announce something 60"},
      {"raw", {"40 54 33"}, "40 54 33 26 01\n", "raw 40 54 33"},
  };
  test::use_utc();
  for (const auto& [name, arguments, text, made] : good) {
    FakeBox box;
    CAPTURE(name, arguments);
    const Outcome outcome = call(box, name, arguments);
    CHECK(outcome.exit == exit_done);
    CHECK(outcome.text == text);
    CHECK(box.calls == std::vector{made});
  }
}

TEST_CASE("every verb answers JSON with schema 1") {
  for (const Verb& verb : verbs()) {
    FakeBox box;
    TempFile file("[Fan]\nPollTime = 10\n");
    Arguments arguments;
    if (verb.name == "raw") arguments = {"405433"};
    if (verb.name == "sleep") arguments = {"before"};
    if (verb.name == "identify") arguments = {"1"};
    if (verb.name == "check") arguments = {file.path};
    CAPTURE(verb.name);
    const Outcome outcome = call(box, std::string(verb.name), arguments, true);
    CHECK(outcome.exit == exit_done);
    CHECK(Json::parse(outcome.text)["schema"] == 1);
  }
}

TEST_CASE("a fan's reason is told without changing anything") {
  FakeBox box;
  CHECK(call(box, "fan", {"why"}).text == "38 °C at board\n");
  CHECK(call(box, "fan", {"system", "why"}).text == "38 °C at board\n");
  CHECK(call(box, "fan", {"system"}).text == call(box, "fan", {}).text);
  CHECK(box.calls.empty());
}

TEST_CASE("with two fans a value needs a name") {
  FakeBox box;
  box.snapshot_.fans.push_back(box.snapshot_.fans[0]);
  box.snapshot_.fans[1].name = "disk";
  const Outcome outcome = call(box, "fan", {"50"});
  CHECK(outcome.exit == exit_usage);
  CHECK(outcome.error == "name the fan: system, disk");
  CHECK(box.calls.empty());
}

TEST_CASE("a name that the board does not have is answered with those it has") {
  FakeBox box;
  const Outcome outcome = call(box, "led", {"disk9"});
  CHECK(outcome.exit == exit_no_device);
  CHECK(outcome.error == "no LED 'disk9' on this board; it has: power, disk1-fault");
  CHECK(call(box, "fan", {"rear", "50"}).exit == exit_no_device);
  CHECK(box.calls.empty());
}

TEST_CASE("the MCU's failure decides the exit code, and a list still tells the rest") {
  FakeBox box;
  box.failure = mcu::Error{mcu::Errc::timeout, "the MCU does not answer"};
  CHECK(call(box, "temp", {"board"}).exit == exit_mcu);
  const Outcome all = call(box, "temp", {});
  CHECK(all.exit == exit_mcu);
  CHECK(all.error == "board: the MCU does not answer");
  CHECK(all.text.find("board  no reading (the MCU does not answer)") != std::string::npos);
  CHECK(all.text.find("cpu") != std::string::npos);
}

TEST_CASE("a disk at rest is told, and is no failure") {
  FakeBox box;
  box.failure = mcu::Error{mcu::Errc::asleep, "sda is in standby"};
  const Outcome one = call(box, "temp", {"disk1"});
  CHECK(one.exit == exit_done);
  CHECK(one.error.empty());
  CHECK(one.text == "disk1: asleep (sda is in standby)\n");
  const Json sensor = Json::parse(call(box, "temp", {"disk1"}, true).text)["sensors"][0];
  CHECK(sensor["asleep"] == true);
  CHECK(sensor["valid"] == false);
  CHECK(sensor["value"].is_null());
  const Outcome all = call(box, "temp", {});
  CHECK(all.exit == exit_done);
  CHECK(all.text.find("board  asleep (sda is in standby)") != std::string::npos);
}

TEST_CASE("reading arguments need no right, changing ones do") {
  CHECK(needed("status", {}) == Access::reading);
  CHECK(needed("fan", {}) == Access::reading);
  CHECK(needed("fan", {"system"}) == Access::reading);
  CHECK(needed("fan", {"system", "why"}) == Access::reading);
  CHECK(needed("fan", {"why"}) == Access::reading);
  CHECK(needed("fan", {"system", "50"}) == Access::changing);
  CHECK(needed("fan", {"system", "auto"}) == Access::changing);
  CHECK(needed("fan", {"50"}) == Access::changing);
  CHECK(needed("fan", {"auto"}) == Access::changing);
  CHECK(needed("led", {"power"}) == Access::reading);
  CHECK(needed("led", {"power", "on"}) == Access::changing);
  CHECK(needed("beep", {}) == Access::changing);
  CHECK(needed("hctosys", {}) == Access::changing);
  CHECK(needed("wol", {}) == Access::reading);
  CHECK(needed("wol", {"on"}) == Access::changing);
  CHECK(needed("poweroff", {}) == Access::root_only);
  CHECK(needed("wake", {}) == Access::reading);
  CHECK(needed("wake", {"15m"}) == Access::changing);
  CHECK(needed("wake", {"off"}) == Access::changing);
  CHECK(needed("alerts", {}) == Access::reading);
  CHECK(needed("alerts", {"ack", "x"}) == Access::changing);
  CHECK(needed("alerts", {"mute"}) == Access::changing);
  CHECK(needed("alerts", {"test"}) == Access::changing);
  CHECK(needed("disks", {}) == Access::reading);
  CHECK(needed("disks", {"forget", "1"}) == Access::changing);
  CHECK(needed("disks", {"test", "1"}) == Access::changing);
  CHECK(needed("identify", {"1"}) == Access::changing);
  CHECK(needed("identify", {"1", "off"}) == Access::changing);
  CHECK(needed("metrics", {}) == Access::reading);
  CHECK(needed("sleep", {"before"}) == Access::root_only);
  for (const char* verb : {"raw", "setup", "report"}) {
    CHECK(needed(verb, {}) == Access::never_port);
    CHECK(needed(verb, {"qnap-ts433"}) == Access::never_port);
  }
}

TEST_CASE("a mistyped verb is answered with its neighbours, a strange one with all") {
  CHECK(unknown_verb("tmep") == "unknown verb 'tmep'; did you mean temp?");
  CHECK(unknown_verb("stat") == "unknown verb 'stat'; did you mean status?");
  CHECK(unknown_verb("frobnicate").find("verbs are: status, temp, fan") != std::string::npos);
}

TEST_CASE("a verb that needs the daemon says so without one") {
  const Outcome outcome = test::run(run_verb(Session{}, "temp", {}));
  CHECK(outcome.exit == exit_not_running);
  CHECK(test::run(run_verb(Session{}, "version", {})).exit == exit_done);
}

TEST_CASE("check tells each mistake with file and line, by what the file is") {
  TempFile board("[board]\nname = X\nmatch = x,y\n[fan system]\ndevice = mcu\nfailsafe = 20\n");
  FakeBox box;
  const Outcome bad = call(box, "check", {board.path});
  CHECK(bad.exit == exit_usage);
  CHECK(bad.text.find(board.path + ":6: error: ") != std::string::npos);
  std::ofstream(board.path) << "[Fan]\nPollTime = 0\n";
  const Outcome config = call(box, "check", {board.path});
  CHECK(config.exit == exit_usage);
  CHECK(config.text.find(board.path + ":2: error: ") != std::string::npos);
  std::ofstream(board.path) << "[Fan]\nPollTime = 10\n";
  CHECK(call(box, "check", {board.path}).text == board.path + ": ok\n");
}

// SPDX-License-Identifier: MIT
#include <catch.hpp>
#include <verbs/fake_box.hpp>

#include <verbs/render.hpp>

using namespace nasmcu;
using test::FakeBox;

TEST_CASE("status is aligned and plain without colour") {
  FakeBox box;
  CHECK(text(box.snapshot_, false) ==
        "Test Board (test-board)\n"
        "  back end  tty: wt61p803 on /dev/ttyS0\n"
        "  link      ok: 0.0 % errors in 1000 tries, typically 1.9 ms\n"
        "\nTemperatures\n"
        "  board  38 °C  limit 75 °C\n"
        "  cpu    not available (no driver for thermal yet)\n"
        "\nFans\n"
        "  system  35 %  1230 rpm  auto: 38 °C at board\n"
        "\nLEDs\n"
        "  power        on\n"
        "  disk1-fault  unknown\n"
        "\nButtons\n"
        "  power  released\n");
}

TEST_CASE("colour adds escapes and nothing else") {
  FakeBox box;
  std::string colored = text(box.snapshot_, true);
  CHECK(colored.find("\033[2mnot available") != std::string::npos);
  for (std::size_t at; (at = colored.find('\033')) != std::string::npos;)
    colored.erase(at, colored.find('m', at) - at + 1);
  CHECK(colored == text(box.snapshot_, false));
}

TEST_CASE("a link with 1 percent failed tries is degraded, and down says why") {
  LinkView link{true, "", "dns320l", "/dev/ttyS1", {{"tries", 1000}, {"timeouts", 9}}};
  CHECK(judge(link).state == LinkQuality::State::ok);
  link.statistics["bad_replies"] = 1;
  CHECK(judge(link).state == LinkQuality::State::degraded);
  CHECK(judge(link).words == "degraded: 1.0 % errors in 1000 tries");
  link.up = false;
  link.reason = "no such file";
  CHECK(judge(link).words == "down: no such file");
  CHECK(judge(LinkView{}).words == "no MCU link");
}

TEST_CASE("an invalid reading is null in JSON and never a number in text") {
  SensorView sensor;
  sensor.name = "board";
  sensor.present = true;
  sensor.celsius = 38;
  sensor.reason = "no answer";
  CHECK(json(sensor)["value"].is_null());
  CHECK(json(sensor)["valid"] == false);
  CHECK(text(std::vector{sensor}, false) == "  board  no reading (no answer)\n");
  FanView fan;
  fan.name = "system";
  fan.present = true;
  CHECK(json(fan)["value"].is_null());
  CHECK(json(fan)["rpm"].is_null());
}

TEST_CASE("status has the contract's keys and every device its seven") {
  FakeBox box;
  const Json status = json(box.snapshot_);
  for (const char* key :
       {"board", "backend", "link", "sensors", "fans", "leds", "buttons", "alerts"})
    CHECK(status.contains(key));
  for (const char* kind : {"sensors", "fans", "leds", "buttons"})
    for (const Json& device : status[kind])
      for (const char* key : {"kind", "name", "present", "valid", "value", "unit", "reason"})
        CHECK(device.contains(key));
  CHECK(status["fans"][0]["value"] == 35);
  CHECK(status["sensors"][1]["value"].is_null());
  CHECK(status["buttons"][0]["value"] == false);
}

TEST_CASE("a link that the kernel's driver keeps has no counters and is not degraded") {
  LinkView link{true, "", "wt61p803", "", {}};
  CHECK(judge(link).state == LinkQuality::State::ok);
  CHECK(judge(link).words == "ok: the kernel's driver keeps it");
  link.up = false;
  link.reason = "there is no hwmon qnapmcu";
  CHECK(judge(link).state == LinkQuality::State::down);
  FakeBox box;
  box.snapshot_.backend = "kernel";
  box.snapshot_.backend_reason = "qnap-mcu holds serial0-0";
  box.snapshot_.link = {true, "", "wt61p803", "", {}};
  CHECK(text(box.snapshot_, false)
            .find("back end  kernel: wt61p803 (qnap-mcu holds serial0-0)\n"
                  "  link      ok: the kernel's driver keeps it\n") != std::string::npos);
  CHECK(json(box.snapshot_)["backend_reason"] == "qnap-mcu holds serial0-0");
  CHECK(json(box.snapshot_)["link"]["state"] == "ok");
}

TEST_CASE("buzzer, clock and power are told where they are fitted") {
  FakeBox box;
  CHECK(json(box.snapshot_)["buzzer"].is_null());
  box.snapshot_.buzzer = DeviceView{"buzzer", true, true, ""};
  box.snapshot_.clock = DeviceView{"clock", false, false, "not available: no rtc-rv8263"};
  CHECK(text(box.snapshot_, false)
            .find("\nOthers\n  buzzer  there\n  clock   not available (no rtc-rv8263)\n") !=
        std::string::npos);
  const Json status = json(box.snapshot_);
  CHECK(status["buzzer"]["kind"] == "buzzer");
  CHECK(status["buzzer"]["present"] == true);
  CHECK(status["clock"]["present"] == false);
  CHECK(status["clock"]["reason"] == "not available: no rtc-rv8263");
  CHECK(status["power"].is_null());
}

TEST_CASE("an alarm line and another driver of the fan are told") {
  FakeBox box;
  box.snapshot_.fans[0].alarm = true;
  box.snapshot_.fans[0].conflict = "left to thermal zone hdd-thermal";
  const std::string shown = text(box.snapshot_.fans, false);
  CHECK(shown.find("ALARM, it does not turn") != std::string::npos);
  CHECK(shown.find("; left to thermal zone hdd-thermal") != std::string::npos);
  const Json fan = json(box.snapshot_.fans[0]);
  CHECK(fan["alarm"] == true);
  CHECK(fan["conflict"] == "left to thermal zone hdd-thermal");
}

TEST_CASE("a sleeping sensor has no value, and that is marked") {
  SensorView disk;
  disk.name = "disk1";
  disk.present = disk.asleep = true;
  disk.reason = "sda is in standby";
  CHECK(text(std::vector{disk}, false) == "  disk1  asleep (sda is in standby)\n");
  CHECK(json(disk)["asleep"] == true);
  CHECK(json(disk)["value"].is_null());
}

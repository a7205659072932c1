// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <alertd/box_health.hpp>

#include <limits>

using namespace nasmcu::alertd;

namespace {

/// A box with one fan, one sensor and a microcontroller, all well; time only goes on in look().
struct WatchedBox {
  BoxSeen seen;
  BoxHealth health;
  BoxHealth::Time now{};

  WatchedBox() {
    seen.mcud = seen.has_link = seen.link_up = true;
    seen.fans.push_back({"system", true, 50, 1200, 300, false, false, "disk1 38 °C: 50 %"});
    seen.sensors.push_back({"board", true, true, false, "", 40, 70});
  }
  FanHealth& fan() { return seen.fans.front(); }
  SensorHealth& sensor() { return seen.sensors.front(); }

  /// The ids that are found `seconds` later.
  std::vector<std::string> after(int seconds) {
    std::vector<std::string> ids;
    for (const Finding& one : findings_after(seconds)) ids.push_back(one.id);
    return ids;
  }
  std::vector<Finding> findings_after(int seconds) {
    now += std::chrono::seconds(seconds);
    return health.judge(seen, now);
  }
};

using FoundIds = std::vector<std::string>;
const FoundIds found_nothing;
const FoundIds found_stalled = {"fan.system.stalled"};
const FoundIds found_hot = {"sensor.board.hot"};
const FoundIds found_lost = {"sensor.board.lost"};
const FoundIds found_link_down = {"mcu.link"};
const FoundIds found_silent = {"mcud.silent"};

} // namespace

TEST_CASE("a box that is well has no findings, and neither has one without fans and sensors") {
  WatchedBox box;
  CHECK(box.after(0) == found_nothing);
  CHECK(box.after(3600) == found_nothing);
  box.seen.fans.clear();
  box.seen.sensors.clear();
  box.seen.has_link = box.seen.link_up = false;
  CHECK(box.after(3600) == found_nothing);
}

TEST_CASE("a fan below its limit is stalled when that has lasted") {
  WatchedBox box;
  box.fan().rpm = 299;
  CHECK(box.after(0) == found_nothing);
  CHECK(box.after(29) == found_nothing);
  CHECK(box.after(1) == found_stalled);
  const Finding finding = box.findings_after(10).front();
  CHECK(finding.severity == Severity::failed);
  CHECK(finding.state == "stalled");
  CHECK(finding.text.find("50 %: disk1 38") != std::string::npos);
  CHECK(finding.text.find("299 rpm, and should be at least 300 rpm") != std::string::npos);
  box.fan().rpm = 300;
  CHECK(box.after(10) == found_nothing);
}

TEST_CASE("one slow reading is no stall, and the patience begins anew behind a good one") {
  WatchedBox box;
  box.fan().rpm = 0;
  CHECK(box.after(0) == found_nothing);
  CHECK(box.after(20) == found_nothing);
  box.fan().rpm = 1200;
  CHECK(box.after(5) == found_nothing);
  box.fan().rpm = 0;
  CHECK(box.after(5) == found_nothing);
  CHECK(box.after(29) == found_nothing);
  CHECK(box.after(1) == found_stalled);
}

TEST_CASE("without a limit of the board only a fan that stands still is stalled") {
  WatchedBox box;
  box.fan().rpm = 1;
  for (const auto& limit : {std::optional<unsigned>(), std::optional<unsigned>(0)}) {
    box.fan().stall_below = limit;
    CHECK(box.after(0) == found_nothing);
    CHECK(box.after(60) == found_nothing);
  }
  box.fan().rpm = 0;
  CHECK(box.after(0) == found_nothing);
  CHECK(box.after(30) == found_stalled);
}

TEST_CASE("a fan that shall stand still, has no tachometer or is not there is not stalled") {
  WatchedBox box;
  box.fan().rpm = 0;
  SECTION("duty 0") { box.fan().duty = 0; }
  SECTION("no speed") { box.fan().rpm.reset(); }
  SECTION("not there") { box.fan().present = false; }
  CHECK(box.after(0) == found_nothing);
  CHECK(box.after(60) == found_nothing);
}

TEST_CASE("a fan's own alarm counts whatever its speed and duty") {
  WatchedBox box;
  box.fan().alarm = true;
  box.fan().duty = 0;
  box.fan().in_failsafe = true;
  CHECK(box.after(0) == found_nothing);
  CHECK(box.after(30) == found_stalled);
  const std::string text = box.findings_after(1).front().text;
  CHECK(text.find("Its own alarm is raised") != std::string::npos);
  CHECK(text.find("0 % (failsafe)") != std::string::npos);
}

TEST_CASE("a stalled fan stays so while its speed cannot be read, and a good one does not stall") {
  WatchedBox box;
  box.fan().rpm.reset();
  CHECK(box.after(0) == found_nothing);
  CHECK(box.after(60) == found_nothing);
  box.fan().rpm = 0;
  CHECK(box.after(0) == found_nothing);
  CHECK(box.after(30) == found_stalled);
  box.fan().rpm.reset();
  CHECK(box.after(600) == found_stalled);
  box.fan().rpm = 1000;
  CHECK(box.after(1) == found_nothing);
}

TEST_CASE("a fan that was taken away and comes back begins with new patience") {
  WatchedBox box;
  box.fan().rpm = 0;
  CHECK(box.after(0) == found_nothing);
  CHECK(box.after(30) == found_stalled);
  const auto fans = std::exchange(box.seen.fans, {});
  CHECK(box.after(1) == found_nothing);
  box.seen.fans = fans;
  CHECK(box.after(1) == found_nothing);
  CHECK(box.after(30) == found_stalled);
}

TEST_CASE("a sensor at its limit is failed at once, until it is 3 degrees below") {
  WatchedBox box;
  box.sensor().celsius = 69.9;
  CHECK(box.after(0) == found_nothing);
  box.sensor().celsius = 70;
  CHECK(box.after(0) == found_hot);
  const Finding finding = box.findings_after(0).front();
  CHECK(finding.severity == Severity::failed);
  CHECK(finding.text.find("70 °C") != std::string::npos);
  box.sensor().celsius = 67.1;
  CHECK(box.after(10) == found_hot);
  // The temperature does not belong into the state: nobody is told of each degree.
  CHECK(box.findings_after(0).front().state == finding.state);
  box.sensor().celsius = 67;
  CHECK(box.after(10) == found_nothing);
  box.sensor().celsius = 69;
  CHECK(box.after(10) == found_nothing);
}

TEST_CASE("a sensor without a limit is never too hot, and no number is no heat") {
  WatchedBox box;
  box.sensor().celsius = std::numeric_limits<double>::quiet_NaN();
  CHECK(box.after(0) == found_nothing);
  box.sensor().celsius = 200;
  box.sensor().max.reset();
  CHECK(box.after(0) == found_nothing);
}

TEST_CASE("a sensor without a reading is a warning when that has lasted") {
  WatchedBox box;
  box.sensor().valid = false;
  box.sensor().reason = "no answer within 500 ms";
  CHECK(box.after(0) == found_nothing);
  CHECK(box.after(59) == found_nothing);
  CHECK(box.after(1) == found_lost);
  const Finding finding = box.findings_after(1).front();
  CHECK(finding.severity == Severity::warning);
  CHECK(finding.text.find("no answer within 500 ms") != std::string::npos);
  box.sensor().valid = true;
  CHECK(box.after(1) == found_nothing);
}

TEST_CASE("a disk asleep or an empty bay is no lost sensor") {
  WatchedBox box;
  box.sensor().valid = false;
  SECTION("asleep") { box.sensor().asleep = true; }
  SECTION("not there") { box.sensor().present = false; }
  CHECK(box.after(0) == found_nothing);
  CHECK(box.after(3600) == found_nothing);
}

TEST_CASE("a hot sensor that is lost is still hot") {
  WatchedBox box;
  box.sensor().celsius = 75;
  CHECK(box.after(0) == found_hot);
  box.sensor().valid = false;
  box.sensor().celsius = 0;
  CHECK(box.after(0) == found_hot);
  CHECK(box.after(60) == FoundIds{"sensor.board.hot", "sensor.board.lost"});
  box.sensor().valid = true;
  box.sensor().celsius = 68;
  CHECK(box.after(1) == found_hot);
  box.sensor().asleep = true;
  box.sensor().valid = false;
  CHECK(box.after(1) == found_nothing);
}

TEST_CASE("a link that is down is failed when that has lasted, and only where there is one") {
  WatchedBox box;
  box.seen.link_up = false;
  box.seen.link_reason = "the port is not there";
  CHECK(box.after(0) == found_nothing);
  CHECK(box.after(29) == found_nothing);
  CHECK(box.after(1) == found_link_down);
  const Finding finding = box.findings_after(0).front();
  CHECK(finding.severity == Severity::failed);
  CHECK(finding.text.find("the port is not there") != std::string::npos);
  box.seen.has_link = false;
  CHECK(box.after(1) == found_nothing);
}

TEST_CASE("mcud that does not answer is failed, and then nothing else is said") {
  WatchedBox box;
  box.sensor().celsius = 75;
  CHECK(box.after(0) == found_hot);
  box.seen.mcud = false;
  box.seen.why = "io.nasmcu1.mcud is not on the bus";
  CHECK(box.after(1) == found_hot); // perhaps only a restart: it stands as it was
  CHECK(box.after(59) == found_hot);
  CHECK(box.after(1) == found_silent);
  const auto findings = box.findings_after(1);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].severity == Severity::failed);
  CHECK(findings[0].text.find("is not on the bus") != std::string::npos);
  box.seen.mcud = true;
  box.sensor().celsius = 68;
  CHECK(box.after(1) == found_nothing); // nothing is known of the time between
}

TEST_CASE("a restart of mcud neither clears nor raises anything, nor ends its patience") {
  WatchedBox box;
  box.fan().rpm = 0;
  box.seen.mcud = false;
  CHECK(box.after(0) == found_nothing);
  box.seen.mcud = true;
  CHECK(box.after(1) == found_nothing);
  CHECK(box.after(30) == found_stalled);
  for (int restart = 0; restart < 5; ++restart) {
    box.seen.mcud = false;
    CHECK(box.after(1) == found_stalled);
    CHECK(box.after(40) == found_stalled);
    box.seen.mcud = true;
    CHECK(box.after(1) == found_stalled);
  }
  box.fan().rpm = 1000;
  CHECK(box.after(1) == found_nothing);
}

TEST_CASE("each thing has its own patience, and other times can be asked for") {
  WatchedBox box;
  box.health = BoxHealth({std::chrono::seconds(0), std::chrono::seconds(1), std::chrono::seconds(2),
                          std::chrono::seconds(0)});
  box.seen.fans.push_back({"rear", true, 100, 0, {}, false, false, ""});
  box.sensor().valid = false;
  box.seen.link_up = false;
  CHECK(box.after(0) == FoundIds{"fan.rear.stalled"});
  CHECK(box.after(1) == FoundIds{"fan.rear.stalled", "sensor.board.lost"});
  CHECK(box.after(1) == FoundIds{"mcu.link", "fan.rear.stalled", "sensor.board.lost"});
  box.seen.mcud = false;
  CHECK(box.after(0) == found_silent);
}

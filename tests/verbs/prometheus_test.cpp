// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <verbs/prometheus.hpp>

#include <limits>
#include <regex>
#include <set>
#include <sstream>

using namespace nasmcu;

namespace {

template <class View>
View measured(const std::string& name) {
  View view;
  view.name = name;
  view.present = view.valid = true;
  return view;
}

SensorView warm_sensor(const std::string& name, double celsius) {
  auto sensor = measured<SensorView>(name);
  sensor.celsius = celsius;
  return sensor;
}

/// A synthetic two-bay box in which something of each kind works.
Snapshot working_box() {
  Snapshot box;
  box.board = "test-board";
  box.board_name = "Test Board";
  box.backend = "tty";
  box.link = {true, "", "wt61p803", "/dev/ttyS0", {{"tries", 1000}, {"rtt_total_us", 1900000}}};
  box.sensors = {warm_sensor("board", 38.5)};
  box.sensors[0].max = 75;
  auto fan = measured<FanView>("system");
  fan.duty = 35;
  fan.rpm = 1230;
  box.fans = {fan};
  auto lit = measured<LedView>("power");
  lit.state = "blink-slow";
  auto dark = measured<LedView>("disk1-fault");
  dark.state = "off";
  box.leds = {lit, dark};
  box.buttons = {measured<ButtonView>("power")};
  return box;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}
bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The rules of the format that a collector insists on.
void check_exposition(const std::string& text) {
  static const std::regex sample(R"re(([a-z_]+)(\{([a-z]+="([^"\\]|\\[\\n"])*",?)+\})? )re"
                                 R"re((-?[0-9.]+(e[+-][0-9]+)?))re");
  static const std::regex comment(R"(# (HELP|TYPE) ([a-z_]+) (.+))");
  std::set<std::string> families, samples;
  std::string family, line;
  std::istringstream lines(text);
  while (std::getline(lines, line)) {
    INFO(line);
    std::smatch part;
    if (line[0] == '#') {
      REQUIRE(std::regex_match(line, part, comment));
      if (part[1] == "HELP") REQUIRE(families.insert(part[2]).second);
      family = part[2];
      if (part[1] == "TYPE") REQUIRE((part[3] == "counter") == family.ends_with("_total"));
    } else {
      REQUIRE(std::regex_match(line, part, sample));
      REQUIRE(part[1] == family);
      REQUIRE(samples.insert(line.substr(0, line.rfind(' '))).second);
    }
  }
  REQUIRE((text.empty() || text.back() == '\n'));
}

} // namespace

TEST_CASE("a box that works has its metrics in base units") {
  const std::string text = metrics_text(working_box());
  check_exposition(text);
  CHECK(text.find("# HELP nasmcu_temperature_celsius Temperature that a sensor reads.\n"
                  "# TYPE nasmcu_temperature_celsius gauge\n"
                  "nasmcu_temperature_celsius{sensor=\"board\"} 38.5\n") != std::string::npos);
  for (const char* line :
       {R"(nasmcu_board_info{board="test-board",name="Test Board",backend="tty"} 1)",
        R"(nasmcu_temperature_limit_celsius{sensor="board"} 75)",
        R"(nasmcu_sensor_asleep{sensor="board"} 0)", R"(nasmcu_sensor_failed{sensor="board"} 0)",
        R"(nasmcu_fan_speed_rpm{fan="system"} 1230)", R"(nasmcu_fan_duty_ratio{fan="system"} 0.35)",
        R"(nasmcu_fan_failsafe{fan="system"} 0)", R"(nasmcu_led_on{led="power"} 1)",
        R"(nasmcu_led_on{led="disk1-fault"} 0)", R"(nasmcu_button_pressed{button="power"} 0)",
        R"(nasmcu_link_up{protocol="wt61p803"} 1)", "nasmcu_link_tries_total 1000",
        "nasmcu_link_round_trip_seconds_total 1.9"}) {
    INFO(line);
    CHECK(has_line(text, line));
  }
  CHECK_FALSE(mentions(text, "nasmcu_alert"));
}

TEST_CASE("a failed reading, a sleeping disk and what is not there are left out") {
  Snapshot box = working_box();
  auto failed = warm_sensor("cpu", 0);
  failed.valid = false;
  auto asleep = warm_sensor("disk1", 31);
  asleep.valid = false;
  asleep.asleep = true;
  auto odd = warm_sensor("disk2", 31); // asleep counts, whatever else it claims
  odd.asleep = true;
  auto absent = warm_sensor("disk3", 31);
  absent.present = absent.valid = false;
  box.sensors = {failed, asleep, odd, absent};
  box.fans[0].valid = false;
  box.fans[0].rpm.reset();
  box.fans[0].in_failsafe = true;
  box.leds[0].valid = false;
  box.leds[1].state.clear();
  box.buttons[0].valid = false;
  box.link.up = false;
  const std::string text = metrics_text(box);
  check_exposition(text);
  for (const char* gone : {"nasmcu_temperature_celsius", "disk3", "nasmcu_fan_speed_rpm",
                           "nasmcu_fan_duty_ratio", "nasmcu_led_on", "nasmcu_button_pressed"}) {
    INFO(gone);
    CHECK_FALSE(mentions(text, gone));
  }
  CHECK(has_line(text, R"(nasmcu_sensor_failed{sensor="cpu"} 1)"));
  CHECK(has_line(text, R"(nasmcu_sensor_failed{sensor="disk1"} 0)"));
  CHECK(has_line(text, R"(nasmcu_sensor_asleep{sensor="disk1"} 1)"));
  CHECK(has_line(text, R"(nasmcu_fan_failsafe{fan="system"} 1)"));
  CHECK(has_line(text, R"(nasmcu_link_up{protocol="wt61p803"} 0)"));
}

TEST_CASE("a board without a microcontroller has no link metrics") {
  Snapshot box = working_box();
  box.link = {};
  CHECK_FALSE(mentions(metrics_text(box), "nasmcu_link"));
  box.link.protocol = "dns320l"; // kept by the kernel's driver: it is up or not, without counters
  const std::string text = metrics_text(box);
  CHECK(has_line(text, R"(nasmcu_link_up{protocol="dns320l"} 0)"));
  CHECK_FALSE(mentions(text, "_total"));
}

TEST_CASE("no value that is not a finite number is printed") {
  using Limits = std::numeric_limits<double>;
  Metrics metrics;
  auto& gauge = metrics.gauge("test_gauge", "Values.");
  for (const double bad : {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()})
    gauge.add({}, bad);
  CHECK(metrics.text().empty());
  Snapshot box = working_box();
  box.sensors[0].celsius = Limits::quiet_NaN();
  box.fans[0].duty = Limits::infinity();
  CHECK_FALSE(mentions(metrics_text(box), "nasmcu_temperature_celsius"));
  CHECK_FALSE(mentions(metrics_text(box), "nasmcu_fan_duty_ratio"));
}

TEST_CASE("numbers are short, and whole ones have no exponent") {
  const auto shown = [](double value) {
    Metrics metrics;
    metrics.gauge("v", "V.").add({}, value);
    const std::string text = metrics.text();
    return text.substr(text.rfind(' ') + 1, text.size() - text.rfind(' ') - 2);
  };
  CHECK(shown(0) == "0");
  CHECK(shown(-0.0) == "0");
  CHECK(shown(-12.25) == "-12.25");
  CHECK(shown(0.1) == "0.1");
  CHECK(shown(1e6) == "1000000");
  CHECK(shown(9007199254740991.0) == "9007199254740991");
  CHECK(shown(1e300) == "1e+300");
}

TEST_CASE("labels and help are escaped") {
  Metrics metrics;
  metrics.gauge("v", "A \\ and \"two\nlines\".").add({{"label", "a\\b\"c\nd\xFF"}}, 1);
  CHECK(metrics.text() == "# HELP v A \\\\ and \"two\\nlines\".\n# TYPE v gauge\n"
                          "v{label=\"a\\\\b\\\"c\\nd\xEF\xBF\xBD\"} 1\n");
}

TEST_CASE("the same labels are printed once, and an empty family not at all") {
  Metrics metrics;
  auto& first = metrics.gauge("first", "First.");
  metrics.counter("second_total", "Second.");
  auto& third = metrics.counter("third_total", "Third.");
  first.add({{"a", "1"}}, 1).add({{"a", "1"}}, 2).add({{"a", "2"}}, 3);
  third.add({}, 4);
  CHECK(metrics.text() == "# HELP first First.\n# TYPE first gauge\n"
                          "first{a=\"1\"} 1\nfirst{a=\"2\"} 3\n"
                          "# HELP third_total Third.\n# TYPE third_total counter\n"
                          "third_total 4\n");
}

TEST_CASE("each standing alert has a line, and hostile names stay within their quotes") {
  AlertView aged, stalled;
  aged.id = "disk.WD-X.reallocated";
  aged.severity = "warning";
  aged.bay = "2";
  aged.disk = "/dev/sdb";
  aged.serial = "WD-X";
  aged.acknowledged = true;
  stalled.id = "fan.system.stalled";
  stalled.severity = "failed";
  stalled.serial = "x\"} 1\nnasmcu_led_on 1";
  const std::vector<AlertView> alerts = {aged, stalled};
  const std::string text = metrics_text(working_box(), alerts);
  check_exposition(text);
  CHECK(has_line(text, R"(nasmcu_alert{id="disk.WD-X.reallocated",severity="warning",bay="2",)"
                       R"(disk="/dev/sdb",serial="WD-X",acknowledged="true"} 1)"));
  CHECK(has_line(text, R"(nasmcu_alert{id="fan.system.stalled",severity="failed",bay="",disk="",)"
                       R"(serial="x\"} 1\nnasmcu_led_on 1",acknowledged="false"} 1)"));
}

TEST_CASE("a sleeping disk has counts and no temperature, a missing one no line at all") {
  DiskView awake, resting, missing;
  awake.name = "bay1";
  awake.bay = "1";
  awake.present = true;
  awake.verdict = "ok";
  awake.celsius = 33;
  awake.reads = 4;
  resting.name = "bay2";
  resting.bay = "2";
  resting.present = resting.asleep = true;
  resting.verdict = "failed";
  resting.celsius = 30;
  resting.withheld = 7;
  missing.name = "bay3";
  const std::string text = metrics_text(working_box(), {}, {awake, resting, missing});
  check_exposition(text);
  CHECK(has_line(text, R"(nasmcu_disk_healthy{disk="bay1",bay="1",serial=""} 1)"));
  CHECK(has_line(text, R"(nasmcu_disk_healthy{disk="bay2",bay="2",serial=""} 0)"));
  CHECK(has_line(text, R"(nasmcu_disk_temperature_celsius{disk="bay1",bay="1",serial=""} 33)"));
  CHECK(has_line(text, R"(nasmcu_disk_smart_withheld_total{disk="bay2",bay="2",serial=""} 7)"));
  CHECK_FALSE(mentions(text, R"(nasmcu_disk_temperature_celsius{disk="bay2")"));
  CHECK_FALSE(mentions(text, "bay3"));
}

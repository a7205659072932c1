// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <alertd/ledger.hpp>
#include <alertd/lights.hpp>
#include <alertd/samples.hpp>

#include <libmcu/protocol/registry.hpp>

#include <algorithm>
#include <random>

using namespace nasmcu::alertd;
using mcu::LedState;
using nasmcu::alertd::samples::alert;
using nasmcu::alertd::samples::day_and;
using nasmcu::alertd::samples::Dice;
using nasmcu::alertd::samples::finding;

namespace {

constexpr int at_noon = 12 * 60;
constexpr int at_midnight = 0;

mcu::Board shipped_board(const std::string& id) {
  const auto file =
      mcu::read_board(NASMCU_SOURCE_DIR "/config/boards/" + id + ".ini", mcu::protocol_names());
  REQUIRE(file.board);
  return *file.board;
}

LightRules two_bays() {
  return {{{"1", "disk1-fault"}, {"2", "disk2-fault"}}, "status-fault", {}, {}};
}

LightRules with_night() {
  LightRules rules = two_bays();
  rules.night = {"power", "usb"};
  rules.night_hours = Hours{22 * 60, 7 * 60};
  return rules;
}

/// The kernel's LEDs behind a board's, which the script of the guide switches.
class KernelLeds {
public:
  explicit KernelLeds(const mcu::Board& board) : board_(board) {}
  void send(const Lights& changes) {
    for (const auto& [led, state] : changes) {
      const auto spec = std::find_if(board_.leds.begin(), board_.leds.end(),
                                     [&led = led](const auto& one) { return one.name == led; });
      REQUIRE(spec != board_.leds.end());
      lit_[to_string(spec->device)] = state != LedState::off;
    }
  }
  bool lit(const std::string& device) const { return lit_.at(device); }

private:
  const mcu::Board& board_;
  std::map<std::string, bool> lit_;
};

std::vector<Finding> reallocated_sectors(int left, int right) {
  std::vector<Finding> findings;
  if (left != 0)
    findings.push_back(
        finding("disk.LEFT.reallocated", Severity::warning, std::to_string(left), "1"));
  if (right != 0)
    findings.push_back(
        finding("disk.RIGHT.reallocated", Severity::warning, std::to_string(right), "2"));
  return findings;
}

} // namespace

TEST_CASE("the script of the DNS-327L guide: reallocated sectors light the bay's amber LED") {
  const mcu::Board board = shipped_board("dlink-dns327l");
  const LightRules rules = light_rules(board, {}, {});
  struct Row {
    int ata1, ata2;
    bool left, right;
  };
  const std::vector<Row> table = {{0, 0, false, false}, {8, 0, true, false}, {0, 8, false, true},
                                  {8, 8, true, true},   {1, 0, true, false}, {0, 1, false, true}};
  // From every row to every other one: nothing is left lit, and nothing is forgotten.
  for (const Row& before : table)
    for (const Row& after : table) {
      KernelLeds leds(board);
      Ledger ledger;
      Lights shown;
      for (const Row& row : {before, after}) {
        ledger.update("smart", reallocated_sectors(row.ata1, row.ata2), day_and(0));
        const Lights wanted = plan_lights(rules, ledger.active(), {}, at_noon);
        leds.send(differences(shown, wanted));
        shown = wanted;
        INFO("ata1 " << row.ata1 << ", ata2 " << row.ata2 << ", before " << before.ata1 << ", "
                     << before.ata2);
        CHECK(leds.lit("led:dns327l:amber:sata-l") == row.left);
        CHECK(leds.lit("led:dns327l:amber:sata-r") == row.right);
      }
    }
}

TEST_CASE("a bay shows the first that holds of identify, failed, rebuilding, warning, ok") {
  struct Step {
    Severity severity;
    LedState state;
  };
  const std::vector<Step> steps = {{Severity::warning, LedState::on},
                                   {Severity::rebuilding, LedState::blink_slow},
                                   {Severity::failed, LedState::on}};
  for (unsigned subset = 0; subset < 16; ++subset)
    for (const bool acknowledged : {false, true}) {
      std::vector<Alert> alerts;
      LedState wanted = LedState::off;
      for (unsigned i = 0; i < 3; ++i) {
        if ((subset & 1U << i) == 0) continue;
        alerts.push_back(alert("a" + std::to_string(i), steps[i].severity, "", "2", acknowledged));
        wanted = steps[i].state;
      }
      std::vector<std::string> identified;
      if ((subset & 8U) != 0) {
        identified = {"2"};
        wanted = LedState::blink_fast;
      }
      do {
        const Lights lights = plan_lights(two_bays(), alerts, identified, at_noon);
        INFO("subset " << subset);
        CHECK(lights == Lights{{"disk1-fault", LedState::off},
                               {"disk2-fault", wanted},
                               {"status-fault", LedState::off}});
      } while (std::next_permutation(alerts.begin(), alerts.end(),
                                     [](auto& a, auto& b) { return a.finding.id < b.finding.id; }));
    }
}

TEST_CASE("the box's LED is on with what no bay's LED shows") {
  const auto box = [](const std::string& bay) {
    return plan_lights(two_bays(), std::vector{alert("x", Severity::warning, "", bay)}, {}, at_noon)
        .at("status-fault");
  };
  CHECK(box("") == LedState::on);
  CHECK(box("7") == LedState::on);
  CHECK(box("1") == LedState::off);

  LightRules without = two_bays();
  without.box.clear();
  const Lights lights =
      plan_lights(without, std::vector{alert("x", Severity::failed)}, {"9"}, at_noon);
  CHECK(lights == Lights{{"disk1-fault", LedState::off}, {"disk2-fault", LedState::off}});
}

TEST_CASE("bays that share a LED show what matters most") {
  const LightRules shared{{{"1", "disks-fault"}, {"2", "disks-fault"}}, "", {}, {}};
  const std::vector alerts = {alert("x", Severity::rebuilding, "", "1")};
  CHECK(plan_lights(shared, alerts, {}, at_noon).at("disks-fault") == LedState::blink_slow);
  CHECK(plan_lights(shared, alerts, {"2"}, at_noon).at("disks-fault") == LedState::blink_fast);
}

TEST_CASE("the rules of a board name only LEDs that it has") {
  const LightRules dlink = light_rules(shipped_board("dlink-dns327l"), {"power", "usb", "status"},
                                       Hours{22 * 60, 7 * 60});
  CHECK(dlink.bays ==
        std::map<std::string, std::string>{{"1", "disk1-fault"}, {"2", "disk2-fault"}});
  CHECK(dlink.box.empty());
  CHECK(dlink.night == std::vector<std::string>{"power", "usb"});
  CHECK(dlink.night_hours == Hours{22 * 60, 7 * 60});
  CHECK(light_rules(shipped_board("qnap-ts433"), {}, {}).box == "status-fault");
  CHECK(light_rules(shipped_board("qnap-ts433"), {}, {}).bays.size() == 4);

  mcu::Board board = shipped_board("dlink-dns327l");
  board.bays[0].led.clear();
  board.bays[1].led = "gone";
  CHECK(light_rules(board, {}, {}).bays.empty());
}

TEST_CASE("only what differs is sent") {
  const Lights first = plan_lights(two_bays(), {}, {}, at_noon);
  CHECK(differences({}, first) == first);
  CHECK(differences(first, first).empty());
  const Lights second =
      plan_lights(two_bays(), std::vector{alert("x", Severity::failed, "", "1")}, {}, at_noon);
  CHECK(differences(first, second) == Lights{{"disk1-fault", LedState::on}});
  CHECK(differences(second, first) == Lights{{"disk1-fault", LedState::off}});
  CHECK(differences({{"other", LedState::on}}, {}).empty());
}

TEST_CASE("night hours may go over midnight") {
  const Hours over{22 * 60, 7 * 60};
  const Hours within{7 * 60, 22 * 60};
  for (int minute = 0; minute < 24 * 60; ++minute) {
    INFO(minute);
    REQUIRE(over.contains(minute) == (minute >= 22 * 60 || minute < 7 * 60));
    REQUIRE(within.contains(minute) != over.contains(minute));
    REQUIRE_FALSE(Hours{90, 90}.contains(minute));
    REQUIRE(Hours{0, 24 * 60}.contains(minute));
  }
}

TEST_CASE("hours are written as 22:00-07:00, and anything else says so") {
  CHECK(parse_hours("22:00-07:00").value() == Hours{1320, 420});
  CHECK(parse_hours(" 7:05 - 24:00 ").value() == Hours{425, 1440});
  CHECK(parse_hours("00:00-00:00").value() == Hours{0, 0});
  for (const char* bad :
       {"", "-", "22:00", "22-07", "22:00-07:0", "22:00-07:60", "24:00-07:00", "22:00-24:01",
        "22:00-25:00", "122:00-07:00", "-1:00-07:00", "22:00-07:00-", "22:00--07:00", "22:+1-7:00",
        "22:00-07:00x", "\xD9\xA2\xD9\xA2:00-07:00", ":30-07:00", "22.00-07.00"}) {
    INFO(bad);
    const auto hours = parse_hours(bad);
    REQUIRE_FALSE(hours.ok());
    CHECK(hours.error().code == mcu::Errc::invalid_argument);
    CHECK(hours.error().what.find("22:00-07:00") != std::string::npos);
  }
}

TEST_CASE("night LEDs are dark at night, and an unacknowledged alert makes day of it") {
  const auto power = [](const std::vector<Alert>& alerts, int minute) {
    const Lights lights = plan_lights(with_night(), alerts, {}, minute);
    CHECK(lights.at("usb") == lights.at("power"));
    return lights.at("power");
  };
  CHECK(power({}, at_noon) == LedState::on);
  CHECK(power({}, 22 * 60 - 1) == LedState::on);
  CHECK(power({}, 22 * 60) == LedState::off);
  CHECK(power({}, at_midnight) == LedState::off);
  CHECK(power({}, 7 * 60 - 1) == LedState::off);
  CHECK(power({}, 7 * 60) == LedState::on);
  for (const Severity severity : {Severity::warning, Severity::rebuilding, Severity::failed}) {
    CHECK(power({alert("x", severity)}, at_midnight) == LedState::on);
    CHECK(power({alert("x", severity, "", "1", true)}, at_midnight) == LedState::off);
  }
  CHECK(power({alert("x", Severity::failed, "", "", true), alert("y", Severity::warning)},
              at_midnight) == LedState::on);
}

TEST_CASE("fault LEDs know no night, and without night hours night LEDs are not switched") {
  LightRules rules = with_night();
  rules.night.emplace_back("disk1-fault");
  rules.night.emplace_back("status-fault");
  const std::vector alerts = {alert("x", Severity::failed, "", "1", true),
                              alert("y", Severity::warning, "", "", true)};
  const Lights night = plan_lights(rules, alerts, {"2"}, at_midnight);
  CHECK(night.at("disk1-fault") == LedState::on);
  CHECK(night.at("disk2-fault") == LedState::blink_fast);
  CHECK(night.at("status-fault") == LedState::on);
  CHECK(plan_lights(rules, {}, {}, at_noon).at("disk1-fault") == LedState::off);
  rules.night_hours.reset();
  CHECK_FALSE(plan_lights(rules, {}, {}, at_midnight).contains("power"));
}

TEST_CASE("LEDs depend on the set of alerts alone: their order and the past do not matter") {
  Dice dice(7);
  std::mt19937 shuffler(7);
  const LightRules rules = with_night();
  Lights shown;
  for (int round = 0; round < 3000; ++round) {
    std::vector<Alert> alerts;
    for (std::size_t i = dice.below(6); i > 0; --i)
      alerts.push_back(alert("a" + std::to_string(i), static_cast<Severity>(dice.below(3)), "",
                             std::vector<std::string>{"", "1", "2", "9"}[dice.below(4)],
                             dice.coin()));
    const std::vector<std::string> identified(dice.below(2), "1");
    const int minute = static_cast<int>(dice.below(24 * 60));
    const Lights wanted = plan_lights(rules, alerts, identified, minute);
    std::shuffle(alerts.begin(), alerts.end(), shuffler);
    REQUIRE(plan_lights(rules, alerts, identified, minute) == wanted);

    // Bay 2 is lit exactly while something stands in it.
    const bool trouble = std::any_of(alerts.begin(), alerts.end(),
                                     [](const Alert& one) { return one.finding.bay == "2"; });
    REQUIRE((wanted.at("disk2-fault") != LedState::off) == trouble);

    const Lights sent = differences(shown, wanted);
    for (const auto& [led, state] : sent) REQUIRE((!shown.contains(led) || shown.at(led) != state));
    for (const auto& [led, state] : sent) shown[led] = state;
    REQUIRE(shown == wanted);
  }
}

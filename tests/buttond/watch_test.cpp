// SPDX-License-Identifier: MIT
// All buttons together: orders, and a system that goes down.
#include <catch.hpp>

#include <buttond/watch.hpp>

using namespace nasmcu::buttond;
using namespace std::chrono_literals;

namespace {

struct Front {
  explicit Front(const std::string& conf)
      : watch(make_button_config({mcu::parse_ini("n.conf", conf)}).config) {
    std::vector<ButtonFacts> all(2);
    all[0].name = "power";
    all[1].name = "copy";
    for (ButtonFacts& one : all) one.known = true;
    take(watch.adopt(all, now));
    pass(1s);
  }
  void take(const std::vector<Order>& orders) {
    for (const Order& order : orders) {
      if (order.what == Order::What::act) acts.push_back(order.button + " " + order.words);
      if (order.what == Order::What::tell) tells.push_back(order.words);
      if (order.what == Order::What::ask)
        take(watch.answer(order.button, order.question, true, now));
    }
  }
  void pass(milliseconds time) {
    const Instant end = now + time;
    for (auto due = watch.wake(); due && *due <= end; due = watch.wake()) {
      now = std::max(now, *due);
      take(watch.tick(now));
    }
    now = end;
  }
  void press(const std::string& button, milliseconds time) {
    take(watch.hear(button, true, now, now));
    pass(time);
    take(watch.hear(button, false, now, now));
    pass(500ms);
  }

  Instant now{1h};
  Watch watch;
  std::vector<std::string> acts, tells;
};

using Acts = std::vector<std::string>;
const std::string both = "[Button power]\nPress = suspend\n[Button copy]\nPress = beep\n";

} // namespace

TEST_CASE("each button does its own") {
  Front front(both);
  front.press("copy", 200ms);
  front.press("power", 3s);
  CHECK(front.acts == Acts{"copy press: beep short", "power long-press: poweroff"});
}

TEST_CASE("what has no action says so, and what would have one") {
  Front front("");
  front.press("power", 200ms);
  front.press("copy", 3s);
  CHECK(front.acts == Acts{"power press: no action is configured; held longer it is poweroff",
                           "copy long-press: no action is configured"});
}

TEST_CASE("a system that goes down is not asked again, unless it refused or was called off") {
  Front front(both);
  front.press("power", 3s);
  REQUIRE(front.acts.size() == 1);
  CHECK(front.watch.going_down(front.now));
  front.press("power", 3s);
  front.press("copy", 200ms);
  CHECK(front.acts.size() == 1);
  CHECK(front.tells.back().find("going down already") != std::string::npos);
  SECTION("refused") { front.watch.refused(); }
  SECTION("called off") {
    front.watch.system_goes_down(true);
    front.watch.system_goes_down(false);
  }
  SECTION("it did not go down") { front.pass(5min); }
  front.press("power", 3s);
  CHECK(front.acts.size() == 2);
}

TEST_CASE("nothing happens while somebody else has the system go down") {
  Front front(both);
  front.watch.system_goes_down(true);
  front.pass(1h);
  front.press("power", 3s);
  CHECK(front.acts.empty());
}

TEST_CASE("the press that wakes the box is no gesture") {
  Front front(both);
  front.press("power", 200ms);
  REQUIRE(front.acts == Acts{"power press: suspend"});
  front.take(front.watch.sleeps(true, front.now));
  front.take(front.watch.sleeps(false, front.now));
  front.take(front.watch.hear("power", false, front.now, front.now));
  front.press("power", 200ms);
  CHECK(front.acts.size() == 1);
  front.pass(4s);
  front.press("power", 200ms);
  CHECK(front.acts.size() == 2);
}

TEST_CASE("a new configuration is in force at once") {
  Front front(both);
  const auto fresh =
      make_button_config({mcu::parse_ini("n.conf", "[Button copy]\nPress = reboot\n")});
  front.take(front.watch.use(fresh.config, front.now));
  front.press("copy", 200ms);
  CHECK(front.acts == Acts{"copy press: reboot"});
}

TEST_CASE("a button that the board does not have any more is forgotten") {
  Front front(both);
  ButtonFacts power;
  power.name = "power";
  front.take(front.watch.adopt({power}, front.now));
  CHECK(front.watch.facts().size() == 1);
  front.press("copy", 200ms);
  CHECK(front.acts.empty());
}

// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <alertd/samples.hpp>
#include <alertd/sound.hpp>

#include <algorithm>

using namespace nasmcu::alertd;
using namespace std::chrono_literals;
using nasmcu::alertd::samples::alert;
using nasmcu::alertd::samples::day_and;
using nasmcu::alertd::samples::Dice;

namespace {

const Pattern silence;
const Pattern one_short = {mcu::BeepLength::brief};
const Pattern three_long(3, mcu::BeepLength::extended);

/// A buzzer in a box whose clock shows UTC and begins at 12:00.
struct Room {
  Pattern next() { return sound.next(rules, alerts, now, minute()); }
  Pattern after(std::chrono::seconds time) {
    now += time;
    return next();
  }
  std::optional<WallTime> again() const { return sound.again(rules, alerts, now, minute()); }
  int minute() const {
    const auto of_day = now - std::chrono::floor<std::chrono::days>(now);
    return static_cast<int>(std::chrono::floor<std::chrono::minutes>(of_day).count());
  }

  SoundRules rules;
  Sound sound;
  std::vector<Alert> alerts;
  WallTime now = day_and(12 * 3600);
};

SoundRules quiet_at_night() {
  SoundRules rules;
  rules.quiet = Hours{22 * 60, 7 * 60};
  return rules;
}

} // namespace

TEST_CASE("failed sounds three long beeps, warning one short one, rebuilding and cleared none") {
  Room room;
  CHECK(room.next() == silence);
  room.alerts = {alert("w", Severity::warning)};
  CHECK(room.after(1s) == one_short);
  CHECK(room.after(1s) == silence);
  room.alerts.push_back(alert("r", Severity::rebuilding));
  CHECK(room.after(1s) == silence);
  room.alerts.push_back(alert("f", Severity::failed));
  CHECK(room.after(1s) == three_long);
  CHECK(room.after(1s) == silence);
  room.alerts.clear();
  CHECK(room.after(1s) == silence);
}

TEST_CASE("of several new alerts the worst sounds, once") {
  Room room;
  room.alerts = {alert("w", Severity::warning), alert("f", Severity::failed),
                 alert("g", Severity::failed)};
  CHECK(room.next() == three_long);
  CHECK(room.after(1s) == silence);
}

TEST_CASE("an alert sounds again when its state or severity changes, or when it comes back") {
  Room room;
  room.alerts = {alert("w", Severity::warning, "8")};
  CHECK(room.next() == one_short);
  room.alerts = {alert("w", Severity::warning, "9")};
  CHECK(room.after(1s) == one_short);
  room.alerts = {alert("w", Severity::failed, "9")};
  CHECK(room.after(1s) == three_long);
  room.alerts = {alert("w", Severity::rebuilding, "9")};
  CHECK(room.after(1s) == silence);
  room.alerts.clear();
  CHECK(room.after(1s) == silence);
  room.alerts = {alert("w", Severity::failed, "9")};
  CHECK(room.after(1s) == three_long);
}

TEST_CASE("a failed alert repeats until somebody acknowledges it, a warning does not") {
  Room room;
  room.alerts = {alert("f", Severity::failed), alert("w", Severity::warning)};
  CHECK(room.next() == three_long);
  CHECK(room.again() == room.now + 1h);
  CHECK(room.after(1h - 1s) == silence);
  CHECK(room.after(1s) == three_long);
  CHECK(room.after(1h) == three_long);
  room.alerts[0].acknowledged = true;
  CHECK(room.after(1h) == silence);
  CHECK_FALSE(room.again());

  Room warned;
  warned.alerts = {alert("w", Severity::warning)};
  CHECK(warned.next() == one_short);
  CHECK_FALSE(warned.again());
  CHECK(warned.after(24h) == silence);

  Room once;
  once.rules.repeat = 0min;
  once.alerts = {alert("f", Severity::failed)};
  CHECK(once.next() == three_long);
  CHECK_FALSE(once.again());
  CHECK(once.after(24h) == silence);
}

TEST_CASE("an acknowledged alert is silent until it changes") {
  Room room;
  room.alerts = {alert("f", Severity::failed, "1", "", true)};
  CHECK(room.next() == silence);
  CHECK_FALSE(room.again());
  CHECK(room.after(24h) == silence);
  room.alerts = {alert("f", Severity::failed, "2")};
  CHECK(room.after(1s) == three_long);
  // Known while it was at "3", it is news at "2", though that has sounded before.
  room.alerts = {alert("f", Severity::failed, "3", "", true)};
  CHECK(room.after(1s) == silence);
  room.alerts = {alert("f", Severity::failed, "2")};
  CHECK(room.after(1s) == three_long);
}

TEST_CASE("quiet hours keep everything back, and what still stands sounds once behind them") {
  Room room;
  room.rules = quiet_at_night();
  room.now = day_and(23 * 3600 + 30);
  room.alerts = {alert("w", Severity::warning), alert("gone", Severity::failed)};
  CHECK(room.next() == silence);
  CHECK(room.again() == day_and(31 * 3600));
  CHECK(room.after(1h) == silence);
  room.alerts.pop_back();
  CHECK(room.after(1h) == silence);
  room.now = *room.again();
  CHECK(room.now == day_and(31 * 3600));
  CHECK(room.next() == one_short);
  CHECK_FALSE(room.again());
  CHECK(room.after(1min) == silence);
}

TEST_CASE("a repeat that falls into quiet hours waits for their end") {
  Room room;
  room.rules = quiet_at_night();
  room.now = day_and(21 * 3600 + 1800);
  room.alerts = {alert("f", Severity::failed)};
  CHECK(room.next() == three_long);
  CHECK(room.again() == day_and(22 * 3600 + 1800));
  CHECK(room.after(1h) == silence);
  CHECK(room.again() == day_and(31 * 3600));
  room.now = *room.again();
  CHECK(room.next() == three_long);
  CHECK(room.again() == room.now + 1h);
}

TEST_CASE("what was acknowledged in quiet hours does not sound behind them") {
  Room room;
  room.rules = quiet_at_night();
  room.now = day_and(23 * 3600);
  room.alerts = {alert("f", Severity::failed)};
  CHECK(room.next() == silence);
  room.alerts[0].acknowledged = true;
  CHECK(room.after(1s) == silence);
  CHECK_FALSE(room.again());
  CHECK(room.after(9h) == silence);
}

TEST_CASE("a mute keeps back what sounds, until its end") {
  Room room;
  room.alerts = {alert("f", Severity::failed)};
  CHECK(room.next() == three_long);
  const WallTime until = room.now + 2h;
  room.sound.mute(until);
  CHECK(room.sound.muted_until(room.now) == until);
  CHECK(room.again() == until);
  CHECK(room.after(1h) == silence);
  room.alerts.push_back(alert("w", Severity::warning));
  CHECK(room.after(1h - 1s) == silence);
  CHECK(room.again() == until);
  CHECK(room.after(1s) == three_long);
  CHECK_FALSE(room.sound.muted_until(room.now));
  CHECK(room.after(1s) == silence);
}

TEST_CASE("a mute can be ended early, and one that ends in quiet hours is followed by them") {
  Room room;
  room.rules = quiet_at_night();
  room.alerts = {alert("w", Severity::warning)};
  room.now = day_and(21 * 3600);
  room.sound.mute(room.now + 2h);
  CHECK(room.next() == silence);
  CHECK(room.again() == day_and(23 * 3600));
  room.now = day_and(23 * 3600);
  CHECK(room.next() == silence);
  CHECK(room.again() == day_and(31 * 3600));

  room.now = day_and(20 * 3600);
  room.sound.mute(room.now + 1h);
  CHECK(room.next() == silence);
  room.sound.mute(room.now);
  CHECK(room.next() == one_short);
}

TEST_CASE("a buzzer that is switched off is silent, and says what stands when it is switched on") {
  Room room;
  room.rules.on = false;
  room.alerts = {alert("f", Severity::failed)};
  CHECK(room.next() == silence);
  CHECK_FALSE(room.again());
  room.rules.on = true;
  CHECK(room.next() == three_long);
}

TEST_CASE("a clock that is set back does not silence the repeats") {
  Room room;
  room.alerts = {alert("f", Severity::failed)};
  CHECK(room.next() == three_long);
  CHECK(room.after(-24h * 365) == silence);
  CHECK(room.after(1h) == three_long);
}

TEST_CASE("always quiet is never due at once again") {
  Room room;
  room.rules.quiet = Hours{0, 24 * 60};
  room.alerts = {alert("f", Severity::failed)};
  room.now = day_and(0);
  CHECK(room.next() == silence);
  CHECK(room.again() == day_and(24 * 3600));
}

TEST_CASE("a buzzer asked only at events and when it wants sounds as one asked every minute") {
  Dice dice(23);
  for (int night = 0; night < 60; ++night) {
    Room often;
    often.rules.repeat = std::chrono::minutes(dice.below(3) * 45);
    if (dice.coin()) often.rules.quiet = Hours{static_cast<int>(dice.below(1440)), 420};
    Room seldom = often;
    std::optional<WallTime> wake;
    for (int minute = 0; minute < 1440; ++minute) {
      bool event = dice.below(100) == 0;
      if (event && dice.below(4) == 0) {
        const WallTime until = often.now + std::chrono::minutes(dice.below(200));
        often.sound.mute(until);
        seldom.sound.mute(until);
      } else if (event) {
        const auto id = std::to_string(dice.below(3));
        auto& alerts = often.alerts;
        const auto same = [&id](const Alert& one) { return one.finding.id == id; };
        alerts.erase(std::remove_if(alerts.begin(), alerts.end(), same), alerts.end());
        if (dice.below(3) != 0)
          alerts.push_back(alert(id, static_cast<Severity>(dice.below(3)),
                                 std::to_string(dice.below(2)), "", dice.below(4) == 0));
        seldom.alerts = alerts;
      }
      const Pattern expected = often.next();
      const bool all_known = std::none_of(often.alerts.begin(), often.alerts.end(),
                                          [](const Alert& one) { return !one.acknowledged; });
      if (all_known) REQUIRE(expected == silence);
      if (often.rules.quiet && often.rules.quiet->contains(often.minute()))
        REQUIRE(expected == silence);
      if (event || minute == 0 || (wake && *wake <= seldom.now)) {
        REQUIRE(seldom.next() == expected);
        wake = seldom.again();
        REQUIRE((!wake || *wake > seldom.now));
      } else {
        INFO("night " << night << " minute " << minute);
        REQUIRE(expected == silence);
      }
      often.now += 1min;
      seldom.now += 1min;
    }
  }
}

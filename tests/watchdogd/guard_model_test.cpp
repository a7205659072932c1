// SPDX-License-Identifier: MIT
// Every interleaving of what can happen to the watchdog, up to a depth. The box around the guard is
// played here: a device that bites when it is not fed in time, a file that keeps notes, a boot.
#include <catch.hpp>

#include <common/reset_notes.hpp>
#include <watchdogd/guard.hpp>

#include <array>
#include <deque>
#include <string>

using namespace nasmcu::watchdogd;
using namespace std::chrono_literals;
using nasmcu::ResetNotes;
using Verdict = Sighting::Verdict;

namespace {

/// A tick is as long as a grace: each grace, warning and time-out is passed in one or two.
constexpr seconds tick_length{30};
constexpr seconds grace{30}, warning{20}, timeout{25};
/// A check's look, which tells what happened, is every 5 seconds.
constexpr seconds look{5};
/// After this a failing check must have ended the feeding: noticed, endured, warned of.
constexpr seconds longest = look + grace + warning;

enum class Event : unsigned char {
  fails,
  passes,
  tick,
  killed,
  bus_lost,
  announced,
  shutdown,
  reboot,
  stop,
  count_
};

/// The whole box, a value: a copy is another future of it.
struct Box {
  Time now{0s};
  int boot = 1;
  bool broken = false; ///< what the check would find
  bool bus = true;     ///< without it the check finds nothing out
  std::string file;    ///< the notes
  bool runs = true;    ///< the daemon
  bool armed = true;
  Time fed{0s};                 ///< the device's last feeding
  Time began{0s};               ///< this daemon
  Time bad_since = Time::max(); ///< failing, as the daemon could know
  bool was_silent = false;      ///< the bus was lost in that time
  Time excused_until{0s};
  bool going_down = false;
  std::deque<Time> resets;
  Guard guard = fresh(0);

  Guard fresh(unsigned counted) const {
    GuardRules rules;
    rules.checks = {{"fan", grace, 30s, false}};
    rules.warning = warning;
    return {rules, counted, now};
  }
  std::string boot_name() const { return "boot-" + std::to_string(boot); }

  void start() {
    ResetNotes notes(file);
    notes.begin(boot_name(), std::nullopt, 0);
    file = notes.text();
    guard = fresh(notes.counted());
    runs = armed = true;
    began = fed = now;
    excused_until = {};
    going_down = false;
    bad_since = broken || !bus ? now : Time::max();
    was_silent = !bus;
  }
  void restart_box(bool by_watchdog) {
    if (by_watchdog) resets.push_back(now);
    ++boot;
    armed = false;
    bus = true;
    start();
  }
};

void note(Box& box, const Decision& decision) {
  if (decision.note == Note::none) return;
  ResetNotes notes(box.file);
  if (decision.note == Note::write)
    notes.write(box.boot_name(), 0, decision.check, decision.why);
  else
    notes.withdraw(box.boot_name());
  box.file = notes.text();
}

bool may_be_bad(const Box& box) { return box.broken || !box.bus; }

/// One second of the daemon, and what may never be seen of it.
void second(Box& box) {
  box.now += 1s;
  if (box.runs) {
    if (box.now.time_since_epoch() % look == 0s && box.bus) {
      const Verdict verdict = box.broken ? Verdict::fails : Verdict::passes;
      box.guard.see("fan", {verdict, box.broken ? "broken" : "well", {}, false}, box.now);
    }
    const Decision decision = box.guard.decide(box.now);
    note(box, decision);
    if (decision.feed) box.fed = box.now;
    REQUIRE_FALSE(decision.disarm);

    const bool excused = box.going_down || box.now < box.excused_until;
    // A bus that is lost is noticed when the check has been silent for long; what else happened
    // meanwhile cannot be seen.
    const seconds patience = longest + (box.was_silent ? 30s + look : 0s);
    const bool alone = ResetNotes(box.file).counted() < 3;
    if (!may_be_bad(box) && box.now - box.began > look && box.bad_since == Time::max())
      REQUIRE(decision.feed); // no missed feeding while all pass
    if (may_be_bad(box) && !excused && alone && box.now - box.bad_since > patience &&
        box.now - box.excused_until > warning)
      REQUIRE_FALSE(decision.feed); // no feeding while it fails for longer than it may
    if (!decision.feed) {
      REQUIRE(box.bad_since != Time::max());
      REQUIRE(box.now - box.bad_since >= grace + warning);
      REQUIRE_FALSE(excused);
      REQUIRE(alone);
      // Told before, and kept for the next boot.
      REQUIRE(ResetNotes(box.file).last("another boot") != nullptr);
    }
    if (!may_be_bad(box) && box.now.time_since_epoch() % look == 0s) {
      box.bad_since = Time::max();
      box.was_silent = false;
    }
  }
  if (box.armed && box.now - box.fed >= timeout) box.restart_box(true);
  while (!box.resets.empty() && box.now - box.resets.front() > 3600s) box.resets.pop_front();
  REQUIRE(box.resets.size() <= 3);
}

void stop(Box& box) {
  box.guard.stop();
  const Decision decision = box.guard.decide(box.now);
  note(box, decision);
  REQUIRE(decision.disarm);
  box.armed = box.runs = false;
  ResetNotes without(box.file);
  without.withdraw(box.boot_name());
  REQUIRE(without == ResetNotes(box.file)); // nothing is left to be told of this boot
}

void happens(Box& box, Event event) {
  switch (event) {
  case Event::fails:
  case Event::bus_lost:
    // What passed between two looks was not seen.
    if (box.bad_since == Time::max()) box.bad_since = box.now;
    (event == Event::fails ? box.broken : box.bus) = event == Event::fails;
    box.was_silent |= event == Event::bus_lost;
    break;
  case Event::passes:
    box.broken = false;
    box.bus = true;
    break;
  case Event::tick:
    for (seconds passed{0}; passed < tick_length; ++passed) second(box);
    break;
  case Event::killed: // and started again by the service manager within the device's time
    for (int i = 0; box.runs && i < 2; ++i) box.now += 1s;
    if (box.runs) {
      const Time fed = box.fed;
      box.start();
      box.fed = fed; // a start alone feeds nothing here
    }
    break;
  case Event::announced:
    if (!box.runs) break;
    box.guard.announce("an upgrade", box.now + 60s);
    box.excused_until = box.now + 60s;
    break;
  case Event::shutdown:
    if (!box.runs) break;
    box.guard.shutting_down(true);
    box.going_down = true;
    break;
  case Event::reboot: // in good order: stopped first
    if (box.runs) stop(box);
    box.restart_box(false);
    break;
  case Event::stop:
    if (box.runs) stop(box);
    break;
  case Event::count_: break;
  }
}

unsigned long long explore(const Box& box, int depth) {
  if (depth == 0) return 1;
  unsigned long long paths = 0;
  for (unsigned char i = 0; i < static_cast<unsigned char>(Event::count_); ++i) {
    Box future = box;
    happens(future, static_cast<Event>(i));
    paths += explore(future, depth - 1);
  }
  return paths;
}

} // namespace

TEST_CASE("no order of events starves a healthy box, feeds a failing one or resets without end") {
  const Box healthy;
  CHECK(explore(healthy, 5) == 59049);
}

TEST_CASE("nor does any from the middle of a failure, or behind a reset") {
  for (const int ticks : {1, 2, 3, 5, 8}) {
    Box box;
    happens(box, Event::fails);
    for (int i = 0; i < ticks; ++i) happens(box, Event::tick);
    CHECK(explore(box, 4) == 6561);
  }
}

TEST_CASE("a check that always fails resets three times, then only alerts") {
  Box box;
  happens(box, Event::fails);
  for (int i = 0; i < 60; ++i) happens(box, Event::tick);
  CHECK(box.boot == 4);
  CHECK(box.resets.size() == 3);
  CHECK(box.guard.decide(box.now).phase == Phase::alerting);
}

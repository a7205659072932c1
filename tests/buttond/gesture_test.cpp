// SPDX-License-Identifier: MIT
// Presses by the clock: edges and time in, gestures out.
#include <catch.hpp>

#include <buttond/gesture.hpp>

using namespace nasmcu::buttond;
using namespace std::chrono_literals;

namespace {

/// One button, and a hardware that answers truly when it is asked.
struct Finger {
  explicit Finger(Timing its = {}) : timing(its) {}

  void hear(Heard heard) {
    const Step step = feel(timing, state, heard, now);
    state = step.state;
    wake = step.wake;
    for (const Gesture gesture : step.gestures) gestures.push_back(gesture);
    if (!step.words.empty()) words.push_back(step.words);
    if (step.stuck) ++warnings;
    if (!step.ask) return;
    ++asked;
    if (answers) hear({Heard::What::answer, down, {}, state.question});
  }
  /// What is told now, of an edge that was `ago`.
  void level(bool pressed, milliseconds ago = 0ms) {
    down = pressed;
    hear({Heard::What::level, pressed, now - ago, 0});
  }
  void press() { level(true); }
  void release() { level(false); }
  void lose() { hear({Heard::What::lost, false, {}, 0}); }
  /// Time passes, and each wake-up that was asked for comes.
  void pass(milliseconds time) {
    const Instant end = now + time;
    while (wake && *wake <= end) {
      now = std::max(now, *wake);
      hear({});
    }
    now = end;
  }
  std::vector<Gesture> take() { return std::exchange(gestures, {}); }

  Timing timing;
  State state;
  Instant now{1000000ms};
  std::optional<Instant> wake;
  bool down = false, answers = true;
  unsigned asked = 0, warnings = 0;
  std::vector<Gesture> gestures;
  std::vector<std::string> words;
};

/// Seen up, and watched.
Finger ready(Timing timing = {}) {
  Finger finger(timing);
  finger.release();
  finger.pass(1000ms);
  return finger;
}

using Gestures = std::vector<Gesture>;
const Gestures none, one_press{Gesture::press}, one_long{Gesture::long_press};

} // namespace

TEST_CASE("a short press is told on release, when the release has lasted") {
  Finger finger = ready();
  finger.press();
  finger.pass(300ms);
  CHECK(finger.gestures == none);
  finger.release();
  CHECK(finger.gestures == none);
  finger.pass(50ms);
  CHECK(finger.take() == one_press);
  finger.pass(1h);
  CHECK(finger.gestures == none);
  CHECK_FALSE(finger.wake); // nothing to wake up for
}

TEST_CASE("a long press is told while it is held, and nothing more on its release") {
  Finger finger = ready();
  finger.press();
  finger.pass(1999ms);
  CHECK(finger.gestures == none);
  finger.pass(1ms + finger.timing.debounce);
  CHECK(finger.take() == one_long);
  CHECK(finger.asked == 1);
  finger.pass(5s);
  finger.release();
  finger.pass(10s);
  CHECK(finger.gestures == none);
}

TEST_CASE("each of several presses counts") {
  Finger finger = ready();
  for (int i = 0; i < 3; ++i) {
    finger.press();
    finger.pass(200ms);
    finger.release();
    finger.pass(400ms);
  }
  CHECK(finger.gestures == Gestures(3, Gesture::press));
}

TEST_CASE("contacts that bounce are one press") {
  Finger finger = ready();
  for (int i = 0; i < 5; ++i) {
    finger.press();
    finger.pass(7ms);
    finger.release();
    finger.pass(9ms);
  }
  finger.press();
  finger.pass(200ms);
  for (int i = 0; i < 5; ++i) { // longer than any debouncing, on release
    finger.release();
    finger.pass(80ms);
    finger.press();
    finger.pass(80ms);
  }
  finger.release();
  finger.pass(1s);
  CHECK(finger.take() == one_press);
  finger.press();
  finger.pass(100ms);
  finger.release();
  finger.pass(1s);
  CHECK(finger.take() == one_press);
}

TEST_CASE("a contact that opens for a moment does not end a long press") {
  Finger finger = ready();
  finger.press();
  finger.pass(1500ms);
  finger.release();
  finger.pass(20ms);
  finger.press();
  finger.pass(1s);
  CHECK(finger.take() == one_long);
}

TEST_CASE("a spark is no press") {
  Finger finger = ready();
  finger.press();
  finger.pass(10ms);
  finger.release();
  finger.pass(10s);
  CHECK(finger.gestures == none);
}

TEST_CASE("what is down when it is first seen fires nothing until it was released") {
  Finger finger;
  finger.press();
  finger.pass(10s);
  finger.release();
  finger.pass(10s);
  CHECK(finger.gestures == none);
  CHECK(finger.asked == 0);
  finger.press();
  finger.pass(100ms);
  finger.release();
  finger.pass(1s);
  CHECK(finger.gestures == one_press);
}

TEST_CASE("a press of which sight was lost fires nothing") {
  Finger finger = ready();
  finger.press();
  finger.pass(1s);
  finger.lose();
  finger.pass(5s);
  CHECK(finger.words.back().find("nothing is done") != std::string::npos);
  SECTION("still down") {
    finger.press();
    finger.pass(5s);
    finger.release();
  }
  SECTION("released meanwhile") { finger.release(); }
  finger.pass(5s);
  CHECK(finger.gestures == none);
}

TEST_CASE("a long press counts only when the hardware says that it is down still") {
  Finger finger = ready();
  finger.answers = false;
  finger.press();
  finger.pass(2s);
  REQUIRE(finger.asked == 1);
  SECTION("it does not answer") {
    finger.hear({Heard::What::no_answer, false, {}, finger.state.question});
    CHECK(word(finger.timing, finger.state) == "unknown");
  }
  SECTION("it was released, and the signal was lost") {
    finger.hear({Heard::What::answer, false, {}, finger.state.question});
  }
  SECTION("the release comes right behind the answer") {
    finger.hear({Heard::What::answer, true, {}, finger.state.question});
    finger.level(false, 1900ms);
    finger.pass(5s);
    CHECK(finger.take() == one_press); // it was short
  }
  SECTION("an answer to another question is none") {
    finger.hear({Heard::What::answer, true, {}, finger.state.question + 1});
  }
  finger.pass(20s);
  CHECK(finger.gestures == none);
}

TEST_CASE("a press that was held for long enough, but noticed too late, does nothing") {
  Finger finger = ready();
  finger.level(true, 4000ms);
  finger.level(false, 1000ms);
  finger.pass(1s);
  CHECK(finger.gestures == none);
  CHECK(finger.words.back().find("3.0 s") != std::string::npos);
}

TEST_CASE("a press of long ago is no wish any more") {
  Finger finger = ready();
  finger.level(true, 8000ms);
  finger.level(false, 7800ms);
  finger.pass(1s);
  CHECK(finger.gestures == none);
  CHECK(finger.words.back().find("too late") != std::string::npos);
}

TEST_CASE("polled: a long press was never held for less than its time") {
  Timing timing;
  timing.resolution = 500ms;
  // The finger goes down at any time between two polls, and up at any time.
  for (milliseconds down = 0ms; down < 500ms; down += 50ms)
    for (milliseconds held = 200ms; held < 5000ms; held += 50ms) {
      Finger finger = ready(timing);
      bool seen = false;
      std::optional<milliseconds> fired;
      for (milliseconds at = 0ms; at < 7000ms; at += 10ms) {
        const bool pressed = at >= down && at < down + held;
        finger.down = pressed; // asked, it answers with what is
        if (at.count() % 500 == 0 && pressed != seen) finger.level(seen = pressed);
        finger.pass(10ms);
        if (!finger.gestures.empty() && finger.gestures[0] == Gesture::long_press && !fired)
          fired = at + 10ms - down;
      }
      CAPTURE(down.count(), held.count());
      CHECK(finger.gestures.size() <= 1);
      if (fired) CHECK(*fired >= timing.hold);
      if (fired) CHECK(*fired <= timing.hold + 2 * timing.resolution + timing.debounce + 10ms);
      if (held >= 3100ms) CHECK(finger.gestures == one_long);
      if (held < 2000ms && held >= 500ms) CHECK(finger.gestures == one_press);
    }
}

TEST_CASE("a button that shows late is long at once") {
  Timing timing;
  timing.held = 5000ms;
  Finger finger = ready(timing);
  finger.press();
  finger.pass(100ms);
  CHECK(finger.take() == one_long);
  finger.release();
  finger.pass(1s);
  finger.press();
  finger.pass(60ms); // it shows no longer than this
  finger.release();
  finger.pass(1s);
  CHECK(finger.take() == one_long);
  CHECK(finger.asked == 0);
  // What it is held already counts for a longer time, too.
  timing.hold = 7000ms;
  finger = ready(timing);
  finger.press();
  finger.pass(1900ms);
  CHECK(finger.gestures == none);
  finger.pass(200ms);
  CHECK(finger.gestures == one_long);
}

TEST_CASE("a stuck button fires once and is told once") {
  Finger finger = ready();
  finger.press();
  finger.pass(2h);
  CHECK(finger.gestures == one_long);
  CHECK(finger.warnings == 1);
  CHECK(word(finger.timing, finger.state) == "stuck");
  CHECK_FALSE(finger.wake);
  finger.release();
  CHECK(word(finger.timing, finger.state) == "idle");
}

TEST_CASE("a switch acts when it is moved and stays there") {
  Timing timing;
  timing.is_switch = true;
  Finger finger(timing);
  finger.press(); // "on" at the start
  finger.pass(10s);
  CHECK(finger.gestures == none);
  finger.release();
  finger.pass(1s);
  finger.press(); // back again
  finger.pass(10s);
  CHECK(finger.gestures == none);
  finger.release();
  finger.pass(3s);
  CHECK(finger.take() == Gestures{Gesture::off});
  finger.pass(1h);
  CHECK(finger.gestures == none);
  finger.press();
  finger.pass(3s);
  CHECK(finger.take() == Gestures{Gesture::on});
  CHECK(finger.asked == 2);
}

TEST_CASE("a switch that is off at the start does nothing unless that is wanted") {
  Timing timing;
  timing.is_switch = true;
  Finger careful(timing);
  careful.release();
  careful.pass(1h);
  CHECK(careful.gestures == none);
  timing.at_start = true;
  Finger eager(timing);
  eager.release();
  eager.pass(3s);
  CHECK(eager.take() == Gestures{Gesture::off});
  // mcud was started again: that is no start of ours.
  eager.lose();
  eager.release();
  eager.pass(10s);
  CHECK(eager.gestures == none);
}

TEST_CASE("a switch that was moved while nobody watched does nothing") {
  Timing timing;
  timing.is_switch = true;
  Finger finger(timing);
  finger.press();
  finger.pass(5s);
  finger.lose();
  finger.release();
  finger.pass(1h);
  CHECK(finger.gestures == none);
  CHECK(finger.words.back().find("moved while nobody watched") != std::string::npos);
}

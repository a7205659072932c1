// SPDX-License-Identifier: MIT
#include <buttond/gesture.hpp>

#include <algorithm>
#include <cstdio>

namespace nasmcu::buttond {
namespace {

using Phase = State::Phase;

std::string seconds_text(Instant::duration time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", std::chrono::duration<double>(time).count());
  return text;
}

/// One step in the making.
class Feeling {
public:
  Feeling(const Timing& timing, State state, Instant now) : timing_(timing), now_(now) {
    step_.state = state;
  }

  Step feel(const Heard& heard) {
    switch (heard.what) {
    case Heard::What::level: level(heard.pressed, std::min(heard.since, now_)); break;
    case Heard::What::lost: lose("nobody tells its state any more"); break;
    case Heard::What::answer:
      if (asked(heard)) answered(heard.pressed);
      break;
    case Heard::What::no_answer:
      if (asked(heard)) lose("whether it is still so could not be asked");
      break;
    case Heard::What::time: break;
    }
    advance(now_);
    step_.wake = next();
    return std::move(step_);
  }

private:
  State& state() { return step_.state; }
  void say(std::string words) { step_.words = std::move(words); }
  void enter(Phase phase) { state().phase = phase; }
  bool open() { // a press, or a move, that has not fired
    return state().phase == Phase::down || state().phase == Phase::asking ||
           state().phase == Phase::sure;
  }
  bool asked(const Heard& heard) {
    return state().phase == Phase::asking && heard.question == state().question;
  }

  void level(bool pressed, Instant at) {
    advance(at); // what was due before this
    if (state().phase == Phase::unknown) return first(pressed, at);
    if (timing_.is_switch) return moved(pressed, at);
    if (pressed == state().pressed) return;
    state().pressed = pressed;
    if (pressed)
      went_down(at);
    else
      went_up(at);
  }

  /// What it was before nobody knows: it fires nothing.
  void first(bool pressed, Instant at) {
    const bool starts = !state().seen;
    state().seen = true;
    state().pressed = pressed;
    state().since = at;
    state().up.reset();
    state().warned = false;
    if (timing_.is_switch) return first_position(pressed, starts);
    enter(pressed ? Phase::spent : Phase::idle);
    if (pressed) say("it is down already: nothing is done until it was released");
  }

  void first_position(bool pressed, bool starts) {
    const bool moved = !starts && state().settled != pressed;
    if (moved) say("it was moved while nobody watched: nothing is done");
    state().settled = pressed;
    enter(Phase::idle);
    if (!starts || !timing_.at_start) return;
    state().settled = !pressed;
    state().since = now_;
    enter(Phase::down);
  }

  void went_down(Instant at) {
    switch (state().phase) {
    case Phase::idle:
      state().since = at;
      state().up.reset();
      state().warned = false;
      return enter(Phase::down);
    case Phase::spent: state().since = at; return;
    default: state().up.reset(); return; // it bounced: the same press
    }
  }

  void went_up(Instant at) {
    if (state().phase == Phase::spent) {
      state().since = at;
      return;
    }
    state().up = std::max(at, state().since);
    enter(Phase::down);
  }

  void moved(bool pressed, Instant at) {
    if (pressed == state().pressed) return;
    state().pressed = pressed;
    state().since = at;
    enter(pressed == state().settled ? Phase::idle : Phase::down);
  }

  void answered(bool pressed) {
    if (pressed != state().pressed) return level(pressed, now_);
    // mcud may have answered before it looked at an edge that waits: its signal is under way.
    state().sure_at = now_ + timing_.debounce;
    enter(Phase::sure);
  }

  void lose(const char* why) {
    if (open()) say(std::string(why) + ": nothing is done");
    enter(Phase::unknown);
    state().up.reset();
  }

  /// What the time alone brings, up to `until`.
  void advance(Instant until) {
    if (state().phase == Phase::down && state().up) {
      if (until >= *state().up + timing_.debounce) released();
    } else if (state().phase == Phase::down && until >= due()) {
      if (!timing_.is_switch && timing_.shows_late()) return fire_held();
      ++state().question;
      step_.ask = true;
      enter(Phase::asking);
    } else if (state().phase == Phase::sure && until >= state().sure_at) {
      fire_held();
    }
    if (state().phase == Phase::spent && !state().pressed && until >= state().since + rest)
      enter(Phase::idle);
    warn(until);
  }

  Instant due() {
    if (!timing_.is_switch) return state().since + timing_.until_long();
    return state().since + timing_.hold + timing_.resolution;
  }

  /// The press is over without having been long in time.
  void released() {
    const auto up = *state().up;
    const auto time = up - state().since;
    state().up.reset();
    if (timing_.resolution == milliseconds(0) && time < timing_.debounce)
      return enter(Phase::idle); // a bounce, or a spark
    state().since = up;
    enter(Phase::spent);
    if (timing_.shows_late())
      fire(Gesture::long_press, up);
    else if (time >= timing_.until_long())
      say("it was down for " + seconds_text(time) +
          ", which was noticed too late to be sure: nothing is done");
    else
      fire(Gesture::press, up);
  }

  void fire_held() {
    if (!timing_.is_switch) {
      enter(Phase::spent);
      return fire(Gesture::long_press, now_);
    }
    state().settled = state().pressed;
    enter(Phase::idle);
    fire(state().pressed ? Gesture::on : Gesture::off, now_);
  }

  void fire(Gesture gesture, Instant at) {
    if (now_ - at <= stale)
      step_.gestures.push_back(gesture);
    else
      say("a " + std::string(name(gesture)) + " of " + seconds_text(now_ - at) +
          " ago: too late, nothing is done");
  }

  void warn(Instant until) {
    State& its = state();
    if (timing_.is_switch || !its.pressed || its.phase == Phase::unknown || its.warned) return;
    if (until < its.since + stuck) return;
    its.warned = step_.stuck = true;
    say("it has been down for " + seconds_text(until - its.since) +
        ": it is stuck, or something lies on it; nothing more is done until it is released");
  }

  std::optional<Instant> next() {
    const State& its = state();
    std::optional<Instant> when;
    const auto at = [&](Instant time) { when = when ? std::min(*when, time) : time; };
    if (its.phase == Phase::down) at(its.up ? *its.up + timing_.debounce : due());
    if (its.phase == Phase::sure) at(its.sure_at);
    if (its.phase == Phase::spent && !its.pressed) at(its.since + rest);
    const bool may_stick = !timing_.is_switch && its.pressed && its.phase != Phase::unknown;
    if (may_stick && !its.warned) at(its.since + stuck);
    return when;
  }

  const Timing& timing_;
  Instant now_;
  Step step_;
};

} // namespace

std::string_view name(Gesture gesture) {
  switch (gesture) {
  case Gesture::press: return "press";
  case Gesture::long_press: return "long-press";
  case Gesture::on: return "on";
  case Gesture::off: break;
  }
  return "off";
}

milliseconds Timing::until_long() const {
  if (shows_late()) return debounce;
  return hold - held + resolution;
}

Step feel(const Timing& timing, State state, const Heard& heard, Instant now) {
  return Feeling(timing, state, now).feel(heard);
}

std::string_view word(const Timing& timing, const State& state) {
  if (state.phase == Phase::unknown) return "unknown";
  if (timing.is_switch) return state.pressed ? "on" : "off";
  if (!state.pressed) return "idle";
  if (state.warned) return "stuck";
  return state.phase == Phase::spent ? "held" : "pressed";
}

} // namespace nasmcu::buttond

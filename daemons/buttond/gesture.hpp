// SPDX-License-Identifier: MIT
// What of a button's or switch's edges is a gesture. Pure: time is an argument, words come out.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nasmcu::buttond {

using Instant = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

enum class Gesture : unsigned char {
  press,      ///< on release, of a press that was not long
  long_press, ///< while it is held
  on,         ///< a switch has come to this position, and stayed
  off,
};
std::string_view name(Gesture gesture); ///< "press", "long-press", "on", "off"

/// Behind a gesture the button must have been up for so long before it is a new press: a worn
/// contact bounces for longer than any debouncing.
inline constexpr milliseconds rest{300};
/// Down for so long: stuck, or something lies on it.
inline constexpr milliseconds stuck{60000};
/// What was noticed later than this is no wish any more.
inline constexpr milliseconds stale{5000};

struct Timing {
  milliseconds debounce{50};  ///< shorter than this is no press, and no release
  milliseconds hold{2000};    ///< of a long press, and until a switch's position counts
  milliseconds held{0};       ///< how long it is held already when it shows
  milliseconds resolution{0}; ///< how late an edge may be seen: it is polled
  bool is_switch = false;
  bool at_start = false; ///< a switch: the first position that is seen counts as well
  bool operator==(const Timing&) const = default;

  /// Until a press that shows is long, whatever was missed: never before the button was held for
  /// `hold`, and at most twice `resolution` behind that.
  milliseconds until_long() const;
  /// It shows only when it is a long press already.
  bool shows_late() const { return held >= hold; }
};

struct State {
  enum class Phase : unsigned char {
    unknown, ///< nobody tells its state: what comes next fires nothing
    idle,    ///< up; a switch: at rest
    down,    ///< pressed, or a switch moved, and nothing fired yet
    asking,  ///< long enough: is it really down still?
    sure,    ///< it is; a release that was under way may still come
    spent,   ///< has fired, or was down when it was first seen: waits for its end
  };
  Phase phase = Phase::unknown;
  bool pressed = false;      ///< as told last; a switch: on
  Instant since;             ///< of that, or of the press while it is not over
  std::optional<Instant> up; ///< down: released then, for too short a time to count
  Instant sure_at;
  std::uint32_t question = 0; ///< number of the last question
  bool settled = false;       ///< a switch: the position that counts
  bool seen = false;          ///< was known once
  bool warned = false;        ///< that it is stuck
  bool operator==(const State&) const = default;
};

/// What is heard of it.
struct Heard {
  enum class What : unsigned char {
    level,     ///< its state, and since when
    lost,      ///< nobody tells its state any more
    time,      ///< nothing: it is the time that a Step asked for
    answer,    ///< to `question`: its state now
    no_answer, ///< to `question`
  };
  What what = What::time;
  bool pressed = false;
  Instant since;
  std::uint32_t question = 0;
};

struct Step {
  State state;
  std::vector<Gesture> gestures;
  bool ask = false;            ///< ask the hardware: State::question is the number to answer with
  std::optional<Instant> wake; ///< come back then
  std::string words;           ///< why something was not done, for the log; empty: all is said
  bool stuck = false;          ///< the words are a warning
};

/// One step of one button. A press fires once at most, short or long and never both.
Step feel(const Timing& timing, State state, const Heard& heard, Instant now);

/// "idle", "pressed", "held" (fired, or down since before it was watched), "stuck", "unknown";
/// "on" and "off" for a switch.
std::string_view word(const Timing& timing, const State& state);

} // namespace nasmcu::buttond

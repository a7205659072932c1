// SPDX-License-Identifier: MIT
// How fast a fan shall turn: pure functions of (rule, memory, reading) that also say why.
//
// Each sensor makes a Demand, the highest demand wins, and a duty set by hand replaces it except
// while heat or failsafe ask for more. A sensor that is asleep or absent demands nothing as long as
// another one counts.
//
// A failed reading goes to failsafe at once. The link has retried it by then and a jump has been
// read twice, so there is nothing to gain from trusting the past; the next good reading ends it.
#pragma once

#include <libmcu/model/board.hpp>
#include <libmcu/model/result.hpp>
#include <libmcu/model/units.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nasmcu::fancontrol {

/// The three-step rule of dns320l-daemon: stop, half, full. Degrees Celsius.
struct StepRule {
  double low = 45, high = 50, hysteresis = 2;
  bool operator==(const StepRule&) const = default;
};

/// A line through (temperature, duty) points. The duty rises at once and falls only when the
/// temperature is `hysteresis` degrees below the one that raised it.
struct Curve {
  std::vector<mcu::CurvePoint> points; ///< at least one, rising
  double hysteresis = 3;               ///< degrees Celsius
  bool operator==(const Curve&) const = default;
};

using Rule = std::variant<StepRule, Curve>;

/// "low 25, high 34, hysteresis 2" or "curve 35:20 45:40, hysteresis 3".
std::string to_string(const Rule& rule);

/// The least that a rule ever asks for.
mcu::Duty lowest(const Rule& rule);

/// Where a rule ends: at or above this temperature it asks for all that it ever asks for.
std::optional<mcu::Celsius> top_of(const Rule& rule);

/// What a rule remembers of one sensor from one decision to the next. A new lease begins with an
/// empty one.
struct Memory {
  enum class Speed { unknown, stop, half, full } speed = Speed::unknown; ///< StepRule
  std::optional<mcu::Celsius> raised_at; ///< Curve: the temperature that made the duty in force
  bool operator==(const Memory&) const = default;
};

struct Reading {
  std::string sensor;
  mcu::Result<mcu::Celsius> value;
};

/// What a fan can do, as far as a decision and its words need it.
struct FanLimits {
  mcu::Duty failsafe{100};
  bool may_stop = false;
  std::vector<mcu::Duty> levels{}; ///< rising; empty: any from min to max
  mcu::Duty min{0}, max{100};
};

/// What became of a reading.
enum class Outcome : unsigned char {
  read,   ///< a temperature
  failed, ///< no believable one: failsafe
  asleep, ///< a disk at rest, which is no failure
  absent, ///< nothing is there to be read: an empty bay
};

/// What one sensor asks for.
struct Demand {
  std::string sensor;
  Outcome outcome = Outcome::read;
  mcu::Duty duty;
  mcu::Celsius at{}; ///< only with Outcome::read
  bool heat = false; ///< at the top of its rule: overrides a duty set by hand
  std::string why;   ///< absent: the sensor's own reason
  Memory next;
};

/// Applies `rule` to one reading. A failed reading keeps the memory; a sensor that is asleep or
/// absent begins afresh when it is back, since nothing is known of the time between.
Demand ask(const Rule& rule, const Memory& memory, const Reading& reading, const FanLimits& fan);

using Memories = std::map<std::string, Memory>; ///< by sensor

/// The same for all sensors of a fan, each with its own memory.
std::vector<Demand> ask_all(const Rule& rule, const Memories& memories,
                            const std::vector<Reading>& readings, const FanLimits& fan);
Memories remember(const std::vector<Demand>& demands);

enum class Mode { waiting, automatic, manual, failsafe };

/// The word of io.nasmcu1.FanControl's Mode: "waiting", "auto", "manual", "failsafe".
std::string_view name(Mode mode);

struct Decision {
  mcu::Duty duty;
  Mode mode = Mode::waiting;
  std::string why;
  std::string sensor; ///< whose demand decided, also behind a duty set by hand
  bool heat = false;  ///< a sensor is at the top of its rule
  bool operator==(const Decision&) const = default;
};

/// The duty for a fan: the highest demand, or `manual` while no demand overrides it. When all
/// sensors that are there are asleep it is the rule's lowest; a fan without any is in failsafe.
Decision decide(const std::vector<Demand>& demands, std::optional<mcu::Duty> manual,
                const FanLimits& fan);

/// The sensors that could be read and were outbid: "board 38.0 °C: 27 %, cpu 52.0 °C: 30 %".
std::string losers(const std::vector<Demand>& demands, const Decision& decision);

} // namespace nasmcu::fancontrol

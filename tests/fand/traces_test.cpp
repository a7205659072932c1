// SPDX-License-Identifier: MIT
// The ten shipped traces through the default curve of a TS-433, with a box that really cools.
#include <catch.hpp>

#include <fancontrol/simulate.hpp>
#include <libmcu/protocol/registry.hpp>

#include <cmath>
#include <fstream>
#include <iterator>
#include <random>

using namespace nasmcu::fancontrol;
using mcu::Celsius;
using mcu::Duty;
using nasmcu::Config;

namespace {

const std::vector<std::string> shipped{
    "idle", "copy-burst",  "scrub-night",    "summer-heat",    "noisy-sensor",
    "ramp", "square-wave", "sleeping-disks", "sensor-failure", "sawtooth"};

Trace load_trace(const std::string& name) {
  const std::string path = NASMCU_SOURCE_DIR "/tests/vectors/traces/" + name + ".txt";
  std::ifstream file(path);
  const auto trace = parse_trace(path, {std::istreambuf_iterator<char>(file), {}});
  INFO((trace ? "" : trace.error().what));
  REQUIRE(trace);
  return *trace;
}

const mcu::Board& ts433() {
  static const auto file =
      mcu::read_board(NASMCU_SOURCE_DIR "/config/boards/qnap-ts433.ini", mcu::protocol_names());
  REQUIRE(file.board);
  return *file.board;
}

Plan ts433_plan(const Config& config = {}) {
  Inventory inventory = inventory_of(ts433());
  for (const char* disk : {"disk1", "disk2"}) inventory.sensors.push_back({disk, "test"});
  return make_plan(config, inventory.fans.front(), inventory.sensors);
}

double limit() { return ts433().sensor("board")->max->value; }

/// A first-order box (the equation and the figures of mcusim's thermal model):
///
///   capacity * dT/dt = heat - (still + forced * airflow) * (T - ambient)
///
/// The trace says how warm it is with the fan at half speed; this is how much it is warmer or
/// colder than that with the fan as it is. The sensor's noise passes as it is.
struct Plant {
  static constexpr double capacity = 40, still = 0.4, forced = 0.8, ambient = 35, step = 1;
  double more = 0;

  static double conductance(double airflow) { return still + forced * airflow; }
  void advance(double seconds, double at_half, double airflow) {
    const double cooling = conductance(airflow), extra = cooling - conductance(0.5);
    const double goal = -extra * (at_half - ambient) / cooling;
    more = goal + (more - goal) * std::exp(-seconds * cooling / capacity);
  }
};

/// A trace and the box around it.
struct Ride {
  const Trace& trace;
  Plant plant = {};
  double at_half = 40; ///< the trace's last temperature of the board

  std::vector<Reading> read(const Plan& plan, double now) {
    std::vector<Reading> readings;
    for (const Source& source : plan.sources) {
      readings.push_back(reading_at(trace, source.name, now));
      if (readings.back().value)
        readings.back().value = Celsius{readings.back().value->value + plant.more};
    }
    return readings;
  }
  double board(double now) {
    const Reading reading = reading_at(trace, "board", now);
    if (reading.value) at_half = reading.value->value;
    return at_half + plant.more;
  }
  void advance(double now, double seconds, double duty) {
    for (double t = 0; t < seconds; t += Plant::step) {
      board(now + t);
      plant.advance(Plant::step, at_half, duty / 100);
    }
  }
  /// Seconds until it is below the limit, if the fan turns at full speed from now on.
  double must_stay_hot(double now) const {
    Ride fastest = *this;
    double hot = 0;
    for (; now + hot < trace.end && fastest.board(now + hot) >= limit(); hot += 10)
      fastest.advance(now + hot, 10, 100);
    return hot;
  }
};

struct Outcomes {
  unsigned changes = 0;
  double longest_excess = -1e9; ///< seconds above the limit beyond what must be
};

Outcomes ride(const Plan& plan, const std::string& name) {
  const Trace trace = load_trace(name);
  Ride box{trace};
  State state;
  Outcomes outcomes;
  std::optional<double> before, hot_since, allowed;
  for (double now = trace.begin; now < trace.end; now += 10) {
    const bool hot = box.board(now) >= limit();
    if (hot && !hot_since) {
      hot_since = now;
      allowed = box.must_stay_hot(now);
    }
    if (!hot) hot_since.reset();
    if (hot_since)
      outcomes.longest_excess = std::max(outcomes.longest_excess, now + 10 - *hot_since - *allowed);
    const auto at = Instant{} + std::chrono::seconds(static_cast<long>(now));
    const Step made = control(plan, state, {box.read(plan, now), {}, {}, at});
    state = made.next;
    const double duty = real(plan.fan.limits, made.decision.duty).percent;
    if (before && duty != *before) ++outcomes.changes;
    before = duty;
    box.advance(now, 10, duty);
  }
  return outcomes;
}

Config old_rule() {
  Config config;
  config.step_rule.emplace();
  return config;
}

/// Every limit of change at random.
Plan random_plan(std::mt19937& random) {
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  Config config;
  auto& section = config.fans["system"];
  section.sensors = {"board", "disk1"};
  section.curve = {{Celsius{35}, Duty{20}}, {Celsius{60}, Duty{double(pick(60, 100))}}};
  section.own["disk1"].curve = {{Celsius{30}, Duty{30}}, {Celsius{50}, Duty{80}}};
  section.own["disk1"].hysteresis = pick(0, 5);
  section.smoothing = std::chrono::seconds(pick(0, 60));
  section.ramp_up = pick(0, 1) * pick(1, 100);
  section.ramp_down = pick(0, 1) * pick(1, 100);
  section.dwell = std::chrono::seconds(pick(0, 120));
  section.changes_per_hour = static_cast<unsigned>(pick(4, 30));
  return ts433_plan(config);
}

std::vector<Reading> random_readings(std::mt19937& random) {
  std::uniform_real_distribution<double> some(25, 58);
  return {{"board", Celsius{some(random)}}, {"disk1", Celsius{some(random) - 9}}};
}

Instant second(int at) { return Instant{} + std::chrono::seconds(at); }

} // namespace

TEST_CASE("over the shipped traces the default curve is above the limit no longer than it must") {
  bool was_hot = false;
  for (const std::string& name : shipped) {
    CAPTURE(name);
    const Outcomes outcomes = ride(ts433_plan(), name);
    CHECK(outcomes.longest_excess <= 0);
    was_hot = was_hot || outcomes.longest_excess > -1e9;
  }
  CHECK(was_hot); // or nothing was tested
}

TEST_CASE("on a noisy sensor the default curve changes speed a fifth as often as the old rule") {
  const unsigned old = ride(ts433_plan(old_rule()), "noisy-sensor").changes;
  const unsigned now = ride(ts433_plan(), "noisy-sensor").changes;
  CAPTURE(old, now);
  CHECK(old > 50);
  CHECK(now * 5 <= old);
}

TEST_CASE("sleeping disks are no demand and no failure over the whole of their trace") {
  Config config;
  config.fans["system"].sensors = {"board", "disk1", "disk2"};
  const auto sum = simulate(ts433_plan(config), load_trace("sleeping-disks"), {});
  REQUIRE(sum);
  CHECK(sum->failsafe == 0);
  CHECK(sum->highest < Duty{50});
  CHECK(sum->missing.empty());
}

TEST_CASE("while the sensor of the trace fails the fan is in failsafe, and not a second longer") {
  const auto sum = simulate(ts433_plan(), load_trace("sensor-failure"), {});
  REQUIRE(sum);
  CHECK(sum->failsafe == 60 + 600);
  CHECK(sum->highest == Duty{100});
}

TEST_CASE("hotter never means slower, whatever the limits of change and the past") {
  std::mt19937 random(41);
  for (int round = 0; round < 60; ++round) {
    const Plan plan = random_plan(random);
    State state;
    for (int at = 0; at < 3600; at += 30) {
      auto readings = random_readings(random);
      double before = -1;
      for (double celsius = 25; celsius <= 75; celsius += 2.5) {
        readings[0].value = Celsius{celsius};
        const double duty =
            control(plan, state, {readings, {}, {}, second(at)}).decision.duty.percent;
        REQUIRE(duty >= before);
        before = duty;
      }
      state = control(plan, state, {random_readings(random), {}, {}, second(at)}).next;
    }
  }
}

TEST_CASE("failsafe wins at once, whatever the limits of change and the past") {
  std::mt19937 random(42);
  for (int round = 0; round < 60; ++round) {
    const Plan plan = random_plan(random);
    State state;
    for (int at = 0; at < 3600; at += 10) {
      auto readings = random_readings(random);
      if (at % 70 == 0) readings[0].value = mcu::Error{mcu::Errc::timeout, "no answer"};
      const Step made = control(plan, state, {readings, {}, {}, second(at)});
      state = made.next;
      if (at % 70 != 0) continue;
      REQUIRE(made.decision.mode == Mode::failsafe);
      REQUIRE(made.decision.duty >= plan.fan.limits.failsafe);
    }
  }
}

TEST_CASE("heat at the top of a curve passes at once, whatever the limits of change") {
  std::mt19937 random(43);
  for (int round = 0; round < 60; ++round) {
    const Plan plan = random_plan(random);
    State state;
    for (int at = 0; at < 3600; at += 10) {
      auto readings = random_readings(random);
      if (at % 90 == 0) readings[0].value = Celsius{60};
      const Step made = control(plan, state, {readings, {}, {}, second(at)});
      state = made.next;
      if (at % 90 == 0)
        REQUIRE(made.decision.duty >= std::get<Curve>(plan.rule).points.back().duty);
    }
  }
}

TEST_CASE("no more than the configured changes an hour, but for heat and failsafe") {
  std::mt19937 random(44);
  for (int round = 0; round < 60; ++round) {
    const Plan plan = random_plan(random);
    State state;
    std::deque<int> changes;
    std::optional<Duty> before;
    for (int at = 0; at < 3 * 3600; at += 10) {
      auto readings = random_readings(random);
      if (random() % 200 == 0) readings[0].value = mcu::Error{mcu::Errc::timeout, "no answer"};
      const Step made = control(plan, state, {readings, {}, {}, second(at)});
      state = made.next;
      const bool excused = made.decision.mode == Mode::failsafe || made.decision.heat;
      if (before && *before != made.decision.duty && !excused) changes.push_back(at);
      before = made.decision.duty;
      while (!changes.empty() && changes.front() <= at - 3600) changes.pop_front();
      REQUIRE(changes.size() <= plan.shape.changes);
    }
  }
}

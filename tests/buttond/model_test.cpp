// SPDX-License-Identifier: MIT
// Every interleaving of a finger, the time, the hardware's answers, and the deaths of everybody
// around, up to a stated depth: what a press may do, and what it may never do.
//
// Time is in ticks of 100 ms: a debounce is one, a long press four, the rest behind a gesture
// three. A state that was seen before, times counted from now, is not entered twice.
#include <catch.hpp>

#include <buttond/watch.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <sstream>
#include <unordered_set>

using namespace nasmcu::buttond;
using namespace std::chrono_literals;

namespace {

constexpr milliseconds tick_time{100};
constexpr int debounce_ticks = 1, hold_ticks = 4;
const std::string power = "power";

enum Event {
  finger,   ///< presses, or lets go
  tick,     ///< 100 ms pass
  answer,   ///< mcud answers what it was asked
  restart,  ///< nas-buttond is killed and started again
  bus,      ///< goes, or is back
  mcud,     ///< dies, or is back
  freeze,   ///< mcud is stopped (SIGSTOP), or goes on and tells all at once
  shutdown, ///< somebody else asks for it, or it is called off
  events
};
bool disturbs(Event event) { return event > answer; }

/// What the finger does now, and what came of it. Presses with less than a debounce between them
/// are one, when somebody sees both.
struct Press {
  int begun = 0, ended = 0; ///< ticks
  bool down = false;
  bool unwatched = false; ///< somebody was away at some time of it
  bool frozen = false;    ///< mcud told of it late
  int fired = 0;
};

struct World {
  explicit World(const Config& config) : watch(config) { begin(); }

  Watch watch;
  int now = 0;
  Press press, before;
  bool bus_there = true, mcud_there = true, mcud_frozen = false;
  bool adopted = false;    ///< nas-buttond knows the button
  bool told = false;       ///< what mcud knows of the button
  std::deque<bool> untold; ///< edges that a frozen mcud has not seen yet
  std::optional<std::uint32_t> asked;
  bool going_down = false;
  int power_offs = 0; ///< since the system was last up for good
  int shorts = 0, longs = 0;
  std::string broken; ///< the rule that was

  Instant time() const { return Instant(1h + now * tick_time); }
  bool watched() const { return bus_there && mcud_there; }

  bool possible(Event event) const {
    if (event == answer) return asked && watched() && !mcud_frozen;
    if (event == freeze) return mcud_there;
    return true;
  }

  void happen(Event event) {
    switch (event) {
    case finger: move(); break;
    case tick: ++now; break;
    case answer: reply(); break;
    case restart:
      press.unwatched = true;
      asked.reset();
      watch = Watch(watch.config());
      adopted = false;
      begin();
      break;
    case bus:
      bus_there = !bus_there;
      sight();
      break;
    case mcud:
      mcud_there = !mcud_there;
      mcud_frozen = false;
      untold.clear();
      told = press.down;
      sight();
      break;
    case freeze: thaw(); break;
    case shutdown:
      going_down = !going_down;
      if (!going_down) power_offs = 0;
      if (bus_there) watch.system_goes_down(going_down);
      break;
    case events: break;
    }
    if (!watched()) press.unwatched = true;
    if (mcud_frozen) press.frozen = true;
    // Wake-ups come when they are asked for.
    for (auto due = watch.wake(); due && *due <= time(); due = watch.wake())
      take(watch.tick(time()));
  }

  void move() {
    press.down = !press.down;
    const bool seen = watched() && !press.unwatched && !mcud_frozen && !press.frozen;
    const bool bounces = seen && now - press.ended < debounce_ticks;
    if (press.down && !bounces) before = press;
    if (press.down && !bounces) press = {now, now, true, false, false, 0};
    if (!press.down) press.ended = now;
    if (mcud_frozen)
      untold.push_back(press.down);
    else if (mcud_there)
      tell(press.down);
  }

  void tell(bool pressed) {
    told = pressed;
    if (bus_there && adopted) take(watch.hear(power, pressed, time(), time()));
  }

  void thaw() {
    mcud_frozen = !mcud_frozen;
    if (mcud_frozen) return;
    press.frozen = true;
    if (!adopted) begin();
    // It may look at the question before it looks at its edges.
    if (asked && bus_there) reply();
    while (!untold.empty()) {
      const bool next = untold.front();
      untold.pop_front();
      tell(next);
    }
  }

  void reply() {
    const std::uint32_t question = *asked;
    asked.reset();
    take(watch.answer(power, question, told, time()));
  }

  /// Bus or mcud came or went. A call to one that is gone is answered with an error, if at all.
  void sight() {
    asked.reset();
    adopted = false;
    take(watch.lost(time()));
    begin();
  }

  void begin() {
    if (bus_there) watch.system_goes_down(going_down);
    if (!watched() || mcud_frozen) return; // who is frozen does not say what he has
    adopted = true;
    ButtonFacts facts;
    facts.name = power;
    facts.known = true;
    facts.pressed = told;
    facts.since = time();
    take(watch.adopt({facts}, time()));
  }

  void take(const std::vector<Order>& orders) {
    for (const Order& order : orders) {
      if (order.what == Order::What::ask && watched()) asked = order.question;
      if (order.what == Order::What::act) act(order);
    }
  }

  void act(const Order& order) {
    const bool is_long = order.gesture == Gesture::long_press;
    ++(is_long ? longs : shorts);
    const int held = (press.down ? now : press.ended) - press.begun;
    // A release behind which a frozen mcud has not seen the next press yet.
    Press& its = !is_long && press.down ? before : press;
    rule(++its.fired == 1, "one press fires once");
    rule(!press.unwatched || press.frozen,
         "a press that was not watched from its beginning fires nothing");
    // What a finger does behind a frozen mcud's back may look like a bounce: two presses are one
    // then.
    const bool last = before.frozen && now - before.begun >= hold_ticks;
    rule(!is_long || held >= hold_ticks || last, "a long press was held for long");
    rule(is_long || !press.down || press.frozen, "a short press is over");
    rule(is_long || held < hold_ticks || press.frozen, "a long press is not told as a short one");
    rule(watched(), "nothing fires while nobody can tell of the button");
    if (!order.action.ends_work()) return;
    rule(!going_down && ++power_offs == 1, "power off is asked for once");
    going_down = true;
    watch.system_goes_down(true);
  }

  void rule(bool kept, const char* words) {
    if (!kept && broken.empty()) broken = words;
  }

  std::string key() const {
    std::ostringstream out;
    const State& state = watch.facts().empty() ? State() : watch.state(power);
    const auto ago = [&](Instant when) {
      return std::clamp<long long>((time() - when) / tick_time, -20, 20);
    };
    out << adopted << std::clamp(now - before.ended, 0, 20)
        << (before.ended - before.begun >= hold_ticks) << int(state.phase) << state.pressed
        << ago(state.since) << ',';
    if (state.up) out << ago(*state.up);
    out << ',' << ago(state.sure_at) << state.seen << '|' << press.down << press.unwatched
        << press.frozen << press.fired << before.fired << before.frozen << ','
        << std::min(now - press.begun, 20) << ',' << std::min(now - press.ended, 20) << '|'
        << bus_there << mcud_there << mcud_frozen << told << going_down << watch.going_down(time())
        << power_offs << '|' << (asked && *asked == state.question) << asked.has_value();
    for (const bool edge : untold) out << edge;
    return out.str();
  }
};

struct Explored {
  std::size_t states = 0, steps = 0;
  int shorts = 0, longs = 0;
  std::string broken; ///< the rule, and how it came to that
};

/// Breadth first: the first that breaks a rule is among the shortest.
Explored explore(const Config& config, unsigned depth, unsigned most_disturbances,
                 bool may_freeze) {
  struct Node {
    World world;
    unsigned disturbances;
    std::string path;
  };
  constexpr std::array<char, events> letters = {'f', '.', 'a', 'R', 'B', 'M', 'Z', 'S'};
  Explored found;
  std::unordered_set<std::string> seen;
  std::vector<Node> layer{{World(config), 0, ""}};
  layer[0].world.now = 100; // long after anything
  for (unsigned step = 0; step < depth; ++step) {
    std::vector<Node> next;
    for (const Node& node : layer)
      for (int number = 0; number < events; ++number) {
        const Event event = static_cast<Event>(number);
        if (event == freeze && !may_freeze) continue;
        const unsigned disturbances = node.disturbances + disturbs(event);
        if (disturbances > most_disturbances || !node.world.possible(event)) continue;
        Node after{node.world, disturbances, node.path + letters[event]};
        after.world.happen(event);
        ++found.steps;
        found.shorts += after.world.shorts - node.world.shorts;
        found.longs += after.world.longs - node.world.longs;
        if (!after.world.broken.empty()) {
          found.broken = after.world.broken + ": " + after.path;
          return found;
        }
        if (seen.insert(after.world.key() + std::to_string(disturbances)).second)
          next.push_back(std::move(after));
      }
    layer = std::move(next);
  }
  found.states = seen.size();
  return found;
}

Config configured(const char* press) {
  ButtonConfig button;
  button.press = *parse_action(press);
  button.long_press = *parse_action("poweroff");
  button.debounce = debounce_ticks * tick_time;
  button.hold = hold_ticks * tick_time;
  return {{{power, button}}};
}

void holds(const Config& config, unsigned depth, unsigned disturbances, bool may_freeze) {
  const Explored found = explore(config, depth, disturbances, may_freeze);
  INFO(found.broken);
  CHECK(found.broken.empty());
  // It was no empty search.
  CHECK(found.shorts > 0);
  CHECK(found.longs > 0);
  CHECK(found.states > 50000);
}

} // namespace

TEST_CASE("whatever happens in 10 events, a press does what it may and no more") {
  holds(configured("beep"), 10, 10, true);
}

TEST_CASE("whatever happens in 10 events, power is asked for once") {
  holds(configured("poweroff"), 10, 10, true);
}

TEST_CASE("three deaths, returns or shutdowns in 18 events make no gesture of nothing, and none of "
          "one twice") {
  holds(configured("beep"), 18, 3, false);
}

TEST_CASE("the model says which rule was broken") {
  World world(configured("poweroff"));
  world.now = 100;
  world.happen(finger);
  for (int i = 0; i < hold_ticks; ++i) world.happen(tick);
  REQUIRE(world.asked); // nothing fires before the hardware has said that it is down still
  CHECK(world.longs == 0);
  Order order;
  order.what = Order::What::act;
  order.gesture = Gesture::press;
  order.action = *parse_action("poweroff");
  world.act(order);
  CHECK(world.broken == "a short press is over");
}

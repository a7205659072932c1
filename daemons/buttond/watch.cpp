// SPDX-License-Identifier: MIT
#include <buttond/watch.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace nasmcu::buttond {
namespace {

using Orders = std::vector<Order>;

/// A sleep begins within seconds, or not at all.
constexpr std::chrono::seconds suspend_patience{10};

Heard level(bool pressed, Instant since) {
  Heard heard;
  heard.what = Heard::What::level;
  heard.pressed = pressed;
  heard.since = since;
  return heard;
}

Heard lost_sight() {
  Heard heard;
  heard.what = Heard::What::lost;
  return heard;
}

Order say(Order::What what, const std::string& button, std::string words) {
  Order order;
  order.what = what;
  order.button = button;
  order.words = std::move(words);
  return order;
}

} // namespace

Orders Watch::use(Config config, Instant now) {
  config_ = std::move(config);
  return tick(now);
}

Orders Watch::adopt(const std::vector<ButtonFacts>& buttons, Instant now) {
  Orders orders;
  std::set<std::string> names;
  for (const ButtonFacts& facts : buttons) {
    names.insert(facts.name);
    Button& button = buttons_[facts.name];
    button.facts = facts;
    feel(button, lost_sight(), now, orders);
    if (facts.known) feel(button, level(facts.pressed, facts.since), now, orders);
  }
  std::erase_if(buttons_, [&](const auto& entry) { return !names.contains(entry.first); });
  return orders;
}

Orders Watch::lost(Instant now) {
  Orders orders;
  for (auto& [name, button] : buttons_) feel(button, lost_sight(), now, orders);
  return orders;
}

Orders Watch::hear(const std::string& name, std::optional<bool> pressed, Instant since,
                   Instant now) {
  Orders orders;
  const auto found = buttons_.find(name);
  if (found == buttons_.end()) return orders;
  if (!pressed || now < quiet_until_) feel(found->second, lost_sight(), now, orders);
  if (pressed) feel(found->second, level(*pressed, since), now, orders);
  return orders;
}

void Watch::note_presence(const std::string& name, bool present) {
  const auto found = buttons_.find(name);
  if (found != buttons_.end()) found->second.facts.present = present;
}

Orders Watch::answer(const std::string& name, std::uint32_t question, std::optional<bool> pressed,
                     Instant now) {
  Orders orders;
  const auto found = buttons_.find(name);
  if (found == buttons_.end()) return orders;
  Heard heard;
  heard.what = pressed ? Heard::What::answer : Heard::What::no_answer;
  heard.pressed = pressed.value_or(false);
  heard.question = question;
  feel(found->second, heard, now, orders);
  return orders;
}

Orders Watch::tick(Instant now) {
  Orders orders;
  for (auto& [name, button] : buttons_) feel(button, Heard(), now, orders);
  return orders;
}

std::optional<Instant> Watch::wake() const {
  std::optional<Instant> first;
  for (const auto& [name, button] : buttons_)
    if (button.wake) first = std::min(first.value_or(*button.wake), *button.wake);
  return first;
}

/// Called off, it may be asked for again.
void Watch::system_goes_down(bool going) {
  if (std::exchange(system_, going) && !going) asked_until_.reset();
}

Orders Watch::sleeps(bool going, Instant now) {
  asked_until_.reset();
  if (!going) quiet_until_ = now + wake_quiet;
  return lost(now);
}

void Watch::feel(Button& button, const Heard& heard, Instant now, Orders& orders) {
  Step step = buttond::feel(rules(button.facts.name).timing, button.state, heard, now);
  button.state = step.state;
  button.wake = step.wake;
  const std::string& name = button.facts.name;
  if (!step.words.empty())
    orders.push_back(say(step.stuck ? Order::What::warn : Order::What::tell, name, step.words));
  if (step.ask) {
    Order order = say(Order::What::ask, name, "");
    order.question = step.state.question;
    orders.push_back(std::move(order));
  }
  for (const Gesture gesture : step.gestures) decide(button, gesture, now, orders);
}

void Watch::decide(const Button& button, Gesture gesture, Instant now, Orders& orders) {
  const std::string& name = button.facts.name;
  const Rules mine = rules(name);
  const Action& action = mine.action(gesture);
  const std::string what(buttond::name(gesture));
  if (going_down(now))
    return orders.push_back(
        say(Order::What::tell, name, what + ": the system is going down already, nothing is done"));
  Order order = say(Order::What::act, name, what + ": " + to_text(action));
  order.gesture = gesture;
  order.action = action;
  if (action.kind == Action::Kind::none) {
    order.words = what + ": no action is configured";
    if (gesture == Gesture::press && mine.long_press.kind != Action::Kind::none)
      order.words += "; held longer it is " + to_text(mine.long_press);
  }
  if (action.ends_work())
    asked_until_ = now + (action.kind == Action::Kind::suspend ? Instant::duration(suspend_patience)
                                                               : Instant::duration(power_patience));
  orders.push_back(std::move(order));
}

std::vector<ButtonFacts> Watch::facts() const {
  std::vector<ButtonFacts> all;
  for (const auto& [name, button] : buttons_) all.push_back(button.facts);
  return all;
}

Rules Watch::rules(const std::string& name) const {
  return make_rules(config_, buttons_.at(name).facts);
}

std::string_view Watch::word(const std::string& name) const {
  const Button& button = buttons_.at(name);
  return buttond::word(rules(name).timing, button.state);
}

} // namespace nasmcu::buttond

// SPDX-License-Identifier: MIT
#include <buttond/button_config.hpp>

#include <libmcu/model/board.hpp>
#include <libmcu/model/ini_reader.hpp>
#include <libmcu/model/text.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>

namespace nasmcu::buttond {
namespace {

constexpr std::string_view button_heading = "button ";
const Action nothing{};

void read_action(mcu::IniReader& in, std::string_view key, std::optional<Action>& action) {
  const mcu::IniEntry* entry = in.take(key);
  if (entry == nullptr) return;
  auto parsed = parse_action(entry->value);
  if (parsed)
    action = std::move(*parsed);
  else
    in.reject(*entry, parsed.error().what);
}

void read_button(mcu::IniReader& in, ConfigFile& result) {
  const std::string name = mcu::lower(in.section().name.substr(button_heading.size()));
  if (!mcu::is_device_name(name))
    return in.error(0, in.title() + ": a button's name is 1 to 32 of a-z, 0-9 and -");
  ButtonConfig& button = result.config.buttons[name];
  read_action(in, "Press", button.press);
  read_action(in, "LongPress", button.long_press);
  read_action(in, "On", button.on);
  read_action(in, "Off", button.off);
  // Below half a second a press of a hurried finger would be long.
  if (const auto seconds = in.decimal("Hold", 0.5, 30))
    button.hold = milliseconds(std::lround(*seconds * 1000));
  if (const auto time = in.integer("Debounce_ms", 10, 1000)) button.debounce = milliseconds(*time);
  if (const auto at_start = in.yes_no("AtStart")) button.at_start = *at_start;
  if (const auto feedback = in.yes_no("Feedback")) button.feedback = *feedback;
  if (const auto limit = in.integer("Timeout", 1, 3600))
    button.limit = std::chrono::seconds(*limit);
  in.finish();
}

/// logind's inhibitor for a key; empty: it has none.
std::string_view inhibitor(const ButtonFacts& button) {
  struct Handled {
    std::string_view key, what;
  };
  // What systemd-logind(8) does by itself when it sees such a key.
  constexpr std::array<Handled, 5> handled = {{{"KEY_POWER", "handle-power-key"},
                                               {"KEY_POWER2", "handle-power-key"},
                                               {"KEY_RESTART", "handle-reboot-key"},
                                               {"KEY_SLEEP", "handle-suspend-key"},
                                               {"KEY_SUSPEND", "handle-hibernate-key"}}};
  for (const Handled& one : handled)
    if (one.key == button.key && !button.is_switch) return one.what;
  // A power button that we see otherwise may be seen by the kernel as well.
  return button.name == "power" && button.key.empty() ? "handle-power-key" : "";
}

} // namespace

ConfigFile make_button_config(const std::vector<mcu::IniFile>& files) {
  ConfigFile result;
  for (const mcu::IniFile& file : files)
    for (const mcu::IniSection& section : file.sections) {
      mcu::IniReader in(section, result.diagnostics);
      if (mcu::lower(section.name).starts_with(button_heading))
        read_button(in, result);
      else if (mcu::same_word(section.name, "Button"))
        in.error(0, "[Button]: a button's name is needed, such as [Button power]");
    }
  return result;
}

const Action& Rules::action(Gesture gesture) const {
  switch (gesture) {
  case Gesture::press: return press;
  case Gesture::long_press: return long_press;
  case Gesture::on: return on;
  case Gesture::off: break;
  }
  return off;
}

bool Rules::does_something() const {
  const auto does = [](const Action& action) { return action.kind != Action::Kind::none; };
  return timing.is_switch ? does(on) || does(off) : does(press) || does(long_press);
}

/// The power button that is held powers off, and so does the power switch: what the vendors' own
/// systems do. Everything else is the owner's choice.
Rules make_rules(const Config& config, const ButtonFacts& facts) {
  const auto found = config.buttons.find(facts.name);
  const ButtonConfig own = found == config.buttons.end() ? ButtonConfig{} : found->second;
  const Action usual = facts.name == "power" ? Action{Action::Kind::poweroff, {}, {}} : Action{};
  Rules rules;
  rules.timing = {own.debounce,     own.hold,        facts.held,
                  facts.resolution, facts.is_switch, own.at_start};
  rules.press = own.press.value_or(nothing);
  rules.long_press = own.long_press.value_or(usual);
  rules.on = own.on.value_or(nothing);
  rules.off = own.off.value_or(usual);
  rules.feedback = own.feedback;
  rules.limit = own.limit;
  return rules;
}

std::vector<std::string> complaints(const Config& config, const std::vector<ButtonFacts>& buttons) {
  std::vector<std::string> lines;
  for (const auto& [name, button] : config.buttons) {
    const auto is_it = [&, wanted = name](const ButtonFacts& one) { return one.name == wanted; };
    const auto found = std::find_if(buttons.begin(), buttons.end(), is_it);
    const std::string title = "[Button " + name + "]: ";
    if (found == buttons.end())
      lines.push_back(title + "this board has no such button");
    else if (found->is_switch && (button.press || button.long_press))
      lines.push_back(title + "it is a switch: On and Off count, Press and LongPress do not");
    else if (!found->is_switch && (button.on || button.off || button.at_start))
      lines.push_back(title + "it is no switch: Press and LongPress count, On, Off and AtStart do "
                              "not");
    else if (!found->is_switch && found->held >= button.hold && button.press)
      lines.push_back(title + "it shows only when it was held for long: Press never happens");
  }
  return lines;
}

std::string keys_to_inhibit(const Config& config, const std::vector<ButtonFacts>& buttons) {
  std::set<std::string_view> keys;
  for (const ButtonFacts& button : buttons)
    if (button.present && make_rules(config, button).does_something())
      keys.insert(inhibitor(button));
  keys.erase("");
  return mcu::join(std::vector<std::string_view>(keys.begin(), keys.end()), ":");
}

} // namespace nasmcu::buttond

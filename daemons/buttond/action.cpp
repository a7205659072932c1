// SPDX-License-Identifier: MIT
#include <buttond/action.hpp>

#include <libmcu/model/ini.hpp>
#include <libmcu/model/text.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace nasmcu::buttond {
namespace {

using mcu::Errc;
using mcu::Error;
using mcu::Result;
using Kind = Action::Kind;
using Words = std::vector<std::string>;

constexpr std::chrono::seconds usual_mute = std::chrono::hours(1);
constexpr std::chrono::seconds longest_mute = std::chrono::hours(24 * 7); // nas-alertd's

Error refuse(std::string what) { return {Errc::invalid_argument, std::move(what)}; }

/// systemd's own rule, and no path.
bool is_unit_name(const std::string& name) {
  constexpr std::array<std::string_view, 5> kinds = {".service", ".target", ".timer", ".socket",
                                                     ".mount"};
  const auto ends = [&](std::string_view kind) {
    return name.size() > kind.size() && name.ends_with(kind);
  };
  constexpr std::string_view marks = ":_.@-\\";
  const auto allowed = [&](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
  };
  return std::any_of(kinds.begin(), kinds.end(), ends) && name.size() < 256 &&
         name.front() != '-' && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), allowed);
}

Result<Action> alone(Kind kind, const Words& words) {
  if (words.size() != 1) return refuse(words[0] + " takes no argument");
  return Action{kind, {}, {}};
}

Result<Action> unit(const Words& words) {
  if (words.size() != 2 || !is_unit_name(words[1]))
    return refuse("unit needs the name of one unit, such as unit backup.service");
  return Action{Kind::unit, {words[1]}, {}};
}

Result<Action> run(const Words& words) {
  if (words.size() < 2 || !words[1].starts_with('/'))
    return refuse("run needs a program's path that begins with /, and its arguments");
  // There is no shell: the marks would reach the program.
  for (const std::string& word : words)
    if (word.find_first_of("'\"`|<>&") != std::string::npos)
      return refuse("no shell reads it, so quotes, pipes and the like are not allowed; put them "
                    "into a script");
  return Action{Kind::run, Words(words.begin() + 1, words.end()), {}};
}

Result<Action> identify(const Words& words) {
  const bool off = words.size() == 3 && mcu::same_word(words[2], "off");
  if (words.size() != 2 && !off) return refuse("identify needs a bay, such as identify 1");
  return Action{Kind::identify, off ? Words{words[1], "off"} : Words{words[1]}, {}};
}

/// "90", "15m", "2h" as mcuctl alerts mute takes it: a number alone is seconds.
std::optional<std::chrono::seconds> time_in(std::string_view text) {
  long unit = 1;
  if (text.ends_with('h')) unit = 3600;
  if (text.ends_with('m')) unit = 60;
  if (text.ends_with('h') || text.ends_with('m') || text.ends_with('s')) text.remove_suffix(1);
  const auto number = mcu::parse_integer(text);
  if (!number || *number < 1 || *number > longest_mute.count() / unit) return {};
  return std::chrono::seconds(*number * unit);
}

Result<Action> mute(const Words& words) {
  const auto time = words.size() == 1   ? std::optional(usual_mute)
                    : words.size() == 2 ? time_in(words[1])
                                        : std::nullopt;
  if (!time) return refuse("mute takes a time of at most a week, such as mute 90, 15m or 2h");
  return Action{Kind::mute, {}, *time};
}

Result<Action> beep(const Words& words) {
  const std::string length = words.size() == 2 ? mcu::lower(words[1]) : "short";
  if (words.size() > 2 || (length != "short" && length != "long"))
    return refuse("beep takes short or long");
  return Action{Kind::beep, {length}, {}};
}

using Parser = Result<Action> (*)(const Words&);
struct Verb {
  std::string_view word;
  Kind kind;
  Parser parse; ///< null: it takes no argument
};
constexpr std::array<Verb, 10> verbs = {{{"none", Kind::none, nullptr},
                                         {"poweroff", Kind::poweroff, nullptr},
                                         {"reboot", Kind::reboot, nullptr},
                                         {"suspend", Kind::suspend, nullptr},
                                         {"unit", Kind::unit, &unit},
                                         {"run", Kind::run, &run},
                                         {"identify", Kind::identify, &identify},
                                         {"acknowledge", Kind::acknowledge, nullptr},
                                         {"mute", Kind::mute, &mute},
                                         {"beep", Kind::beep, &beep}}};

} // namespace

Result<Action> parse_action(std::string_view text) {
  const Words words = mcu::split_words(text);
  for (const Verb& verb : verbs) {
    if (words.empty() || !mcu::same_word(words[0], verb.word)) continue;
    return verb.parse != nullptr ? verb.parse(words) : alone(verb.kind, words);
  }
  return refuse("allowed are poweroff, reboot, suspend, unit NAME, run PATH, identify BAY, "
                "acknowledge, mute TIME, beep and none");
}

std::string to_text(const Action& action) {
  std::string text;
  for (const Verb& verb : verbs)
    if (verb.kind == action.kind) text = verb.word;
  for (const std::string& word : action.words) text += " " + word;
  if (action.kind == Kind::mute) text += " " + std::to_string(action.time.count()) + "s";
  return text;
}

} // namespace nasmcu::buttond

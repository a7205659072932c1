// SPDX-License-Identifier: MIT
#include <verbs/verbs.hpp>

#include <verbs/groups.hpp>
#include <verbs/outcome.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace nasmcu {
namespace {

using Words = std::span<const std::string>;

bool never(Words) { return false; }
bool with_value(Words arguments) { return !arguments.empty(); }
bool with_arguments(Words arguments) { return !arguments.empty(); }
bool with_name_and_value(Words arguments) { return arguments.size() >= 2; }

constexpr Access reading = Access::reading;
constexpr Access changing = Access::changing;
constexpr Access root_only = Access::root_only;
constexpr Access never_port = Access::never_port;

// clang-format off
constexpr std::array all_verbs = {
    Verb{"status", "", "board, link, temperatures, fans, LEDs, buttons and alerts at a glance",
         reading, reading, Needs::box, false, never, run_status},
    Verb{"temp", "[NAME]", "temperatures, read now",
         reading, reading, Needs::box, false, never, run_temp},
    Verb{"fan", "[NAME] [auto | PERCENT | why | simulate TRACE]",
         "fans; set one by hand, or give it back; try the settings on a temperature trace",
         reading, changing, Needs::box, false, fan_changes, run_fan, fan_simulates},
    Verb{"led", "[NAME [off | on | blink-slow | blink-fast]]", "LEDs; set one",
         reading, changing, Needs::box, false, with_name_and_value, run_led},
    Verb{"beep", "[short | long]", "sound the buzzer",
         changing, changing, Needs::box, false, with_value, run_beep},
    Verb{"button", "[NAME]", "buttons, read now",
         reading, reading, Needs::box, false, never, run_button},
    Verb{"clock", "", "the time of the box's battery clock",
         reading, reading, Needs::box, false, never, run_clock},
    Verb{"hctosys", "", "set the system time from the battery clock",
         changing, changing, Needs::box, true, never, run_hctosys},
    Verb{"systohc", "", "set the battery clock from the system time",
         changing, changing, Needs::box, true, never, run_systohc},
    Verb{"wake", "[TIME | off | arm]", "when the clock shall start the box; set it",
         reading, changing, Needs::box, false, with_value, run_wake},
    Verb{"ready", "", "tell the MCU that the system is up",
         changing, changing, Needs::box, false, never, run_ready},
    Verb{"failsafe", "", "every fan to its failsafe duty, now",
         changing, changing, Needs::box, true, never, run_failsafe},
    Verb{"power-recovery", "[on | off]", "start by itself after a mains loss",
         reading, changing, Needs::box, false, with_value, run_power_recovery},
    Verb{"wol", "[on | off]", "let the network wake the box",
         reading, changing, Needs::box, false, with_value, run_wol},
    Verb{"poweroff", "[SECONDS]", "power the box off; SECONDS is the MCU's delay, 1 to 99",
         root_only, root_only, Needs::box, false, with_value, run_poweroff},
    Verb{"sleep", "before | after", "for the sleep hook: fans to failsafe, and all written again",
         root_only, root_only, Needs::box, false, never, run_sleep},
    Verb{"raw", "HEX...", "one reading frame to the MCU, and its answer; others need --force",
         never_port, never_port, Needs::box, false, with_value, run_raw},
    Verb{"alerts", "[ack ID | mute [TIME | off] | test]", "what is wrong; acknowledge, silence",
         reading, changing, Needs::box, false, with_value, run_alerts},
    Verb{"disks", "[forget BAY | test BAY [short | long]]",
         "disks, and when they may rest; BAY's was taken out on purpose; its self-test",
         reading, changing, Needs::box, false, with_value, run_disks},
    Verb{"identify", "BAY [off]", "blink a bay's LED for 10 minutes",
         changing, changing, Needs::box, false, with_value, run_identify},
    Verb{"watchdog", "[grace SECONDS]",
         "the hardware watchdog, and what it is fed for; no reset for SECONDS",
         reading, changing, Needs::box, false, with_value, run_watchdog},
    Verb{"boards", "", "known boards, and which one this machine is",
         reading, reading, Needs::nothing, false, never, run_boards},
    // Root alone on the port: mcud would read any file for a client that may not.
    Verb{"check", "FILE", "check a board file or a configuration",
         root_only, root_only, Needs::nothing, false, never, run_check},
    Verb{"setup", "[BOARD]", "likely boards, and why; name this machine's board for good (root)",
         never_port, never_port, Needs::nothing, false, with_value, run_setup},
    Verb{"report", "", "all about this machine as one text to send, without private data",
         never_port, never_port, Needs::files_and_box, false, never, run_report},
    Verb{"metrics", "[FILE]", "all that is measured, in Prometheus' text format",
         reading, never_port, Needs::box, false, with_arguments, run_metrics},
    Verb{"version", "", "version of this suite and of the MCU",
         reading, reading, Needs::box_if_any, false, never, run_version},
};
// clang-format on

/// Edits that make `a` of `b`; two neighbours that changed places are one edit.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> edits(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        edits[i][j] = i + j;
        continue;
      }
      const std::size_t replaced = edits[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      edits[i][j] = std::min({replaced, edits[i - 1][j] + 1, edits[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        edits[i][j] = std::min(edits[i][j], edits[i - 2][j - 2] + 1);
    }
  return edits[a.size()][b.size()];
}

/// How far a verb is from what was typed: 0 when it begins so.
std::size_t farness(std::string_view typed, std::string_view verb) {
  return verb.starts_with(typed) ? 0 : distance(typed, verb);
}

/// The verbs nearest to what was typed, if any is near.
std::vector<std::string> neighbours(std::string_view typed) {
  if (typed.empty() || typed.size() > 32) return {};
  std::size_t nearest = typed.size() > 4 ? 2 : 1;
  for (const Verb& verb : all_verbs) nearest = std::min(nearest, farness(typed, verb.name));
  std::vector<std::string> names;
  for (const Verb& verb : all_verbs)
    if (farness(typed, verb.name) == nearest) names.emplace_back(verb.name);
  return names;
}

} // namespace

std::span<const Verb> verbs() { return all_verbs; }

const Verb* find_verb(std::string_view name) {
  const auto it = std::find_if(all_verbs.begin(), all_verbs.end(),
                               [name](const Verb& verb) { return verb.name == name; });
  return it == all_verbs.end() ? nullptr : &*it;
}

Needs needs_of(const Verb& verb, Words arguments) {
  return verb.on_files && verb.on_files(arguments) ? Needs::nothing : verb.needs;
}

Access access_of(const Verb& verb, Words arguments) {
  if (verb.on_files && verb.on_files(arguments)) return Access::never_port;
  return verb.changes(arguments) ? verb.access_with_value : verb.access;
}

std::string unknown_verb(std::string_view name) {
  const std::vector<std::string> close = neighbours(name);
  if (!close.empty())
    return fmt::format("unknown verb '{}'; did you mean {}?", name, fmt::join(close, " or "));
  std::vector<std::string> all;
  for (const Verb& verb : all_verbs) all.emplace_back(verb.name);
  return fmt::format("unknown verb '{}'; verbs are: {}", name, join(all));
}

Task<Outcome> run_verb(Session session, std::string name, Arguments arguments) {
  const Verb* verb = find_verb(name);
  if (!verb) co_return usage(unknown_verb(name));
  if (needs_of(*verb, arguments) == Needs::box && !session.box)
    co_return fail({mcu::Errc::not_running, name + " needs mcud"});
  Outcome outcome = co_await verb->run(std::move(session), std::move(arguments));
  co_return outcome;
}

std::string verb_list() {
  std::string list;
  for (const Verb& verb : all_verbs) {
    const std::string call = fmt::format("{} {}", verb.name, verb.arguments);
    list += call.size() <= 30 ? fmt::format("  {:<31}{}\n", call, verb.help)
                              : fmt::format("  {}\n  {:<31}{}\n", call, "", verb.help);
  }
  return list;
}

} // namespace nasmcu

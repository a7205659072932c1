// SPDX-License-Identifier: MIT
// The one command table: `mcuctl VERB` and a line on the command port are the same verb.
#pragma once

#include <verbs/box.hpp>

#include <common/program.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nasmcu {

/// Who may use a verb on the port (contract: reading anybody who can connect, changing root and
/// group nasmcu, root_only never from another machine).
enum class Access {
  reading,
  changing,
  root_only,  ///< power, and what would read any file with the daemon's rights
  never_port, ///< only mcuctl: raw, and what reads or writes much with the caller's rights
};

/// Whether a verb talks to a box.
enum class Needs {
  nothing,       ///< this machine's files only
  files_and_box, ///< this machine's files, and what a box says if there is one
  box_if_any,    ///< says more with one
  box,
};

/// Where a verb runs and how its answer shall look.
struct Session {
  Box* box = nullptr; ///< null only for verbs that do not need one
  CommonOptions options;
  bool json = false;
  bool color = false; ///< a terminal that wants it
  bool force = false; ///< raw --force
};

/// What a verb says: text for stdout (or the port), or an error and the exit code. Both when only a
/// part could be told.
struct Outcome {
  int exit = exit_done;
  std::string text;  ///< ends with a line feed unless empty
  std::string error; ///< one line without a line feed
};

using Arguments = std::vector<std::string>;

struct Verb {
  std::string_view name;
  std::string_view arguments; ///< "[NAME] [auto | PERCENT | why]"
  std::string_view help;      ///< one line
  Access access;              ///< of the verb with no more than reading arguments ...
  Access access_with_value;   ///< ... and of one that changes something
  Needs needs;
  bool falls_back; ///< mcuctl does it without mcud when mcud is not running
  /// Whether these arguments make it a changing one: "fan system" reads, "fan system 50" changes,
  /// "fan system why" reads.
  bool (*changes)(std::span<const std::string> arguments);
  Task<Outcome> (*run)(Session session, Arguments arguments);
  /// Whether these arguments read this machine's files alone, with the caller's rights: "fan
  /// simulate FILE". Then they need nothing else, and are never for the port.
  bool (*on_files)(std::span<const std::string> arguments) = nullptr;
};

/// All verbs, in the order of --help.
std::span<const Verb> verbs();
const Verb* find_verb(std::string_view name);

/// The access that these arguments need, and whether they talk to a box.
Access access_of(const Verb& verb, std::span<const std::string> arguments);
Needs needs_of(const Verb& verb, std::span<const std::string> arguments);

/// Runs one verb; an unknown one or wrong arguments give exit_usage with what is allowed.
Task<Outcome> run_verb(Session session, std::string name, Arguments arguments);

/// "unknown verb 'tmep'; did you mean temp?", or all verbs when none is near.
std::string unknown_verb(std::string_view name);

/// The table as `mcuctl help` prints it.
std::string verb_list();

} // namespace nasmcu

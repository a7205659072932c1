// SPDX-License-Identifier: MIT
// What every program of the suite shares: its options, its log, its board and its way to end.
#pragma once

#include <common/config.hpp>
#include <libmcu/model/board.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace nasmcu {

/// Exit codes (mcuctl(8), EXIT STATUS).
enum Exit : int {
  exit_done = 0,
  exit_failed = 1,
  exit_usage = 2,       ///< usage or configuration
  exit_not_running = 3, ///< the daemon is not on the bus
  exit_no_device = 4,   ///< no such device, or not supported
  exit_denied = 5,
  exit_mcu = 6, ///< MCU error, time-out or busy
};
int exit_code(mcu::Errc code);

/// Options that every program takes.
struct CommonOptions {
  std::string config;
  std::string board; ///< a shipped board's name or a file; empty: detected
  std::string root;  ///< normalised: empty for "/", otherwise without a trailing slash
  std::string log_level = "info";
};

/// Adds --config, --board, --root, --log-level, --version (and --help) to `app`.
void add_common_options(CLI::App& app, CommonOptions& options);

/// Parses; nothing when the program shall go on, else the exit code (0 for --help and --version,
/// 2 with one line on stderr for a usage error).
std::optional<int> parse(CLI::App& app, int argc, char** argv, CommonOptions& options);

/// How a service begins that has no other options: parses, and sets up its log as NAME's. Here, so
/// that not each of them compiles CLI11 for itself.
std::optional<int> begin_service(const std::string& name, const std::string& description, int argc,
                                 char** argv, CommonOptions& options);

/// Sets up logging to stderr: with journal priorities ("<4>") under systemd (JOURNAL_STREAM), with
/// time and level elsewhere.
void set_up_log(const std::string& program, const std::string& level);

/// Prints diagnostics to the log, one line each; true when none is an error.
bool report(const std::vector<mcu::Diagnostic>& diagnostics);

/// The shipped files: NASMCU_DATA, else the installed place, else the source tree of this build.
std::string data_dir(const std::string& root);

/// Every board file that can be found, /etc/nasmcu/boards before the shipped ones (an id in both is
/// taken from /etc).
std::vector<std::string> board_files(const std::string& root);

/// The board for --board NAME|FILE, or detected: /etc/nasmcu/board first, then the first string of
/// ROOT/proc/device-tree/compatible, then its later ones. The error says what was found and which
/// file to write; it is `unsupported` for a box that is not known (no board was named, none is
/// detected), else `invalid_argument`. Warnings of the file are reported to the log.
mcu::Result<mcu::Board> find_board(const CommonOptions& options);

/// The words for a box that is not known, where find_board() would be `unsupported`: every service
/// then ends, harmlessly and without an error. Nothing for a known one and for a wrong name.
std::optional<std::string> unknown_box(const CommonOptions& options);

/// Where the machine's board is named for good, and what it says; empty without.
std::string board_word_file(const std::string& root);
std::string board_word(const std::string& root);

/// A service's end on a box that is not known: one line to the log, and done. To systemd it was
/// ready: a unit that ends before that has failed.
int end_on_unknown_box(const std::string& words);

/// The strings of ROOT/proc/device-tree/compatible, most specific first; empty without one.
std::vector<std::string> compatible_strings(const std::string& root);

extern const char* const version; ///< "0.1.0"

} // namespace nasmcu

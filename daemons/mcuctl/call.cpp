// SPDX-License-Identifier: MIT
#include <mcuctl/call.hpp>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cstdlib>
#include <iostream>
#include <string_view>

#include <unistd.h>

namespace nasmcu::mcuctl {
namespace {

/// no-color.org: NO_COLOR counts when it is there and not empty.
bool wants_color() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && (!no_color || *no_color == '\0') && terminal &&
         std::string_view(terminal) != "dumb";
}

int refuse(const std::string& what) {
  std::cerr << "mcuctl: " << what << "\n";
  return exit_usage;
}

} // namespace

std::optional<int> parse_call(int argc, char** argv, Call& call) {
  CLI::App app{"Shows and controls the board: fans, temperatures, LEDs, clock, power.", "mcuctl"};
  Session& session = call.session;
  // Errors come as one line of our own; --log-level info shows what happened on the way.
  session.options.log_level = "error";
  std::vector<std::string> words;
  add_common_options(app, session.options);
  app.add_option("-H,--host", call.host, "run on another machine, over ssh")->type_name("HOST");
  app.add_flag("--json", session.json, "answer in JSON");
  app.add_flag("--direct", call.direct, "use the devices without mcud");
  app.add_flag("--force", session.force, "raw: frames that change something (root)");
  app.add_option("VERB", words, "what to do, and its arguments");
  app.footer("Verbs:\n" + verb_list());
  if (const auto code = parse(app, argc, argv, session.options)) return code;
  if (words.empty()) return refuse("say what to do; mcuctl help lists the verbs");
  if (words.front() == "help") {
    std::cout << verb_list();
    return exit_done;
  }
  call.verb = words.front();
  call.arguments.assign(words.begin() + 1, words.end());
  session.color = !session.json && wants_color();
  const Verb* verb = find_verb(call.verb);
  if (!verb) return refuse(unknown_verb(call.verb));
  const Needs needs = needs_of(*verb, call.arguments);
  const bool local = needs == Needs::nothing || needs == Needs::files_and_box;
  if (!call.host.empty() && (call.direct || local))
    return refuse(call.direct ? "--direct works on this machine: leave -H out"
                              : call.verb + " reads this machine's files: leave -H out");
  return std::nullopt;
}

} // namespace nasmcu::mcuctl

// SPDX-License-Identifier: MIT
#include <mcuctl/main.hpp>

#include <mcuctl/call.hpp>

#include <algorithm>
#include <iostream>

namespace nasmcu::mcuctl {

int main(int argc, char** argv) {
  Call call;
  if (const auto code = parse_call(argc, argv, call)) return *code;
  set_up_log("mcuctl", call.session.options.log_level);

  const Verb* verb = find_verb(call.verb);
  const bool local = needs_of(*verb, call.arguments) == Needs::nothing;
  Outcome outcome = call.direct || local ? run_direct(call) : run_over_bus(call);
  // Early boot, shutdown, and a daemon that died: what must work then works without it.
  if (outcome.exit == exit_not_running && verb->falls_back && call.host.empty() && !call.direct)
    outcome = run_direct(call);

  std::cout << outcome.text << std::flush;
  if (!outcome.error.empty()) {
    std::replace(outcome.error.begin(), outcome.error.end(), '\n',
                 ' '); // one line, whoever wrote it
    std::cerr << "mcuctl: " << outcome.error << "\n";
  }
  if (!std::cout && outcome.exit == exit_done) return exit_failed;
  return outcome.exit;
}

} // namespace nasmcu::mcuctl

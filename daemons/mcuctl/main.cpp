// SPDX-License-Identifier: MIT
#include <mcuctl/call.hpp>

#include <algorithm>
#include <iostream>

int main(int argc, char** argv) {
  using namespace nasmcu;
  mcuctl::Call call;
  if (const auto code = mcuctl::parse_call(argc, argv, call)) return *code;
  set_up_log("mcuctl", call.session.options.log_level);

  const Verb* verb = find_verb(call.verb);
  const bool local = needs_of(*verb, call.arguments) == Needs::nothing;
  Outcome outcome = call.direct || local ? mcuctl::run_direct(call) : mcuctl::run_over_bus(call);
  // Early boot, shutdown, and a daemon that died: what must work then works without it.
  if (outcome.exit == exit_not_running && verb->falls_back && call.host.empty() && !call.direct)
    outcome = mcuctl::run_direct(call);

  std::cout << outcome.text << std::flush;
  if (!outcome.error.empty()) {
    std::replace(outcome.error.begin(), outcome.error.end(), '\n',
                 ' '); // one line, whoever wrote it
    std::cerr << "mcuctl: " << outcome.error << "\n";
  }
  if (!std::cout && outcome.exit == exit_done) return exit_failed;
  return outcome.exit;
}

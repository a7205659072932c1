// SPDX-License-Identifier: MIT
// The last program before the power goes. See nasmcu-shutdown(8).
#include <shutdown/main.hpp>

#include <common/program.hpp>
#include <shutdown/hook.hpp>

#include <CLI/CLI.hpp>

#include <iostream>

namespace nasmcu::shutdown {

int main(int argc, char** argv) {
  CLI::App app{"Late shutdown hook: has the MCU cut the power when all is written.",
               "nasmcu-shutdown"};
  CommonOptions options;
  std::string word;
  add_common_options(app, options);
  app.add_option("VERB", word, "poweroff, halt, reboot or kexec: what the system is about to do")
      ->required();
  if (const auto code = parse(app, argc, argv, options)) return *code;
  set_up_log("nasmcu-shutdown", options.log_level);
  const auto verb = verb_from_word(word);
  if (!verb) {
    std::cerr << "nasmcu-shutdown: no verb '" << word
              << "': poweroff, halt, reboot or kexec are allowed\n";
    return exit_usage;
  }
  Hook hook(std::move(options));
  return hook.run(*verb);
}

} // namespace nasmcu::shutdown

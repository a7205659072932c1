// SPDX-License-Identifier: MIT
#include <common/own_unit.hpp>

namespace nasmcu {
namespace {

/// Whoever waits for it gives up first, and can say so; this ends what nobody waits for any more.
constexpr std::chrono::milliseconds behind_patience{2000};

} // namespace

Program in_own_unit(const Program& program, const std::string& unit) {
  Program outside = program;
  const auto limit = (program.patience + behind_patience).count();
  outside.words = {"/usr/bin/systemd-run", "--quiet", "--collect", "--pipe", "--wait",
                   // A program that is not there is an error of systemd-run's.
                   "--service-type=exec", "--description=" + program.words.at(0) + " for " + unit,
                   "--property=BindsTo=" + unit,
                   "--property=RuntimeMaxSec=" + std::to_string(limit) + "ms",
                   "--property=TimeoutStopSec=1",
                   // A check that runs every minute must not fill the journal and wake its disk.
                   "--property=LogLevelMax=notice", "--setenv=PATH", "--setenv=LC_ALL"};
  // By their names alone: who lists processes need not see an alert's words.
  for (const std::string& variable : program.environment)
    outside.words.push_back("--setenv=" + variable.substr(0, variable.find('=')));
  outside.words.emplace_back("--");
  outside.words.insert(outside.words.end(), program.words.begin(), program.words.end());
  return outside;
}

} // namespace nasmcu

// SPDX-License-Identifier: MIT
// The daemons and tools of a box in one executable, which knows by its name which of them it is:
// most of their code is the same, on the disk and in memory.
#include <suite/programs.hpp>

#include <common/program.hpp>

#include <iostream>

int main(int argc, char** argv) {
  const auto programs = nasmcu::suite::programs();
  const auto [program, skipped] = nasmcu::suite::call_of(programs, argc, argv);
  if (program != nullptr) return program->main(argc - skipped, argv + skipped);
  std::cerr << nasmcu::suite::usage(programs);
  return nasmcu::exit_usage;
}

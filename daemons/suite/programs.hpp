// SPDX-License-Identifier: MIT
// The programs that are one executable, and which of them a command line means.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace nasmcu::suite {

struct Program {
  std::string_view name;
  int (*main)(int argc, char** argv);
  std::string_view link = {}; ///< what its link is called where that is not its name
};

/// Those of this build.
std::span<const Program> programs();

struct Call {
  const Program* program = nullptr; ///< nothing: no such program
  int skipped = 0;                  ///< words before its own argv[0]
};

/// By the name under which the executable was started, else by the first word.
Call call_of(std::span<const Program> programs, int argc, const char* const* argv);

/// What is said when there is no such program.
std::string usage(std::span<const Program> programs);

} // namespace nasmcu::suite

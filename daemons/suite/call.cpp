// SPDX-License-Identifier: MIT
#include <suite/programs.hpp>

#include <algorithm>

namespace nasmcu::suite {
namespace {

const Program* find(std::span<const Program> programs, std::string_view word) {
  const auto found = std::find_if(programs.begin(), programs.end(), [word](const Program& one) {
    return one.name == word || (!one.link.empty() && one.link == word);
  });
  return found == programs.end() ? nullptr : &*found;
}

} // namespace

Call call_of(std::span<const Program> programs, int argc, const char* const* argv) {
  if (argc < 1) return {};
  std::string_view name = argv[0];
  name.remove_prefix(name.rfind('/') + 1); // npos + 1 is 0
  if (const Program* program = find(programs, name)) return {program, 0};
  if (argc < 2) return {};
  return {find(programs, argv[1]), 1};
}

std::string usage(std::span<const Program> programs) {
  std::string text = "nasmcu-suite NAME [ARGUMENT...], or a link to it with one of these names:\n";
  for (const Program& program : programs) text += "  " + std::string(program.name) + "\n";
  return text;
}

} // namespace nasmcu::suite

// SPDX-License-Identifier: MIT
// A build without D-Bus.
#include <suite/programs.hpp>

#include <mcuctl/main.hpp>
#include <shutdown/main.hpp>

namespace nasmcu::suite {

std::span<const Program> programs() {
  static constexpr Program all[] = {
      {"mcuctl", mcuctl::main},
      {"nasmcu-shutdown", shutdown::main, "nasmcu"},
  };
  return all;
}

} // namespace nasmcu::suite

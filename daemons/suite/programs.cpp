// SPDX-License-Identifier: MIT
#include <suite/programs.hpp>

#include <alertd/main.hpp>
#include <buttond/main.hpp>
#include <fand/main.hpp>
#include <mcuctl/main.hpp>
#include <mcud/main.hpp>
#include <shutdown/main.hpp>
#include <watchdogd/main.hpp>

namespace nasmcu::suite {

std::span<const Program> programs() {
  // systemd starts the late hook as .../system-shutdown/nasmcu. This is why the executable is not
  // called nasmcu: that name would mean two things.
  static constexpr Program all[] = {
      {"mcud", mcud::main},
      {"nas-fand", fand::main},
      {"nas-alertd", alertd::main},
      {"nas-watchdogd", watchdogd::main},
      {"nas-buttond", buttond::main},
      {"mcuctl", mcuctl::main},
      {"nasmcu-shutdown", shutdown::main, "nasmcu"},
  };
  return all;
}

} // namespace nasmcu::suite

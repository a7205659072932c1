// SPDX-License-Identifier: MIT
// The late shutdown hook: does what the machine says, and tells each step to the kernel's log.
#pragma once

#include <shutdown/disks.hpp>
#include <shutdown/facts.hpp>

#include <common/program.hpp>

#include <string>

namespace nasmcu::shutdown {

class Hook {
public:
  explicit Hook(CommonOptions options);

  /// Exit code: done also when there was nothing to do; failed when the power should have been cut
  /// and could not be.
  int run(Verb verb);

private:
  Facts find_facts(Verb verb);
  Outcome carry_out(const Machine& machine);
  Outcome look() const;
  Outcome stop_all_arrays(Time until) const;
  Outcome write_back(Time until) const;
  Outcome settle_disks(Time until) const;
  Outcome send(Time until);
  mcu::Status leave_note() const;
  Outcome switch_off() const;

  CommonOptions options_;
  System system_;
  mcu::Files files_;
  Config config_;
  Supply supply_;
  unsigned baud_ = 0;
};

} // namespace nasmcu::shutdown

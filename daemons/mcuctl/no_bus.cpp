// SPDX-License-Identifier: MIT
// Builds without D-Bus: there is no mcud to ask.
#include <mcuctl/call.hpp>

#include <verbs/outcome.hpp>

namespace nasmcu::mcuctl {

Outcome run_over_bus(const Call& call) {
  if (!call.host.empty()) return usage("this mcuctl was built without D-Bus, which -H needs");
  return run_direct(call);
}

} // namespace nasmcu::mcuctl

// SPDX-License-Identifier: MIT
// One run of mcuctl, as its command line says.
#pragma once

#include <verbs/verbs.hpp>

#include <optional>
#include <string>

namespace nasmcu::mcuctl {

struct Call {
  Session session;  ///< without a box yet
  std::string host; ///< -H; empty: this machine
  bool direct = false;
  std::string verb;
  Arguments arguments;
};

/// Nothing when the program shall go on, else its exit code: help, version, or a usage error that
/// was told on stderr.
std::optional<int> parse_call(int argc, char** argv, Call& call);

/// Runs the verb on devices in this process (direct.cpp).
Outcome run_direct(const Call& call);

/// Runs the verb through mcud (over_bus.cpp); no_bus.cpp stands in for it in builds without D-Bus,
/// where every call is a direct one.
Outcome run_over_bus(const Call& call);

} // namespace nasmcu::mcuctl

// SPDX-License-Identifier: MIT
// The owner's programs beside a daemon that systemd keeps in a sandbox. Pure.
#pragma once

#include <common/child.hpp>

#include <string>

namespace nasmcu {

/// The environment variable by which a unit of ours tells its name. With it the owner's programs
/// are started as units of their own: what the sandbox keeps a daemon from, a mail program or a
/// script of the owner's may well need.
inline constexpr const char* unit_variable = "NASMCU_UNIT";

/// `program` as a unit that ends with `unit` (BindsTo=), or a little later than its own patience.
/// systemd-run passes its input, its output and its exit status on; a signal becomes 255.
Program in_own_unit(const Program& program, const std::string& unit);

} // namespace nasmcu

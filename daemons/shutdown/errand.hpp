// SPDX-License-Identifier: MIT
// Work that may never come back from the kernel (a disk that does not answer) is done in a child:
// it can hang without us.
#pragma once

#include <shutdown/machine.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu::shutdown {

/// In a child of its own; what it returns is told to the parent: empty for success, else words.
using Errand = std::function<std::string()>;

/// Runs all at the same time. For each: what it returned, or nothing when it had not come back at
/// `until`; it is then killed and not waited for.
std::vector<std::optional<std::string>> run_errands(const std::vector<Errand>& errands, Time until);

} // namespace nasmcu::shutdown

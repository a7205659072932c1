// SPDX-License-Identifier: MIT
// The beginning of a board file for a machine that has none. Pure.
#pragma once

#include <verbs/machine.hpp>

#include <string>

namespace nasmcu {

/// A board file with what was found and can be named; `mcuctl check` has nothing to say about it.
/// What is not known, and what would not pass, stands in comments.
std::string draft_board(const Machine& machine);

} // namespace nasmcu

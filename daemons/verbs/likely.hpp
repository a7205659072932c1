// SPDX-License-Identifier: MIT
// Which of the known boards a machine may be. Pure.
#pragma once

#include <verbs/machine.hpp>

#include <libmcu/model/board.hpp>

#include <string>
#include <vector>

namespace nasmcu {

struct Likely {
  std::string id;
  std::string name;
  int weight = 0;               ///< more is likelier; 0: nothing speaks for it
  std::vector<std::string> why; ///< the weightiest first
};

/// What on this machine speaks for that board: its compatible strings above all, then its MCU on
/// the serial bus, its maker, and the kernel's names that the board file uses.
Likely weigh(const mcu::Board& board, const Machine& machine);

/// All of them, the likeliest first, equals by id.
std::vector<Likely> likely_boards(const std::vector<mcu::Board>& boards, const Machine& machine);

} // namespace nasmcu

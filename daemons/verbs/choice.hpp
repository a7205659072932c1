// SPDX-License-Identifier: MIT
// Which board the programs would take here, and what decided it.
#pragma once

#include <common/program.hpp>

#include <optional>
#include <string>
#include <vector>

namespace nasmcu {

struct Choice {
  std::optional<mcu::Board> board;
  std::string why; ///< or why there is none
};
Choice choose_board(const CommonOptions& options);

/// Every board file that can be read without mistakes.
std::vector<mcu::Board> good_boards(const std::string& root);

} // namespace nasmcu

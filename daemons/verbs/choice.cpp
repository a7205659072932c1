// SPDX-License-Identifier: MIT
#include <verbs/choice.hpp>

#include <libmcu/protocol/registry.hpp>

#include <algorithm>

namespace nasmcu {

Choice choose_board(const CommonOptions& options) {
  const auto board = find_board(options);
  if (!board) return {{}, board.error().what};
  if (!options.board.empty()) return {*board, "--board " + options.board};
  const std::vector<std::string> machine = compatible_strings(options.root);
  for (const std::string& compatible : machine)
    if (std::find(board->match.begin(), board->match.end(), compatible) != board->match.end())
      return {*board, "this machine is " + compatible};
  return {*board, board_word_file(options.root) + " says so"};
}

std::vector<mcu::Board> good_boards(const std::string& root) {
  std::vector<mcu::Board> boards;
  for (const std::string& file : board_files(root))
    if (mcu::BoardFile read = mcu::read_board(file, mcu::protocol_names()); read.board)
      boards.push_back(std::move(*read.board));
  return boards;
}

} // namespace nasmcu

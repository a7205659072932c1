// SPDX-License-Identifier: MIT
// setup: which board this is, for good.
#include <verbs/choice.hpp>
#include <verbs/groups.hpp>
#include <verbs/likely.hpp>
#include <verbs/outcome.hpp>

#include <common/system.hpp>

#include <fmt/format.h>

#include <filesystem>

#include <unistd.h>

namespace nasmcu {
namespace {

Outcome list_likely(const Session& session) {
  const std::string& root = session.options.root;
  const std::vector<Likely> all =
      likely_boards(good_boards(root), look_at_machine(mcu::Files(), root));
  const Choice now = choose_board(session.options);
  std::string text = now.board ? "In force is " + now.board->id + ": " + now.why + ".\n"
                               : "None is in force: " + now.why + ".\n";
  text += "\nLikely boards, the likeliest first:\n";
  Json list = Json::array();
  for (const Likely& one : all) {
    const std::string why = one.why.empty() ? "nothing here speaks for it"
                                            : fmt::format("{}", fmt::join(one.why, "; "));
    text += fmt::format("  {:<24}{}: {}\n", one.id, one.name, why);
    list.push_back({{"id", one.id}, {"name", one.name}, {"weight", one.weight}, {"why", one.why}});
  }
  const std::string file = board_word_file(root);
  const bool likely = !all.empty() && all.front().weight > 0;
  text += fmt::format("\n`mcuctl setup {}` (as root) would write {} to {}.\n",
                      likely ? all.front().id : "BOARD", likely ? all.front().id : "BOARD", file);
  if (!likely)
    text += "Nothing here looks like a known board: `mcuctl report` ends in a draft of a file.\n";
  return say(session, text,
             {{"boards", list},
              {"in_force", now.board ? Json(now.board->id) : Json()},
              {"why", now.why},
              {"file", file}});
}

/// A board file is kept by its whole path: a daemon starts in another folder.
std::string lasting_word(const std::string& word) {
  const bool is_file = word.find('/') != std::string::npos || word.ends_with(".ini");
  std::error_code error;
  const std::string whole = is_file ? std::filesystem::absolute(word, error).string() : word;
  return error ? word : whole;
}

Outcome name_board(const Session& session, const std::string& word) {
  const std::string& root = session.options.root;
  if (root.empty() && ::geteuid() != 0)
    return fail({mcu::Errc::denied, "only root may name the board: sudo mcuctl setup " + word});
  CommonOptions options = session.options;
  options.board = lasting_word(word);
  const auto board = find_board(options);
  if (!board) return usage(board.error().what);
  const std::string file = board_word_file(root), before = board_word(root);
  const Status written = write_file(file, options.board + "\n");
  if (!written) return fail(written.error());
  const std::string undo = before.empty() ? "rm " + file : "mcuctl setup " + before;
  return say(session,
             fmt::format("{} says {} ({}) now. To take it back: {}\n"
                         "It counts from the next start: systemctl restart mcud nas-fand\n",
                         file, options.board, board->name, undo),
             {{"board", board->id},
              {"file", file},
              {"before", before.empty() ? Json() : Json(before)},
              {"undo", undo}});
}

} // namespace

Task<Outcome> run_setup(Session session, Arguments arguments) {
  if (arguments.size() > 1) co_return wrong_arguments("setup");
  if (arguments.empty()) co_return list_likely(session);
  co_return name_board(session, arguments[0]);
}

} // namespace nasmcu

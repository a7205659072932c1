// SPDX-License-Identifier: MIT
// Which board this is, and where its file lies.
#include <common/program.hpp>

#include <common/notify.hpp>
#include <libmcu/model/text.hpp>
#include <libmcu/protocol/registry.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

namespace nasmcu {
namespace {

namespace fs = std::filesystem;

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::string id_of(const std::string& path) { return fs::path(path).stem().string(); }

/// *.ini in `folder`, in the order of names; nothing for a folder that is not there.
std::vector<std::string> ini_files(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    if (name.ends_with(".ini") && !name.starts_with('.')) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// At most 4 KiB: a device tree's list, or one line that a person wrote.
std::string read_short(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(4096, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::vector<std::string> match_strings(const std::string& path) {
  const auto ini = mcu::read_ini(path);
  if (!ini) return {};
  for (const mcu::IniSection& section : ini->sections)
    if (const mcu::IniEntry* match = section.find("match");
        match != nullptr && mcu::same_word(section.name, "board"))
      return mcu::split_words(match->value);
  return {};
}

std::string known_ids(const std::vector<std::string>& files) {
  std::string ids;
  for (const std::string& file : files) ids += (ids.empty() ? "" : ", ") + id_of(file);
  return ids.empty() ? "none" : ids;
}

mcu::Error not_found(const std::string& what) { return {mcu::Errc::invalid_argument, what}; }

/// The file for the words of --board or /etc/nasmcu/board.
mcu::Result<std::string> named_board(const std::string& word, const std::string& root) {
  if (word.find('/') != std::string::npos || word.ends_with(".ini")) return word;
  const std::vector<std::string> files = board_files(root);
  for (const std::string& file : files)
    if (id_of(file) == word) return file;
  return not_found("no board " + mcu::in_quotes(word) + " in " + root + "/etc/nasmcu/boards or " +
                   data_dir(root) + "/boards; there are: " + known_ids(files));
}

mcu::Result<std::string> detected_board(const std::string& root) {
  const std::vector<std::string> found = compatible_strings(root);
  const std::vector<std::string> files = board_files(root);
  for (const std::string& one : found)
    for (const std::string& file : files) {
      const std::vector<std::string> match = match_strings(file);
      if (std::find(match.begin(), match.end(), one) != match.end()) return file;
    }
  std::string strings;
  for (const std::string& one : found)
    strings += (strings.empty() ? "" : ", ") + mcu::in_quotes(one);
  const std::string why = found.empty()
                              ? "there is no " + root + "/proc/device-tree/compatible to know it by"
                              : "no board file matches its compatible strings " + strings;
  return mcu::Error{mcu::Errc::unsupported,
                    "this box is not known: " + why +
                        "; nothing of it is touched. Name a board with "
                        "mcuctl setup or --board (mcuctl boards lists them; it is kept in " +
                        board_word_file(root) + "), or write " + root +
                        "/etc/nasmcu/boards/NAME.ini (board.ini(5)); mcuctl report drafts one"};
}

mcu::Result<std::string> board_path(const CommonOptions& options) {
  if (!options.board.empty()) return named_board(options.board, options.root);
  const std::string word = board_word(options.root);
  return word.empty() ? detected_board(options.root) : named_board(word, options.root);
}

} // namespace

std::string data_dir(const std::string& root) {
  const char* given = std::getenv("NASMCU_DATA");
  if (given != nullptr && *given != '\0') return given;
  const std::string prefixed = root + NASMCU_INSTALLED_DATA;
  if (!root.empty() && is_folder(prefixed)) return prefixed;
  // An installed program lies in PREFIX/bin or PREFIX/libexec/nasmcu and its data in
  // PREFIX/share/nasmcu, wherever PREFIX was moved to; a built one finds the source tree, even
  // beside an older installed version.
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  fs::path prefix = program.parent_path().parent_path();
  if (prefix.filename() == "libexec") prefix = prefix.parent_path();
  const std::string beside = (prefix / "share" / "nasmcu").string();
  if (is_folder(beside)) return beside;
  return is_folder(NASMCU_SOURCE_DATA) ? NASMCU_SOURCE_DATA : NASMCU_INSTALLED_DATA;
}

std::vector<std::string> board_files(const std::string& root) {
  std::vector<std::string> files = ini_files(root + "/etc/nasmcu/boards");
  std::set<std::string> ids;
  for (const std::string& file : files) ids.insert(id_of(file));
  for (const std::string& file : ini_files(data_dir(root) + "/boards"))
    if (!ids.contains(id_of(file))) files.push_back(file);
  return files;
}

std::vector<std::string> compatible_strings(const std::string& root) {
  std::vector<std::string> strings;
  std::string rest = read_short(root + "/proc/device-tree/compatible");
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\0'), rest.size());
    if (end > 0) strings.push_back(rest.substr(0, end));
    rest.erase(0, end + 1);
  }
  return strings;
}

std::string board_word_file(const std::string& root) { return root + "/etc/nasmcu/board"; }

std::string board_word(const std::string& root) {
  const std::string written = read_short(board_word_file(root));
  return std::string(mcu::trim(written.substr(0, written.find('\n'))));
}

std::optional<std::string> unknown_box(const CommonOptions& options) {
  const auto path = board_path(options);
  if (path || path.error().code != mcu::Errc::unsupported) return {};
  return path.error().what;
}

int end_on_unknown_box(const std::string& words) {
  spdlog::warn("{}", words);
  notify("READY=1\nSTATUS=this box is not known: mcuctl setup");
  notify("STOPPING=1");
  return exit_done;
}

mcu::Result<mcu::Board> find_board(const CommonOptions& options) {
  const auto path = board_path(options);
  if (!path) return path.error();
  mcu::BoardFile file = mcu::read_board(*path, mcu::protocol_names());
  report(file.diagnostics);
  if (!file.board)
    return not_found("the board file " + *path + " has errors (mcuctl check explains each)");
  return std::move(*file.board);
}

} // namespace nasmcu

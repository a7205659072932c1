// SPDX-License-Identifier: MIT
// boards, check, version: what can be said without a box.
#include <verbs/choice.hpp>
#include <verbs/groups.hpp>
#include <verbs/outcome.hpp>

#include <libmcu/model/board.hpp>
#include <libmcu/model/ini.hpp>
#include <libmcu/protocol/registry.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace nasmcu {
namespace {

namespace fs = std::filesystem;

/// Board and configuration files are a few kilobytes; what is larger is not one of them.
constexpr std::uintmax_t file_limit = 1024 * 1024;

/// A board file has a [board] section; a configuration has none.
bool is_board(const mcu::IniFile& ini) {
  return std::any_of(ini.sections.begin(), ini.sections.end(), [](const mcu::IniSection& section) {
    return mcu::same_word(section.name, "board");
  });
}

Result<std::vector<mcu::Diagnostic>> diagnose(const std::string& file) {
  std::error_code error;
  // A pipe or a device would keep the reader waiting, or never end.
  if (!fs::is_regular_file(file, error))
    return mcu::Error{mcu::Errc::failed,
                      file + ": " + (error ? error.message() : "is no regular file")};
  if (fs::file_size(file, error) > file_limit)
    return mcu::Error{mcu::Errc::failed, file + ": larger than 1 MiB, so no file of ours"};
  const Result<mcu::IniFile> ini = mcu::read_ini(file);
  if (!ini) return ini.error();
  if (is_board(*ini)) return mcu::read_board(file, mcu::protocol_names()).diagnostics;
  return make_config({*ini}).diagnostics;
}

Json json(const mcu::Diagnostic& diagnostic) {
  const bool error = diagnostic.severity == mcu::Diagnostic::Severity::error;
  return {{"file", diagnostic.file},
          {"line", diagnostic.line},
          {"severity", error ? "error" : "warning"},
          {"text", diagnostic.text}};
}

Outcome list_boards(const Session& session) {
  const Choice choice = choose_board(session.options);
  std::string text;
  Json list = Json::array();
  for (const std::string& file : board_files(session.options.root)) {
    const mcu::BoardFile read = mcu::read_board(file, mcu::protocol_names());
    const std::string id = fs::path(file).stem().string();
    const std::string name = read.board ? read.board->name : "has mistakes: mcuctl check " + file;
    const bool chosen = choice.board && id == choice.board->id;
    text += fmt::format("{} {:<24}{}{}\n", chosen ? '*' : ' ', id, name,
                        chosen ? " (" + choice.why + ")" : "");
    list.push_back({{"id", id},
                    {"name", read.board ? Json(read.board->name) : Json()},
                    {"file", file},
                    {"match", read.board ? Json(read.board->match) : Json::array()},
                    {"chosen", chosen},
                    {"why", chosen ? choice.why : ""}});
  }
  if (!choice.board) text += "\nnone is this machine's: " + choice.why + "\n";
  return say(session, text,
             {{"boards", list},
              {"chosen", choice.board ? Json(choice.board->id) : Json()},
              {"why", choice.why}});
}

} // namespace

Task<Outcome> run_boards(Session session, Arguments arguments) {
  if (!arguments.empty()) co_return wrong_arguments("boards");
  co_return list_boards(session);
}

Task<Outcome> run_check(Session session, Arguments arguments) {
  if (arguments.size() != 1) co_return wrong_arguments("check");
  const std::string file = arguments[0];
  const Result<std::vector<mcu::Diagnostic>> found = diagnose(file);
  if (!found) co_return usage(found.error().what);
  const bool bad = mcu::has_errors(*found);
  std::string text;
  Json list = Json::array();
  for (const mcu::Diagnostic& diagnostic : *found) {
    text += mcu::to_string(diagnostic) + "\n";
    list.push_back(json(diagnostic));
  }
  if (!bad) text += file + ": ok\n";
  Outcome outcome = say(session, text, {{"file", file}, {"ok", !bad}, {"diagnostics", list}});
  if (bad) {
    outcome.exit = exit_usage;
    outcome.error = file + ": has mistakes, nothing would start with it";
  }
  co_return outcome;
}

Task<Outcome> run_version(Session session, Arguments arguments) {
  if (!arguments.empty()) co_return wrong_arguments("version");
  std::string text = fmt::format("nasmcu {}\n", version);
  Json fields = {{"version", version}, {"mcu", nullptr}};
  if (session.box) {
    Result<std::string> mcu = co_await session.box->identify();
    if (mcu) {
      text += "MCU " + *mcu + "\n";
      fields["mcu"] = *mcu;
    }
  }
  co_return say(session, text, fields);
}

} // namespace nasmcu

// SPDX-License-Identifier: MIT
// report: all that helps somebody elsewhere, and nothing that is not theirs to know.
#include <verbs/choice.hpp>
#include <verbs/draft.hpp>
#include <verbs/groups.hpp>
#include <verbs/redact.hpp>
#include <verbs/render.hpp>

#include <common/system.hpp>
#include <libmcu/devices/kernel_mcu.hpp>
#include <libmcu/model/text.hpp>

#include <algorithm>
#include <deque>
#include <fstream>

#include <sys/utsname.h>

namespace nasmcu {
namespace {

using Lines = std::vector<std::string>;

constexpr std::size_t log_lines = 50;

Lines split_lines(const std::string& text) {
  Lines lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string value_of(const Lines& lines, const std::string& key) {
  for (const std::string& line : lines)
    if (line.starts_with(key + "=")) {
      std::string value = line.substr(key.size() + 1);
      std::erase(value, '"');
      return value;
    }
  return "";
}

std::string words_of(const Result<std::string>& text) {
  return text ? std::string(mcu::trim(*text)) : "(" + text.error().what + ")";
}

Lines versions(const mcu::Files& files, const std::string& root) {
  utsname name{};
  const bool known = ::uname(&name) == 0;
  auto release = files.read(root + "/etc/os-release");
  if (!release) release = files.read(root + "/usr/lib/os-release");
  const std::string pretty = release ? value_of(split_lines(*release), "PRETTY_NAME") : "";
  return {std::string("nasmcu ") + version,
          "kernel " + words_of(files.read(root + "/proc/sys/kernel/osrelease")) +
              (known ? std::string(", ") + name.machine : ""),
          "system " + (pretty.empty() ? words_of(release) : pretty)};
}

Lines board_lines(const mcu::Files& files, const CommonOptions& options) {
  const Choice choice = choose_board(options);
  if (!choice.board) return {"none: " + choice.why};
  Lines lines = {choice.board->id + " (" + choice.board->name + "): " + choice.why};
  if (!choice.board->mcu) {
    lines.emplace_back("back end none: this board has no microcontroller");
    return lines;
  }
  const mcu::McuSpec& mcu = *choice.board->mcu;
  const auto holder = mcu::kernel_holder(files, options.root, mcu);
  lines.push_back(holder
                      ? "back end kernel: " + *holder
                      : "back end tty: no driver of the kernel holds " + options.root + mcu.port +
                            (files.exists(options.root + mcu.port) ? "" : ", which is not there"));
  return lines;
}

Task<Lines> status_lines(Box* box) {
  if (!box) co_return Lines{"mcud was not asked: there is no system bus, or --direct was given"};
  Result<Snapshot> snapshot = co_await box->snapshot();
  if (!snapshot) co_return Lines{snapshot.error().what};
  co_return split_lines(text(*snapshot, false));
}

bool is_ours(const std::string& line) {
  for (const char* name : {"mcud", "nas-fand", "nas-alertd", "nas-watchdogd", "nas-buttond"})
    if (line.find(name) != std::string::npos) return true;
  return false;
}

/// The last lines about us in a log file, of its last part alone: logs may be large.
Lines tail_of(const std::string& file) {
  constexpr std::streamoff most = 1024 * 1024;
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  const std::streamoff size = in.tellg();
  in.seekg(std::max<std::streamoff>(0, size - most));
  std::deque<std::string> last;
  for (std::string line; std::getline(in, line);) {
    if (is_ours(line)) last.push_back(line);
    if (last.size() > log_lines) last.pop_front();
  }
  return {last.begin(), last.end()};
}

/// The journal of this machine; another root's logs are files.
Lines log_text(const std::string& root) {
  std::string why = "under a --root the journal is not asked";
  if (root.empty()) {
    const auto journal = output_of({"/usr/bin/journalctl", "-q", "-n", std::to_string(log_lines),
                                    "--no-pager", "-o", "short-iso", "-u", "mcud", "-u", "nas-fand",
                                    "-u", "nas-alertd", "-u", "nas-watchdogd", "-u", "nas-buttond"},
                                   std::chrono::seconds(10), 256 * 1024);
    if (journal && !journal->empty()) return split_lines(*journal);
    why =
        journal ? "the journal has no line of ours that this user may read" : journal.error().what;
  }
  for (const char* file : {"/var/log/syslog", "/var/log/messages", "/var/log/daemon.log"})
    if (Lines lines = tail_of(root + file); !lines.empty()) return lines;
  return {"none: " + why + ", and no log file below " + root + "/var/log has any"};
}

PrivateWords private_words(const mcu::Files& files, const std::string& root) {
  PrivateWords words;
  for (const char* file : {"/proc/sys/kernel/hostname", "/etc/hostname"}) {
    const std::string host(mcu::trim(files.read(root + file).value_or("")));
    if (host.empty() || host == "localhost") continue;
    words.hosts.push_back(host);
    words.hosts.push_back(host.substr(0, host.find('.')));
  }
  words.users = files.list(root + "/home");
  return words;
}

std::string written_out(const std::vector<Section>& sections) {
  std::string text = "nasmcu report: please read it before you send it.\n"
                     "Addresses, serial numbers, host and user names were taken out.\n";
  for (const Section& section : sections) {
    text += "\n== " + section.title + " ==\n";
    for (const std::string& line : section.lines) text += line + "\n";
  }
  return text;
}

Json json(const std::vector<Section>& sections) {
  Json out = Json::object();
  for (const Section& section : sections) out[section.title] = section.lines;
  return out;
}

} // namespace

Task<Outcome> run_report(Session session, Arguments arguments) {
  if (!arguments.empty()) co_return wrong_arguments("report");
  const mcu::Files files;
  const std::string& root = session.options.root;
  const Machine machine = look_at_machine(files, root);
  // A host may be called as its maker is: the hardware's own words are not searched for names.
  const PrivateWords nobody, words = private_words(files, root);
  const auto clean = [](Lines lines, const PrivateWords& of) {
    for (std::string& line : lines) line = redact(line, of);
    return lines;
  };
  std::vector<Section> sections = {{"Versions", clean(versions(files, root), nobody)},
                                   {"Board", clean(board_lines(files, session.options), nobody)}};
  for (Section& section : describe(machine))
    sections.push_back({section.title, clean(std::move(section.lines), nobody)});
  Lines status = co_await status_lines(session.box);
  sections.push_back({"mcuctl status", clean(std::move(status), words)});
  sections.push_back({"Last log lines", clean(log_text(root), words)});
  const std::string draft = redact(draft_board(machine), nobody);
  co_return say(session,
                written_out(sections) + "\n== Draft of a board file ==\n" +
                    "# Save it as /etc/nasmcu/boards/VENDOR-MODEL.ini, then: mcuctl check FILE\n" +
                    draft,
                {{"report", json(sections)}, {"draft", draft}});
}

} // namespace nasmcu

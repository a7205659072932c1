// SPDX-License-Identifier: MIT
#include <alertd/smartd.hpp>

#include <alertd/smart.hpp>

#include <libmcu/kernel/files.hpp>
#include <libmcu/model/text.hpp>

#include <algorithm>
#include <string_view>

namespace nasmcu::alertd {
namespace {

/// In the name of our program for smartd, and of the folder that it is installed in.
constexpr std::string_view our_word = "nasmcu";
/// Debian's: calls each program of run.d.
constexpr std::string_view debian_runner = "smartd-runner";

bool is_running(const mcu::Files& files, const std::string& root) {
  const std::string proc = root + "/proc/";
  for (const std::string& entry : files.list(root + "/proc")) {
    if (entry.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto name = files.read(proc + entry + "/comm");
    if (name && mcu::trim(*name) == "smartd") return true;
  }
  return false;
}

/// Whether a directive of smartd.conf, comments aside, has `word` in it.
bool mentions(std::string_view configuration, std::string_view word) {
  for (std::string_view rest = configuration; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, std::min(end, rest.find('#')));
    if (line.find(word) != std::string_view::npos) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// What smartd could not do says nothing of the disk's health, and numbers that grow are a warning.
Severity message_severity(std::string_view kind) {
  return kind == "Health" || kind == "Usage" ? Severity::failed : Severity::warning;
}

} // namespace

SmartdSearch::SmartdSearch(const std::string& root)
    : root_(root),
      configuration_(root + "/etc/smartd.conf"),
      folder_(root + "/etc/smartmontools/run.d") {}

SmartdSigns SmartdSearch::look() {
  const mcu::Files files;
  if (configuration_.changed()) {
    const std::string text = read_text_file(configuration_.path()).value_or("");
    calls_us_ = mentions(text, our_word);
    runs_folder_ = mentions(text, debian_runner);
  }
  if (folder_.changed()) {
    const auto names = files.list(folder_.path());
    is_in_folder_ = std::any_of(names.begin(), names.end(), [](const std::string& name) {
      return name.find(our_word) != std::string::npos;
    });
  }
  return {is_running(files, root_), calls_us_ || (runs_folder_ && is_in_folder_)};
}

bool smartd_polls(PollerRule rule, const SmartdSigns& signs) {
  switch (rule) {
  case PollerRule::ourselves: return false;
  case PollerRule::smartd: return true;
  case PollerRule::automatic: break;
  }
  return signs.runs && signs.tells;
}

std::string poller_words(PollerRule rule, const SmartdSigns& signs) {
  const bool smartd = smartd_polls(rule, signs);
  if (smartd && !signs.runs)
    return "smartd is to read the disks (Poller = smartd), and does not run: nobody reads them";
  if (smartd && !signs.tells)
    return "smartd reads the disks (Poller = smartd), but its configuration does not have it tell "
           "nas-alertd: see SMARTD in nas-alertd(8)";
  if (smartd) return "smartd reads the disks and tells nas-alertd, which does not read them itself";
  if (signs.runs)
    return "smartd runs too, so the disks are read twice, and smartd may keep them from resting: "
           "stop it, or let it tell nas-alertd; see SMARTD in nas-alertd(8)";
  return "";
}

mcu::Result<std::optional<Finding>> judge_message(const SmartdMessage& message) {
  constexpr std::size_t longest_kind = 40;
  constexpr std::size_t longest_message = 200;
  const std::string& kind = message.kind;
  if (kind.empty() || kind.size() > longest_kind ||
      !std::all_of(kind.begin(), kind.end(), is_letter))
    return mcu::Error{mcu::Errc::invalid_argument,
                      "'" + printable(kind, longest_kind) +
                          "' is no reason of smartd's: 1 to 40 letters, as in smartd.conf(5)"};
  if (kind == "EmailTest") return std::optional<Finding>();
  Finding finding;
  finding.id = "smartd-" + kind;
  finding.severity = message_severity(kind);
  const std::string words = printable(message.message, longest_message);
  finding.subject = "smartd says: " + (words.empty() ? kind : words);
  finding.text = "smartd reads this disk and told this (" + kind +
                 "). It does not tell when it is over: see smartctl -a, and acknowledge the alert "
                 "or replace the disk.";
  finding.state = kind;
  return std::optional(finding);
}

std::string serial_in(const std::string& info) {
  constexpr std::string_view mark = "S/N:";
  const auto at = info.find(mark);
  if (at == std::string::npos) return {};
  const std::string_view rest = std::string_view(info).substr(at + mark.size());
  return printable(rest.substr(0, rest.find(',')));
}

} // namespace nasmcu::alertd

// SPDX-License-Identifier: MIT
// What holds for every complaint about a file, and for what is read and written again.
#pragma once

#include "fuzz.hpp"

#include <libmcu/model/ini.hpp>
#include <libmcu/model/printable.hpp>

namespace fuzz {

inline int lines_in(std::string_view text) {
  return 1 + static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

/// Each has its file, a line that is there, and words that can be shown on any terminal.
inline void check_diagnostics(const std::vector<mcu::Diagnostic>& all, const std::string& file,
                              std::string_view text) {
  for (const mcu::Diagnostic& one : all) {
    require(one.file == file, "a complaint names its file", to_string(one));
    require(one.line >= 0 && one.line <= lines_in(text), "a complaint has a line that is there",
            to_string(one));
    require(!one.text.empty() && one.text.size() < 1000, "a complaint has words, and not too many",
            to_string(one));
    require(one.text.find('\n') == std::string::npos && one.text.find('\x1B') == std::string::npos,
            "a complaint is one line and no terminal's command", to_string(one));
  }
}

inline std::string printed(const mcu::IniFile& ini) {
  std::string text = "\n"; // a byte order mark counts at the very beginning only
  for (const mcu::IniSection& section : ini.sections) {
    // Keys before any heading come first, if any.
    if (!section.name.empty()) text += "[" + section.name + "]\n";
    for (const mcu::IniEntry& entry : section.entries)
      text += entry.key + "=" + entry.value + "\n"; // a blank before a ; begins a comment
  }
  return text;
}

/// Reads, writes and reads again what can be written: the same sections, keys and values.
inline void check_printed(const mcu::IniFile& ini) {
  const std::string text = printed(ini);
  const mcu::IniFile again = mcu::parse_ini("again", text);
  require(again.diagnostics.empty(), "what was read can be read again", text);
  require(printed(again) == text, "and is the same", text + "\n--\n" + printed(again));
}

} // namespace fuzz

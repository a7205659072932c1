// SPDX-License-Identifier: MIT
// INI files with the line of every key, so that each complaint can say file:line. Read by inih.
#pragma once

#include <libmcu/model/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcu {

/// A complaint about one place of a file.
struct Diagnostic {
  enum class Severity { warning, error } severity = Severity::error;
  std::string file;
  int line = 0; ///< 1-based; 0 when the complaint is about the file as a whole
  std::string text;
  bool operator==(const Diagnostic&) const = default;
};

/// "FILE:LINE: error: TEXT" (without ":LINE" for line 0).
std::string to_string(const Diagnostic& diagnostic);
bool has_errors(const std::vector<Diagnostic>& diagnostics);

struct IniEntry {
  std::string key;   ///< as written
  std::string value; ///< without comment and surrounding blanks
  std::string file;
  int line = 0;
};

struct IniSection {
  std::string name; ///< as written, blanks folded: "fan system"
  std::string file;
  int line = 0; ///< of its first heading, or of its first key when that comes before any
  std::vector<IniEntry> entries;

  /// The last entry of that key, compared without case; null if there is none.
  const IniEntry* find(std::string_view key) const;
};

struct IniFile {
  std::vector<IniSection> sections;    ///< sections of one name are joined
  std::vector<Diagnostic> diagnostics; ///< lines that are no INI
};

/// Parses text; `file` is for the complaints only.
IniFile parse_ini(const std::string& file, const std::string& text);

/// Reads and parses a file; `failed` when it cannot be read.
Result<IniFile> read_ini(const std::string& path);

/// Compares without case (ASCII).
bool same_word(std::string_view a, std::string_view b);

} // namespace mcu

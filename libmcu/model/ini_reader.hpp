// SPDX-License-Identifier: MIT
#pragma once

#include <libmcu/model/ini.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mcu {

/// Takes the keys of one section as checked values. Each complaint has file:line, the value and
/// what is allowed; a key that is missing or wrong gives nothing, so that the caller's default
/// stays.
class IniReader {
public:
  IniReader(const IniSection& section, std::vector<Diagnostic>& out)
      : section_(section), out_(out) {}

  /// The key's last entry; marks the key as known.
  const IniEntry* take(std::string_view key);

  std::optional<std::string> text(std::string_view key); ///< not empty
  std::optional<long> integer(std::string_view key, long low, long high);
  std::optional<double> decimal(std::string_view key, double low, double high);
  std::optional<bool> yes_no(std::string_view key);
  std::optional<std::string> device_name(std::string_view key);

  void reject(const IniEntry& entry, std::string_view allowed); ///< "KEY = 'VALUE': ALLOWED"
  void error(int line, std::string text);                       ///< line 0: the section's heading
  void warning(int line, std::string text);

  /// Warns of keys that nobody took and of keys that stand there twice.
  void finish();

  const IniSection& section() const { return section_; }
  std::string title() const { return "[" + section_.name + "]"; }

private:
  const IniSection& section_;
  std::vector<Diagnostic>& out_;
  std::set<std::string> known_;                 ///< lower case
  std::vector<std::string_view> known_spelled_; ///< as the program spells them
};

} // namespace mcu

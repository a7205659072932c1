// SPDX-License-Identifier: MIT
#include <libmcu/model/ini_reader.hpp>

#include <libmcu/model/board.hpp>
#include <libmcu/model/text.hpp>

#include <map>

namespace mcu {

const IniEntry* IniReader::take(std::string_view key) {
  if (known_.insert(lower(key)).second) known_spelled_.push_back(key);
  return section_.find(key);
}

std::optional<std::string> IniReader::text(std::string_view key) {
  const IniEntry* entry = take(key);
  if (entry == nullptr) return {};
  if (!entry->value.empty()) return entry->value;
  reject(*entry, "a value is missing");
  return {};
}

std::optional<long> IniReader::integer(std::string_view key, long low, long high) {
  const IniEntry* entry = take(key);
  if (entry == nullptr) return {};
  const auto value = parse_integer(entry->value);
  if (value && *value >= low && *value <= high) return value;
  reject(*entry, "a whole number from " + std::to_string(low) + " to " + std::to_string(high) +
                     " is allowed");
  return {};
}

std::optional<double> IniReader::decimal(std::string_view key, double low, double high) {
  const IniEntry* entry = take(key);
  if (entry == nullptr) return {};
  const auto value = parse_decimal(entry->value);
  if (value && *value >= low && *value <= high) return value;
  reject(*entry, "a number from " + number_text(low) + " to " + number_text(high) + " is allowed");
  return {};
}

std::optional<bool> IniReader::yes_no(std::string_view key) {
  const IniEntry* entry = take(key);
  if (entry == nullptr) return {};
  const auto value = parse_bool(entry->value);
  if (!value) reject(*entry, "yes or no is allowed");
  return value;
}

std::optional<std::string> IniReader::device_name(std::string_view key) {
  const IniEntry* entry = take(key);
  if (entry == nullptr) return {};
  if (is_device_name(entry->value)) return entry->value;
  reject(*entry, "a device name is allowed: 1 to 32 of a-z, 0-9 and -");
  return {};
}

void IniReader::reject(const IniEntry& entry, std::string_view allowed) {
  out_.push_back({Diagnostic::Severity::error, entry.file, entry.line,
                  entry.key + " = " + in_quotes(entry.value) + ": " + std::string(allowed)});
}

void IniReader::error(int line, std::string text) {
  out_.push_back({Diagnostic::Severity::error, section_.file, line > 0 ? line : section_.line,
                  std::move(text)});
}

void IniReader::warning(int line, std::string text) {
  out_.push_back({Diagnostic::Severity::warning, section_.file, line > 0 ? line : section_.line,
                  std::move(text)});
}

void IniReader::finish() {
  std::map<std::string, int> seen;
  for (const IniEntry& entry : section_.entries) {
    const std::string key = lower(entry.key);
    if (!known_.contains(key)) {
      warning(entry.line, "unknown key " + in_quotes(entry.key) + " in " + title() +
                              " is ignored; known are " + join(known_spelled_));
    } else if (const auto [first, is_new] = seen.emplace(key, entry.line); !is_new) {
      warning(entry.line, entry.key + " stands in line " + std::to_string(first->second) +
                              " already; the last one counts");
    }
  }
}

} // namespace mcu

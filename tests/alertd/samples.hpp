// SPDX-License-Identifier: MIT
// Synthetic findings, and what became of them in few words.
#pragma once

#include <alertd/alert.hpp>

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace nasmcu::alertd::samples {

/// 2026-11-21 00:00:00 UTC, a Saturday, and `seconds` behind it.
inline WallTime day_and(long seconds) {
  return WallTime(std::chrono::seconds(1795219200 + seconds));
}

inline Finding finding(std::string id, Severity severity, std::string state = "1",
                       std::string bay = "") {
  Finding one;
  one.id = std::move(id);
  one.severity = severity;
  one.subject = "subject of " + one.id;
  one.text = "first line\nsecond line";
  one.state = std::move(state);
  one.bay = std::move(bay);
  return one;
}

inline Alert alert(std::string id, Severity severity, std::string state = "1", std::string bay = "",
                   bool acknowledged = false) {
  return {finding(std::move(id), severity, std::move(state), std::move(bay)), day_and(0),
          day_and(0), acknowledged};
}

/// "raised fan.stalled, cleared disk.A".
inline std::string told(const std::vector<Event>& events) {
  std::string words;
  for (const auto& event : events)
    words += (words.empty() ? "" : ", ") + std::string(name(event.change)) + " " +
             event.alert.finding.id;
  return words;
}

/// The same numbers in every run.
class Dice {
public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine_);
  }
  bool coin() { return below(2) == 0; }
  /// Any bytes, printable or not.
  std::string bytes(std::size_t most) {
    std::string text(below(most + 1), '\0');
    for (char& c : text) c = static_cast<char>(below(256));
    return text;
  }

private:
  std::mt19937 engine_;
};

} // namespace nasmcu::alertd::samples

// SPDX-License-Identifier: MIT
#include <verbs/outcome.hpp>

#include <fmt/format.h>

#include <cmath>

namespace nasmcu {

Outcome fail(const mcu::Error& error) {
  Outcome outcome;
  outcome.exit = exit_code(error.code);
  outcome.error = error.what;
  return outcome;
}

Outcome usage(std::string what) {
  Outcome outcome;
  outcome.exit = exit_usage;
  outcome.error = std::move(what);
  return outcome;
}

Outcome wrong_arguments(std::string_view name) {
  const Verb* verb = find_verb(name);
  return usage(fmt::format("usage: {} {}", name, verb ? verb->arguments : ""));
}

Outcome say(const Session& session, std::string text, const Json& fields) {
  Outcome outcome;
  outcome.text = std::move(text);
  if (session.json) {
    Json json = {{"schema", json_schema}};
    json.update(fields);
    // Words may come from files and kernels: bytes that are no UTF-8 must not end the program.
    outcome.text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return outcome;
}

Outcome done(const Session& session) { return say(session, "", {{"done", true}}); }

std::string join(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string number_text(double value) {
  const double tenths = std::round(value * 10) / 10;
  return tenths == std::round(tenths) ? fmt::format("{:.0f}", tenths + 0.0)
                                      : fmt::format("{:.1f}", tenths);
}

std::string plain_reason(const std::string& reason) {
  constexpr std::string_view said = "not available: ";
  return reason.starts_with(said) ? reason.substr(said.size()) : reason;
}

Result<bool> parse_switch(std::string_view word) {
  if (word == "on") return true;
  if (word == "off") return false;
  return mcu::Error{mcu::Errc::invalid_argument, fmt::format("'{}' is not on or off", word)};
}

} // namespace nasmcu

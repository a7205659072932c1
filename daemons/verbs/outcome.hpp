// SPDX-License-Identifier: MIT
// Small pieces that the verbs' functions share.
#pragma once

#include <verbs/verbs.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace nasmcu {

using Json = nlohmann::ordered_json;

/// The version of every JSON answer's shape.
inline constexpr int json_schema = 1;

Outcome fail(const mcu::Error& error);
/// exit_usage with `what`, or with the verb's own usage line.
Outcome usage(std::string what);
Outcome wrong_arguments(std::string_view verb);

/// The answer in the form that the session wants. `fields` are put behind "schema".
Outcome say(const Session& session, std::string text, const Json& fields);
/// Success with nothing to tell: silent as text, {"schema":1,"done":true} as JSON.
Outcome done(const Session& session);

/// "a, b, c".
std::string join(const std::vector<std::string>& words);

/// "38" or "38.5".
std::string number_text(double value);

/// Why a device is not there, without the words that the caller puts before it.
std::string plain_reason(const std::string& reason);

/// "on" or "off".
Result<bool> parse_switch(std::string_view word);

/// The view of that name; unsupported with the names that this board has.
template <class View>
Result<View> find_view(const std::vector<View>& views, const std::string& kind,
                       const std::string& name) {
  std::vector<std::string> names;
  for (const View& view : views) {
    if (view.name == name) return view;
    names.push_back(view.name);
  }
  if (names.empty()) return mcu::Error{mcu::Errc::unsupported, "this board has no " + kind};
  return mcu::Error{mcu::Errc::unsupported,
                    "no " + kind + " '" + name + "' on this board; it has: " + join(names)};
}

} // namespace nasmcu

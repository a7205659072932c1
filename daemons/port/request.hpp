// SPDX-License-Identifier: MIT
// A line of the command port as what it asks: an old word, a verb of the table, or nothing known.
#pragma once

#include <port/legacy.hpp>

namespace nasmcu {

struct Request {
  const LegacyVerb* legacy = nullptr;
  const Verb* verb = nullptr; ///< both null: not understood
  Arguments arguments;
  Access access = Access::reading;
};

/// Old words match whole and alone (one also takes a number); everything else is a verb with
/// arguments.
Request parse_request(const std::string& line);

/// Runs it. The caller has checked who asks. `session` gives the box and the program's options; its
/// answers are plain text.
Task<Reply> answer(Session session, Request request);

} // namespace nasmcu

// SPDX-License-Identifier: MIT
// An event in the forms that people and programs get. Pure.
#pragma once

#include <alertd/alert.hpp>

#include <string>
#include <utility>
#include <vector>

namespace nasmcu::alertd {

/// A whole mail for `sendmail -t`: From, To, Subject, Date, Auto-Submitted, MIME headers, empty
/// line, text. Headers cannot be injected by a disk's model name: no control characters, other than
/// ASCII encoded after RFC 2047. `host` is the machine's name. `to` goes as the owner wrote it, up
/// to its first control character. All is ASCII but for `to`, no line is longer than 78 characters
/// but for `to`, lines end in LF, and none is a lone dot, which ends a mail for some.
std::string mail(const Event& event, const std::string& to, const std::string& host, WallTime now);

/// "NAME=value" for hooks: NASMCU_ALERT_{ID,SEVERITY,SUBJECT,TEXT,BAY,DISK,SERIAL,STATE}, all of
/// them in valid UTF-8, empty or not. No NUL and no other control characters but the line feeds in
/// TEXT; no value is longer than 16 KiB, since a long environment keeps a program from starting.
std::vector<std::string> hook_environment(const Event& event);

/// The journal's fields in its native protocol's order, values as they are: MESSAGE, MESSAGE_ID,
/// PRIORITY (failed 2, warning 4, rebuilding and cleared 5), NASMCU_ALERT_* as for hooks, without
/// the empty ones.
std::vector<std::pair<std::string, std::string>> journal_fields(const Event& event);

/// "failed: disk 2 (...)"; "cleared: ..." when it is over.
std::string headline(const Event& event);

/// MESSAGE_ID of raised and changed, and of cleared: 128-bit constants of our own.
extern const char* const message_id_alert;
extern const char* const message_id_cleared;

} // namespace nasmcu::alertd

// SPDX-License-Identifier: MIT
// Text in the forms that mail can carry (RFC 5322, RFC 2045, RFC 2047). Pure.
#pragma once

#include <alertd/alert.hpp>

#include <string>
#include <string_view>

namespace nasmcu::alertd {

/// "Subject: value" with its line feed, folded before column 78, ASCII whatever the value is: one
/// that is not, that looks encoded or has a long word is sent as encoded words. At most about 400
/// bytes of the value are sent.
std::string mail_header(const std::string& name, std::string_view value);

/// "Sat, 21 Nov 2026 14:41:42 +0000".
std::string mail_date(WallTime time);

/// Quoted-printable lines of at most 76 characters that end in LF. No control characters come out
/// of it, and no line is a lone dot or begins with "From ".
std::string quoted_printable(std::string_view text);

} // namespace nasmcu::alertd

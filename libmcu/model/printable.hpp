// SPDX-License-Identifier: MIT
// Text that others wrote (a disk's model name, a label, a program's output) made fit to be shown,
// sent and kept: D-Bus, mail headers, environments and files of metrics each refuse some of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcu {

/// Valid UTF-8: U+FFFD stands for each byte that belongs to no character.
std::string valid_utf8(std::string_view text);

/// One line of valid UTF-8: control characters (C0, DEL, C1) and blanks become one blank between
/// words, and none at the ends.
std::string one_line(std::string_view text);

/// Lines of valid UTF-8: no control characters but line feeds; CR LF becomes LF, others a blank.
std::string plain_lines(std::string_view text);

/// The front of a valid UTF-8 text, at most `most` bytes and whole characters.
std::string_view clip(std::string_view text, std::size_t most);

} // namespace mcu

// SPDX-License-Identifier: MIT
// The form of our files below /var/lib/nasmcu: lines that each carry their own check sum, so that
// what a power cut tore or a bad sector flipped is noticed, and the rest is still good. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nasmcu {

/// "nasmcu-KIND 1 COUNT CRC" and one line "CRC RECORD" each. A record is one line of text; a line
/// feed in it becomes a blank.
std::string encode_records(std::string_view kind, const std::vector<std::string>& records);

struct Records {
  std::vector<std::string> good; ///< in the file's order
  /// Empty: the file is whole. Else what is wrong: "3 of 4 records can be read".
  std::string damage;
};
/// Never fails. Every file of ours has a header, so an empty one has lost it and is damaged; a file
/// that was never written is for the caller to tell apart.
Records decode_records(std::string_view kind, std::string_view text);

} // namespace nasmcu

// SPDX-License-Identifier: MIT
// Takes out of a text what is its owner's business: a report is sent to strangers. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nasmcu {

/// Words that mean a person or a machine here.
struct PrivateWords {
  std::vector<std::string> hosts;
  std::vector<std::string> users;
};

/// The text with tags in place of MAC addresses [mac], IPv4 and IPv6 addresses [ip], serial numbers
/// and what looks like one [serial], UUIDs and other long identifiers [id], those words [host],
/// [user] and the names behind /home/. It takes out too much rather than too little.
std::string redact(std::string_view text, const PrivateWords& words);

} // namespace nasmcu

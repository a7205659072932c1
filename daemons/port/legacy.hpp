// SPDX-License-Identifier: MIT
// The words of dns320l-daemon, whose replies are kept byte for byte.
#pragma once

#include <verbs/box.hpp>
#include <verbs/verbs.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nasmcu {

/// What to send, and what to do behind it.
struct Reply {
  enum class Then { go_on, close, end_daemon };
  std::string text; ///< with its line feed
  Then then = Then::go_on;
};

struct LegacyVerb {
  std::string_view word; ///< case-sensitive
  bool takes_number;
  Access access;
  Task<Reply> (*run)(Box* box, std::optional<int> number);
};

std::span<const LegacyVerb> legacy_verbs();
const LegacyVerb* find_legacy_verb(std::string_view word);

/// What failed, or was denied. Without words, as the old clients know it.
inline constexpr std::string_view legacy_error = "ERR\n";
inline constexpr std::string_view not_understood = "Command not Understood!\n";

} // namespace nasmcu

// SPDX-License-Identifier: MIT
#include <libmcu/model/result.hpp>

#include <array>
#include <cstddef>

namespace mcu {
namespace {

constexpr std::array<std::string_view, 10> words = {
    "Timeout", "Protocol", "LinkDown",   "Unsupported", "InvalidArgument",
    "Busy",    "Denied",   "NotRunning", "Asleep",      "Failed"};

} // namespace

std::string_view name(Errc code) { return words.at(static_cast<std::size_t>(code)); }

Errc errc_from_name(std::string_view word) {
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == word) return static_cast<Errc>(i);
  return Errc::failed;
}

} // namespace mcu

// SPDX-License-Identifier: MIT
#pragma once

#include <libmcu/protocol/protocol.hpp>

namespace mcu {

/// Finds the next piece in `rx`. `match` says of a position what it begins, `noise` meaning
/// nothing; all bytes before the first position that begins something are one piece of noise.
template <class Match>
Taken scan(ByteView rx, Match match) {
  for (std::size_t offset = 0; offset < rx.size(); ++offset) {
    const Taken found = match(rx.subspan(offset));
    if (found.kind == Taken::Kind::noise) continue;
    return offset == 0 ? found : Taken{Taken::Kind::noise, offset};
  }
  return rx.empty() ? Taken{} : Taken{Taken::Kind::noise, rx.size()};
}

/// True when nothing in `rx` contradicts its beginning with `wanted`.
inline bool may_begin_with(ByteView rx, ByteView wanted) {
  for (std::size_t i = 0; i < rx.size() && i < wanted.size(); ++i)
    if (rx[i] != wanted[i]) return false;
  return true;
}

/// The first `size` bytes as a reply, as soon as they are there.
inline Taken reply_of(ByteView rx, std::size_t size) {
  if (rx.size() < size) return {};
  return {Taken::Kind::reply, size};
}

} // namespace mcu

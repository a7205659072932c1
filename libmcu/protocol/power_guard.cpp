// SPDX-License-Identifier: MIT
#include <libmcu/protocol/power_guard.hpp>

namespace mcu {
namespace {

/// True when `bytes` begin with `pattern`, or stop before they contradict it.
bool may_become(ByteView bytes, const std::vector<int>& pattern) {
  for (std::size_t i = 0; i < bytes.size() && i < pattern.size(); ++i)
    if (pattern[i] >= 0 && bytes[i] != pattern[i]) return false;
  return !pattern.empty();
}

} // namespace

bool could_cut_power(const Protocol& protocol, ByteView bytes) {
  const auto patterns = protocol.power_frames();
  for (std::size_t offset = 0; offset < bytes.size(); ++offset)
    for (const std::vector<int>& pattern : patterns)
      if (may_become(bytes.subspan(offset), pattern)) return true;
  return false;
}

} // namespace mcu

// SPDX-License-Identifier: MIT
#include <alertd/sources/source.hpp>

#include <array>

namespace nasmcu::alertd {

std::span<const SourceMaker* const> source_makers() {
  static constexpr std::array all = {
      &smart_source, &md_source, &box_source, &filesystem_source, &check_source, &watchdog_source,
  };
  return all;
}

} // namespace nasmcu::alertd

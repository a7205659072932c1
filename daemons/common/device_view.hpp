// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace nasmcu {

/// What every device tells of itself.
struct DeviceView {
  std::string name;
  bool present = false;
  bool valid = false;
  std::string reason; ///< why absent or not valid
};

} // namespace nasmcu

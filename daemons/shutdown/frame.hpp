// SPDX-License-Identifier: MIT
// The one place that sends the frame that cuts the power (safety rule 5).
#pragma once

#include <shutdown/facts.hpp>

#include <functional>

namespace nasmcu::shutdown {

struct Wire {
  unsigned baud = 0;                                 ///< 0: the protocol's own
  std::optional<std::chrono::microseconds> byte_gap; ///< nothing: the protocol's own
};

/// Puts the frame on the wire once and waits for the MCU's acknowledge, until `until` in all. The
/// frame is never repeated: an MCU that waits would begin to wait anew. `may` has the last word,
/// when the port is open and the bytes would be next.
Outcome send_power_off(Supply supply, Wire wire, const std::function<mcu::Status()>& may,
                       Time until);

} // namespace nasmcu::shutdown

// SPDX-License-Identifier: MIT
#pragma once

#include <libmcu/protocol/protocol.hpp>

namespace mcu {

/// True when `bytes` contain a frame that cuts the power, or end in the beginning of one, so that
/// the next bytes, whoever sends them, could complete it.
bool could_cut_power(const Protocol& protocol, ByteView bytes);

} // namespace mcu

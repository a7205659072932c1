// SPDX-License-Identifier: MIT
// Which bytes `raw` may put on the wire. Pure, and the only place that decides it: mcud's D-Bus
// method and mcuctl --direct both ask here.
#pragma once

#include <libmcu/protocol/protocol.hpp>

#include <optional>

namespace nasmcu {

/// The longest frame `raw` takes; every known command is far shorter.
inline constexpr std::size_t raw_limit = 64;

struct PreparedRaw {
  mcu::Bytes frame; ///< as it goes on the wire, check byte included
  /// What the frame asks; nothing for bytes that are no known command (force only).
  std::optional<mcu::Command> command;
};

/// Completes the check byte and decides. Without force exactly one complete, known, reading frame;
/// with force anything, from root alone; bytes that cut the power, or that could become such a
/// frame together with what went before or comes after, never.
mcu::Result<PreparedRaw> prepare_raw(const mcu::Protocol& protocol, mcu::Bytes bytes, bool force,
                                     bool root);

/// True for a command that changes nothing.
bool is_reading(const mcu::Command& command);

} // namespace nasmcu

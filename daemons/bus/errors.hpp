// SPDX-License-Identifier: MIT
// mcu::Error on D-Bus: io.nasmcu1.Error.Timeout and its sisters.
#pragma once

#include <bus/sdbus.hpp>
#include <libmcu/model/result.hpp>

namespace nasmcu {

sdbus::Error to_dbus(const mcu::Error& error);

/// Ours by name; the bus's own refusals become `denied` (policy), `not_running` (nobody owns the
/// name), `timeout` and `unsupported` (no such object, method or property).
mcu::Error from_dbus(const sdbus::Error& error);

} // namespace nasmcu

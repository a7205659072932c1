// SPDX-License-Identifier: MIT
// What mcud offers, as nas-fand needs it: one GetManagedObjects, and changes of a fan, read with
// suspicion.
#pragma once

#include <bus/bus.hpp>
#include <fancontrol/plan.hpp>

#include <functional>
#include <string>

namespace nasmcu::fand {

using namespace fancontrol;

/// Asks `mcud` for its fans and sensors, in the order of their paths.
Task<Result<Inventory>> discover(Bus& bus, std::string mcud);

/// Tells of changes of the fan at `path`: its speed, and who else drives it.
sdbus::Slot follow_fan(Bus& bus, const std::string& path, std::function<void(mcu::Rpm rpm)> on_rpm,
                       std::function<void(const std::string& words)> on_conflict);

} // namespace nasmcu::fand

// SPDX-License-Identifier: MIT
// What mcud offers, as nas-fand needs it: one GetManagedObjects, read with suspicion.
#pragma once

#include <bus/bus.hpp>
#include <fand/plan.hpp>

namespace nasmcu::fand {

/// Asks `mcud` for its fans and sensors, in the order of their paths.
Task<Result<Inventory>> discover(Bus& bus, std::string mcud);

} // namespace nasmcu::fand

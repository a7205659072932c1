// SPDX-License-Identifier: MIT
// A disk's temperature where the kernel has no driver for it (drivetemp): the one that nas-alertd
// read with the SMART data, through the same gate that lets disks sleep. Pure.
#pragma once

#include <common/alert_service.hpp>
#include <libmcu/model/units.hpp>

#include <ctime>
#include <string>
#include <vector>

namespace nasmcu::fand {

/// An idle disk is read every 30 minutes (SmartInterval), and gets no hotter meanwhile. An older
/// reading is none.
inline constexpr std::time_t oldest_smart_reading = 35 * 60; // seconds

/// Of the disk in this bay. `asleep` for one at rest, `unsupported` for an empty bay and for a disk
/// that tells no temperature, or told it too long ago. `now`: seconds since the epoch.
mcu::Result<mcu::Celsius> smart_reading(const std::vector<DiskView>& disks, const std::string& bay,
                                        std::time_t now);

} // namespace nasmcu::fand

// SPDX-License-Identifier: MIT
// Alerts and disks as text for people and JSON for programs. Pure but for the process's time zone.
#pragma once

#include <verbs/outcome.hpp>

#include <ctime>
#include <string>
#include <vector>

namespace nasmcu {

/// Failed before rebuilding before warning, then oldest first.
std::vector<AlertView> worst_first(std::vector<AlertView> alerts);
/// Bays by their number, then the disks that are in none.
std::vector<DiskView> in_bay_order(std::vector<DiskView> disks);

/// One line for each: severity, since when, what; the section of `status`.
std::string alert_rows(const std::vector<AlertView>& alerts, bool color);
/// The same with the ids to acknowledge them, whether the buzzer is muted, and who reads the disks
/// when that is not nas-alertd.
std::string alerts_text(const AlertList& list, std::time_t now, bool color);

/// Two lines for each: bay, node, model, serial, verdict and temperature; what the sleep gate did.
std::string disks_text(const std::vector<DiskView>& disks, std::time_t now, bool color);

/// "2027-03-01 06:30", local time.
std::string minute_text(std::time_t seconds);
/// "40 s", "12 min", "3 h", "5 d": whole units, rounded down.
std::string age_text(std::time_t seconds);

Json json(const AlertView& alert);
/// A device whose value is its verdict.
Json json(const DiskView& disk);

} // namespace nasmcu

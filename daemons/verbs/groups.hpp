// SPDX-License-Identifier: MIT
// The verbs' functions, one source file for each group; verbs.cpp lists them.
#pragma once

#include <verbs/verbs.hpp>

namespace nasmcu {

// status.cpp
Task<Outcome> run_status(Session session, Arguments arguments);

// devices.cpp
Task<Outcome> run_temp(Session session, Arguments arguments);
Task<Outcome> run_fan(Session session, Arguments arguments);
Task<Outcome> run_led(Session session, Arguments arguments);
Task<Outcome> run_beep(Session session, Arguments arguments);
Task<Outcome> run_button(Session session, Arguments arguments);
bool fan_changes(std::span<const std::string> arguments);

// simulate.cpp
bool fan_simulates(std::span<const std::string> arguments);
/// Of arguments for which fan_simulates().
Outcome simulate_fan(const Session& session, const Arguments& arguments);

// clock.cpp
Task<Outcome> run_clock(Session session, Arguments arguments);
Task<Outcome> run_hctosys(Session session, Arguments arguments);
Task<Outcome> run_systohc(Session session, Arguments arguments);
Task<Outcome> run_wake(Session session, Arguments arguments);

// power.cpp
Task<Outcome> run_ready(Session session, Arguments arguments);
Task<Outcome> run_failsafe(Session session, Arguments arguments);
Task<Outcome> run_power_recovery(Session session, Arguments arguments);
Task<Outcome> run_wol(Session session, Arguments arguments);
Task<Outcome> run_poweroff(Session session, Arguments arguments);
Task<Outcome> run_sleep(Session session, Arguments arguments);

// raw.cpp
Task<Outcome> run_raw(Session session, Arguments arguments);

// alerts.cpp
Task<Outcome> run_alerts(Session session, Arguments arguments);
Task<Outcome> run_disks(Session session, Arguments arguments);
Task<Outcome> run_identify(Session session, Arguments arguments);
Task<Outcome> run_metrics(Session session, Arguments arguments);

// watchdog.cpp
Task<Outcome> run_watchdog(Session session, Arguments arguments);

// files.cpp
Task<Outcome> run_boards(Session session, Arguments arguments);
Task<Outcome> run_check(Session session, Arguments arguments);
Task<Outcome> run_version(Session session, Arguments arguments);

// setup.cpp
Task<Outcome> run_setup(Session session, Arguments arguments);

// report.cpp
Task<Outcome> run_report(Session session, Arguments arguments);

} // namespace nasmcu

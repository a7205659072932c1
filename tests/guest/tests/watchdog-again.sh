# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The start behind the first reset: it is told why. Then nas-fand's configuration breaks.
# shellcheck source=tests/guest/inside/watchdog.sh
. ./inside/watchdog.sh

test_the_alert_says_why() {
  begin 'Absent = alert'
  systemctl start mcud nas-fand nas-alertd nas-watchdogd
  within 30 alert 'the watchdog reset the box'
  alert 'nas-fand does not answer'
  # The device is a new one, as the emulator is: only the note tells of the reset.
  journal_has nas-watchdogd 'the box was reset: fan: nas-fand does not answer'
  says '1 of 3' mcuctl watchdog
}

test_a_broken_configuration_of_nas_fand_is_warned_of() {
  within 30 state_is healthy
  break_fand
  systemctl restart nas-fand || true
  within 60 state_is warning
  await_reset
}

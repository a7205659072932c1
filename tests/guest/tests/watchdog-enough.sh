# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# Still broken, behind the third reset: from now on there are only alerts.
# shellcheck source=tests/guest/inside/watchdog.sh
. ./inside/watchdog.sh

test_after_three_resets_it_only_alerts() {
  begin 'Absent = reset'
  break_fand
  systemctl enable nas-fand
  systemctl start mcud nas-fand nas-alertd nas-watchdogd || true
  within 60 state_is alerting
  says '3 of 3' mcuctl watchdog
  says 'no reset: there have been 3' mcuctl watchdog
  within 20 alert "the watchdog's check fails"
  # Longer than grace, warning and time-out together: it is fed.
  sleep 40
  state_is alerting
}

# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The configuration is still broken, so nas-fand does not come at all. By itself that is an alert and
# no reset; where the owner wants it so, it is a failure as any other.
# shellcheck source=tests/guest/inside/watchdog.sh
. ./inside/watchdog.sh

test_one_that_never_came_is_an_alert_and_no_reset() {
  begin 'Absent = alert'
  break_fand
  systemctl enable nas-fand
  systemctl start mcud nas-fand nas-alertd nas-watchdogd || true
  within 60 state_is alerting
  says 'has not come since the start' mcuctl watchdog
  says '2 of 3' mcuctl watchdog
  sleep 15
  state_is alerting
}

test_where_the_owner_wants_it_that_resets_the_box_too() {
  echo 'Absent = reset' >>/etc/nasmcu/nasmcu.conf
  systemctl reload nas-watchdogd
  within 60 state_is warning
  await_reset
}

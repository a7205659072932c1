# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# nas-watchdogd with the i6300esb of the emulator: what must not reset the box, and then what must.
# shellcheck source=tests/guest/inside/watchdog.sh
. ./inside/watchdog.sh

test_it_feeds_a_healthy_box() {
  begin 'Absent = alert'
  systemctl start mcud nas-fand nas-alertd nas-watchdogd
  within 30 state_is healthy
  says i6300ESB mcuctl watchdog
  says '10 s after the last feeding' mcuctl watchdog
  journal_has nas-watchdogd 'resets the box 10 s'
}

test_it_is_protected_and_its_feeder_real_time() {
  pid=$(systemctl show -P MainPID nas-watchdogd)
  equal -1000 "$(cat "/proc/$pid/oom_score_adj")" 'OOM score'
  fails grep -q '^VmLck:[[:space:]]*0 kB' "/proc/$pid/status"
  policies=$(for task in "/proc/$pid/task"/*; do awk '/^policy/ { print $3 }' "$task/sched"; done)
  # SCHED_FIFO is 1.
  says 1 echo "$policies"
}

test_its_children_inherit_none_of_that() {
  within 20 test -s /run/inherited
  equal '0 0 0' "$(tr '\n' ' ' </run/inherited | sed 's/ $//')" 'what the test inherits'
}

test_load_resets_nothing() {
  cpu=
  for _ in 1 2 3 4; do
    sh -c 'while :; do :; done' &
    cpu="$cpu $!"
  done
  sh -c 'while :; do dd if=/dev/zero of=/var/tmp/load bs=1M count=64 conv=fsync status=none; done' &
  cpu="$cpu $!"
  end=$(($(uptime_ms) + GUEST_SECONDS * 1000))
  while [ "$(uptime_ms)" -lt "$end" ]; do
    sleep 5
    case $(state) in warning | withheld) fail 'the box is to be reset' ;; esac
  done
  # shellcheck disable=SC2086 # several processes
  kill $cpu
}

test_restarts_and_an_upgrade_reset_nothing() {
  for unit in mcud nas-fand nas-alertd nas-watchdogd dbus; do
    [ $unit = dbus ] || systemctl restart $unit
    sleep 2
  done
  # What a package does: new files under the running programs, the owner's settings kept, restarts.
  cp -a --remove-destination /host/installed/usr /
  systemctl daemon-reload
  systemctl restart mcud nas-fand nas-alertd nas-watchdogd
  # Longer than the device's time-out.
  sleep 12
  within 30 state_is healthy
}

test_a_clean_stop_disarms() {
  systemctl stop nas-watchdogd
  journal_has nas-watchdogd 'the watchdog is stopped'
  equal inactive "$(cat /sys/class/watchdog/watchdog0/state)" 'state of the device'
  # Longer than the device's time-out: it would have reset the box by now.
  sleep 14
  systemctl start nas-watchdogd
  within 30 state_is healthy
}

test_a_frozen_nas_fand_is_warned_of() {
  systemctl kill -s STOP nas-fand
  within 60 state_is warning
  within 30 journal_has nas-watchdogd 'nas-fand does not answer'
  within 10 alert 'the watchdog will reset the box'
  await_reset
}

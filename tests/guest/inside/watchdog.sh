# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# For the tests with a watchdog: sourced by them. Its time-out is 10 s.

state() { mcuctl --json watchdog | sed 's/.*"state": *"\([a-z]*\)".*/\1/p;d'; }
state_is() { equal "$1" "$(state)" 'state of the watchdog'; }
alert() { says "$1" mcuctl alerts; }
journal_has() { says "$2" journalctl -b -u "$1" -o cat --no-pager; }

# begin [KEY=VALUE...]: the suite as in the start before, with its notes on a disk of their own.
begin() {
  install_suite
  mkdir -p /etc/nasmcu /var/lib/nasmcu
  disk=$(lsblk -dnpo NAME,SERIAL | awk '$2 == "NOTES" { print $1 }')
  blkid "$disk" >/dev/null 2>&1 || mkfs.ext4 -q "$disk"
  mount "$disk" /var/lib/nasmcu
  echo qnap-ts433 >/etc/nasmcu/board
  {
    printf '[Serial]\nPort = /dev/ttyS1\n[Daemon]\nServerPort = 0\n[Watchdog]\n'
    # The board's own is that of its SoC.
    printf 'Device = /dev/watchdog0\nTimeout = 10\nGrace = 10\nRestartGrace = 20\nWarning = 10\n'
    printf '%s\n' "$@"
  } >/etc/nasmcu/nasmcu.conf
  # What a child inherits: its OOM score, locked memory and scheduling policy.
  cat >/usr/local/bin/well <<'WELL'
#!/bin/sh
{
  cat /proc/self/oom_score_adj
  awk '/^VmLck/ { print $2 }' /proc/self/status
  awk '/^policy/ { print $3 }' /proc/self/sched
} >/run/inherited
WELL
  chmod 755 /usr/local/bin/well
  printf 'Test = /usr/local/bin/well\nTestEvery = 5\n' >>/etc/nasmcu/nasmcu.conf
  # systemd itself would start a frozen nas-fand again, before anything had to be reset.
  mkdir -p /run/systemd/system/nas-fand.service.d
  # A configuration of its own, which can be broken for it alone.
  cp /etc/nasmcu/nasmcu.conf /etc/nasmcu/fand.conf
  printf '[Service]\nWatchdogSec=0\nExecStart=\nExecStart=%s --config /etc/nasmcu/fand.conf\n' \
    "$(command -v nas-fand)" >/run/systemd/system/nas-fand.service.d/watchdog.conf
  systemctl daemon-reload
  within 20 test -e /dev/watchdog0
}

# break_fand: a configuration that nas-fand refuses; it ends with exit status 2.
break_fand() { printf '[Fan]\nPollTime = never\n' >/etc/nasmcu/fand.conf; }

# await_reset: the end of a script's last test; the reset is seen from outside.
await_reset() {
  touch /host/await-reset
  cp /var/lib/nasmcu/watchdog /host/note || return 1
  sync
}

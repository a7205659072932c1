# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# Removal on a NAS that runs, purge, and the way down with the packages back.
# shellcheck source=tests/guest/inside/package.sh
. ./inside/package.sh

test_a_removal_leaves_the_fan_safe() {
  fan_follows slow
  remove remove
  none_runs
  fan_is full
  test -e /etc/nasmcu/nasmcu.conf
}

test_a_purge_leaves_nothing() {
  remove purge
  userdel -r owner
  userdel -r member
  all_files >/run/after
  equal '' "$(diff /var/tmp/before /run/after | grep '^[<>]')" 'what is different'
}

test_it_is_a_nas_again() {
  install_packages $debs
  configure
  for daemon in $daemons; do service "$daemon" restart; done
  within 120 all_run
  no_frame
}

# The last one: the system goes down behind it, when this has been reported. 30 is the delay of the
# frame where there is one.
test_a_power_off_is_asked_for() { goes_down mcuctl poweroff 30; }

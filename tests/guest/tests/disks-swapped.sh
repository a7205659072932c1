# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The second start of disks.sh: the two disks have changed their bays, another one on a controller of
# its own mixes up their names, and DISK-B is still out of the array.
# shellcheck source=tests/guest/inside/disks.sh
. ./inside/disks.sh

test_the_array_starts_degraded() {
  mkdir -p /var/lib/nasmcu
  cp -a /host/state/. /var/lib/nasmcu/
  # udev has begun to put it together, and would wait for DISK-B for half a minute.
  mdadm --stop --scan
  mdadm --assemble --run /dev/md0 "$(disk DISK-A)"
  file_is /sys/block/md0/md/degraded 1
  begin
  within 20 alert degraded
}

test_the_led_stays_with_the_bay() {
  within 10 alert 'disk 1'
  alert DISK-B
  within 10 lit disk1-fault on
  host smart 5 9
  # DISK-A is in bay 2 now, and has a sector more than it had in bay 1.
  look_now DISK-A
  within 20 alert '9 reallocated sectors'
  alert 'disk 2'
  alert DISK-A
  within 10 lit disk2-fault on
}

test_what_the_owner_knows_is_no_news_after_the_start() {
  mcuctl alerts | grep DISK-B | grep -q acknowledged
  fails grep 'bay=1 .*DISK-B' /run/hooked
}

test_a_rebuild_shows_its_progress_and_ends_the_alert() {
  echo 1000 >/proc/sys/dev/raid/speed_limit_max
  echo 100 >/proc/sys/dev/raid/speed_limit_min
  mdadm --zero-superblock "$(disk DISK-B)"
  mdadm /dev/md0 --add "$(disk DISK-B)"
  within 10 alert 'is being rebuilt'
  within 30 says '% are done' mcuctl --json alerts
  within 10 lit disk1-fault blink-slow
  echo 200000 >/proc/sys/dev/raid/speed_limit_max
  echo 200000 >/proc/sys/dev/raid/speed_limit_min
  within 60 no_alert md0
  within 10 lit disk1-fault off
}

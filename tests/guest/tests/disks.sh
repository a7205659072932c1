# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# nas-alertd on two SATA disks that make an array, DISK-A in bay 1 and DISK-B in bay 2, and an NVMe
# disk. The guest is started a second time for disks-swapped.sh.

# shellcheck source=tests/guest/inside/disks.sh
. ./inside/disks.sh

test_all_is_well() {
  begin
  mdadm --create /dev/md0 --run --level=1 --metadata=1.2 --raid-devices=2 --assume-clean \
    "$(disk DISK-A)" "$(disk DISK-B)"
  within 20 mcuctl alerts
  look_now DISK-A DISK-B NVME-C
  for serial in DISK-A DISK-B NVME-C; do within 20 is_well "$serial"; done
  equal 'no alerts' "$(mcuctl alerts)" 'what mcuctl alerts says'
  within 10 lit disk1-fault off
  within 10 lit disk2-fault off
}
is_well() { mcuctl disks | grep -q "$1.* ok"; }

# The emulated SATA disks share one table of SMART values: only one of them is read.
test_a_reallocated_sector_lights_the_led_of_its_bay() {
  host smart 5 8
  read_again DISK-A
  within 20 alert DISK-A
  alert 'disk 1'
  alert '8 reallocated sectors'
  within 10 lit disk1-fault on
  lit disk2-fault off
  within 10 grep 'raised warning bay=1 /dev/sd. DISK-A' /run/hooked
  within 10 grep DISK-A /run/mails
}

test_a_failed_member_lights_the_led_of_its_bay() {
  mdadm /dev/md0 --fail "$(disk DISK-B)"
  within 10 alert 'disk 2'
  alert DISK-B
  alert degraded
  within 10 lit disk2-fault on
  within 10 grep 'raised failed bay=2 /dev/sd. DISK-B' /run/hooked
  within 10 grep DISK-B /run/mails
}

test_a_critical_warning_of_an_nvme_disk_is_an_alert() {
  host nvme 4
  read_again NVME-C
  within 20 alert NVME-C
  within 10 lit status-fault on
  within 10 grep 'raised failed bay= /dev/nvme0n1 NVME-C' /run/hooked
  host nvme 0
}

test_what_was_told_is_not_told_again() {
  before=$(wc -l </run/hooked)
  read_again NVME-C
  # It is well again, which is news; nothing else is.
  within 20 no_alert NVME-C
  within 10 grep 'cleared failed bay= /dev/nvme0n1 NVME-C' /run/hooked
  alert DISK-A
  alert DISK-B
  equal $((before + 1)) "$(wc -l </run/hooked)" 'number of calls of the hook'
}

test_the_owner_knows_of_the_failed_disk() {
  id=$(mcuctl --json alerts | grep -o 'md\.[0-9a-f]*\.member\.DISK-B' | head -n 1)
  mcuctl alerts ack "$id"
  systemctl stop nas-alertd mcud
  mdadm --stop /dev/md0
  # What a real box has on its system disk.
  cp -a /var/lib/nasmcu /host/state
}

# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# For the tests that take the guest down: sourced by them.
# shellcheck source=tests/guest/inside/disks.sh
. ./inside/disks.sh

# The suite on the simulated board, with what the machine's own way up and down has.
come_up() {
  install_suite
  mkdir -p /etc/nasmcu
  echo "$MODEL" >/etc/nasmcu/board
  cp /host/nasmcu/nasmcu.conf /etc/nasmcu/nasmcu.conf
  # The guest's own end is a power-off without any shutdown.
  mkdir -p /run/systemd/system/guest.service.d
  printf '[Service]\nExecStopPost=\nExecStopPost=/bin/umount /host\n' \
    >/run/systemd/system/guest.service.d/end.conf
  systemctl daemon-reload
  systemctl start nasmcu-clock mcud
  within 20 mcuctl status
}

# An array with a file system on it that has just been written to, and is in use.
fill_array() {
  mdadm --stop --scan
  mdadm --create /dev/md0 --level=1 --raid-devices=2 --metadata=1.0 --assume-clean --run \
    "$(disk DISK-A)" "$(disk DISK-B)"
  mkfs.ext4 -q -F /dev/md0
  mount /dev/md0 /srv
  dd if=/dev/urandom of=/srv/data bs=1M count=8 status=none
}

# no_frame: what a told MCU would be like.
no_frame() {
  fails sim_has '"shutdown":{'
  fails sim_has '"rails":false'
}

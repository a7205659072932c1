# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# For the tests with disks: sourced by them.

disk() {
  for block in /sys/block/sd* /sys/block/nvme*n1; do
    if [ "$(lsblk -dno SERIAL "/dev/${block##*/}")" = "$1" ]; then
      echo "/dev/${block##*/}"
      return
    fi
  done
  fail "there is no disk with the serial number $1"
}
lit() { equal "$2" "$(mcuctl led "$1" | awk '{ print $2 }')" "LED $1"; }
alert() { says "$1" mcuctl alerts; }
no_alert() {
  said=$(mcuctl alerts) || return 1
  case $said in *"$1"*) fail "$1 is still there" ;; esac
}

# look_now SERIAL...: these disks, and no others, are used, and therefore read.
look_now() {
  for serial; do
    dd if="$(disk "$serial")" of=/dev/null bs=4096 count=4 iflag=direct status=none
  done
  systemctl reload nas-alertd
}
# The same although the last reading is young. What was found before is kept in /var/lib/nasmcu.
read_again() {
  systemctl restart nas-alertd
  look_now "$@"
}

begin() {
  install_suite
  mkdir -p /etc/nasmcu/boards /etc/nasmcu/alert.d
  cp /host/nasmcu/boards/guest-disks.ini /etc/nasmcu/boards/
  echo guest-disks >/etc/nasmcu/board
  printf '[Daemon]\nServerPort = 0\n[Alert]\nMail = root\n' >/etc/nasmcu/nasmcu.conf
  printf '#!/bin/sh\ncat >>/run/mails\n' >/usr/sbin/sendmail
  chmod 755 /usr/sbin/sendmail
  cat >/etc/nasmcu/alert.d/keep <<'HOOK'
#!/bin/sh
what="$NASMCU_ALERT_STATE $NASMCU_ALERT_SEVERITY bay=$NASMCU_ALERT_BAY"
echo "$what $NASMCU_ALERT_DISK $NASMCU_ALERT_SERIAL" >>/run/hooked
HOOK
  chmod 755 /etc/nasmcu/alert.d/keep
  : >/run/mails
  : >/run/hooked
  systemctl start mcud nas-alertd
}

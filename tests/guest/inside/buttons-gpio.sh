# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The guest `buttons-gpio`: keys on GPIO lines, which are no input devices, and a switch that is one.
# shellcheck source=tests/guest/inside/buttons.sh
. ./inside/buttons.sh

make_keys() {
  make_input_device slide
  # The lines are for mcud from the start.
  udevadm control --reload
  modprobe gpio-sim
  mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
  bank=/sys/kernel/config/gpio-sim/guest/bank
  mkdir -p $bank
  echo 8 >$bank/num_lines
  echo guest-bank >$bank/label
  echo 1 >/sys/kernel/config/gpio-sim/guest/live
  key power 0
  key copy 0
}

key() {
  case $1$2 in
    power0) pull 4 up ;; # active-low
    power1) pull 4 down ;;
    copy0) pull 5 down ;;
    copy1) pull 5 up ;;
    *) echo "$1 $2" >/run/keys ;;
  esac
}

# Nothing: what it knows are input devices with a power key.
logind_sees() { fails journal_has systemd-logind guest-keys; }

# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The guest `buttons`: keys and a switch of an input device.

# make_input_device [NAME...]: with these, or with all that it can have.
make_input_device() {
  modprobe uinput
  mkfifo /run/keys
  # It reads until the guest ends: this holds the pipe open.
  sleep 10000 >/run/keys &
  /host/uinput-keys "$@" </run/keys >/host/keys.log 2>&1 &
  within 20 device_is_there
}
device_is_there() { grep -q guest-keys /sys/class/input/event*/device/name; }
make_keys() { make_input_device; }

# key NAME VALUE: 1 is down, or a switch that is on.
key() { echo "$1 $2" >/run/keys; }

# What logind itself would act on.
logind_sees() { within 20 journal_has systemd-logind guest-keys; }

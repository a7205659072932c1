# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# A power-off, with an array in use and a file system that was just written to. What becomes of it is
# seen from outside: last_frame in checks.py.
# shellcheck source=tests/guest/inside/down.sh
. ./inside/down.sh

test_the_box_runs() {
  come_up
  fill_array
  no_frame
}

# The last one: the system goes down behind it, when this has been reported. 30 is the delay of the
# frame where there is one.
test_a_power_off_is_asked_for() { systemd-run --on-active=2 mcuctl poweroff 30; }

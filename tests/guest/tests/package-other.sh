# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The second start: still no NAS, with the packages there from the start. Then it becomes one.
# shellcheck source=tests/guest/inside/package.sh
. ./inside/package.sh

test_nothing_failed_at_the_start() {
  ! systemd || within 90 says running systemctl is-system-running
  within 30 none_runs
  nothing_failed
}

test_the_mcu_heard_nothing() {
  # A port that may be anything's is not written to.
  sim_has '"bytes":0,'
}

test_the_board_is_named() { configure; }

# The last one: the system goes down behind it, when this has been reported.
test_a_reboot_is_asked_for() { goes_down reboot; }

# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The packages of the version before, installed on a machine that is no NAS.
# shellcheck source=tests/guest/inside/package.sh
. ./inside/package.sh

test_the_machine_runs() {
  ! systemd || within 90 says '' systemctl is-system-running
  all_files >/var/tmp/before
  fails command -v mcuctl
}

test_it_installs() {
  install_packages $debs/previous
  is_installed "$(version_of $debs/previous)"
}

test_nothing_fails_and_nothing_runs() {
  within 30 none_runs
  nothing_failed
}

test_mcuctl_tells_what_to_do() {
  exits 3 mcuctl status
  echo "$said"
  exits 0 mcuctl --help
}

# The last one: the system goes down behind it, when this has been reported.
test_a_reboot_is_asked_for() { goes_down reboot; }

# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The third start: a NAS, with everything from the packages.
# shellcheck source=tests/guest/inside/package.sh
. ./inside/package.sh

# 10 s on a box. An emulator that shares its processors with others may be slower than any box: there
# all that comes before the bus is the measure.
test_all_services_run_soon_after_the_bus() {
  within 120 all_run
  bus=$(started_ms "$bus_service")
  allowed=$((bus > 10000 ? bus : 10000))
  for daemon in $daemons; do
    took=$(($(started_ms "$daemon") - bus))
    echo "$GUEST: $daemon was up $took ms after the bus, and that after $bus ms" >>figures
    [ $took -le $allowed ] || late="${late:-} $daemon"
  done
  equal '' "${late:-}" "what was up later than $allowed ms after the bus"
  nothing_failed
}

test_the_fan_follows_the_temperature() {
  for speed in slow middle full slow; do fan_follows $speed; done
}

test_status_is_green_for_everybody() {
  useradd -m owner
  useradd -m -G nasmcu member
  says '"state": "ok"' as owner mcuctl --json status
  # On a terminal red and yellow would be something that is wrong.
  as owner env TERM=linux script -qec 'mcuctl status' /dev/null >/run/status
  grep -q "$(printf '\033\[32m')" /run/status
  fails grep "$(printf '\033\[3[13]m')" /run/status
}

test_changes_are_denied_to_others() {
  exits 5 as owner mcuctl led "$led" on
  case $said in *nasmcu*) ;; *) fail "no help: $said" ;; esac
  exits 5 as owner mcuctl fan system 70
  exits 5 as owner mcuctl poweroff
}

test_changes_are_allowed_to_the_group() {
  exits 0 as member mcuctl led "$led" on
  sim_has "$lit"
  exits 0 as member mcuctl led "$led" off
  exits 5 as member mcuctl poweroff
}

case $MODEL in
  qnap-*) led=disk1-fault lit='"disk1":"on"' ;;
  *) led=power lit='"power":"on"' ;;
esac

test_an_upgrade_keeps_what_was_configured() {
  cp /etc/nasmcu/nasmcu.conf /run/conf
  before=$(pid_of mcud)
  install_packages $debs
  is_installed "$(version_of $debs)"
  cmp /run/conf /etc/nasmcu/nasmcu.conf
  equal "$MODEL" "$(cat /etc/nasmcu/board)" 'the board'
  within 60 all_run
  fails equal "$before" "$(pid_of mcud)" 'mcud'
  fan_follows full
  fan_follows slow
  nothing_failed
}

# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The first start of the guest `poweroff`: daemons end and the system is started again, and the MCU
# hears of neither. checks.py looks at all of the wire when the second one is over.
# shellcheck source=tests/guest/inside/down.sh
. ./inside/down.sh

test_the_box_runs() {
  come_up
  fill_array
}

test_the_clock_came_from_the_mcu_and_goes_back() {
  equal active "$(systemctl show -P ActiveState nasmcu-clock)" nasmcu-clock
  says RTC: journalctl -b -u nasmcu-clock -o cat --no-pager
}

test_the_mcu_is_told_once_that_the_system_is_up() {
  sim_has '"ready":false'
  systemctl start --no-block nasmcu-ready
  # Behind multi-user.target, which these tests do not hold up.
  within 30 sim_has '"ready":true'
  systemctl restart mcud
  within 20 mcuctl status
  equal active "$(systemctl show -P ActiveState nasmcu-ready)" nasmcu-ready
}

test_no_end_of_mcud_cuts_the_power() {
  systemctl stop mcud
  no_frame
  systemctl start mcud
  within 20 mcuctl status
  systemctl kill -s KILL mcud
  within 20 mcuctl status
  no_frame
}

test_a_person_is_refused_on_a_running_system() {
  code=0
  said=$(/usr/lib/systemd/system-shutdown/nasmcu poweroff 2>&1) || code=$?
  equal 0 $code 'exit code'
  says 'not going down' echo "$said"
  no_frame
}

test_a_wake_up_is_armed_at_the_end() {
  mcuctl wake 3h
  sim set alarm enabled off
  systemctl stop nas-fand mcud nasmcu-clock
  within 5 sim_has '"enabled":true'
  systemctl start nasmcu-clock mcud
}

# The last one: the system goes down behind it, when this has been reported.
test_a_reboot_is_asked_for() { systemd-run --on-active=2 systemctl reboot; }

# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The suite as it is installed, under systemd: units, users, bus policy, on a machine that is no NAS
# and then on one with a simulated MCU on its second serial port.

state() { equal "$2" "$(systemctl show -P ActiveState "$1")" "$1"; }
journal_has() { says "$2" journalctl -b -u "$1" -o cat --no-pager; }

test_the_system_runs() {
  within 60 says '' systemctl is-system-running
}

test_it_installs() {
  install_suite
  systemd-analyze verify --man=no mcud.service nas-fand.service nas-alertd.service
}

test_services_end_harmlessly_on_an_unknown_board() {
  systemctl start mcud nas-fand || true
  within 20 state mcud inactive
  within 20 state nas-fand inactive
  says 0 systemctl show -P NRestarts mcud
  equal success "$(systemctl show -P Result mcud)" 'result of mcud'
  equal success "$(systemctl show -P Result nas-fand)" 'result of nas-fand'
  # What to do about it.
  journal_has mcud /etc/nasmcu/board
}

test_services_run_on_a_known_board() {
  # The simulated MCU is on the second serial port.
  mkdir -p /etc/nasmcu
  echo qnap-ts433 >/etc/nasmcu/board
  cp /host/nasmcu/nasmcu.conf /etc/nasmcu/nasmcu.conf
  systemctl start mcud nas-fand
  within 20 state mcud active
  within 20 state nas-fand active
  says 'QNAP TS-433' mcuctl status
  equal tty "$(property mcu Mcu Backend)" 'the back end'
}

test_mcud_is_not_root() {
  equal nasmcu-mcud "$(ps_user mcud)" 'user of mcud'
  equal nasmcu-fand "$(ps_user nas-fand)" 'user of nas-fand'
}
ps_user() { stat -c %U "/proc/$(systemctl show -P MainPID "$1")"; }

test_the_port_is_mcuds_alone_and_has_a_name() {
  udevadm control --reload
  udevadm trigger -s tty
  within 20 says nasmcu-mcud stat -L -c %U /dev/nasmcu-mcu
  equal /dev/ttyS1 "$(readlink -f /dev/nasmcu-mcu)" 'what /dev/nasmcu-mcu leads to'
  equal 600 "$(stat -L -c %a /dev/nasmcu-mcu)" 'mode of the port'
  equal 'nasmcu 660' "$(stat -c '%G %a' /run/nasmcu/command.sock)" 'the command socket'
}

test_the_sandbox_is_in_nobodys_way() {
  systemctl restart mcud
  within 20 mcuctl status
  # What is forbidden shows as one of these. (logind has polkit say who may hold up a sleep, which this
  # guest has not.)
  fails sh -c "journalctl -b -u mcud -u nas-fand -o cat --no-pager |
    grep -v '^logind ' | grep -iE 'not permitted|permission denied|read-only file system'"
}

test_a_login_prompt_on_the_port_is_told() {
  # Where systemd would have it, without one that eats what the MCU says.
  printf '[Service]\nExecStart=/bin/sleep 60\n' >/run/systemd/system/serial-getty@ttyS1.service
  systemctl daemon-reload
  systemctl start serial-getty@ttyS1
  systemctl restart mcud
  within 20 journal_has mcud 'systemctl mask --now serial-getty@ttyS1.service'
  systemctl stop serial-getty@ttyS1
  rm /run/systemd/system/serial-getty@ttyS1.service
  systemctl daemon-reload
}

test_nas_fand_drives_the_fan() {
  sim set temp 50
  within 30 sim_has '"pwm":140' # 55 percent of the board's curve
  sim set temp 65
  within 30 sim_has '"pwm":255'
  sim set temp 30
  within 30 sim_has '"pwm":51'
}

test_anybody_may_read_and_not_change() {
  says '°C' runuser -u nobody -- mcuctl temp board
  code=0
  runuser -u nobody -- mcuctl led disk1-fault on || code=$?
  equal 5 $code 'exit code for nobody'
}

# restarted: mcud is another process than $before.
restarted() { fails equal "$before" "$(systemctl show -P MainPID mcud)" 'the process'; }
test_a_killed_mcud_is_started_again() {
  before=$(systemctl show -P MainPID mcud)
  systemctl kill -s KILL mcud
  within 20 restarted
  within 20 mcuctl status
  within 20 state mcud active
  equal 1 "$(systemctl show -P NRestarts mcud)" 'number of restarts'
  # And nas-fand finds it again.
  sim set temp 50
  within 40 sim_has '"pwm":140'
}

test_a_stop_leaves_the_fan_at_failsafe() {
  systemctl stop nas-fand
  within 5 sim_has '"pwm":255'
  systemctl stop mcud
  state mcud inactive
  state nas-fand inactive
  sim_has '"pwm":255'
}

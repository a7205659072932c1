# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The kernel's qnap-mcu driver on the simulated MCU, and our programs on top of the driver.

# What the kernel complains about where the MCU and its port are concerned.
complaints() {
  dmesg | grep -iE 'qnap|mcu|serial0|ttyAMA' |
    grep -iE 'err|fail|time.?out|timed out|invalid|not waiting|warn' || true
}
no_complaint() { equal '' "$(complaints)" 'what the kernel says of the MCU'; }

test_the_driver_probes_without_a_complaint() {
  within 10 test -e /sys/bus/serial/devices/serial0-0/driver
  no_complaint
}

test_all_that_the_model_has_is_there() {
  case $MODEL in
    qnap-ts133) disks=1 ;;
    qnap-ts233) disks=2 ;;
    *) disks=4 ;;
  esac
  grep -qx qnapmcu /sys/class/hwmon/*/name
  equal $disks "$(find /sys/class/leds/ -name 'hdd*:red:status' | wc -l)" 'number of red disk LEDs'
  grep -q 'Name="qnap-mcu"' /proc/bus/input/devices
  fails test -e /dev/ttyAMA0
}

test_the_driver_reads_the_simulated_values() {
  hwmon=$(dirname "$(grep -lx qnapmcu /sys/class/hwmon/*/name)")
  file_is "$hwmon/temp1_input" 42000
  file_is "$hwmon/fan1_input" 2550
  file_is "$hwmon/pwm1" 255
}

test_mcud_works_through_the_driver() {
  mcud_up
  equal kernel "$(property mcu Mcu Backend)" 'the back end'
}

test_a_temperature_comes_through_the_kernel() {
  sim set temp 46
  within 10 says '46 °C' mcuctl temp board
  sim set temp 42
}

test_a_duty_reaches_the_fan() {
  fand_up
  says '' mcuctl fan system 60
  within 10 sim_has '"pwm":153'
  mcuctl fan auto
  stop nas-fand
  # Nobody drives it now: the board's failsafe.
  within 10 sim_has '"pwm":255'
}

test_states_reach_a_disk_led() {
  for state in blink-fast blink-slow on off; do
    says $state mcuctl led disk1-fault $state
    within 5 sim_has "\"disk1\":\"$state\""
    within 5 says $state mcuctl led disk1-fault
  done
}

test_beeps_are_heard() {
  for length in short long; do
    before=$(beeps $length)
    mcuctl beep $length
    within 5 sim_has "\"$length\":$((before + 1))"
  done
}

test_a_press_is_seen() {
  within 5 says released mcuctl button power
  sim set button power 1
  within 10 says pressed mcuctl button power
  sim set button power 0
  within 10 says released mcuctl button power
}

test_the_kernel_had_nothing_to_complain_about() {
  no_complaint
}

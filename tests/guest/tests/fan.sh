# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# gpio-fan: stopped and three speeds on two lines.

speed() {
  equal "$1" "$(level 9)$(level 8)" 'the two lines of the fan'
}

test_the_fan_starts_at_failsafe() {
  mcud_up
  within 10 speed 11
}

test_the_levels_follow_the_fan_verb() {
  start nas-fand nas-fand
  within 20 says '' mcuctl fan system 30
  within 10 speed 01
  mcuctl fan system 50
  within 10 speed 10
  mcuctl fan system 100
  within 10 speed 11
  mcuctl fan system 0
  within 10 speed 00
}

test_the_levels_follow_the_temperature() {
  sim set temp 38
  mcuctl fan auto
  within 20 speed 01
  sim set temp 61
  within 20 speed 11
  sim set temp 30
  within 20 speed 00
  sim set temp 42
}

test_nobody_drives_it_so_it_turns() {
  stop nas-fand KILL
  within 10 speed 11
}

test_the_alarm_line_is_told() {
  pull 10 down
  within 15 says ALARM mcuctl fan system
  pull 10 up
}

test_a_stop_of_mcud_leaves_it_turning() {
  stop mcud
  within 5 speed 11
}

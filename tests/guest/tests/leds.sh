# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# gpio-leds with default triggers, one of them under its second name only.
power=/sys/class/leds/guest:white:power
disk=/sys/class/leds/guest:red:disk-1

# trigger LED NAME
trigger() {
  says "[$2]" cat "$1/trigger"
}

test_the_kernel_gave_them_their_default_triggers() {
  trigger $power heartbeat
  trigger $disk disk-activity
}

test_a_led_is_found_under_its_fallback_name() {
  mcud_up
  mcuctl led disk1-fault on
  within 5 level_is 1 0 # active low
  trigger $disk none
  mcuctl led disk1-fault off
  within 5 level_is 1 1
}

test_blinking_is_the_timer_trigger() {
  mcuctl led disk1-fault blink-fast
  trigger $disk timer
  file_is $disk/delay_on 100
  file_is $disk/delay_off 100
  within 5 level_is 1 0
  within 5 level_is 1 1
  mcuctl led disk1-fault blink-slow
  file_is $disk/delay_on 500
  says blink-slow mcuctl led disk1-fault
}

test_default_triggers_come_back_at_the_end() {
  mcuctl led power on
  trigger $power none
  stop mcud
  trigger $power heartbeat
  trigger $disk disk-activity
}

test_default_triggers_come_back_after_a_crash_and_a_restart() {
  mcud_up
  mcuctl led power blink-fast
  mcuctl led disk1-fault on
  trigger $power timer
  stop mcud KILL
  # Nobody could give them back; the next mcud knows whose they are.
  trigger $power timer
  mcud_up
  stop mcud
  trigger $power heartbeat
  trigger $disk disk-activity
}

# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The machine's PL031 clock, by the name of its driver.
rtc=/sys/class/rtc/rtc0

test_the_clock_is_read() {
  mcud_up
  said=$(mcuctl clock)
  here=$(cat $rtc/since_epoch)
  told=$(date -u -D '%Y-%m-%d %H:%M:%S' -d "${said%% +*}" +%s)
  difference=$((told - here))
  [ ${difference#-} -le 2 ] || fail "mcuctl says $said, the kernel $here"
}

test_the_clock_is_set_from_the_system() {
  date -u -s '2031-05-06 07:08:09'
  mcuctl systohc
  says '2031-05-06 07:08:' mcuctl clock
  says '2031-05-06' cat $rtc/date
}

test_the_system_is_set_from_the_clock() {
  date -u -s '2020-01-01 00:00:00'
  mcuctl hctosys
  says '2031-05-06 07:0' date -u '+%Y-%m-%d %H:%M:%S'
}

test_a_wake_up_is_set_and_taken_back() {
  mcuctl wake 15m
  alarm=$(cat $rtc/wakealarm)
  difference=$((alarm - $(cat $rtc/since_epoch) - 900))
  [ ${difference#-} -le 5 ] || fail "the alarm is at $alarm"
  mcuctl wake off
  file_is $rtc/wakealarm ''
}

test_a_wake_up_comes() {
  before=$(alarms)
  echo +2 >$rtc/wakealarm
  says 2031 mcuctl wake
  within 8 came
}
alarms() { awk '/rtc-pl031/ { print $2 }' /proc/interrupts; }
came() { equal $((before + 1)) "$(alarms)" 'number of alarms'; }

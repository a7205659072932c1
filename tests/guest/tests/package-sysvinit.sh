# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# What is sysvinit's own: words by telnet, the supervisor.
# shellcheck source=tests/guest/inside/package.sh
. ./inside/package.sh

telnet_says() { { echo "$1"; sleep 1; } | telnet localhost 57367 2>&1 || :; }

test_roots_scripts_set_the_clock_by_telnet() {
  says RTC: telnet_says hctosys
  says OK telnet_says systohc
}

test_others_may_only_read_by_telnet() {
  said=$(as owner sh -c '{ echo hctosys; sleep 1; } | telnet localhost 57367 2>&1' || :)
  case $said in *ERR*) ;; *) fail "an ordinary user's hctosys: $said" ;; esac
  case $said in *RTC:*) fail "an ordinary user has set the clock: $said" ;; esac
  said=$(as owner sh -c '{ echo GetTemperature; sleep 1; } | telnet localhost 57367 2>&1' || :)
  case $said in *30*) ;; *) fail "an ordinary user reads: $said" ;; esac
}

# With nas-fand asleep nobody takes the fan back, and mcud's own patience with it is 30 s.
test_a_killed_mcud_ends_in_failsafe_and_comes_again() {
  fan_is slow
  before=$(pid_of mcud) fand=$(pid_of nas-fand)
  kill -STOP "$fand"
  kill -KILL "$before"
  within 15 fan_is full
  kill -CONT "$fand"
  within 30 mcuctl status
  fails equal "$before" "$(pid_of mcud)" 'mcud'
  within 60 fan_is slow
}

test_a_frozen_mcud_ends_in_failsafe_and_comes_again() {
  fan_is slow
  before=$(pid_of mcud) fand=$(pid_of nas-fand)
  kill -STOP "$fand" "$before"
  within 90 fan_is full
  kill -CONT "$fand" || : # the supervisor may have ended it too
  within 60 mcuctl status
  fails equal "$before" "$(pid_of mcud)" 'mcud'
  within 60 fan_is slow
}

test_the_scripts_take_all_words() {
  before=$(pid_of nas-fand)
  service nas-fand reload
  equal "$before" "$(pid_of nas-fand)" 'nas-fand after a reload'
  service nas-fand restart
  within 20 restarted
  service nas-fand stop
  within 10 fan_is full
  exits 3 service nas-fand status
  service nas-fand start
  within 60 fan_is slow
}
restarted() { after=$(pid_of nas-fand) && fails equal "$before" "$after" nas-fand; }

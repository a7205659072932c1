# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# The same verbs, whichever way the MCU hangs: what they say goes to contract.txt, and guest.py
# compares that of two guests. Only the word for the back end may differ.

told() {
  echo "\$ $*"
  "$@" 2>&1 && return
  echo "exit code $?"
}
note() { "$@" >>/host/contract.txt; }

test_every_verb_answers() {
  : >/host/contract.txt
  sim set temp 42
  sim set rpm auto
  mcud_up
  fand_up
  says '' mcuctl fan system 60
  note echo "Backend $(property mcu Mcu Backend)"

  within 10 sim_has '"pwm":153'
  note told mcuctl fan system
  note told mcuctl fan why
  for degrees in 38 51; do
    sim set temp $degrees
    within 10 says "$degrees °C" mcuctl temp board
    note told mcuctl temp board
  done
  sim set temp 42

  for led in status status-fault usb disk1-fault; do
    for state in on blink-slow blink-fast off; do
      note told mcuctl led $led $state
      note leds
    done
  done
  note told mcuctl led disk4-fault on
  # Both colours of one LED, as far as the MCU can.
  note told mcuctl led status on
  note told mcuctl led status-fault on
  note leds
  note told mcuctl led status-fault off
  note told mcuctl led status blink-slow
  note told mcuctl led status-fault blink-slow
  note leds
  note told mcuctl led
  for led in status status-fault disk4-fault; do mcuctl led $led off; done

  for length in short long; do
    before=$(beeps $length)
    note told mcuctl beep $length
    within 5 sim_has "\"$length\":$((before + 1))"
  done

  within 5 says released mcuctl button power
  sim set button power 1
  within 10 says pressed mcuctl button power
  note told mcuctl button power
  sim set button power 0
  within 10 says released mcuctl button power
  note told mcuctl button power

  note told mcuctl fan system 30
  within 10 sim_has '"pwm":77'
  note told mcuctl fan auto
  note told mcuctl led nosuch on
  note told mcuctl fan system 101
  stop nas-fand
  within 10 sim_has '"pwm":255'
  stop mcud
}

# What the simulated MCU shows, once the kernel's own thread has written it.
leds() {
  sleep 0.2
  sim state | sed 's/.*"leds":\({[^}]*}\).*/\1/'
}

# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# Everything at once for GUEST_SECONDS: sensors, LEDs, the button, through our programs and past them.

test_traffic_leaves_no_complaint() {
  mcud_up
  before=$(dmesg | wc -l)
  rounds=0
  pressed=0
  until=$(($(uptime_ms) + GUEST_SECONDS * 1000))
  while [ "$(uptime_ms)" -lt "$until" ]; do
    sim set temp $((40 + rounds % 20))
    sensors >/tmp/sensors
    grep -q 'temp1: *+[45]' /tmp/sensors
    mcuctl temp board
    for state in on blink-slow blink-fast off; do mcuctl led disk1-fault $state; done
    mcuctl led status on
    mcuctl led status off
    pressed=$((1 - pressed))
    sim set button power $pressed
    rounds=$((rounds + 1))
  done
  sim set button power 0
  sim set temp 42
  echo "$GUEST: $rounds rounds of traffic in $GUEST_SECONDS s" >>figures
  [ $rounds -gt 0 ]
  # New lines of any kind would be about this.
  equal "$before" "$(dmesg | wc -l)" "number of the kernel's messages: $(dmesg | tail -n 1)"
}

# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# Keys and a switch that the kernel's gpio-keys has.

# One press and its end: button NAME on line N.
press() {
  within 5 says released mcuctl button "$1"
  pull "$2" down
  within 5 says pressed mcuctl button "$1"
  pull "$2" up
  within 5 says released mcuctl button "$1"
}

test_keys_are_buttons() {
  pull 5 up
  pull 6 up
  mcud_up
  press copy 5
  press reset 6
}

test_a_switch_is_a_button() {
  pull 7 up
  press switch 7
}

test_from_an_edge_to_its_signal() {
  said=$(edge-latency "$(line 5)/pull" /io/nasmcu1/button/copy 100)
  echo "gpio-keys edge (debounced for 5 ms by the kernel) to D-Bus signal, $said" >>figures
}

test_a_switch_is_known_at_the_start() {
  stop mcud
  pull 7 down
  mcud_up
  within 5 says pressed mcuctl button switch
  pull 7 up
  within 5 says released mcuctl button switch
}

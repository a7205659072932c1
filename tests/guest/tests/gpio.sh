# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# GPIO lines that no driver has: a button and an output, through libgpiod 2 on a real (simulated) chip.
button=/io/nasmcu1/button/line

test_the_gpio_contract_holds_on_a_real_chip() {
  NASMCU_GPIO_CHIP=spare-bank
  NASMCU_GPIO_SIM=$(echo /sys/devices/platform/spare-gpio/gpiochip*)
  export NASMCU_GPIO_CHIP NASMCU_GPIO_SIM
  gpio_real
}

test_a_line_pulled_low_is_a_press() {
  pull 4 up
  mcud_up
  within 5 says released mcuctl button line
  dbus-monitor --system "type='signal',path='$button'" >/tmp/monitor &
  monitor=$!
  # Its own name is the first thing that it prints.
  within 10 grep -q NameAcquired /tmp/monitor
  pull 4 down
  within 5 says pressed mcuctl button line
  pull 4 up
  within 5 says released mcuctl button line
  kill $monitor
  # One signal for each edge, with the property in it.
  grep -A 1 '"Pressed"' /tmp/monitor | sed -n 's/.*boolean //p' | tr '\n' ' ' >/tmp/edges
  file_is /tmp/edges 'true false '
}

test_from_an_edge_to_its_signal() {
  said=$(edge-latency "$(line 4)/pull" "$button" 200)
  echo "GPIO edge to D-Bus signal, $said" >>figures
}

test_an_output_follows_the_led_verb() {
  for state in on:1 off:0; do
    says "${state%:*}" mcuctl led line "${state%:*}"
    within 5 level_is 3 "${state#*:}"
  done
}

test_an_output_that_cannot_blink_says_so() {
  says 'the nearest that it can do to blink-fast' mcuctl led line blink-fast
  level_is 3 1
  mcuctl led line off
}

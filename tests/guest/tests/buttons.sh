# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# nas-buttond as it is installed, beside systemd-logind, with keys and a switch of the kernel's. What
# they hang on is the guest's: make_keys, key, logind_sees.
# shellcheck source=tests/guest/inside/buttons.sh
. "./inside/$GUEST.sh"

acted=/run/acted
# hold NAME SECONDS
hold() {
  key "$1" 1
  sleep "$2"
  key "$1" 0
}
lines() { wc -l <$acted; }
# acted_is TEXT: all that was done, in one line.
acted_is() { equal "$1" "$(tr '\n' ';' <$acted)" 'what was done'; }
going_down() { login1 PreparingForShutdown; }
login1() { busctl get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager "$1"; }
journal_has() { says "$2" journalctl -b -u "$1" -o cat --no-pager; }

test_it_begins() {
  install_suite
  systemd-analyze verify --man=no nas-buttond.service
  mkdir -p /etc/nasmcu/boards /etc/systemd/logind.conf.d
  cp "/host/nasmcu/boards/guest-$GUEST.ini" /etc/nasmcu/boards
  echo "guest-$GUEST" >/etc/nasmcu/board
  cat /host/nasmcu/nasmcu.conf - >/etc/nasmcu/nasmcu.conf <<'CONF'
[Button power]
Press = run /run/act
LongPress = run /run/act
[Button copy]
Press = unit acted.service
[Button slide]
On = run /run/act
Off = run /run/act
CONF
  # The last test wants to report before the power goes, also on a busy machine.
  printf '[Login]\nInhibitDelayMaxSec=30\n' >/etc/systemd/logind.conf.d/guest.conf
  printf '#!/bin/sh\necho "$NASMCU_BUTTON $NASMCU_GESTURE" >>%s\n' $acted >/run/act
  chmod 755 /run/act
  printf '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo unit >>%s"\n' $acted \
    >/run/systemd/system/acted.service
  : >$acted
  make_keys
  systemctl daemon-reload
  systemctl start systemd-logind
  systemctl kill -s HUP systemd-logind
  systemctl start mcud nas-buttond
  within 20 journal_has nas-buttond 'button power: idle'
  says power mcuctl button
}

test_logind_leaves_the_key_to_us() {
  logind_sees
  within 20 says handle-power-key login1 BlockInhibited
  journal_has nas-buttond 'logind leaves handle-power-key to us'
}

test_a_short_press_does_what_is_configured_once() {
  hold power 0.3
  within 10 acted_is 'power press;'
  sleep 3 # what logind would do it would do by now
  acted_is 'power press;'
  equal 'b false' "$(going_down)" 'whether the system goes down'
}

test_a_long_press_does_what_is_configured_once_and_beeps() {
  beeped=$(beeps short)
  : >$acted
  key power 1
  within 10 acted_is 'power long-press;'
  within 5 beeped_since "$beeped"
  sleep 2
  key power 0
  sleep 2
  acted_is 'power long-press;'
  equal 'b false' "$(going_down)" 'whether the system goes down'
}

beeped_since() { [ "$(beeps short)" -gt "$1" ]; }

test_a_unit_is_started() {
  : >$acted
  hold copy 0.3
  within 10 acted_is 'unit;'
}

test_a_switch_acts_when_it_is_moved() {
  : >$acted
  key slide 1
  within 10 acted_is 'slide on;'
  key slide 0
  within 10 acted_is 'slide on;slide off;'
  hold slide 0.5 # moved, and back at once
  sleep 3
  acted_is 'slide on;slide off;'
}

test_a_restart_in_the_middle_of_a_press_does_nothing() {
  : >$acted
  key power 1
  sleep 0.5
  systemctl restart nas-buttond
  sleep 4
  key power 0
  sleep 1
  acted_is ''
  within 20 says handle-power-key login1 BlockInhibited
}

test_the_end_gives_the_key_back() {
  systemctl stop nas-buttond
  within 10 fails says handle-power-key login1 BlockInhibited
  systemctl start nas-buttond
  within 20 says handle-power-key login1 BlockInhibited
}

# The last: the guest goes down when this one has been written down, or when logind has waited for
# that as long as it may.
test_a_long_press_powers_the_guest_off_through_logind_once() {
  sed -i 's/^LongPress = .*/LongPress = poweroff/' /etc/nasmcu/nasmcu.conf
  systemctl reload nas-buttond
  within 10 journal_has nas-buttond 'configuration read again'
  systemd-inhibit --what=shutdown --mode=delay --who=test --why=test sleep 60 &
  inhibitor=$!
  within 10 says shutdown login1 DelayInhibited
  key power 1
  within 10 equal 'b true' "$(going_down_now)" 'whether the system goes down'
  key power 0
  within 10 journal_has nas-buttond 'long-press: poweroff: logind was asked'
  sleep 1 # up for 300 ms, else it is the same press for a worn contact
  hold power 3
  within 10 journal_has nas-buttond 'the system is going down already'
  equal 1 "$(journalctl -b -u nas-buttond -o cat --no-pager | grep -c 'logind was asked')" 'requests'
  { sleep 2; kill "$inhibitor"; } &
}
# within takes a command: the value has to be asked for each time.
going_down_now() {
  limit=$(($(uptime_ms) + 10000))
  until [ "$(going_down)" = 'b true' ] || [ "$(uptime_ms)" -gt "$limit" ]; do sleep 0.1; done
  going_down
}

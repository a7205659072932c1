# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# For the test scripts in a guest: sourced by inside/main. The shell is busybox's in the arm64 guests
# and dash in the systemd guest. A test ends with the first command that fails.
: "${GUEST_SECONDS:=20}"

# run_test NAME SCRIPT FUNCTION: in a shell of its own, so that a test can leave nothing behind in
# this one; daemons go on running from test to test. The log has every command. (Not the condition of
# an `if`: -e would not count in there.)
run_test() {
  began=$(uptime_ms)
  rm -f /tmp/skipped
  (
    set -ex
    # shellcheck source=/dev/null
    . "./$2"
    "$3"
  ) >/tmp/said 2>&1
  code=$?
  echo "==== $1.$3: $code"
  cat /tmp/said
  if [ -e /tmp/skipped ]; then
    echo "skipped $1.$3 $(cat /tmp/skipped)" >>results
  elif [ $code = 0 ]; then
    echo "ok $1.$3 $((($(uptime_ms) - began) / 1000)) s" >>results
  else
    why=$(grep -v '^+' /tmp/said | tail -n 1)
    echo "FAILED $1.$3 ${why:-$(tail -n 1 /tmp/said)}" >>results
  fi
}

uptime_ms() { awk '{ printf "%d", $1 * 1000 }' /proc/uptime; }

# fail WORDS...: the test's last words.
fail() {
  echo "$*"
  return 1
}

# skip REASON: only guest.py's list makes this anything else than a failure.
skip() {
  echo "$*" >/tmp/skipped
  exit 0
}

# equal WANTED GOT WHAT
equal() { [ "$1" = "$2" ] || fail "$3 is '$2', not '$1'"; }

# says WORDS COMMAND...: the command succeeds and these words are in what it says.
says() {
  words=$1
  shift
  # No trace: it would be among the words.
  said=$({ set +x; } 2>/dev/null && "$@" 2>&1) || {
    fail "$*: $(echo "$said" | tail -n 1 | cut -c -300)"
    return 1
  }
  case $said in
    *"$words"*) ;;
    *) fail "$*: '$(echo "$said" | tail -n 1 | cut -c -200)', not '$words'" ;;
  esac
}

# within SECONDS COMMAND...: tries again until it succeeds; the command's last output is told.
within() {
  limit=$(($(uptime_ms) + $1 * 1000))
  shift
  until last=$({ set +x; } 2>/dev/null && "$@" 2>&1); do
    if [ "$(uptime_ms)" -ge "$limit" ]; then
      fail "not in time: $*: $(echo "$last" | tail -n 1 | cut -c -300)"
      return 1
    fi
    sleep 0.05
  done
}

# file_is FILE TEXT, fails COMMAND...
file_is() { equal "$2" "$(cat "$1")" "$1"; }
fails() { ! "$@"; }

# What `make install` makes, in the systemd guest.
install_suite() {
  cp -a /host/installed/. /
  systemd-sysusers
  systemctl daemon-reload
  systemctl reload dbus
}

# host WORDS...: something that only the emulator can do, see emulator.py.
host() {
  rm -f /host/answer
  echo "$*" >/host/request.new
  mv /host/request.new /host/request
  within 10 test -e /host/answer
  equal ok "$(cat /host/answer)" "$*"
}

# -- the simulated MCU ------------------------------------------------------------------------------

# sim WORDS...: a command for mcusim's control socket, and its answer. The emulator passes it on; one
# process at a time may have the port open.
sim() {
  if [ -z "${sim_port:-}" ]; then
    for port in /sys/class/virtio-ports/*; do
      [ "$(cat "$port/name")" != mcusim ] || sim_port=/dev/${port##*/}
    done
  fi
  (
    exec 3<>"$sim_port"
    echo "$*" >&3
    read -r answer <&3
    echo "$answer"
  )
}
# sim_has TEXT: in all that `state` tells, which is JSON without blanks.
sim_has() { says "$1" sim state; }
# beeps short|long: how many there have been.
beeps() { sim state | sed "s/.*\"beeps\":{[^}]*\"$1\":\([0-9]*\).*/\1/"; }

# -- simulated GPIO ---------------------------------------------------------------------------------

# line N: the folder of a line of the bank, which the device tree or configfs has made.
line() { echo /sys/devices/platform/gpio-sim*/gpiochip*/sim_gpio"$1"; }
pull() { echo "pull-$2" >"$(line "$1")/pull"; }
level() { cat "$(line "$1")/value"; }
level_is() { equal "$2" "$(level "$1")" "line $1"; }

# -- our programs -----------------------------------------------------------------------------------

bus_up() {
  [ ! -S /run/dbus/system_bus_socket ] || return 0
  mkdir -p /run/dbus
  dbus-daemon --config-file=/etc/dbus-1/system.conf --fork
}

# start NAME COMMAND...: a daemon with a log; `stop NAME [SIGNAL]` ends it.
start() {
  daemon=$1
  shift
  "$@" >>"/host/$daemon.log" 2>&1 &
  echo $! >"/run/$daemon.test-pid"
}
stop() {
  [ -e "/run/$1.test-pid" ] || return 0
  pid=$(cat "/run/$1.test-pid")
  rm "/run/$1.test-pid"
  kill "-${2:-TERM}" "$pid" 2>/dev/null || return 0
  within 10 fails kill -0 "$pid"
}
# nas-fand drives: until then a duty by hand is mcud's own, and ends when nas-fand takes the fan.
fand_up() {
  start nas-fand nas-fand
  within 20 says auto mcuctl fan system
}
end_daemons() {
  stop nas-fand
  stop mcud
}

# property PATH INTERFACE NAME: of mcud, without quotes: property mcu Mcu Backend.
property() {
  dbus-send --system --print-reply=literal --dest=io.nasmcu1.mcud "/io/nasmcu1/$1" \
    org.freedesktop.DBus.Properties.Get "string:io.nasmcu1.$2" "string:$3" |
    sed 's/^ *variant *//; s/^boolean //; s/ *$//'
}

# mcud_up [ARGUMENT...]: mcud runs and answers.
mcud_up() {
  bus_up
  start mcud mcud "$@"
  within 15 mcuctl status
}

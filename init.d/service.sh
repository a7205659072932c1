#!/bin/sh
# SPDX-License-Identifier: MIT
# The common part of the LSB scripts: a small supervisor that starts a dead daemon again. It ends
# with the daemon's clean end, or with exit code 2: a wrong configuration does not get better by
# trying again. /etc/default/NAME may set OPTIONS.
#
# The script that reads this sets NAME, USER, DAEMON and after_death().

: "${RUN:=/run/nasmcu}" "${OPTIONS:=}"
DEFAULTS=${DEFAULTS:-/etc/default/$NAME}
# shellcheck source=/dev/null
[ ! -r "$DEFAULTS" ] || . "$DEFAULTS"
PID=$RUN/$NAME.supervisor.pid
# There while its owner wants it stopped: to nas-watchdogd that is no failure.
STOPPED=$RUN/$NAME.stopped

alive() { [ -s "$PID" ] && kill -0 "$(cat "$PID")" 2>/dev/null; }

# As the daemon's own user where there is one, and as the caller elsewhere.
run_daemon() {
  if [ "$(id -u)" = 0 ] && id -u "$USER" >/dev/null 2>&1; then
    # shellcheck disable=SC2086 # OPTIONS holds several words
    exec setpriv --reuid "$USER" --regid nasmcu --init-groups "$DAEMON" $OPTIONS
  fi
  # shellcheck disable=SC2086
  exec "$DAEMON" $OPTIONS
}

supervise() {
  stopping=
  trap 'stopping=yes; kill "$child" 2>/dev/null' TERM
  trap 'kill -HUP "$child" 2>/dev/null' HUP
  while [ -z "$stopping" ]; do
    (run_daemon) &
    child=$!
    while :; do # a trapped signal ends wait early
      wait "$child"
      code=$?
      kill -0 "$child" 2>/dev/null || break
    done
    if [ -n "$stopping" ] || [ "$code" = 0 ] || [ "$code" = 2 ]; then break; fi
    logger -t "$NAME" "ended with code $code; starting it again" 2>/dev/null
    after_death
    sleep 1
  done
  rm -f "$PID"
}

start() {
  alive && return 0
  mkdir -p "$RUN" || return 1
  rm -f "$STOPPED"
  setsid "$0" supervise </dev/null >/dev/null 2>&1 &
  echo $! >"$PID"
}

stop() {
  mkdir -p "$RUN" && : >"$STOPPED"
  alive || return 0
  supervisor=$(cat "$PID")
  kill "$supervisor"
  tries=0
  while kill -0 "$supervisor" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -le 50 ] || return 1
    sleep 0.1
  done
}

service() {
  [ -x "$DAEMON" ] || exit 0
  case "$1" in
    start) start ;;
    stop) stop ;;
    restart | force-reload) stop && start ;;
    reload) alive && kill -HUP "$(cat "$PID")" ;;
    status)
      if alive; then
        echo "$NAME is running"
      else
        echo "$NAME is not running"
        exit 3
      fi
      ;;
    supervise) supervise ;;
    *)
      echo "usage: $0 {start|stop|restart|reload|force-reload|status}" >&2
      exit 2
      ;;
  esac
}

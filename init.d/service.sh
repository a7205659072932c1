#!/bin/sh
# SPDX-License-Identifier: MIT
# The common part of the LSB scripts: nasmcu-supervise(8) starts a dead daemon again, and one that
# hangs. /etc/default/NAME may set OPTIONS, the daemon's own.
#
# The script that reads this sets NAME, USER, DAEMON, SUPERVISE, and what else nasmcu-supervise needs
# to know in SUPERVISION.

: "${RUN:=/run/nasmcu}" "${OPTIONS:=}" "${SUPERVISION:=}" "${AS_USER:=}"
DEFAULTS=${DEFAULTS:-/etc/default/$NAME}
# shellcheck source=/dev/null
[ ! -r "$DEFAULTS" ] || . "$DEFAULTS"
# As in the units: memory that stays flat (docs/performance.md).
export GLIBC_TUNABLES=glibc.malloc.tcache_count=0
PID=$RUN/$NAME.supervisor.pid
# There while its owner wants it stopped: to nas-watchdogd that is no failure.
STOPPED=$RUN/$NAME.stopped

alive() { "$SUPERVISE" --pid-file "$PID" --status; }

start() {
  alive && return 0
  mkdir -p "$RUN" || return 1
  rm -f "$STOPPED"
  # As the daemon's own user where there is one, and as the caller elsewhere.
  if [ "$(id -u)" = 0 ] && [ "$USER" != root ] && id -u "$USER" >/dev/null 2>&1; then
    # shellcheck disable=SC2086 # several words
    set -- --user "$USER" $AS_USER
  else
    set --
  fi
  # It returns when the daemon is ready.
  # shellcheck disable=SC2086 # OPTIONS and SUPERVISION hold several words
  "$SUPERVISE" --background --name "$NAME" --pid-file "$PID" "$@" $SUPERVISION \
    ${FAILSAFE:+--failsafe "$FAILSAFE"} -- "$DAEMON" $OPTIONS
}

stop() {
  # The folder may be mcud's: nothing that lies there is written to.
  mkdir -p "$RUN" && rm -f "$STOPPED" && (set -C && : >"$STOPPED")
  "$SUPERVISE" --pid-file "$PID" --stop
}

service() {
  [ -x "$DAEMON" ] && [ -x "$SUPERVISE" ] || exit 0
  case "$1" in
    start) start ;;
    stop) stop ;;
    restart | force-reload) stop && start ;;
    reload) "$SUPERVISE" --pid-file "$PID" --reload ;;
    status)
      if alive; then
        echo "$NAME is running"
      else
        echo "$NAME is not running"
        exit 3
      fi
      ;;
    *)
      echo "usage: $0 {start|stop|restart|reload|force-reload|status}" >&2
      exit 2
      ;;
  esac
}

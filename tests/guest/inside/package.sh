# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# For the tests of the installed packages: sourced by them. The same tests run under systemd and
# sysvinit; what differs is here.
# shellcheck source=tests/guest/inside/down.sh
. ./inside/down.sh

daemons='mcud nas-fand nas-alertd nas-watchdogd nas-buttond'
debs=/host/debs

systemd() { [ -d /run/systemd/system ]; }
if systemd; then bus_service=dbus.service; else bus_service=dbus-daemon; fi

# -- packages ---------------------------------------------------------------------------------------

# install_packages FOLDER: the packages in it, as an owner installs them; there is no network here.
install_packages() {
  DEBIAN_FRONTEND=noninteractive apt-get -q -y install "$1"/nasmcu_*.deb "$1"/nasmcu-alert_*.deb
}
remove() { DEBIAN_FRONTEND=noninteractive apt-get -q -y "$1" nasmcu nasmcu-alert; }
version_of() { dpkg-deb -f "$1"/nasmcu_*.deb Version; }
is_installed() { equal "install ok installed $1" "$(dpkg-query -W -f '${Status} ${Version}' nasmcu)" nasmcu; }

# all_files: what is on the disk, but for what every program may leave: logs and journals, the lists
# of packages, locks and last versions of the files of users (packages keep their system users), and
# what util-linux's hwclock.sh writes at each shutdown of sysvinit.
all_files() {
  find / -xdev \( -path /host -o -path /var/log -o -path /var/cache -o -path /var/lib/apt \
    -o -path /tmp -o -path /var/tmp \) -prune -o -print |
    grep -vE '^/(var/lib/dpkg/|var/backups|etc/(adjtime$|\.pwd\.lock$|(passwd|shadow|group|gshadow|sub[ug]id)-$))' |
    grep -vE '^/(var/lib/systemd/(timers|random|rfkill|backlight|linger)|root/\.)' | LC_ALL=C sort
}

# -- services ---------------------------------------------------------------------------------------

runs() {
  if systemd; then equal active "$(systemctl show -P ActiveState "$1")" "$1"; else service "$1" status; fi
}
all_run() { for daemon in $daemons; do runs "$daemon" || return 1; done; }
none_runs() { for daemon in $daemons; do fails pid_of "$daemon" || return 1; done; }
# pid_of PROGRAM: and not of a script with the same name. No name is longer than pgrep knows them (15).
pid_of() {
  for pid in $(pgrep -x "$1"); do
    case $(readlink "/proc/$pid/exe") in */bin/"$1" | */sbin/"$1" | */nasmcu-suite)
      echo "$pid"
      return 0
      ;;
    esac
  done
  return 1
}
reload() { service "$1" reload; }

# nothing_failed: to the service manager.
nothing_failed() {
  if systemd; then equal '' "$(systemctl --failed --plain --no-legend)" 'what failed'; fi
}

# started_ms NAME: when it was started, or ready where somebody notes that, in milliseconds of uptime.
started_ms() {
  if systemd; then
    echo $(($(systemctl show -P ActiveEnterTimestampMonotonic "$1") / 1000))
  else
    # The 22nd field is in hundredths of a second; the second one may have blanks in it.
    sed 's/.*) //' "/proc/$(pid_of "$1")/stat" | awk '{ print $20 * 10 }'
  fi
}

# -- the box ----------------------------------------------------------------------------------------

# The MCU is on the second serial port. What is wanted of the fan shows at once; an emulated processor
# may need longer than an MCU to answer.
configure() {
  echo "$MODEL" >/etc/nasmcu/board
  {
    printf '[Serial]\nPort = /dev/ttyS1\nTimeout_ms = 5000\n'
    printf '[Watchdog]\nDevice = /dev/watchdog0\n'
    printf '[Fan system]\nSmoothing = 0\nRampDown = 0\nDwell = 0\n'
  } >/etc/nasmcu/nasmcu.conf
}

# heat slow|middle|full: a temperature at which the board's curve, or dns320l-daemon's rule, wants the
# fan so. fan_is slow|middle|full: whether it turns so.
heat() {
  case $MODEL-$1 in
    *-slow) sim set temp 30 ;;
    qnap-*-middle) sim set temp 48 ;;
    qnap-*-full) sim set temp 66 ;;
    dlink-*-middle) sim set temp 47 ;;
    dlink-*-full) sim set temp 55 ;;
  esac
}
fan_is() {
  case $MODEL-$1 in
    *-full) sim_has '"duty":100' ;;
    qnap-*-slow) sim_has '"pwm":51' ;;
    qnap-*-middle) sim_has '"pwm":125' ;; # 49 %
    dlink-*-slow) sim_has '"duty":0' ;;
    dlink-*-middle) sim_has '"duty":50' ;;
  esac
}
fan_follows() { heat "$1" && within 60 fan_is "$1"; }

# as USER COMMAND...: an ordinary user, with nothing of ours in the environment.
as() {
  user=$1
  shift
  runuser -u "$user" -- env -i PATH=/usr/bin:/bin HOME=/ LANG=C.UTF-8 "$@"
}

# exits CODE COMMAND...: and what it says is in $said.
exits() {
  wanted=$1 code=0
  shift
  said=$({ set +x; } 2>/dev/null && "$@" 2>&1) || code=$?
  equal "$wanted" $code "exit code of $* ($said)"
}

# goes_down COMMAND...: the end of a script's last test: the system goes down behind it.
goes_down() {
  touch /run/guest-goes-down
  if systemd; then
    # The guest's own end is a power-off without any shutdown.
    mkdir -p /run/systemd/system/guest.service.d
    printf '[Service]\nExecStopPost=\nExecStopPost=/bin/umount /host\n' \
      >/run/systemd/system/guest.service.d/end.conf
    systemctl daemon-reload
    systemd-run --on-active=2 "$@"
  else
    (sleep 2 && exec "$@") >/dev/null 2>&1 &
  fi
}

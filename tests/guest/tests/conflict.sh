# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# A thermal zone of the kernel drives the same fan: what each of the three policies does. The zone's
# thermometer (50 degrees, always) comes with the nvme module, and then wants the second speed.
zone=/sys/class/thermal/thermal_zone0

speed() {
  equal "$1" "$(level 9)$(level 8)" 'the two lines of the fan'
}
policy() {
  mkdir -p /etc/nasmcu
  printf '[Daemon]\nServerPort = 0\n[Fan system]\nConflict = %s\n' "$1" >/etc/nasmcu/nasmcu.conf
}
# told WORDS: in mcud's log since the last start.
told() { says "$1" cat /host/mcud.log; }
begin() {
  stop nas-fand
  stop mcud
  : >/host/mcud.log
  policy "$1"
  mcud_up
}

test_a_zone_drives_the_fan() {
  modprobe nvme
  within 20 file_is $zone/type disk-thermal
  file_is $zone/policy step_wise
  within 10 speed 10
}

test_stand_back_leaves_it_to_the_zone() {
  begin stand-back
  within 10 told disk-thermal
  says disk-thermal mcuctl fan system
  within 10 speed 10
  fails mcuctl fan system 100
  file_is $zone/policy step_wise
  speed 10
}

test_refuse_does_not_drive_it_either() {
  begin refuse
  within 10 told disk-thermal
  fails mcuctl fan system 100
  file_is $zone/policy step_wise
  within 10 speed 10
}

test_take_over_uses_the_user_space_policy() {
  begin take-over
  within 10 file_is $zone/policy user_space
  file_is $zone/mode enabled
  within 10 speed 11
  fand_up
  says '' mcuctl fan system 30
  within 10 speed 01
}

test_the_zone_has_it_back_at_the_end() {
  stop nas-fand
  stop mcud
  file_is $zone/policy step_wise
  # The kernel writes a speed when what it wants changes; until then mcud's last one stays.
  speed 11
}

test_the_zone_has_it_back_after_a_crash() {
  begin take-over
  within 10 file_is $zone/policy user_space
  stop mcud KILL
  mcuctl failsafe
  within 10 file_is $zone/policy step_wise
}

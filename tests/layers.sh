#!/bin/bash
# SPDX-License-Identifier: MIT
# layers.sh [TREE]       checks every #include against the table in docs/architecture.md, and that
#                        the tree, the table and README.md name the same folders
# layers.sh --self-test  checks that a broken tree is really found
set -euo pipefail

# The functions below answer in REPLY: a process for each of some thousand lines would take half a
# minute.

# library HEADER: the table's word for a header that is not ours.
library() {
  case $1 in
    boost/asio* | boost/system*) REPLY=Asio ;;
    ini.h) REPLY=inih ;;
    gpiod.h) REPLY=libgpiod ;;
    libevdev/*) REPLY=libevdev ;;
    libudev.h) REPLY=libudev ;;
    spdlog/*) REPLY=spdlog ;;
    fmt/*) REPLY=fmt ;;
    CLI/*) REPLY=CLI11 ;;
    nlohmann/*) REPLY=nlohmann-json ;;
    sdbus-c++/*) REPLY=sdbus-c++ ;;
    dbus/*) REPLY=glue ;;
    boost/* | */*.hpp) REPLY=$1 ;;
    *.h) REPLY=system ;;
    */* | *.hpp) REPLY=$1 ;;
    *) REPLY=std ;;
  esac
}

# home FOLDER HEADER: the path in the tree that an #include means; nothing when it is not ours.
home() {
  local header=$2
  REPLY=
  case $header in
    libmcu/*) REPLY=$header ;;
    dbus/*) ;;
    *) if [[ $header == */* && -d daemons/${header%%/*} ]]; then REPLY=daemons/$header
       elif [ -e "$1/$header" ]; then REPLY=$1/$header; fi ;;
  esac
}

# shellcheck disable=SC2016 # backquotes are the table's own
read_table() {
  while IFS='|' read -r _ folder allowed _; do
    folder=$(tr -d ' `' <<<"$folder")
    rows[$folder]=$(tr -d '`' <<<"$allowed" | tr ',' ' ')
  done < <(grep -E '^\| `(libmcu|daemons)/[a-z0-9_/.]+` \| std' docs/architecture.md)
  [ ${#rows[@]} -gt 0 ] || { echo 'layers: no table in docs/architecture.md'; exit 1; }
}

# row_of FILE: the longest row that fits.
row_of() {
  local best='' row
  if [ -n "${row_known[$1]+yes}" ]; then
    REPLY=${row_known[$1]}
    return
  fi
  for row in "${!rows[@]}"; do
    [[ $1 == "$row" || $1 == "$row"/* || $1 == "$row".* ]] && ((${#row} > ${#best})) && best=$row
  done
  row_known[$1]=$best
  REPLY=$best
}

check_include() {
  local file=$1 header=$2 row target word allowed
  row_of "$file"
  row=$REPLY
  [ -n "$row" ] || return 0 # check_folders complains about it
  home "${file%/*}" "$header"
  target=$REPLY
  if [ -n "$target" ]; then
    local own=$row
    # A single file's row does not open the rest of its folder, only its own header.
    [[ $target == "$own" || $target == "$own"/* || $target == "$own".* ]] && return 0
    for word in ${rows[$row]}; do
      [[ $target == "$word" || $target == "$word"/* || $target == "$word".* ]] && return 0
    done
    allowed=$target
  else
    library "$header"
    allowed=$REPLY
    [[ " ${rows[$row]} " == *" $allowed "* ]] && return 0
  fi
  echo "layers: $file includes <$header> ($allowed); \`$row\` may include: ${rows[$row]}"
  bad=$((bad + 1))
}

check_includes() {
  local file header
  while IFS=: read -r file header; do
    if [[ $header == ../* ]]; then
      echo "layers: $file includes \"$header\": write it from the top of the tree"
      bad=$((bad + 1))
    else
      check_include "$file" "$header"
    fi
  done < <(grep -rHE '^[[:space:]]*#[[:space:]]*include' libmcu daemons --include='*.hpp' --include='*.cpp' |
    sed -E 's/:[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]([^>"]+)[>"].*/:\1/')
}

# Every folder with sources has a row and a place in the README's picture; every row exists.
check_folders() {
  local folder
  while read -r folder; do
    [ -n "${rows[$folder]:-}" ] || { echo "layers: $folder has no row in docs/architecture.md"; bad=$((bad + 1)); }
    grep -q "$folder" README.md || { echo "layers: README.md's picture does not show $folder"; bad=$((bad + 1)); }
  done < <(find libmcu daemons -name '*.[ch]pp' -printf '%h\n' | sort -u)
  for folder in "${!rows[@]}"; do
    compgen -G "$folder*" >/dev/null || { echo "layers: docs/architecture.md has a row for $folder, which is not there"; bad=$((bad + 1)); }
  done
  while read -r folder; do
    [ -d "$folder" ] || { echo "layers: README.md shows $folder, which is not there"; bad=$((bad + 1)); }
  done < <(grep -oE '\b(libmcu|daemons)/[a-z]+' README.md | sort -u)
}

# The frame that cuts the power has one sender (safety rule 5).
check_power() {
  local file
  while read -r file; do
    echo "layers: $file lets a link cut the power: that is for daemons/shutdown alone"
    bad=$((bad + 1))
  done < <(grep -rlE 'power_off_allowed *= *(true|1)' libmcu daemons | grep -v '^daemons/shutdown/')
}

# A copy of the sources with one bad line must fail, and say where.
self_test() {
  local copy file line
  copy=$(mktemp -d)
  # shellcheck disable=SC2064 # the name is known now
  trap "rm -rf '$copy'" EXIT
  cp -r --parents libmcu daemons docs README.md "$copy"
  "$here/layers.sh" "$copy" >/dev/null || { echo 'layers: the tree itself is not clean'; exit 1; }
  while read -r file line; do
    cp -r "$copy" "$copy.bad"
    mkdir -p "$copy.bad/$(dirname "$file")"
    echo "$line" >>"$copy.bad/$file"
    if said=$("$here/layers.sh" "$copy.bad"); then
      rm -rf "$copy.bad"
      echo "layers: '$line' in $file was not found"
      exit 1
    fi
    rm -rf "$copy.bad"
    grep -qF "${file%/*}" <<<"$said" || { echo "layers: wrong complaint: $said"; exit 1; }
  done <<'BAD'
libmcu/model/units.hpp #include <boost/asio/steady_timer.hpp>
libmcu/model/units.hpp #include <unistd.h>
libmcu/protocol/protocol.hpp #include <libmcu/link/link.hpp>
libmcu/link/link.hpp #include <spdlog/spdlog.h>
libmcu/devices/device.hpp #include <common/config.hpp>
libmcu/devices/registry.cpp #include <gpiod.h>
libmcu/kernel/find.cpp #include <libmcu/devices/device.hpp>
daemons/common/config.hpp #include <sdbus-c++/sdbus-c++.h>
daemons/verbs/verbs.hpp # include "../common/config.hpp"
libmcu/newcomer/thing.hpp #include <string>
daemons/mcud/core.cpp void f(mcu::LinkOptions& o) { o.power_off_allowed = true; }
BAD
  echo 'layers: all bad samples were found'
}

here=$(cd "$(dirname "$0")" && pwd)
if [ "${1:-}" = --self-test ]; then
  cd "$here/.."
  self_test
  exit
fi
cd "${1:-$here/..}"
declare -A rows row_known
bad=0
read_table
check_includes
check_folders
check_power
[ "$bad" = 0 ] || exit 1
echo "layers: ${#rows[@]} rows hold"

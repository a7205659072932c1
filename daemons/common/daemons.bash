# SPDX-License-Identifier: MIT
# bash completion for mcud(8), nas-fand(8), nas-alertd(8), nas-watchdogd(8) and nas-buttond(8)
# shellcheck shell=bash

_nasmcu_daemon() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} boards
  # bash takes --board=x for three words.
  if [[ $current == = ]]; then current=''; fi
  if [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD - 2]}; fi
  COMPREPLY=()
  case $previous in
    --config)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      ;;
    --root)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$current")
      ;;
    --board)
      compopt -o filenames 2>/dev/null
      boards=$(mcuctl boards 2>/dev/null | awk '/^[ *] / { print $1 == "*" ? $2 : $1 }')
      mapfile -t COMPREPLY < <(compgen -f -W "$boards" -- "$current")
      ;;
    --log-level)
      mapfile -t COMPREPLY < <(compgen -W 'trace debug info warning error off' -- "$current")
      ;;
    *)
      mapfile -t COMPREPLY < <(compgen -W '-h --help --config --board --root --log-level --version' \
        -- "$current")
      ;;
  esac
}

complete -F _nasmcu_daemon mcud nas-fand nas-alertd nas-watchdogd nas-buttond

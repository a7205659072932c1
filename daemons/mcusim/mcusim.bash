# SPDX-License-Identifier: MIT
# bash completion for mcusim(1)
# shellcheck shell=bash

_mcusim_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }

# _mcusim_files KIND [WORDS]: files (-f) or folders (-d), and these words.
_mcusim_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -W "${2:-}" -- "$current")
}

_mcusim_boards() { mcuctl boards 2>/dev/null | awk '/^[ *] / { print $1 == "*" ? $2 : $1 }'; }

_mcusim() {
  local options='-h --help --config --board --root --log-level --version --protocol --link --listen
    --control --pace --seed --fault --trace --ambient --heat'
  local faults='drop drop-byte drop-ack drop-data flip dup late split noise surplus ack-first silent
    refuse host-drop unsolicited'
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} value=''
  COMPREPLY=()
  # bash takes --board=x for three words, and so it does drop=once.
  if [[ $current == = ]]; then current='' value=yes; fi
  if [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD - 2]} value=yes; fi
  case $previous in
    --config | --link | --listen | --control | --trace) _mcusim_files -f ;;
    --root) _mcusim_files -d ;;
    --board) _mcusim_files -f "$(_mcusim_boards)" ;;
    --log-level) _mcusim_words 'trace debug info warning error off' ;;
    --protocol) _mcusim_words 'dns320l wd-mirror-gen2 wt61p803' ;;
    --fault) _mcusim_words "$faults" ;;
    --seed | --ambient | --heat) ;;
    *)
      if [[ $value && $previous != -* ]]; then
        _mcusim_words 'on off once'
      else
        _mcusim_words "$options"
      fi
      ;;
  esac
}

complete -F _mcusim mcusim

# SPDX-License-Identifier: MIT
# bash completion for mcuctl(8)
# shellcheck shell=bash

# What _mcuctl sets and its helpers read: current, the word under the cursor; given, the options
# that say which box is meant; remote, not empty with -H.

_mcuctl_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }

# _mcuctl_files [WORDS]: files, and these words.
_mcuctl_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -f -W "${1:-}" -- "$current")
}

# Another machine is not asked: ssh could want a password. A box that does not answer is not waited
# for.
_mcuctl_ask() { [ -n "$remote" ] || timeout 2 mcuctl "${given[@]}" "$@" 2>/dev/null; }

_mcuctl_boards() { timeout 2 mcuctl boards 2>/dev/null | awk '/^[ *] / { print $1 == "*" ? $2 : $1 }'; }
# _mcuctl_names VERB: the names that this verb lists.
_mcuctl_names() { _mcuctl_ask "$1" | awk '{ print $1 }'; }
_mcuctl_alerts() { _mcuctl_ask alerts | awk '$1 == "id" { print $2 }'; }
_mcuctl_bays() { _mcuctl_ask disks | awk '$1 == "bay" { print $2 }'; }

# _mcuctl_option OPTION: its value.
_mcuctl_option() {
  case $1 in
    --config) _mcuctl_files ;;
    --board) _mcuctl_files "$(_mcuctl_boards)" ;;
    --root)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$current")
      ;;
    -H | --host) mapfile -t COMPREPLY < <(compgen -A hostname -- "$current") ;;
    --log-level) _mcuctl_words 'trace debug info warning error off' ;;
  esac
}

# _mcuctl_arguments VERB PREVIOUS PLACE: PLACE 1 is the verb's first argument.
_mcuctl_arguments() {
  case $1:$3 in
    temp:1 | button:1) _mcuctl_words "$(_mcuctl_names "$1")" ;;
    fan:1) _mcuctl_words "$(_mcuctl_names fan) auto why simulate" ;;
    fan:2 | fan:3)
      if [ "$2" = simulate ]; then
        _mcuctl_files
      elif [[ $3 == 2 && ! $2 =~ ^(auto|why|[0-9]+)$ ]]; then
        _mcuctl_words 'auto why simulate'
      fi
      ;;
    led:1) _mcuctl_words "$(_mcuctl_names led)" ;;
    led:2) _mcuctl_words 'off on blink-slow blink-fast' ;;
    beep:1) _mcuctl_words 'short long' ;;
    wake:1) _mcuctl_words 'off arm' ;;
    power-recovery:1 | wol:1) _mcuctl_words 'on off' ;;
    sleep:1) _mcuctl_words 'before after' ;;
    alerts:1) _mcuctl_words 'ack mute test' ;;
    alerts:2)
      case $2 in
        ack) _mcuctl_words "$(_mcuctl_alerts)" ;;
        mute) _mcuctl_words '15m 1h 8h off' ;;
      esac
      ;;
    disks:1) _mcuctl_words 'forget test' ;;
    disks:2 | identify:1) _mcuctl_words "$(_mcuctl_bays)" ;;
    disks:3) [ "${COMP_WORDS[COMP_CWORD - 2]}" != test ] || _mcuctl_words 'short long' ;;
    identify:2) _mcuctl_words 'off' ;;
    watchdog:1) _mcuctl_words 'grace' ;;
    watchdog:2) _mcuctl_words '120 600 0' ;;
    setup:1) _mcuctl_files "$(_mcuctl_boards)" ;;
    check:1 | metrics:1) _mcuctl_files ;;
  esac
}

_mcuctl() {
  local verbs='status temp fan led beep button clock hctosys systohc wake ready failsafe
    power-recovery wol poweroff sleep raw alerts disks identify watchdog boards check setup report
    metrics version help'
  local options='-h --help -H --host --json --config --board --root --log-level --direct --force
    --version'
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} i value
  local given=() remote=''
  COMPREPLY=()
  # bash takes --board=x for three words.
  if [[ $current == = ]]; then current=''; fi
  if [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      -H | --host | --config | --board | --root | --log-level)
        value=$((i + 1))
        [[ ${COMP_WORDS[value]} != = ]] || value=$((i + 2))
        ((value < COMP_CWORD)) || { _mcuctl_option "$previous"; return; }
        case ${COMP_WORDS[i]} in
          -H | --host) remote=yes ;;
          *) given+=("${COMP_WORDS[i]}" "${COMP_WORDS[value]}") ;;
        esac
        i=$value
        ;;
      --direct) given+=(--direct) ;;
      -*) ;;
      *) break ;;
    esac
  done
  if [[ $current == -* ]]; then
    _mcuctl_words "$options"
  elif ((i == COMP_CWORD)); then
    _mcuctl_words "$verbs"
  else
    _mcuctl_arguments "${COMP_WORDS[i]}" "$previous" $((COMP_CWORD - i))
  fi
}

complete -F _mcuctl mcuctl

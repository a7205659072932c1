# SPDX-License-Identifier: MIT
# bash completion for mcuctl(8)
# shellcheck shell=bash disable=SC2207 # words of ours hold no blanks

_mcuctl_boards() { mcuctl boards 2>/dev/null | awk '{ print $1 == "*" ? $2 : $1 }'; }

# _mcuctl_names VERB: the names that this verb lists.
_mcuctl_names() { mcuctl "$1" 2>/dev/null | awk '{ print $1 }'; }

_mcuctl_alerts() { mcuctl alerts 2>/dev/null | awk '$1 == "id" { print $2 }'; }
_mcuctl_bays() { mcuctl disks 2>/dev/null | awk '$1 == "bay" { print $2 }'; }

_mcuctl() {
  local verbs='status temp fan led beep button clock hctosys systohc wake ready failsafe
    power-recovery wol poweroff sleep raw alerts disks identify watchdog boards check setup report
    metrics version help'
  local options='-H --host --json --config --board --root --log-level --direct --force --help
    --version'
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} verb='' i
  local with_value=' -H --host --config --board --root --log-level '
  COMPREPLY=()
  case $previous in
    --config | check) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --root) COMPREPLY=($(compgen -d -- "$current")); return ;;
    -H | --host) COMPREPLY=($(compgen -A hostname -- "$current")); return ;;
    --log-level) COMPREPLY=($(compgen -W 'trace debug info warning error off' -- "$current")); return ;;
    --board)
      COMPREPLY=($(compgen -f -W "$(_mcuctl_boards)" -- "$current"))
      return ;;
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
    return
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ $with_value == *" ${COMP_WORDS[i - 1]} "* ]] && continue
    [[ ${COMP_WORDS[i]} == -* ]] || { verb=${COMP_WORDS[i]}; break; }
  done
  local place=$((COMP_CWORD - i)) # 1: the verb's first argument
  case $verb:$place in
    :*) COMPREPLY=($(compgen -W "$verbs" -- "$current")) ;;
    temp:1) COMPREPLY=($(compgen -W "$(_mcuctl_names temp)" -- "$current")) ;;
    fan:1) COMPREPLY=($(compgen -W "$(_mcuctl_names fan) auto why simulate" -- "$current")) ;;
    fan:2 | fan:3)
      if [[ $previous == simulate ]]; then
        COMPREPLY=($(compgen -f -- "$current"))
      elif [[ $place == 2 ]]; then
        COMPREPLY=($(compgen -W 'auto why simulate' -- "$current"))
      fi
      ;;
    led:1) COMPREPLY=($(compgen -W "$(_mcuctl_names led)" -- "$current")) ;;
    led:2) COMPREPLY=($(compgen -W 'off on blink-slow blink-fast' -- "$current")) ;;
    metrics:1) COMPREPLY=($(compgen -f -- "$current")) ;;
    beep:1) COMPREPLY=($(compgen -W 'short long' -- "$current")) ;;
    button:1) COMPREPLY=($(compgen -W "$(_mcuctl_names button)" -- "$current")) ;;
    wake:1) COMPREPLY=($(compgen -W 'off arm' -- "$current")) ;;
    sleep:1) COMPREPLY=($(compgen -W 'before after' -- "$current")) ;;
    setup:1) COMPREPLY=($(compgen -f -W "$(_mcuctl_boards)" -- "$current")) ;;
    alerts:1) COMPREPLY=($(compgen -W 'ack mute test' -- "$current")) ;;
    alerts:2)
      case $previous in
        ack) COMPREPLY=($(compgen -W "$(_mcuctl_alerts)" -- "$current")) ;;
        mute) COMPREPLY=($(compgen -W '15m 1h 8h off' -- "$current")) ;;
      esac ;;
    disks:1) COMPREPLY=($(compgen -W 'forget test' -- "$current")) ;;
    disks:3) COMPREPLY=($(compgen -W 'short long' -- "$current")) ;;
    disks:2 | identify:1) COMPREPLY=($(compgen -W "$(_mcuctl_bays)" -- "$current")) ;;
    watchdog:1) COMPREPLY=($(compgen -W 'grace' -- "$current")) ;;
    watchdog:2) COMPREPLY=($(compgen -W '120 600 0' -- "$current")) ;;
    identify:2) COMPREPLY=($(compgen -W 'off' -- "$current")) ;;
    power-recovery:1 | wol:1) COMPREPLY=($(compgen -W 'on off' -- "$current")) ;;
  esac
}

complete -F _mcuctl mcuctl

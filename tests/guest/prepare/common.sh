# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sourced by the scripts of this folder, which run in the tree's top folder. Everything they make is
# below build/guest; packages come from the mirror that apt on this machine uses.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
out=${NASMCU_GUEST:-$top/build/guest}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

die() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# shellcheck source=/dev/null
own_suite() { (. /etc/os-release && echo "$VERSION_CODENAME"); }

debian_mirror() {
  local mirror
  # shellcheck disable=SC2016 # apt's own words
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(SUITE)' 'Created-By: Packages' |
    awk '$2 == "Debian" && $3 !~ /security|updates|backports/ { print $1; exit }')
  [ -n "$mirror" ] || die 'apt on this machine knows no Debian mirror'
  echo "$mirror"
}

# other_apt SUITE ARCH: sets `apt` to the options of an apt that sees this suite and architecture
# alone and has nothing to do with this machine's packages; its lists are made once.
other_apt() {
  local suite=$1 arch=$2 dir=$out/apt/$1-$2
  apt=(-o "Dir::State=$dir" -o "Dir::State::lists=$dir/lists" -o "Dir::State::status=$dir/status"
    -o "Dir::Cache=$dir/cache" -o "Dir::Etc::sourcelist=$dir/sources.list"
    -o Dir::Etc::sourceparts=/dev/null -o "APT::Architecture=$arch"
    -o "APT::Architectures::=$arch" -o Acquire::Languages=none -o APT::Sandbox::User=root)
  [ ! -e "$dir/ready" ] || return 0
  mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
  : >"$dir/status"
  echo "deb [signed-by=$keyring] $(debian_mirror) $suite main" >"$dir/sources.list"
  apt-get "${apt[@]}" -qq update
  : >"$dir/ready"
}

# unpack DEST PACKAGE...: newest packages of the suite, unpacked and not installed (after other_apt).
unpack() {
  local dest=$1 dir file
  shift
  dir=$(mktemp -d)
  (cd "$dir" && apt-get "${apt[@]}" -qq download "$@")
  mkdir -p "$dest"
  for file in "$dir"/*.deb; do dpkg-deb -x "$file" "$dest"; done
  rm -rf "$dir"
}

# stamp FILE WORDS...: whether what these words describe was made already; `stamped` says so.
stamped() { printf '%s\n' "${@:2}" | sha256sum | cut -c1-16 >"$1"; }
stamp() { [ "$(cat "$1" 2>/dev/null)" = "$(printf '%s\n' "${@:2}" | sha256sum | cut -c1-16)" ]; }

# shellcheck shell=bash
# What every command of the lab shares: where its state lies, which devices there are, how to find its processes.
# A device is a set of namespaces (mount, pid, uts, ipc) with a root of its own, so nothing the lab does
# reaches the host: no user, no mount, no firewall rule outlives the processes.

LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
STATE=$(realpath -m "${FLEETWRIGHT_LAB_STATE:-$LAB_DIR/.state}")
# Names this lab among others on the machine (firewall table, cgroups, machine ids).
LAB_ID=$(printf %s "$STATE" | md5sum | cut -c1-8)
NFT_TABLE=fleetwright_lab_$LAB_ID
CGROUP=fleetwright-lab-$LAB_ID
# Every process the lab launches carries this in its environment; it is how a half-started lab is found again.
MARK=FLEETWRIGHT_LAB_MARK=$STATE
MARKER_FILE=$STATE/.fleetwright-lab
# shellcheck disable=SC2034 # read by the scripts that source this file
DEVICES=(root-bash user-sudo busybox-ash restricted noisy slow fish)
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

say() { printf 'lab: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

require_root() {
  [ "$(id -u)" = 0 ] || die "needs root (namespaces, sshd, dockerd): run it as root or with sudo"
}

# One command at a time per checkout. The descriptor is closed in everything that is left running.
take_lock() {
  exec 9<"$LAB_DIR"
  flock -w 120 9 || die "another lab command has held the lock for two minutes"
}

# await SECONDS COMMAND...: bounded polling of a condition.
await() {
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
}

# in_lab PID: does this process exist and belong to this lab?
in_lab() {
  [ -n "${1:-}" ] && tr '\0' '\n' <"/proc/$1/environ" 2>/dev/null | grep -qxF -- "$MARK"
}

# pid_of PART: process 1 of a device or of the engine, as the host numbers it; fails when it does not run.
pid_of() {
  local pid
  pid=$(cat "$STATE/parts/$1/pid" 2>/dev/null) && in_lab "$pid" && printf '%s\n' "$pid"
}

# inside PART COMMAND...: run a command in the namespaces of a device or of the engine.
inside() {
  local part=$1 pid net=()
  shift
  pid=$(pid_of "$part") || die "$part is not running"
  [ "$part" != engine ] || net=(--net)
  env -i "PATH=$PATH" "$MARK" nsenter --target "$pid" --mount --uts --ipc --pid "${net[@]}" -- "$@" 9<&-
}

# pids_in PART NAME: host pids of the processes of that name in a part.
pids_in() {
  local init space dir comm
  init=$(pid_of "$1") || return 0
  space=$(readlink "/proc/$init/ns/pid")
  for dir in /proc/[0-9]*; do
    { read -r comm <"$dir/comm"; } 2>/dev/null || continue
    [ "$comm" = "$2" ] && [ "$(readlink "$dir/ns/pid" 2>/dev/null)" = "$space" ] && printf '%s\n' "${dir#/proc/}"
  done
  return 0
}

# launch PART NAMESPACE-FLAG... -- COMMAND...: start a part in namespaces of its own; its log lies beside its pid.
launch() {
  local part=$1 flags=(); shift
  while [ "$1" != -- ]; do flags+=("$1"); shift; done
  shift
  mkdir -p "$STATE/parts/$part"
  env -i "PATH=$PATH" HOME=/root LANG=C.UTF-8 "$MARK" \
    setsid unshare --mount --uts --ipc --pid "${flags[@]}" --fork --kill-child -- "$@" \
    </dev/null >"$STATE/parts/$part/log" 2>&1 9<&- &
}

# field DEVICE KEY: one value of a device's description.
field() { sed -n "s/^$2=//p" "$STATE/parts/$1/about"; }

start_sshd() { inside "$1" /usr/sbin/sshd -f /etc/ssh/lab/sshd_config -E /var/log/sshd.log; }

# answers DEVICE: a whole login with the lab's key against the host key that the lab made. The slow device is
# asked behind its delay: a login has many round trips.
answers() {
  [ -n "$(ss -Htln "sport = :$(field "$1" port)")" ] || return 1
  timeout 10 ssh -F none -i "$STATE/client_key" -o IdentitiesOnly=yes -o IdentityAgent=none -o BatchMode=yes \
    -o ConnectTimeout=8 -o "HostKeyAlias=[127.0.0.1]:$(field "$1" port)" -o StrictHostKeyChecking=yes -o GlobalKnownHostsFile=none \
    -o "UserKnownHostsFile=\"$STATE/known_hosts\"" -o LogLevel=ERROR \
    -p "$(field "$1" listen)" "$(field "$1" user)@127.0.0.1" true </dev/null >/dev/null 9<&-
}

engine_socket() { printf '%s/docker.sock\n' "$(cat "$STATE/run")"; }

engine() { DOCKER_CONFIG=$STATE/docker-config docker -H "unix://$(engine_socket)" "$@" 9<&-; }

marked() { grep -lzsxF -- "$MARK" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3; }

# Removes whatever this lab left, however it ended: processes by their mark, then rules, cgroups and files.
sweep() {
  local pid left run
  for _ in {1..100}; do
    left=$(marked || true)
    [ -n "$left" ] || break
    for pid in $left; do kill -9 "$pid" 2>/dev/null || true; done
    unshare --mount "$LAB_DIR/parts/cgroup-sweep" thaw "$CGROUP"
    sleep 0.05
  done
  [ -z "$left" ] || say "processes that would not die: $left"
  nft delete table inet "$NFT_TABLE" 2>/dev/null || true
  unshare --mount "$LAB_DIR/parts/cgroup-sweep" remove "$CGROUP" || say "control groups $CGROUP could not be removed"
  [ -e "$MARKER_FILE" ] || return 0
  run=$(cat "$STATE/run" 2>/dev/null || true)
  case $run in /tmp/fwlab.*) rm -rf -- "$run" ;; esac
  for _ in {1..40}; do
    rm -rf -- "$STATE" 2>/dev/null && return 0
    sleep 0.05 # mounts of a dying namespace go away a moment after its last process
  done
  die "could not remove $STATE"
}

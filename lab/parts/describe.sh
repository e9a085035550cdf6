# shellcheck shell=bash
# lab.json: what a test needs to know, in one file.

json() { # a JSON string; paths are the only text here that somebody else chose
  local text=$1
  text=${text//\\/\\\\} text=${text//\"/\\\"}
  printf '"%s"' "$text"
}

describe_device() {
  local privileges=none shell=bash sh=dash forwarding=true sessions=10 user
  user=$(field "$1" user)
  [ "$user" != root ] || privileges=root
  case $1 in
    root-bash) sh=bash ;;
    user-sudo) privileges=sudo ;;
    busybox-ash) shell=ash sh=ash ;;
    restricted) forwarding=false sessions=3 ;;
    fish) shell=fish ;;
  esac
  printf '    {"name": "%s", "destination": "%s@127.0.0.1:%s", "user": "%s", "host": "127.0.0.1", "port": %s, ' \
    "$1" "$user" "$(field "$1" port)" "$user" "$(field "$1" port)"
  printf '"keyFile": %s, "hostKey": "%s", "hostKeyFingerprint": "%s", ' "$(json "$STATE/client_key")" \
    "$(cut -d' ' -f1,2 "$STATE/parts/$1/host_key.pub")" "$(ssh-keygen -lf "$STATE/parts/$1/host_key.pub" | cut -d' ' -f2)"
  printf '"hostname": "%s", "machineId": "%s", "loginShell": "%s", "sh": "%s", "privileges": "%s", ' \
    "$1" "$(field "$1" machine_id)" "$shell" "$sh" "$privileges"
  printf '"docker": %s, "forwarding": %s, "maxSessions": %s}' "$(field "$1" docker)" "$forwarding" "$sessions"
}

describe() {
  local device separator='' containers
  : >"$STATE/known_hosts"
  for device in "${DEVICES[@]}"; do
    printf '[127.0.0.1]:%s %s\n' "$(field "$device" port)" "$(cut -d' ' -f1,2 "$STATE/parts/$device/host_key.pub")" >>"$STATE/known_hosts"
  done
  containers=$(engine ps -a --format '{{.Names}}' 2>/dev/null | sort | sed 's/.*/"&"/' | paste -sd, || true)
  # A stopped engine cannot be asked; what it was made with has not changed.
  [ -z "$containers" ] || printf '%s\n' "$containers" >"$STATE/containers"
  {
    printf '{\n  "version": 1,\n  "state": %s,\n  "clientKey": %s,\n  "knownHosts": %s,\n' \
      "$(json "$STATE")" "$(json "$STATE/client_key")" "$(json "$STATE/known_hosts")"
    printf '  "fault": %s,\n' "$(json "$LAB_DIR/fault")"
    printf '  "engine": {"socket": %s, "containers": [%s]},\n  "devices": [\n' \
      "$(json "$(engine_socket)")" "$(cat "$STATE/containers")"
    for device in "${DEVICES[@]}"; do
      printf '%s' "$separator"
      separator=$',\n'
      describe_device "$device"
    done
    printf '\n  ]\n}\n'
  } >"$STATE/lab.json.new"
  mv "$STATE/lab.json.new" "$STATE/lab.json"
}

# shellcheck shell=bash
# The containers of the lab's engine, each in a state of its own. No registry is needed: the images are
# busybox and nothing else. The group `shop` carries the labels that docker compose v2 writes.

make_images() {
  local root=$STATE/image
  mkdir -p "$root"/{bin,etc,tmp,www,data}
  cp /bin/busybox "$root/bin/busybox"
  ln -sf busybox "$root/bin/sh" # the rest is reached as busybox's own applets
  local applet
  for applet in cat dd env httpd kill ls mkdir nc printf ps rm sleep test touch wget; do
    ln -sf busybox "$root/bin/$applet"
  done
  printf 'root:x:0:0:root:/:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\n' >"$root/etc/group"
  printf 'shop\n' >"$root/www/index.html"
  tar -C "$root" -c . | engine import -c 'ENV PATH=/bin' -c 'CMD ["sh"]' \
    -c 'LABEL org.opencontainers.image.title=busybox org.opencontainers.image.version=1.35.0' \
    -m 'lab image' - fleetwright-lab/busybox:1.35 >/dev/null
  engine tag fleetwright-lab/busybox:1.35 fleetwright-lab/busybox:latest
  engine tag fleetwright-lab/busybox:1.35 shop/db:15.4
  printf '2\n' >"$root/etc/build"
  tar -C "$root" -c . | engine import -c 'ENV PATH=/bin' -c 'EXPOSE 8080/tcp' \
    -c 'CMD ["httpd","-f","-p","8080","-h","/www"]' - shop/app:2.1.0 >/dev/null
  engine tag shop/app:2.1.0 shop/app:latest
  rm -rf "$root"
}

compose_labels() { # SERVICE DEPENDS-ON IMAGE
  printf '%s\n' --label "com.docker.compose.config-hash=$(printf %s "$1" | sha256sum | cut -d' ' -f1)" \
    --label com.docker.compose.container-number=1 --label "com.docker.compose.depends_on=$2" \
    --label "com.docker.compose.image=$(engine image inspect -f '{{.Id}}' "$3")" \
    --label com.docker.compose.oneoff=False --label com.docker.compose.project=shop \
    --label com.docker.compose.project.config_files=/srv/shop/compose.yaml \
    --label com.docker.compose.project.working_dir=/srv/shop \
    --label "com.docker.compose.service=$1" --label com.docker.compose.version=2.29.7
}

run_compose() { # SERVICE DEPENDS-ON IMAGE ARGUMENT... : as `docker compose up` would have done
  local service=$1 image=$3 labels
  mapfile -t labels < <(compose_labels "$1" "$2" "$3")
  shift 3
  local options=()
  while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1"); shift; done
  [ $# -eq 0 ] || shift
  engine run -d --name "shop-$service-1" "${labels[@]}" --network shop_default \
    --network-alias "shop-$service-1" --network-alias "$service" --restart unless-stopped \
    "${options[@]}" "$image" "$@" >/dev/null
}

make_containers() {
  local image=fleetwright-lab/busybox:1.35 idle='trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done'
  local probe=(--health-interval 5s --health-timeout 3s --health-retries 1)

  engine run -d --name healthy "${probe[@]}" --health-cmd 'printf "all 3 checks passed\n"' \
    --restart unless-stopped "$image" sh -c "$idle" >/dev/null
  engine run -d --name unhealthy "${probe[@]}" \
    --health-cmd 'printf "upstream 10.9.8.7:5432 refused the connection (lab)\n"; exit 1' "$image" sh -c "$idle" >/dev/null
  engine run -d --name crash-loop --restart always "$image" \
    sh -c 'printf "starting\n"; printf "fatal: cannot open /etc/app.conf\n" >&2; exit 3' >/dev/null
  engine run -d --name paused "$image" sh -c "$idle" >/dev/null
  engine pause paused >/dev/null
  # It asks for four times what it may have, and touches it. The pauses give the engine time to set its watch and
  # to hear of the kill before it hears of the end: otherwise it calls the container merely exited, now and then.
  # shellcheck disable=SC2016 # the container's shell expands it
  engine run -d --name oom --memory 16m --memory-swap 16m "$image" sh -c '
    printf "reading everything at once\n"
    sleep 1
    dd if=/dev/zero of=/dev/null bs=64M count=4
    code=$?
    sleep 1
    exit $code' >/dev/null 2>&1
  # shellcheck disable=SC2016 # the container's shell expands it
  engine run -d --name chatty --log-opt max-size=512k --log-opt max-file=2 "$image" sh -c '
    n=0
    while :; do
      i=0
      while [ $i -lt 20 ]; do
        n=$((n + 1)) i=$((i + 1))
        echo "line $n GET /item/$n 200"
        [ $((n % 50)) -ne 0 ] || echo "warn $n slow request" >&2
      done
      sleep 0.2
    done' >/dev/null
  # shellcheck disable=SC2016 # the container's shell expands it
  engine run -d -t --name tty "$image" sh -c '
    printf "\033[1;32mready\033[0m\r\nprogress 10%%\rprogress 100%%\r\n"
    n=0; while :; do n=$((n + 1)); printf "\033[33mtick %s\033[0m\n" $n; sleep 5; done' >/dev/null
  engine run -d --name exited "$image" sh -c 'printf "migration 7 failed\n" >&2; exit 1' >/dev/null

  local tags=(--label com.docker.compose.project=shop --label com.docker.compose.version=2.29.7)
  engine network create "${tags[@]}" --label com.docker.compose.network=default shop_default >/dev/null
  engine volume create "${tags[@]}" --label com.docker.compose.volume=db-data shop_db-data >/dev/null
  run_compose db '' shop/db:15.4 -v shop_db-data:/data -e POSTGRES_PASSWORD=lab-secret-1 \
    "${probe[@]}" --health-cmd 'test -d /data' -- sh -c "$idle"
  run_compose api db:service_healthy:true shop/app:2.1.0 -e DATABASE_URL=postgres://shop:lab-secret-1@db:5432/shop \
    -e CACHE_HOST=shop-db-1 -e API_TOKEN=lab-secret-2
  # On the loopback of the engine's own network namespace, not of the host.
  run_compose web api:service_started:false shop/app:2.1.0 -p 127.0.0.1:8088:8080 -e API_URL=http://api:8080
}

# The state each container is there for.
container_states() {
  engine inspect -f '{{.Name}} {{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}} {{.RestartCount}} {{with .State.Health}}{{.Status}}{{end}}' \
    healthy unhealthy crash-loop paused oom chatty tty exited shop-db-1 shop-api-1 shop-web-1
}

containers_settled() {
  container_states | awk '
    $1 == "/healthy" && $6 == "healthy" { n++ }
    $1 == "/unhealthy" && $6 == "unhealthy" { n++ }
    $1 == "/crash-loop" && $5 >= 2 { n++ }
    $1 == "/paused" && $2 == "paused" { n++ }
    $1 == "/oom" && $2 == "exited" { n++ }
    $1 == "/exited" && $2 == "exited" && $3 == 1 { n++ }
    $1 == "/shop-db-1" && $6 == "healthy" { n++ }
    ($1 == "/chatty" || $1 == "/tty" || $1 == "/shop-api-1" || $1 == "/shop-web-1") && $2 == "running" { n++ }
    END { exit n == 11 ? 0 : 1 }'
}

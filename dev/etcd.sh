# Members of etcd on this machine, for scripts that try the store over them. Sourced, after lib.sh, from the project's root.
#
# Each member is alone in a network namespace, kvs-etcd-N, so that it can be cut off from the others while its clients
# still reach it. The store's side of the network is this machine's. Needs Linux and root, as the cluster does.

etcd_bridge=kvs-etcd-${CLUSTER_NUMBER:-0}
etcd_net=10.79.${CLUSTER_NUMBER:-0}

etcd_ip() { echo "$etcd_net.$((10 + $1))"; }                       # MEMBER
etcd_url() { echo "http://$(etcd_ip "$1"):2379"; }                  # MEMBER
etcd_urls() { local all= n; for n in $(seq "$1"); do all+=${all:+,}$(etcd_url "$n"); done; echo "$all"; } # COUNT
etcd_ns() { echo "kvs-etcd-${CLUSTER_NUMBER:-0}-$1"; }              # MEMBER

# Starts so many members with nothing in them. HOME COUNT [OPTION of etcd...]
etcd_up() {
  local home=$1 count=$2 n; shift 2
  etcd_home=$home etcd_count=$count etcd_options=("$@")
  etcd_binaries=$(dev/cluster/cluster etcd)
  etcd_down
  mkdir -p "$home"
  ip link add "$etcd_bridge" type bridge
  ip addr add "$etcd_net.1/24" dev "$etcd_bridge"
  ip link set "$etcd_bridge" up
  for n in $(seq "$count"); do
    ip netns add "$(etcd_ns "$n")"
    ip link add "kve${CLUSTER_NUMBER:-0}-$n" type veth peer name eth0 netns "$(etcd_ns "$n")"
    ip link set "kve${CLUSTER_NUMBER:-0}-$n" master "$etcd_bridge" up
    ip -n "$(etcd_ns "$n")" addr add "$(etcd_ip "$n")/24" dev eth0
    ip -n "$(etcd_ns "$n")" link set eth0 up
    ip -n "$(etcd_ns "$n")" link set lo up
  done
  for n in $(seq "$count"); do etcd_start "$n"; done
  for n in $(seq "$count"); do etcd_await "$n"; done
}

etcd_start() { # MEMBER
  local n=$1 all= i
  for i in $(seq "$etcd_count"); do all+=${all:+,}m$i=http://$(etcd_ip "$i"):2380; done
  ip netns exec "$(etcd_ns "$n")" nohup "$etcd_binaries/server" --name "m$n" --data-dir "$etcd_home/m$n" --log-level warn \
    --listen-client-urls "$(etcd_url "$n")" --advertise-client-urls "$(etcd_url "$n")" \
    --listen-peer-urls "http://$(etcd_ip "$n"):2380" --initial-advertise-peer-urls "http://$(etcd_ip "$n"):2380" \
    --initial-cluster "$all" "${etcd_options[@]}" >>"$etcd_home/m$n.log" 2>&1 </dev/null &
  echo $! >"$etcd_home/m$n.pid"
  disown
}

etcd_await() { # MEMBER
  for _ in $(seq 240); do
    curl -sf --max-time 1 "$(etcd_url "$1")/health" >/dev/null && return
    sleep 0.25
  done
  tail -n 5 "$etcd_home/m$1.log" >&2
  die "the member $1 of etcd did not come up; its log is $etcd_home/m$1.log"
}

etcd_signal() { kill "-$2" "$(cat "$etcd_home/m$1.pid")"; } # MEMBER SIGNAL

etcd_leader() {
  local n
  while :; do
    for n in $(seq "$etcd_count"); do
      if curl -s --max-time 1 "$(etcd_url "$n")/metrics" | grep '^etcd_server_is_leader 1$' >/dev/null; then echo "$n"; return; fi
    done
    sleep 0.2
  done
}

# Lets a member lose the others, which lose it, while all clients still reach it; and mends that. MEMBER add|del
etcd_cut() {
  local n
  for n in $(seq "$etcd_count"); do
    [ "$n" = "$1" ] || ip -n "$(etcd_ns "$1")" route "$2" blackhole "$(etcd_ip "$n")/32"
  done
}

etcd_control() { "$etcd_binaries/etcdctl" --command-timeout=60s --endpoints="$(etcd_urls "$etcd_count")" "$@"; }

# Stops all members and forgets all that they had.
etcd_down() {
  local n
  for n in $(seq "$etcd_count"); do
    if [ -f "$etcd_home/m$n.pid" ]; then
      kill -CONT "$(cat "$etcd_home/m$n.pid")" 2>/dev/null || true
      kill -KILL "$(cat "$etcd_home/m$n.pid")" 2>/dev/null || true
    fi
    ip netns del "$(etcd_ns "$n")" 2>/dev/null || true
    ip link del "kve${CLUSTER_NUMBER:-0}-$n" 2>/dev/null || true
  done
  ip link del "$etcd_bridge" 2>/dev/null || true
  rm -rf "${etcd_home:?}"
}

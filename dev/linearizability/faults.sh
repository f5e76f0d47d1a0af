# The part of the check that is about the engine etcd. Sourced by check.
. dev/etcd.sh

etcd_home=$home/etcd etcd_count=3
ports=(18010 18011)
urls=$(printf 'http://localhost:%s,' "${ports[@]}")
urls=${urls%,}
trap 'for p in "${ports[@]}"; do stop_store "$home/store-$p" KILL; done; etcd_down' EXIT

start_replica() { # PORT
  KVS_ENGINE=etcd KVS_ETCD_ENDPOINTS=$(etcd_urls 3) KVS_ETCD_KEY_PREFIX=/lin/ start_store "$home/store-$1" "$1"
}

build_store
etcd_up "$home/etcd" 3
for p in "${ports[@]}"; do
  rm -rf "$home/store-$p"
  start_replica "$p"
done

# Records for so many seconds, while what is in the function named goes on. SECONDS WHAT FUNCTION
disturbed() {
  local seconds=$1 what=$2 fault=$3 check
  say "$what"
  $home/check -page "$home/history-$fault.html" -url "$urls" -seconds "$seconds" -shared-revisions &
  check=$!
  sleep 2
  $fault
  wait $check
}

nothing() { :; }

member_killed() {
  local n=$(($(etcd_leader) % 3 + 1))
  etcd_signal $n KILL; sleep 3
  etcd_start $n; etcd_await $n
}

leader_killed() {
  local n; n=$(etcd_leader)
  etcd_signal "$n" KILL; sleep 4
  etcd_start "$n"; etcd_await "$n"
}

leader_paused() {
  local n; n=$(etcd_leader)
  etcd_signal "$n" STOP; sleep 5
  etcd_signal "$n" CONT; etcd_await "$n"
}

leader_cut_off() {
  local n; n=$(etcd_leader)
  etcd_cut "$n" add; sleep 5
  etcd_cut "$n" del; etcd_await "$n"
}

compacted_and_defragmented() {
  local revision
  for _ in 1 2 3; do
    revision=$(etcd_control get / --write-out=json | sed 's/.*"revision":\([0-9]*\).*/\1/')
    etcd_control compact "$revision" >/dev/null
    etcd_control defrag >/dev/null
  done
}

replica_killed() {
  stop_store "$home/store-${ports[0]}" KILL
  start_replica "${ports[0]}"
}

disturbed 8 "undisturbed" nothing
disturbed 10 "a member killed with SIGKILL, and started again" member_killed
disturbed 12 "the leader killed with SIGKILL, and started again" leader_killed
disturbed 12 "the leader stopped (SIGSTOP), and continued" leader_paused
disturbed 12 "the leader cut off from the other members, but not from the store" leader_cut_off
disturbed 10 "compacted and defragmented" compacted_and_defragmented
disturbed 12 "a replica of the store killed with SIGKILL, and started again" replica_killed
say "linearizable with etcd, whatever happened"

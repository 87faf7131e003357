#!/usr/bin/env bash
# hack/run on this machine alone: live numbers within a minute, clear refusals, nothing left behind.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=lib.sh
source "$root/hack/tests/lib.sh"
# shellcheck source=../lib/steps.sh
source "$root/hack/lib/steps.sh"
work=$(mktemp -d)
# shellcheck source=figures.sh
source "$root/hack/tests/figures.sh"
kubectl=$root/.run/kubectl
cleanup() {
  end_groups
  [ -z "$run_pid" ] || kill -TERM "$run_pid" 2>/dev/null || :
  [ -z "$run_pid" ] || wait "$run_pid" 2>/dev/null || :
  rm -rf "$work"
}
trap cleanup EXIT

# Groups of this test, in the v2 hierarchy and, under the same path, in v1's; the processes in them are its own.
groups=()
end_groups() {
  local group
  for group in "${groups[@]}"; do xargs -r kill -KILL <"$group/cgroup.procs" || :; done
  for group in "${groups[@]}"; do
    remove_group "$group" || :
    rmdir "${group%/*}" 2>/dev/null || :
  done
  groups=()
}
new_group() { # NAME
  local at
  for at in "$hierarchy" /sys/fs/cgroup/{memory,cpu,cpuacct,blkio}; do
    if [ -d "$at" ] && [ "$(stat -fc %T "$at")" != tmpfs ]; then
      mkdir -p "$at/kpodtest.slice/$1"
      groups+=("$at/kpodtest.slice/$1")
    fi
  done
}
load() { # GROUP ARGUMENTS...: in that group, in the background; what it says in $work/said.WHAT
  # shellcheck disable=SC2016 # expanded by the inner shell, which moves itself into the groups before it becomes the program
  bash -c 'group=$1; shift; for at in /sys/fs/cgroup{,/*}/kpodtest.slice/"$group"; do [ ! -d "$at" ] || echo $$ >"$at/cgroup.procs"; done; exec "$@"' \
    _ "$1" "$root/.run/image/load" "${@:2}" >"$work/said.$2" 2>"$work/errors.$2" &
  disown
}
said() { tr ' ' '\n' <"$work/said.$1" | sed -n "s/^$2=//p"; }
has_said() { [ -n "$(said "$@")" ]; }
soon() { local end=$((SECONDS + $1)); shift; until "$@"; do ((SECONDS < end)) || return 1; sleep 0.2; done; }

machine_state >"$work/before"
log=$work/run.log
start_run "$log"
check "hack/run is up" up_within 600 "$log"
begin=$SECONDS
rows() { [ "$("$kubectl" get podkernelmetrics -A --no-headers | wc -l)" -ge 1 ]; }
rows_soon() { until rows; do ((SECONDS - begin < 60)) || return 1; sleep 1; done; }
check "kubectl get podkernelmetrics -A shows rows within a minute" rows_soon
own_numbers() { "$kubectl" get podkernelmetrics -A --no-headers | grep -E 'kpod-node-agent.service'; }
check "the agent's own service is among them" own_numbers
columns() { "$kubectl" get podkernelmetrics -A | grep -E '^NAMESPACE +NAME +RUNQ-P99 +CTXSW/S +TX/S +RX/S +RETRANS/S +RTT-P99 +MAJFLT/S +OOM +AGE$'; }
check "kubectl prints the server's columns" columns
nameless() { "$kubectl" get podkernelmetrics -A -o 'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name}{"\n"}{end}' | grep -E '^/|/$'; }
named() { ! nameless; }
check "what no container of the machine shows is no row" named
node_row() { "$kubectl" get nodekernelmetrics --no-headers | grep -E " [0-9.]+[kM]? .* [0-9]+s$"; }
check "kubectl get nodekernelmetrics shows the machine as a whole" node_row
moving() {
  local first second
  first=$(total) && sleep 7 && second=$(total) && echo "$first $second" && [ "$second" -gt "$first" ]
}
total() { "$kubectl" -n system get podkernelmetrics kpod-node-agent.service -o 'jsonpath={.containers[0].cpu.contextSwitches.total}'; }
check "its context switches go on" moving
check "custom.metrics.k8s.io answers for it" "$kubectl" get --raw '/apis/custom.metrics.k8s.io/v1beta2/namespaces/system/pods/kpod-node-agent.service/kpod_cpu_runqueue_latency_p99_seconds'
metrics() { curl -fsS "$(cat "$root/.run/agent-url")/metrics" | grep '^kpod_cpu_context_switches_total{'; }
check "/metrics has the same" metrics
# shellcheck disable=SC2016 # for the inner shell
check "agent and api-server are in cgroups of their own" sh -c '[ "$(cat $(find /sys/fs/cgroup -path "*kpod.slice/*.service/cgroup.procs") | sort -u | wc -l)" = 2 ]'
refuses "a second hack/run in the same checkout is refused" 'another hack/run of this checkout is running \(pid [0-9]+\)' "$root/hack/run"

# Every family, for a service that talks to a container, and for the container, which has limits and writes.
hierarchy=$(dirname "$(find /sys/fs/cgroup -type d -name kpod.slice | head -1)")
"$root/hack/tests/pods/image"
id=$(openssl rand -hex 32)
idle=$(openssl rand -hex 32)
pod=${id:0:12}
v1=/sys/fs/cgroup/memory
count_disk
new_group talks.service
new_group "docker-$id.scope"
new_group "docker-$idle.scope"
load "docker-$idle.scope" rest
if [ -d $v1 ]; then
  echo $((64 << 20)) >"$v1/kpodtest.slice/docker-$id.scope/memory.limit_in_bytes"
  echo 15000 >"/sys/fs/cgroup/cpu/kpodtest.slice/docker-$id.scope/cpu.cfs_quota_us"
fi
load "docker-$id.scope" serve 17000
load "docker-$id.scope" write "$work/file" 8
[ ! -d $v1 ] || load "docker-$id.scope" oom 2 200
sleep 1
load talks.service send 127.0.0.1 17000 10 1000000
check "the container has written" soon 20 has_said write written
[ ! -d $v1 ] || check "two of its children were killed" soon 20 has_said oom killed
check "the service has talked to it" soon 20 has_said send sent
load "docker-$id.scope" spin
sleep 36 # the slow sources are read every 30 s
object_of() { "$kubectl" get --raw "/apis/kernelmetrics.kpod.io/v1beta1/namespaces/$1/pods/$2" >"$work/$2.json"; }
curl -fsS "$(cat "$root/.run/agent-url")/metrics" >"$work/page"
object_of containers "$pod"
object_of containers "${idle:0:12}"
object_of system talks.service
object_of system host
namespace=system
figure "TCP bytes sent by the service" 10000000 10000000 talks.service talks.service tcp/bytesSent/total kpod_net_tcp_bytes_sent_total
figure "and received" 2500000 2500000 talks.service talks.service tcp/bytesReceived/total kpod_net_tcp_bytes_received_total
figure "connections opened" 10 10 talks.service talks.service tcp/connections/total kpod_net_tcp_connections_total
figure "it has no OOM kills" 0 0 talks.service talks.service memory/oomKills/total kpod_mem_oom_kills_total
used() { df --output=used -B1 / | tail -1; }
figure "use of the machine's root file system" $(($(used) * 98 / 100)) $(($(used) * 102 / 100)) host host filesystems/%2f/usage kpod_fs_usage_bytes mountpoint=/
namespace=containers
figure "TCP bytes received by the container" 10000000 10000000 "$pod" "$pod" tcp/bytesReceived/total kpod_net_tcp_bytes_received_total
figure "and sent" 2500000 2500000 "$pod" "$pod" tcp/bytesSent/total kpod_net_tcp_bytes_sent_total
figure "connections accepted" 10 10 "$pod" "$pod" tcp/connections/total kpod_net_tcp_connections_total
figure "an idle container has none" 0 0 "${idle:0:12}" "${idle:0:12}" tcp/connections/total kpod_net_tcp_connections_total
if [ -d $v1 ]; then
  of_v1() { awk -v key="$3" '$1 == key {print $2}' "/sys/fs/cgroup/$1/kpodtest.slice/docker-$id.scope/$2"; }
  usage=$(cat "/sys/fs/cgroup/cpuacct/kpodtest.slice/docker-$id.scope/cpuacct.usage")
  figure "CPU time of the container" "$(seconds $((usage / 3)))" "$(seconds "$usage")" "$pod" "$pod" cpu/usage/total kpod_cpu_usage_seconds_total
  figure "its throttled periods" 20 "$(of_v1 cpu cpu.stat nr_throttled)" "$pod" "$pod" cpu/throttled/periods kpod_cpu_throttled_periods_total
  figure "its OOM kills" 2 "$(of_v1 memory memory.oom_control oom_kill)" "$pod" "$pod" memory/oomKills/total kpod_mem_oom_kills_total
  figure "its memory limit" $((64 << 20)) $((64 << 20)) "$pod" "$pod" memory/limit kpod_mem_limit_bytes
fi
figure "and an idle container has none" 0 0 "${idle:0:12}" "${idle:0:12}" memory/oomKills/total kpod_mem_oom_kills_total
figure "bytes that it wrote to disk" $((8 << 20)) $((9 << 20)) "$pod" "$pod" "disks/$disk/writtenBytes/total" kpod_disk_written_bytes_total "device=$disk"
end_groups

# The api-server stands still for a minute: what was sent to it meanwhile is read late, or never, or twice. Afterwards the
# container's totals must be the agent's, to the last switch.
id=$(openssl rand -hex 32)
container=$hierarchy/kpodtest.slice/docker-$id.scope
mkdir -p "$container"
groups=("$container")
perl -e 'select(undef, undef, undef, 0.01) while 1' &
task=$!
echo $task >"$container/cgroup.procs"
api_field() { "$kubectl" -n containers get podkernelmetrics "${id:0:12}" -o "jsonpath={.containers[0].cpu.$1}"; }
agent_total() { metrics | awk -v pod="pod=\"${id:0:12}\"" 'index($0, pod) {printf "%d\n", $NF}'; }
told() { for _ in $(seq 20); do api_field contextSwitches.total 2>/dev/null | grep -q . && return; sleep 1; done; return 1; }
check "a new container is in the API" told
server=$(cat "$hierarchy/kpod.slice/kpod-api-server.service/cgroup.procs")
kill -STOP "$server"
sleep 60
kill -CONT "$server"
sleep 12
rate_is_true() { # of about 100 a second
  local rate
  rate=$(api_field contextSwitches.rate) && echo "rate $rate" && awk -v rate="$rate" 'BEGIN {if (sub(/m$/, "", rate)) rate /= 1000; exit !(rate > 50 && rate < 150)}'
}
check "a minute without the api-server leaves no spike and no hole in the rate" rate_is_true
kill -STOP $task
sleep 7
exact() { local agent api; agent=$(agent_total) && api=$(api_field contextSwitches.total) && echo "agent $agent, API $api" && ((agent > 6000 && agent == api)); }
check "and the totals are exact" exact
end_groups
wait $task 2>/dev/null || :

check "SIGTERM ends it within 10 s, exit 0" end_run TERM 10
run_pid=
check "nothing is left on the machine" left_nothing "$work/before"

python3 -m http.server --bind 127.0.0.1 9090 >/dev/null 2>&1 &
holder=$!
sleep 1
check "a port in use is named, with its holder" sh -c "'$root/hack/run' --for 1s 2>&1 | grep -E 'port 9090 is in use by .*pid=$holder.*--metrics-port'"
kill $holder
wait $holder 2>/dev/null || :

start_run "$log"
up_within 60 "$log" >/dev/null && pkill -KILL -f "^[^ ]*java .*$root/node-agent/target/dist.*io.kpod.agent.Agent"
crashed() { local rc=0; wait "$run_pid" || rc=$?; tail -n 5 "$log"; ((rc == 1)) && grep -q 'node-agent ended by itself (exit 137)' "$log"; }
check "an agent that is killed ends hack/run with its log and exit 1" crashed
run_pid=
check "a run for 2 s ends by itself" "$root/hack/run" --for 2s
check "and still nothing is left" left_nothing "$work/before"
summary

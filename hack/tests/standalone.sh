#!/usr/bin/env bash
# hack/run on this machine alone: live numbers within a minute, clear refusals, nothing left behind.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=lib.sh
source "$root/hack/tests/lib.sh"
work=$(mktemp -d)
kubectl=$root/.run/kubectl
cleanup() {
  [ -z "$run_pid" ] || kill -TERM "$run_pid" 2>/dev/null || :
  [ -z "$run_pid" ] || wait "$run_pid" 2>/dev/null || :
  rm -rf "$work"
}
trap cleanup EXIT

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
# The api-server stands still for a minute: what was sent to it meanwhile is read late, or never, or twice. Afterwards the
# container's totals must be the agent's, to the last switch.
hierarchy=$(dirname "$(find /sys/fs/cgroup -type d -name kpod.slice | head -1)")
id=$(openssl rand -hex 32)
container=$hierarchy/kpodtest.slice/docker-$id.scope
mkdir -p "$container"
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
kill -KILL $task
wait $task 2>/dev/null || :
sleep 0.3
rmdir "$container" "${container%/*}"

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

#!/usr/bin/env bash
# Every family of metrics on the real node: pods with real limits that do a known amount of work, measured by the DaemonSet's own
# pod. Each figure is right for its pod, on /metrics and through the API, and the other pods have none of it.
# Then the other settings: all collectors, filters, pods from the kubelet, sockops.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
run_dir=$root/.run
log_dir=$run_dir/log
# shellcheck source=../lib/steps.sh
source "$root/hack/lib/steps.sh"
# shellcheck source=../lib/packages.sh
source "$root/hack/lib/packages.sh"
# shellcheck source=../lib/build.sh
source "$root/hack/lib/build.sh"
# shellcheck source=../lib/clustermode.sh
source "$root/hack/lib/clustermode.sh"
# shellcheck source=lib.sh
source "$root/hack/tests/lib.sh"
# shellcheck source=figures.sh
source "$root/hack/tests/figures.sh"
here=$root/hack/tests/pods
namespace=kpod-tests
work=$(mktemp -d "$run_dir/pods.XXXXXX") # below the checkout: kustomize takes no absolute paths
mkdir -p "$run_dir/bin" "$log_dir"
exec 9>>"$run_dir/lock"
flock -n 9 || die "a hack/run of this checkout is running: end it first"

end() {
  stop_long
  stop_part
  down
  rm -rf "$work" "${run_dir:?}"/{kubectl,kubectl-cache,kubeconfig,agent-url,api-server-url}
}

pod_field() { kube -n kpod-tests get pod "$1" -o "jsonpath={$2}"; }
# What a pod's program says that it has done: NAME=VALUE words.
said() { kube -n kpod-tests logs "$1" -c "$2" | tr ' ' '\n' | sed -n "s/^$3=//p"; }
has_said() { [ -n "$(said "$@")" ]; }

# cgroup_file CONTROLLER POD CONTAINER FILE: of the container's group in that v1 hierarchy.
cgroup_file() {
  local id
  id=$(pod_field "$2" ".status.containerStatuses[?(@.name==\"$3\")].containerID")
  cat "$(find "/sys/fs/cgroup/$1/kubepods" -type d -name "${id#containerd://}")/$4"
}
process() { cgroup_file memory "$1" "$2" cgroup.procs | head -1; }

agent_pod() { kube -n kpod get pods -l app.kubernetes.io/name=kpod-node-agent -o 'jsonpath={.items[0].metadata.name}'; }
agent_process() { pgrep -f '^/opt/kpod/jre/bin/java @/opt/kpod/node-agent'; }
# Twice: the first scrape after a pod was made anew under its name shows the last figures of the one before.
take_page() {
  local address
  address=$(kube -n kpod get pods -l app.kubernetes.io/name=kpod-node-agent -o 'jsonpath={.items[0].status.podIP}')
  for _ in 1 2; do "$run_dir/bin/inside" curl -fsS "http://$address:9090/metrics" >"$work/page"; done
}
# The page, and every pod's object as kubectl get --raw has it.
take_all() {
  local pod
  take_page
  for pod in "$@"; do kube get --raw "/apis/kernelmetrics.kpod.io/v1beta1/namespaces/kpod-tests/pods/$pod" >"$work/$pod.json"; done
}

trap end EXIT
trap 'exit 1' INT TERM HUP
build_programs
part "$here/image"
up
part "$cluster" load "$run_dir/image/load.tar"
until_true 60 live_numbers || die "no pod has numbers"
count_disk

kube apply -f "$here/pods.yaml" >/dev/null
cp "$here/static.yaml" "$run_dir/cluster/static-pods/"
part kube -n kpod-tests wait --for=condition=Ready pod --all --timeout=60s >/dev/null
talk() { # a new pod that talks to pod server
  kube -n kpod-tests delete pod client --ignore-not-found --wait >/dev/null
  sed "s/SERVER_ADDRESS/$(pod_field server .status.podIP)/" "$here/client.yaml" | kube apply -f - >/dev/null
  within 30 has_said client asks sends
}
within() { until_true "$@"; }
check "two pods talk to each other" talk
for one in "oom killed killed" "writer writes written" "filler fills filled" "faults faults faults"; do
  # shellcheck disable=SC2086 # three words
  check "pod ${one%% *} has done its work" within 60 has_said $one
done

agent=$(agent_process)
confined() {
  local status
  status=$(cat "/proc/$agent/status")
  grep -E 'CapBnd|NoNew|Seccomp' <<<"$status"
  grep -q 'CapBnd:.000000c000000000' <<<"$status" && grep -q 'NoNewPrivs:.1' <<<"$status" && grep -q 'Seccomp:.2' <<<"$status"
}
check "the agent's pod may have BPF and PERFMON at most, seccomp on" confined
# Each thread has capabilities of its own. Before Linux 5.19 BPF is kept: slots are given to new containers in maps that only it may write.
kept=0000000000000000
[ "$(printf '%s\n' 5.19 "$(uname -r)" | sort -V | head -1)" = 5.19 ] || kept=0000008000000000
dropped() { grep -h '^Cap\(Prm\|Eff\)' "/proc/$agent/task/"*/status | sort | uniq -c && ! grep -hE '^Cap(Prm|Eff):' "/proc/$agent/task/"*/status | grep -v ":.$kept"; }
check "none of its threads has a capability any more that it does not need" dropped
own_namespaces() { local kind; for kind in cgroup net pid mnt ipc uts; do [ "$(readlink "/proc/$agent/ns/$kind")" != "$(readlink "/proc/1/ns/$kind")" ] || { echo "the host's $kind namespace" && return 1; }; done; }
check "its namespaces are its own, cgroup, network and pid among them" own_namespaces
read_only() { awk '$5 == "/" {print $6}' "/proc/$agent/mountinfo" | grep '^ro'; }
check "its root is read-only" read_only

# The slow sources are read every 30 s. What goes on all the while is bracketed.
usage_before=$(cgroup_file cpuacct throttled spins cpuacct.usage)
throttled_before=$(cgroup_file cpu throttled spins cpu.stat | awk '/nr_throttled/ {print $2}')
sleep 36
take_all oom throttled server client writer filler faults static-kpod-node
usage_after=$(cgroup_file cpuacct throttled spins cpuacct.usage)
cpu_stat() { cgroup_file cpu throttled spins cpu.stat | awk -v key="$1" '$1 == key {print $2}'; }
throttled_after=$(cpu_stat nr_throttled)

standard() { # each collector of the profile, and no other
  local running
  running=$(grep '^kpod_collector_state' "$work/page" | grep ' 1' | grep -o 'collector="[^"]*"' | sort | paste -sd' ')
  grep '^kpod_collector_state' "$work/page"
  [ "$running" = "$(printf 'collector="%s"\n' cgroup cpu disk disk-latency filesystem iface oom page-faults tcp | paste -sd' ')" ] &&
    ! grep '^kpod_collector_state.* 0' "$work/page"
}
check "all collectors of standard are up in the DaemonSet's pod" standard

killed=$(said oom killed killed)
kernel_killed=$(cgroup_file memory oom killed memory.oom_control | awk '$1 == "oom_kill" {print $2}')
check "the kernel killed the three that took too much" test "$killed/$kernel_killed" = 3/3
figure "OOM kills are their container's" 3 3 oom killed memory/oomKills/total kpod_mem_oom_kills_total
figure "and not of the one beside it in the pod" 0 0 oom beside memory/oomKills/total kpod_mem_oom_kills_total
check "nor of another pod" nobody_else kpod_mem_oom_kills_total oom
figure "memory limit, from v1" $((48 << 20)) $((48 << 20)) oom killed memory/limit kpod_mem_limit_bytes
figure "working set of what holds 20 MiB in a memory volume" $((20 << 20)) $((26 << 20)) filler fills memory/workingSet kpod_mem_working_set_bytes

figure "CPU time used under a quota, s" "$(seconds "$usage_before")" "$(seconds "$usage_after")" throttled spins cpu/usage/total kpod_cpu_usage_seconds_total
figure "throttled periods" "$throttled_before" "$throttled_after" throttled spins cpu/throttled/periods kpod_cpu_throttled_periods_total
figure "throttled time, s" 1 "$(seconds "$(cpu_stat throttled_time)")" throttled spins cpu/throttled/total kpod_cpu_throttled_time_seconds_total
figure "periods" "$throttled_before" "$(cpu_stat nr_periods)" throttled spins cpu/throttled/ofPeriods kpod_cpu_periods_total
check "no other pod is throttled for as much as a second" between 0 1 "$(page kpod_cpu_throttled_time_seconds_total 'pod!=throttled')"

sent=$(said client asks sent) received=$(said client asks received) connections=$(said client asks connections)
figure "TCP bytes sent by the client, over its network namespace" "$sent" "$sent" client asks tcp/bytesSent/total kpod_net_tcp_bytes_sent_total
figure "and received" "$received" "$received" client asks tcp/bytesReceived/total kpod_net_tcp_bytes_received_total
figure "TCP bytes received by the server" "$sent" "$sent" server serves tcp/bytesReceived/total kpod_net_tcp_bytes_received_total
figure "and sent" "$received" "$received" server serves tcp/bytesSent/total kpod_net_tcp_bytes_sent_total
figure "connections opened" "$connections" "$connections" client asks tcp/connections/total kpod_net_tcp_connections_total
figure "connections accepted" "$connections" "$connections" server serves tcp/connections/total kpod_net_tcp_connections_total
figure "connect latencies" "$connections" "$connections" client asks tcp/connectLatency/count kpod_net_tcp_connect_latency_seconds_count
figure "round-trip times" 20 1000000 client asks tcp/rtt/count kpod_net_tcp_rtt_seconds_count
for metric in bytes_sent bytes_received connections; do check "no other pod has TCP $metric" nobody_else "kpod_net_tcp_${metric}_total" client server; done
interface() { awk -v column="$1" '$1 == "eth0:" {print $column}' "/proc/$(process client asks)/net/dev"; }
figure "the client's interface sent that and its headers" $((sent + connections * 40)) "$(interface 10)" client '' interfaces/eth0/tx/bytes/total kpod_net_iface_tx_bytes_total interface=eth0
figure "and received" $((received + connections * 40)) "$(interface 2)" client '' interfaces/eth0/rx/bytes/total kpod_net_iface_rx_bytes_total interface=eth0

written=$(said writer writes written)
throttle() { cgroup_file blkio writer writes "blkio.throttle.$1" | awk '$2 == "Write" {sum += $3} END {print sum}'; }
check "the kernel says that what was written was written" between "$written" $((written * 102 / 100)) "$(throttle io_service_bytes)"
figure "bytes written to disk, from v1" "$(throttle io_service_bytes)" "$(throttle io_service_bytes)" writer writes "disks/$disk/writtenBytes/total" kpod_disk_written_bytes_total "device=$disk"
figure "writes" "$(throttle io_serviced)" "$(throttle io_serviced)" writer writes "disks/$disk/writes/total" kpod_disk_writes_total "device=$disk"
faults=$(said faults faults of_all)
figure "what major faults read from disk" $((faults * 4096)) $((faults * 4096 + (2 << 20))) faults faults "disks/$disk/readBytes/total" kpod_disk_read_bytes_total "device=$disk"
check "no pod but these three wrote or read as much as a MiB" between -1 $((1 << 20)) "$(page kpod_disk_written_bytes_total pod!=writer pod!=faults pod!=filler | sed s/none/0/)"
latencies=$(page kpod_disk_io_latency_seconds_count pod=writer container=writes "device=$disk" operation=write)
# a flush, which blkio counts as a write of nothing, has no latency of its own
if between $((written >> 20)) "$(throttle io_serviced)" "$latencies"; then ok "write latencies: $latencies"; else fail "write latencies: $latencies of $(throttle io_serviced) writes"; fi

figure "a memory volume's use" $((20 << 20)) $((20 << 20)) filler stays filesystems/%2fcache/usage kpod_fs_usage_bytes mountpoint=/cache
figure "and its size" $((64 << 20)) $((64 << 20)) filler stays filesystems/%2fcache/capacity kpod_fs_capacity_bytes mountpoint=/cache
check "the volume is shown once, and no other file system" test "$(grep -c '^kpod_fs_usage_bytes.*namespace="kpod-tests"' "$work/page")" = 1

figure "major page faults" "$faults" "$faults" faults faults memory/majorPageFaults/total kpod_mem_major_page_faults_total
check "and of no other pod" nobody_else kpod_mem_major_page_faults_total faults
switches() { awk '/ctxt_switches/ {sum += $2} END {print sum}' "/proc/$(process faults faults)/status"; }
figure "context switches" "$(switches)" $(($(switches) + 700)) faults faults cpu/contextSwitches/total kpod_cpu_context_switches_total
figure "a static pod has its mirror's name" 1 100000 static-kpod-node rests cpu/contextSwitches/total kpod_cpu_context_switches_total
check "custom.metrics.k8s.io has a gauge" kube get --raw '/apis/custom.metrics.k8s.io/v1beta2/namespaces/kpod-tests/pods/filler/kpod_fs_usage_bytes'

# The kubelet, not yet allowed to be asked; then with its component.
settings() { # profile filter: the overlay's ConfigMap
  local relative
  relative=$(realpath --relative-to="$work" "$root/manifests/kustomize")
  cat >"$work/kustomization.yaml" <<Y
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [$relative]
components: [$relative/components/kubelet-discovery${4:+, $relative/components/$4}]
patches:
- patch: |
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: kpod-node-agent, namespace: kpod}
    data:
      application.yaml: |
        kpod:
          profile: $1
          poll-interval: 1000
          filter: {label-selector: "$2", exclude-namespaces: "$3"}
          push: {service: kpod/kpod-api-server, ca-configmap: kpod/kpod-ca, token-file: /var/run/secrets/kpod/token}
Y
}
restarted() { kube -n kpod rollout restart daemonset/kpod-node-agent && kube -n kpod rollout status daemonset/kpod-node-agent --timeout=60s; }
kube -n kpod set env daemonset/kpod-node-agent KPOD_DISCOVERY_MODE=kubelet >/dev/null
refused() { kube -n kpod logs "$(agent_pod)" | grep -E "asking the kubelet at https://[0-9.]+:10250/pods .*HTTP 403.*nodes/pods"; }
check "a kubelet that may not be asked is a line with the way out" within 60 refused
kube -n kpod set env daemonset/kpod-node-agent KPOD_DISCOVERY_MODE- >/dev/null
settings comprehensive 'work notin (none, volume)' kube-system
kube apply -k "$work" >/dev/null
check "with its component the kubelet tells of its pods: the agent is ready" restarted
check "two pods talk once more" talk
sleep 15
take_all client throttled
comprehensive() { grep '^kpod_collector_state.*collector="syscall".* 1' "$work/page" && ! grep '^kpod_collector_state.* 0' "$work/page"; }
check "the profile comprehensive adds syscalls" comprehensive
figure "connect calls" "$connections" "$connections" client asks syscalls/connect/count/total kpod_syscall_count_total syscall=connect
sends=$(said client asks sends) receives=$(said client asks receives)
figure "sendto calls" "$sends" "$sends" client asks syscalls/sendto/count/total kpod_syscall_count_total syscall=sendto
figure "recvfrom calls" "$receives" "$receives" client asks syscalls/recvfrom/count/total kpod_syscall_count_total syscall=recvfrom
figure "their latencies" "$receives" "$receives" client asks syscalls/recvfrom/latency/count kpod_syscall_latency_seconds_count syscall=recvfrom
figure "the client's bytes, its name from the kubelet" "$sent" "$sent" client asks tcp/bytesSent/total kpod_net_tcp_bytes_sent_total
kube get --raw '/apis/kernelmetrics.kpod.io/v1beta1/namespaces/kpod-tests/pods/throttled?window=10s' >"$work/throttled.json"
rate=$(object throttled containers/spins/cpu/usage/rate)
if between 0.12 0.18 "$rate"; then ok "the rate of what spins is its quota of 0.15 CPU: $rate"; else fail "the rate of what spins is $rate, its quota 0.15"; fi
unselected() { ! grep -E 'pod="(filler|static-kpod-node)"' "$work/page"; }
check "pods that the label selector leaves out have no series" unselected

settings standard 'work in (network, none)' kpod sockops
kube apply -k "$work" >/dev/null
check "the agent is ready with NET_ADMIN" restarted
check "two pods talk again" talk
sleep 8
take_all client static-kpod-node
sockops() { grep '^kpod_collector_state.*collector="tcp".*sockops.* 1' "$work/page"; }
check "the component sockops has round-trip times come from sockops" sockops
figure "round-trip times from there" 20 1000000 client asks tcp/rtt/count kpod_net_tcp_rtt_seconds_count
figure "a static pod that the kubelet tells of, under its mirror's name" 0 100000 static-kpod-node rests cpu/contextSwitches/total kpod_cpu_context_switches_total
check "an excluded namespace has no series" sh -c "! grep '^kpod_.*namespace=\"kpod\"' '$work/page'"
summary

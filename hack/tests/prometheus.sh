#!/usr/bin/env bash
# A real Prometheus 3 scrapes a real agent in all formats, native histograms on: nothing is refused, the formats agree, and
# histogram_quantile gives what kpod gives.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
log_dir=$root/.run/log
# shellcheck source=lib.sh
source "$root/hack/tests/lib.sh"
# shellcheck source=../lib/steps.sh
source "$root/hack/lib/steps.sh"
# shellcheck source=../lib/packages.sh
source "$root/hack/lib/packages.sh"
# shellcheck source=../lib/build.sh
source "$root/hack/lib/build.sh"
# shellcheck source=../lib/debian.sh
source "$root/hack/lib/debian.sh"
work=$(mktemp -d)
processes=()
groups=()
cleanup() {
  stop_long
  for pid in "${processes[@]}"; do kill -KILL "$pid" 2>/dev/null || :; done
  wait 2>/dev/null || :
  for group in "${groups[@]}"; do remove_group "$group" || :; done
  rm -rf "$work"
}
trap cleanup EXIT
mkdir -p "$log_dir"
install_missing curl:curl promtool:prometheus
build_programs
fetch_prometheus

agent_port=19290 prometheus_port=19291
agent=http://127.0.0.1:$agent_port prometheus=http://127.0.0.1:$prometheus_port
"$JAVA_HOME/bin/java" "@$root/hack/jvm/node-agent.args" -cp "$root/node-agent/target/dist/*" io.kpod.agent.Agent \
  --kpod.discovery.mode=none --kpod.node-name=n1 --kpod.metrics.address=127.0.0.1 --kpod.metrics.port=$agent_port >"$work/agent.log" 2>&1 &
processes+=($!)
check "an agent is up" until_true 20 curl -fsS "$agent/readyz"

hierarchy=/sys/fs/cgroup
[ -e $hierarchy/cgroup.controllers ] || hierarchy=$hierarchy/unified
slice=$hierarchy/kpodprometheus.slice
pods=()
for task in 'select(undef, undef, undef, 0.001) while 1' '1 while 1' '1 while 1' 'select(undef, undef, undef, 0.02) while 1'; do
  id=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
  group=$slice/docker-$id.scope
  mkdir -p "$group"
  groups=("$group" "${groups[@]}")
  pods+=("${id:0:12}")
  # two tasks of one container on one CPU wait for each other
  for _ in 1 2; do
    perl -e "$task" &
    processes+=($!)
    echo $! >"$group/cgroup.procs"
  done
done
groups+=("$slice")

job() { printf '  - job_name: %s\n    scrape_protocols: [%s]\n    static_configs: [{targets: ["127.0.0.1:%d"]}]\n' "$1" "$2" $agent_port; }
{
  printf 'global: {scrape_interval: 1s}\nscrape_configs:\n'
  job protobuf PrometheusProto
  job openmetrics OpenMetricsText1.0.0
  job text PrometheusText0.0.4
} >"$work/prometheus.yml"
"$prometheus_bin/prometheus" --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" --enable-feature=native-histograms \
  --web.listen-address=127.0.0.1:$prometheus_port >"$work/prometheus.log" 2>&1 &
processes+=($!)
query() { curl -fsS --get --data-urlencode "query=$1" "$prometheus/api/v1/query"; }
value() { query "$1" | grep -oE '"value":\[[^]]*' | sed 's/.*,"//; s/"$//'; }
gives() { [ "$(value "$1")" = "$2" ] || { echo "$1: $(query "$1")" && false; }; } # EXPRESSION VALUE
jobs_up() { gives 'sum(up)' 3; }
check "Prometheus scrapes it as protobuf, as OpenMetrics and as text" until_true 20 jobs_up
selector=$(printf 'pod=~"%s"' "$(IFS='|' && echo "${pods[*]}")")
sleep 5
for group in "${groups[@]::4}"; do echo 1 >"$group/cgroup.freeze"; done
sleep 3

check "all scrapes worked" gives 'min(min_over_time(up[8s]))' 1
complaints() { ! grep -E 'level=(WARN|ERROR)' "$work/prometheus.log"; }
check "Prometheus' log complains of nothing" complaints
check "the three formats give the same counters" gives "max(max by (pod, __name__, by) ({__name__=~\"kpod_cpu_.*_total\", $selector}) - min by (pod, __name__, by) ({__name__=~\"kpod_cpu_.*_total\", $selector}))" 0
same_counts() { gives "count(kpod_cpu_runqueue_latency_seconds_count{job=\"$1\", $selector} == on (pod) histogram_count(kpod_cpu_runqueue_latency_seconds{job=\"protobuf\", $selector}))" 4; }
check "classic histograms of OpenMetrics have the native ones' counts" same_counts openmetrics
check "and those of the text format" same_counts text
check "a native histogram is one series" gives "count(count by (pod) ({__name__=~\"kpod_cpu_runqueue_latency.*\", job=\"protobuf\", $selector})) / count({__name__=~\"kpod_cpu_runqueue_latency.*\", job=\"protobuf\", $selector})" 1

quantiles() { "$JAVA_HOME/bin/java" -cp "$root/api-server/target/dist/*" "$root/hack/tests/PrometheusQuantiles.java" "$prometheus" "$1"; }
for pod in "${pods[@]}"; do
  check "quantiles of a container are kpod's" quantiles "kpod_cpu_runqueue_latency_seconds{job=\"protobuf\", pod=\"$pod\"}"
done
check "and so are those of all of them together" quantiles "kpod_cpu_runqueue_latency_seconds{job=\"protobuf\", $selector}"

page() { curl -fsS -H "Accept: $1" "$agent/metrics"; }
lints() { page 'text/plain;version=0.0.4' | promtool check metrics; }
check "promtool has nothing to say to the text format" lints
# promtool's linter reads 0.0.4 alone; its importer reads OpenMetrics, and wants a time with each sample
imports() {
  page 'application/openmetrics-text;version=1.0.0' | sed "/^#/!s/\$/ $(date +%s)/" >"$work/openmetrics" &&
    promtool tsdb create-blocks-from openmetrics "$work/openmetrics" "$work/blocks" && ls "$work/blocks"/*/meta.json
}
check "promtool reads the OpenMetrics format" imports
summary

# shellcheck shell=bash
# Sourced: the demonstration of the HPA. Load goes on, the HPA adds replicas, load goes off, the HPA takes them away;
# each change is a line. Needs kube() and steps.sh.

# The HPA's view, as "CURRENT REPLICAS DESIRED"; CURRENT is - while there is none.
hpa_view() {
  kube -n kpod-demo get hpa load -o 'jsonpath={.status.currentMetrics[0].pods.current.averageValue} {.status.currentReplicas} {.status.desiredReplicas}' |
    awk '{if (NF < 3) print "-", $1, $2; else print}'
}

hpa_message() { kube -n kpod-demo get hpa load -o 'jsonpath={.status.conditions[?(@.status=="False")].message}'; }

# A Quantity of seconds for people: 51m is 51 ms.
duration_of() {
  case $1 in
    -) echo none ;;
    *m) echo "${1%m} ms" ;;
    *u) echo "${1%u} µs" ;;
    *) echo "$1 s" ;;
  esac
}

# follow SECONDS COMMAND...: one line for each change that the HPA makes, and for its value every few seconds, until COMMAND
# (called with the value and the replicas) succeeds.
shown=''
follow() {
  local end=$((SECONDS + $1)) quiet=$((SECONDS + 4)) view current replicas desired
  shift
  while ((SECONDS < end)); do
    if view=$(hpa_view 2>/dev/null) && [ -n "$view" ]; then
      read -r current replicas desired <<<"$view"
      if [ "$replicas $desired" != "${shown#* }" ] || { [ "$view" != "$shown" ] && ((SECONDS >= quiet)); }; then
        step "  run-queue p99 $(duration_of "$current") per pod (target 30 ms), replicas $replicas, wanted $desired"
        shown=$view
        quiet=$((SECONDS + 4))
      fi
      ! "$@" "$current" "$replicas" || return 0
    fi
    sleep 0.5
  done
  return 1
}

measured() { [ "$1" != - ]; }
grown() { [ "${2:-1}" -ge 3 ]; }
shrunk() { [ "${2:-0}" -eq 1 ]; }
never() { false; }

demonstrate() {
  kube apply -f "$root/hack/demo/demo.yaml" >"$log_dir/demo.log" 2>&1 || { tail_of "$log_dir/demo.log"; die "the demonstration's objects were refused"; }
  part kube -n kpod-demo rollout status deployment/load --timeout=60s >/dev/null || die "the demonstration's workload did not start: .run/kubectl -n kpod-demo describe pods"
  step "HPA load: 1 to 4 replicas of Deployment load, by kpod_cpu_runqueue_latency_p99_seconds"
  follow 90 measured || die "the HPA got no value within 90 s: $(hpa_message)"
  step "load on: 96 jobs of 5 ms a second, and a replica may use a fifth of a CPU"
  kube -n kpod-demo scale deployment/feeder --replicas=1 >/dev/null
  follow 120 grown || die "the HPA did not scale up within 120 s under load: $(hpa_message)"
  follow 15 never || :
  step "load off"
  kube -n kpod-demo scale deployment/feeder --replicas=0 >/dev/null
  follow 180 shrunk || die "the HPA did not scale down within 180 s after the load: $(hpa_message)"
  step "scaled up under load and down after it"
}

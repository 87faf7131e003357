# shellcheck shell=bash
# Sourced by hack/run: agent and api-server on this machine's own services and containers, each in a cgroup of its own.

state_dir=$run_dir/api-server
programs=() # "NAME PID" of what was started, in that order
groups=()   # cgroups that were made, outermost first

cgroup2_root() {
  local at
  for at in /sys/fs/cgroup /sys/fs/cgroup/unified; do
    if [ -e "$at/cgroup.controllers" ]; then
      echo "$at"
      return
    fi
  done
  die "no cgroup v2 under /sys/fs/cgroup nor /sys/fs/cgroup/unified: mount -t cgroup2 none /sys/fs/cgroup/unified"
}

require_free_port() { # PORT OPTION
  local holder
  holder=$(ss -tlnpH "sport = :$1" | grep -oE 'users:.*' | head -1 || :)
  [ -z "$holder" ] || die "port $1 is in use by ${holder#users:}: stop that, or choose another with $2 PORT"
}

# The groups are this run's alone: a process in one belongs to another run.
require_free_groups() {
  local pids
  pids=$(find "$slice" -name cgroup.procs -exec cat {} + 2>/dev/null | paste -sd" " || :)
  [ -z "$pids" ] || die "processes run in $slice (pid $pids): another checkout's hack/run, or left over from one that was killed: end them first"
}

# start_program NAME MAIN-CLASS ARGUMENTS...
start_program() {
  local name=$1 main=$2 group=$slice/kpod-$1.service
  shift 2
  mkdir "$group" 2>/dev/null || :
  groups+=("$group")
  # shellcheck disable=SC2016 # expanded by the inner shell, which moves itself into the group before it becomes the program
  setsid bash -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' _ "$group" \
    "$JAVA_HOME/bin/java" "@$root/hack/jvm/$name.args" "-Djava.io.tmpdir=$run_dir/tmp" -cp "$root/$name/target/dist/*" "$main" "$@" \
    >"$log_dir/$name.log" 2>&1 </dev/null 9>&- &
  programs+=("$name $!")
}

# Fails with the log's end when one of the programs has ended.
require_alive() {
  local program name pid rc
  for program in "${programs[@]}"; do
    read -r name pid <<<"$program"
    if ! kill -0 "$pid" 2>/dev/null; then
      rc=0
      wait "$pid" || rc=$?
      tail_of "$log_dir/$name.log"
      die "$name ended by itself (exit $rc)"
    fi
  done
}

# wait_until NAME SECONDS COMMAND...: until the command succeeds; fails with the log's end when NAME ends or time runs out.
wait_until() {
  local name=$1 seconds=$2 end=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    require_alive
    ((SECONDS < end)) || { tail_of "$log_dir/$name.log"; die "$name was not ready after $seconds s"; }
    sleep 0.1
  done
}

up() {
  local slice
  slice=$(cgroup2_root)/kpod.slice
  require_free_groups
  require_free_port "$api_port" --api-port
  require_free_port "$ingest_port" --ingest-port
  require_free_port "$metrics_port" --metrics-port
  mkdir -p "$state_dir" "$run_dir/tmp"
  mkdir "$slice" 2>/dev/null || :
  groups+=("$slice")
  start_program api-server io.kpod.apiserver.ApiServer --kpod.api.mode=standalone "--kpod.api.state-dir=$state_dir" \
    "--kpod.api.port=$api_port" "--kpod.api.ingest-port=$ingest_port"
  wait_until api-server 60 test -s "$state_dir/agent-token" -a -s "$state_dir/ca.crt"
  start_program node-agent io.kpod.agent.Agent --kpod.discovery.mode=none \
    --kpod.metrics.address=127.0.0.1 "--kpod.metrics.port=$metrics_port" "--kpod.push.endpoints=https://127.0.0.1:$ingest_port" \
    "--kpod.push.token-file=$state_dir/agent-token" "--kpod.push.ca-file=$state_dir/ca.crt" "${agent_settings[@]}"
  wait_until api-server 60 curl -fsSk --max-time 2 "https://127.0.0.1:$api_port/livez"
  step "api-server: up"
  wait_until node-agent 60 curl -fsS --max-time 2 "http://127.0.0.1:$metrics_port/readyz"
  step "node-agent: ready"
  cp "$state_dir/kubeconfig" "$run_dir/kubeconfig"
  echo "http://127.0.0.1:$metrics_port" >"$run_dir/agent-url"
  echo "https://127.0.0.1:$api_port" >"$run_dir/api-server-url"
  write_executable "$run_dir/kubectl" <<E
#!/bin/sh
exec "$kubectl" --kubeconfig="$run_dir/kubeconfig" --cache-dir="$run_dir/kubectl-cache" "\$@"
E
}

show() {
  cat <<E

kpod watches this machine's own services and containers. Logs: .run/log. Try:

  .run/kubectl get podkernelmetrics -A
  .run/kubectl get --raw '/apis/custom.metrics.k8s.io/v1beta2/namespaces/system/pods/*/kpod_cpu_runqueue_latency_p99_seconds'
  curl -s \$(cat .run/agent-url)/metrics | grep kpod_cpu_runqueue_latency_seconds_count

E
}

check() { require_alive; }

down() {
  local i name pid
  for ((i = ${#programs[@]} - 1; i >= 0; i--)); do
    read -r name pid <<<"${programs[i]}"
    kill -TERM "$pid" 2>/dev/null || continue
    until_true 5 ended "$pid" || { step "$name did not end within 5 s: killed" && kill -KILL "$pid" 2>/dev/null; }
    wait "$pid" 2>/dev/null || :
  done
  for ((i = ${#groups[@]} - 1; i >= 0; i--)); do
    remove_group "${groups[i]}" || step "could not remove ${groups[i]}"
  done
  rm -rf "$state_dir" "$run_dir/tmp"
}
ended() { ! kill -0 "$1" 2>/dev/null; }

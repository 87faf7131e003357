# shellcheck shell=bash
# Sourced by the tests: each check is one line, the last line counts them.

passed=0 failed=0
ok() { passed=$((passed + 1)) && printf 'ok    %s\n' "$*"; }
fail() { failed=$((failed + 1)) && printf 'FAIL  %s\n' "$*"; }

# check WHAT COMMAND...: the command's output is shown only when it fails. It runs in this shell, so that it may wait for what
# this shell has started.
check_output=$(mktemp)
check() {
  local what=$1
  shift
  if "$@" >"$check_output" 2>&1; then ok "$what"; else
    fail "$what"
    tail -n 15 "$check_output" | sed 's/^/      /'
  fi
}

# refuses WHAT PATTERN COMMAND...: the command fails and says PATTERN, in one line.
refuses() {
  local what=$1 pattern=$2 output rc=0
  shift 2
  output=$("$@" 2>&1) || rc=$?
  if ((rc != 0)) && grep -qE -e "$pattern" <<<"$output" && (($(wc -l <<<"$output") == 1)); then ok "$what"; else fail "$what: exit $rc: $output"; fi
}

summary() {
  rm -f "$check_output"
  printf '%s: %d passed, %d failed\n' "${0##*/}" "$passed" "$failed"
  ((failed == 0))
}

# What hack/run must leave as it found: processes of this checkout, its cgroups, mounts, pinned BPF objects (what is not pinned
# goes with the processes), namespaces, sysctls, and the files of the places that it has to do with.
machine_state() {
  pgrep -af "$root/.*io\.kpod|$root/.run/cluster" | sed 's/^[0-9]* //' || :
  find /sys/fs/cgroup -type d 2>/dev/null | grep -E '/kpod\.slice|/kubepods(/|$)|/k8s\.io' | sort || :
  awk '{print $2}' /proc/mounts | sort
  find /sys/fs/bpf -mindepth 1 2>/dev/null || :
  ip netns list 2>/dev/null || :
  find /run /var/lib /var/log /etc /usr/libexec /opt -maxdepth 1 | sort
  find /tmp "$HOME" -maxdepth 1 \( -name '*kpod*' -o -name '*jetty*' -o -name '*.so' -o -name .kube \) | sort
  sysctl -n vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops net.ipv4.ip_forward 2>/dev/null
}

# left_nothing BEFORE: compares a saved machine_state with the present one; what is on its way out may take a moment.
left_nothing() {
  local difference
  for _ in 1 2 3 4 5; do
    difference=$(diff "$1" <(machine_state)) && return
    sleep 1
  done
  printf '%s\n' "$difference"
  return 1
}

# start_run LOG ARGUMENTS...: hack/run in the background; its pid in run_pid.
run_pid=
start_run() {
  local log=$1
  shift
  setsid "$root/hack/run" "$@" >"$log" 2>&1 </dev/null &
  run_pid=$!
}

# up_within SECONDS LOG: until hack/run says that it is running; 1 when it ended or time is up.
up_within() {
  local end=$((SECONDS + $1))
  until grep -q 'Ctrl-C ends it' "$2"; do
    if ! kill -0 "$run_pid" 2>/dev/null || ((SECONDS >= end)); then
      tail -n 25 "$2"
      return 1
    fi
    sleep 0.5
  done
}

# end_run SIGNAL SECONDS: sends the signal; 1 unless hack/run ends with 0 within the time.
end_run() {
  local end=$((SECONDS + $2))
  kill "-$1" "$run_pid" 2>/dev/null || return 1
  while kill -0 "$run_pid" 2>/dev/null; do
    ((SECONDS < end)) || return 1
    sleep 0.2
  done
  wait "$run_pid"
}

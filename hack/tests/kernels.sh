#!/usr/bin/env bash
# The kernel tests on Debian's kernels 5.10, 6.1 and 6.12, in virtual machines, two at once; on this machine's own, unless
# `hack/test java` has just run them there; then the tables of node-agent/KERNELS.md beside what these runs showed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
log_dir=$root/.run/log
# shellcheck source=lib.sh
source "$root/hack/tests/lib.sh"
# shellcheck source=../lib/steps.sh
source "$root/hack/lib/steps.sh"
# shellcheck source=../lib/build.sh
source "$root/hack/lib/build.sh"
work=$(mktemp -d)
runs=() pids=()
cleanup() {
  stop_long
  ((${#runs[@]} == 0)) || kill -TERM "${runs[@]}" 2>/dev/null || :
  wait
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

kernels=(6.12 6.1 5.10 5.10.223) # the longest first
for kernel in "${kernels[@]}"; do rm -rf "$root/.run/kernels/$kernel"/{results,target}; done
refuses "an unknown kernel is named" "unknown kernel '4.19'; there are: 5.10.223 5.10 6.1 6.12 running" "$root/hack/qemu" run 4.19
refuses "an unknown option is named" "unknown argument '--wrong'; allowed: --no-build" "$root/hack/qemu" run 6.1 --wrong
long "test classes" "$log_dir/test-compile.log" "$root/mvnw" -q -pl node-agent,bpf -am test-compile

# As many machines at once as there are processors, each emulates one; this machine's own kernel is tested alone.
running_machines() { jobs -rp | wc -l; }
signs_of_life() {
  local log
  for log in "$work"/*.log; do grep '…' "$log" | tail -n 1; done || :
}
wait_until_at_most() {
  local next=$((SECONDS + 30))
  while (($(running_machines) > $1)); do
    sleep 1
    if ((SECONDS >= next)); then
      signs_of_life
      next=$((SECONDS + 30))
    fi
  done
}
for kernel in "${kernels[@]}"; do
  wait_until_at_most $(($(nproc) - 1))
  step "tests on $kernel"
  "$root/hack/qemu" run --no-build "$kernel" >"$work/$kernel.log" 2>&1 &
  runs+=($!)
  pids[${kernel//./}]=$!
done
wait_until_at_most 0
shown() { cat "$work/$1.log" && wait "${pids[${1//./}]}"; }
for kernel in "${kernels[@]}"; do check "all kernel tests pass on $kernel" shown "$kernel"; done
runs=()
if [ "$(cat "$root/.run/kernels/running/of" 2>/dev/null)" = "$(kernel_and_sources)" ]; then
  step "this machine's own kernel: as hack/test java left it"
else
  check "and on this machine's own kernel" "$root/hack/qemu" run --no-build running
fi
check "node-agent/KERNELS.md says what the runs showed, and no error is beyond its bound" "$root/hack/qemu" check
summary

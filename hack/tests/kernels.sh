#!/usr/bin/env bash
# The kernel tests on Debian's kernels 5.10, 6.1 and 6.12, in virtual machines, and on this machine's own; then the tables of
# node-agent/KERNELS.md beside what these runs showed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
log_dir=$root/.run/log
# shellcheck source=lib.sh
source "$root/hack/tests/lib.sh"
# shellcheck source=../lib/steps.sh
source "$root/hack/lib/steps.sh"
work=$(mktemp -d)
runs=()
cleanup() {
  stop_long
  ((${#runs[@]} == 0)) || kill -TERM "${runs[@]}" 2>/dev/null || :
  wait
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

rm -rf "$root"/.run/kernels/*/{results,target}
refuses "an unknown kernel is named" "unknown kernel '4.19'; there are: 5.10 6.1 6.12 running" "$root/hack/qemu" run 4.19
refuses "an unknown option is named" "unknown argument '--wrong'; allowed: --no-build" "$root/hack/qemu" run 6.1 --wrong
long "test classes" "$log_dir/test-compile.log" "$root/mvnw" -q -pl node-agent,bpf -am test-compile

# As many machines at once as there are processors, each emulates one; this machine's own kernel is tested alone.
show() { cat "$work/$1.log" && [ "$(cat "$work/$1.exit")" = 0 ]; }
run() {
  local rc=0
  "$root/hack/qemu" run --no-build "$1" >"$work/$1.log" 2>&1 || rc=$?
  echo $rc >"$work/$1.exit"
}
places=$(nproc)
for kernel in 6.12 6.1 5.10; do
  while (($(jobs -rp | wc -l) >= places)); do sleep 1; done
  step "tests on $kernel"
  run $kernel &
  runs+=($!)
done
next=$((SECONDS + 15))
while [ -n "$(jobs -rp)" ]; do
  sleep 1
  ((SECONDS < next)) || { next=$((SECONDS + 15)) && grep -h . "$work"/*.log | grep '…' | sort -k5,5 -sV | awk '{last[$5] = $0} END {for (kernel in last) print last[kernel]}'; }
done
runs=()
for kernel in 5.10 6.1 6.12; do check "all kernel tests pass on $kernel" show $kernel; done
run running
check "and on this machine's own kernel" show running
check "node-agent/KERNELS.md says what the runs showed, and no error is beyond its bound" "$root/hack/qemu" check
summary

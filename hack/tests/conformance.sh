#!/usr/bin/env bash
# Kubernetes' own Go clients, as the HPA and controllers use them, against a real cluster with kpod: hack/conformance.
#   conformance.sh            in a cluster of its own
#   conformance.sh running    in that of the hack/run --cluster that is running
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
suite=$cache/conformance/conformance.test
trap stop_long EXIT

build_suite() { # skipped when it was made of exactly these sources
  local stamp
  stamp=$(cat "$root"/hack/conformance/{go.mod,go.sum,*.go} | sha256sum)
  [ -x "$suite" ] && [ "$(cat "$suite.sources" 2>/dev/null)" = "$stamp" ] && return
  find_go
  mkdir -p "${suite%/*}"
  long "hack/conformance: vetted" "$log_dir/conformance-vet.log" env CGO_ENABLED=0 go vet -C "$root/hack/conformance" -trimpath ./...
  long "hack/conformance: built" "$log_dir/conformance-build.log" env CGO_ENABLED=0 go test -C "$root/hack/conformance" -trimpath -ldflags='-s -w' -c -o "$suite"
  echo "$stamp" >"$suite.sources"
}

own_cluster() {
  mkdir -p "$run_dir/bin" "$log_dir"
  exec 9>>"$run_dir/lock"
  flock -n 9 || die "a hack/run of this checkout is running: $0 running"
  trap 'stop_long; stop_part; down; rm -rf "${run_dir:?}"/{kubectl,kubectl-cache,kubeconfig,agent-url,api-server-url}' EXIT
  trap 'exit 1' INT TERM HUP
  build_programs
  up
  until_true 60 live_numbers || die "no pod has numbers"
}

case ${1:-} in
  '') own_cluster ;;
  running) [ -e "$run_dir/kubeconfig" ] || die "no hack/run --cluster of this checkout is running" ;;
  *) die "unknown argument '$1'; allowed: running" ;;
esac
build_suite
begin=$SECONDS rc=0
log=$log_dir/conformance.log
"$run_dir/bin/inside" env KUBECONFIG="$run_dir/kubeconfig" "$suite" -test.v -test.timeout=8m >"$log" 2>&1 || rc=$?
# Each test is a line; of those that fail also what they say.
sed -n 's/^ *--- PASS: Test\([^ ]*\) (.*/ok    \1/p' "$log" | tr _ ' '
if ((rc != 0)); then
  grep -vE '^ *--- PASS|^=== ' "$log" | sed 's/^ *--- FAIL: Test/FAIL  /' | head -150
fi
printf 'conformance.sh: %d passed, %d failed, %d s\n' "$(grep -c '^ *--- PASS' "$log")" "$(grep -c '^ *--- FAIL' "$log")" $((SECONDS - begin))
exit $rc

#!/usr/bin/env bash
# The OpenAPI documents are valid, and no request that they allow or forbid makes the api-server fail or answer otherwise than they say:
# schemathesis against a real api-server with a real agent's data, then requests chosen by hand.
#   SEED=N hack/test fuzz   repeats a run
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
# shellcheck source=../lib/python.sh
source "$root/hack/lib/python.sh"
work=$(mktemp -d)
processes=()
cleanup() {
  stop_long
  for pid in "${processes[@]}"; do kill -KILL "$pid" 2>/dev/null || :; done
  wait 2>/dev/null || :
  rm -rf "$work"
}
trap cleanup EXIT
mkdir -p "$log_dir"
install_missing curl:curl python3:python3
build_programs
python_tools fuzz schemathesis==4.32.5 openapi-spec-validator==0.9.0
seed=${SEED:-20261125}
step "seed $seed"

api_port=19643 ingest_port=19644 metrics_port=19645
api=https://127.0.0.1:$api_port state=$work/state
"$JAVA_HOME/bin/java" "@$root/hack/jvm/api-server.args" -cp "$root/api-server/target/dist/*" io.kpod.apiserver.ApiServer --kpod.api.mode=standalone \
  "--kpod.api.state-dir=$state" --kpod.api.port=$api_port --kpod.api.ingest-port=$ingest_port >"$work/api-server.log" 2>&1 &
processes+=($!)
server=$!
check "an api-server is up" until_true 30 test -s "$state/kubeconfig"
"$JAVA_HOME/bin/java" "@$root/hack/jvm/node-agent.args" -cp "$root/node-agent/target/dist/*" io.kpod.agent.Agent --kpod.discovery.mode=none \
  --kpod.node-name=n1 --kpod.metrics.address=127.0.0.1 --kpod.metrics.port=$metrics_port "--kpod.push.endpoints=https://127.0.0.1:$ingest_port" \
  "--kpod.push.token-file=$state/agent-token" "--kpod.push.ca-file=$state/ca.crt" >"$work/agent.log" 2>&1 &
processes+=($!)
for file in certificate key; do
  sed -n "s/^ *client-$file-data: //p" "$state/kubeconfig" | base64 -d >"$work/client.$file"
done
get() { curl -fsS --cacert "$state/ca.crt" --cert "$work/client.certificate" --key "$work/client.key" "$api$1"; }
measured() { get '/apis/custom.metrics.k8s.io/v1beta2/namespaces/system/metrics/kpod_cpu_context_switches_per_second'; }
check "an agent's numbers are there" until_true 60 measured

groups=(kernelmetrics.kpod.io/v1beta1 custom.metrics.k8s.io/v1beta1 custom.metrics.k8s.io/v1beta2 external.metrics.k8s.io/v1beta1)
get /openapi/v2 >"$work/v2.json"
check "the document of OpenAPI 2 is valid" "$python_bin/openapi-spec-validator" "$work/v2.json"
fuzz() { # DOCUMENT
  cd "$work" && SCHEMATHESIS_HOOKS=hooks PYTHONPATH=$root/hack/tests/fuzz "$python_bin/schemathesis" run "$1" --url "$api" --tls-verify "$state/ca.crt" \
    --request-cert "$work/client.certificate" --request-cert-key "$work/client.key" --phases coverage,fuzzing --max-examples "${EXAMPLES:-40}" --seed "$seed" \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance \
    --generation-database none --continue-on-failure --no-color
}
for group in "${groups[@]}"; do
  document=$work/${group//\//-}.json
  get "/openapi/v3/apis/$group" >"$document"
  check "the document of $group is valid" "$python_bin/openapi-spec-validator" "$document"
  check "its answers are what it says (seed $seed)" fuzz "$document"
  cp "$check_output" "$log_dir/fuzz-${group//\//-}.log"
done
check "and so they are to requests chosen by hand" python3 "$root/hack/tests/fuzz/cases.py" 127.0.0.1 $api_port "$state/ca.crt" "$work/client.certificate" "$work/client.key"
alive() { kill -0 $server && get /livez; }
check "the api-server goes on" alive
unexpected() { ! grep -E ' (ERROR|SEVERE) ' "$work/api-server.log"; }
check "its log tells of no failure" unexpected
summary

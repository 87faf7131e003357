#!/usr/bin/env bash
# hack/run --cluster: a real kube-apiserver, kubelet and HPA with kpod's own pods, from the first APIService to restarts.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=lib.sh
source "$root/hack/tests/lib.sh"
work=$(mktemp -d)
log=$work/run.log
kube() { "$root/.run/kubectl" "$@"; }
inside() { "$root/.run/bin/inside" "$@"; }
cleanup() {
  if [ -n "$run_pid" ]; then
    kill -TERM "$run_pid" 2>/dev/null || :
    wait "$run_pid" 2>/dev/null || :
  fi
  rm -rf "$work"
}
trap cleanup EXIT

# For each pod of kpod and kpod-demo that runs: its name, once the API has numbers for it.
running_pods() { kube get pods -A --field-selector=status.phase=Running --no-headers | awk '$1 ~ /^kpod/ {print $1 "/" $2}' | sort; }
measured_pods() { kube get podkernelmetrics -A --no-headers | awk '{print $1 "/" $2}' | sort; }
all_measured() { [ -z "$(comm -23 <(running_pods) <(measured_pods))" ]; }
within() { # SECONDS COMMAND...
  local end=$((SECONDS + $1))
  shift
  until "$@"; do ((SECONDS < end)) || return 1; sleep 0.3; done
}
total() { # POD CONTAINER
  kube -n kpod-demo get podkernelmetrics "$1" -o "jsonpath={.containers[?(@.name==\"$2\")].cpu.contextSwitches.total}"
}
exposed() { # POD: the agent's own number
  inside curl -fsS "http://$(agent_address):9090/metrics" | awk -v pod="pod=\"$1\"" '/^kpod_cpu_context_switches_total/ && index($0, pod) {printf "%d\n", $NF}'
}
agent_address() { kube -n kpod get pods -l app.kubernetes.io/name=kpod-node-agent -o 'jsonpath={.items[0].status.podIP}'; }
server_address() { kube -n kpod get pods -l app.kubernetes.io/name=kpod-api-server -o 'jsonpath={.items[0].status.podIP}'; }
worker_pod() { kube -n kpod-demo get pods -l app=load --field-selector=status.phase=Running -o 'jsonpath={.items[0].metadata.name}'; }
status_of() { inside curl -sk -o /dev/null -w '%{http_code}' --max-time 5 "$@"; }
is_one_of() { [[ " $1 " == *" $2 "* ]] || { echo "got $2, expected one of $1" && return 1; }; }

machine_state >"$work/before"
start_run "$log" --cluster
check "hack/run --cluster is up, its demonstration done" up_within 1500 "$log"
sed 's/^/      /' "$log"
check "the HPA scaled a real Deployment up under load and down after it" grep -q 'scaled up under load and down after it' "$log"

for api in v1beta1.kernelmetrics.kpod.io v1beta1.custom.metrics.k8s.io v1beta2.custom.metrics.k8s.io v1beta1.external.metrics.k8s.io; do
  check "APIService $api is Available" kube wait --for=condition=Available "apiservice/$api" --timeout=5s
done
check "every running pod of kpod has numbers in kubectl get podkernelmetrics" within 20 all_measured
columns() { kube get podkernelmetrics -A | grep -E '^NAMESPACE +NAME +RUNQ-P99 +CTXSW/S +TX/S +RX/S +RETRANS/S +RTT-P99 +MAJFLT/S +OOM +AGE$'; }
check "kubectl prints the server's columns" columns
node_rows() { [ "$(kube get nodekernelmetrics --no-headers | wc -l)" = "$(kube get nodes --no-headers | wc -l)" ]; }
check "kubectl get nodekernelmetrics has a row for each node" node_rows
pod=$(worker_pod)
check "kubectl get --raw reads one pod" kube get --raw "/apis/kernelmetrics.kpod.io/v1beta1/namespaces/kpod-demo/pods/$pod"
by_label() { [ "$(kube -n kpod-demo get podkernelmetrics -l app=load --no-headers | wc -l)" -ge 1 ] && [ -z "$(kube -n kpod-demo get podkernelmetrics -l app=none --no-headers 2>/dev/null)" ]; }
check "a label selector selects" by_label
refuses "a pod that is not there is NotFound, and the answer says why" '\(NotFound\).*there is no pod' kube -n kpod-demo get podkernelmetrics nobody
object() { kube get --raw '/apis/custom.metrics.k8s.io/v1beta2/namespaces/kpod-demo/deployments.apps/load/kpod_cpu_runqueue_latency_p99_seconds' | grep '"kind":"Deployment"'; }
check "custom.metrics.k8s.io answers for the Deployment" object
older() { kube get --raw '/apis/custom.metrics.k8s.io/v1beta1/namespaces/kpod-demo/pods/*/kpod_cpu_runqueue_latency_p99_seconds' | grep '"metricName"'; }
check "and in v1beta1 for pods" older
of_node() { kube get --raw '/apis/custom.metrics.k8s.io/v1beta2/nodes/*/kpod_cpu_context_switches_per_second' | grep '"kind":"Node"'; }
check "and for nodes" of_node
external() { kube get --raw '/apis/external.metrics.k8s.io/v1beta1/namespaces/kpod-demo/kpod_cpu_context_switches_per_second?labelSelector=app%3Dload' | grep '"metricLabels":{"app":"load"}'; }
check "external.metrics.k8s.io answers for the pods of a label" external
resources() { kube api-resources --api-group=kernelmetrics.kpod.io | grep PodKernelMetrics; }
check "kubectl api-resources lists PodKernelMetrics" resources

# hack/test conformance alone has a cluster of its own.
if "$root/hack/tests/conformance.sh" running; then ok "Kubernetes' own Go clients find what the core API has"; else fail "Kubernetes' own Go clients (again: hack/test conformance)"; fi

doctor() { "$root/.run/bin/kpod" doctor; }
nothing_found() { local found && found=$(doctor) && echo "$found" && [[ $found == *"nothing found"* ]]; }
check "kpod doctor finds nothing to put right" within 120 nothing_found
doctor_job() { # in the cluster, with the rights of its manifests alone
  local found=0
  kube apply -k "$root/manifests/kustomize/doctor"
  kube -n kpod wait --for=condition=Complete job/kpod-doctor --timeout=120s || : # its log says why
  kube -n kpod logs job/kpod-doctor | tee "$work/doctor.log"
  grep -qF 'nothing found' "$work/doctor.log" || found=1
  kube delete -k "$root/manifests/kustomize/doctor"
  return $found
}
check "nor does the one of the image, as a Job in the cluster" doctor_job

confined() {
  local pid status
  pid=$(pgrep -f '^/opt/kpod/jre/bin/java @/opt/kpod/node-agent') && status=$(cat "/proc/$pid/status") && grep -E 'Cap|NoNew|Seccomp' <<<"$status"
  grep -q 'CapBnd:.000000c000000000' <<<"$status" && grep -q 'NoNewPrivs:.1' <<<"$status" && grep -q 'Seccomp:.2' <<<"$status"
}
check "the agent may have BPF and PERFMON at most, seccomp on" confined

# /proc counts the switches of the tasks that live; the container's group also had those of runc's before.
proc_switches() {
  local uid pid
  uid=$(kube -n kpod-demo get pod "$pod" -o 'jsonpath={.metadata.uid}')
  for pid in $(pgrep -f '^/queue work'); do
    ! grep -q "${uid//-/[-_]}" "/proc/$pid/cgroup" || cat /proc/"$pid"/task/*/status
  done | awk '/ctxt_switches/ {sum += $2} END {print sum}'
}
agrees_with_proc() {
  local before api after
  before=$(proc_switches) && sleep 6 && api=$(total "$pod" worker) && after=$(proc_switches) && echo "/proc $before, API $api, /proc $after"
  ((api >= before && api <= after + 300))
}
check "context switches through the API agree with /proc" agrees_with_proc

forged=(-H 'X-Remote-User: admin' -H 'X-Remote-Group: system:masters')
path=/apis/kernelmetrics.kpod.io/v1beta1/pods
check "forged front-proxy headers without a certificate are refused" is_one_of "401 403" "$(status_of "${forged[@]}" "https://$(server_address):6443$path")"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$work/forged.key" -out "$work/forged.crt" -subj /CN=front-proxy-client -days 1 2>/dev/null
check "and with a certificate of that name from another authority" is_one_of "000 401 403" \
  "$(status_of --cert "$work/forged.crt" --key "$work/forged.key" "${forged[@]}" "https://$(server_address):6443$path")"
right=$root/.run/cluster/pki
check "the real front proxy's certificate is let through" is_one_of 200 \
  "$(status_of --cert "$right/front-proxy-client.crt" --key "$right/front-proxy-client.key" "${forged[@]}" "https://$(server_address):6443$path")"
kube -n kpod-demo create serviceaccount nobody >/dev/null
check "a ServiceAccount without rights gets 403 through the cluster" sh -c "! '$root/.run/kubectl' get podkernelmetrics -A --as=system:serviceaccount:kpod-demo:nobody 2>&1 | grep -v forbidden"
check "a push without a token is refused" is_one_of "401 403" "$(status_of -X POST -H 'Content-Type: application/x-protobuf' --data-binary '' "https://$(server_address):8443/ingest/v1/summaries")"
foreign=$(kube -n kpod-demo create token nobody --audience=kernelmetrics.kpod.io)
check "a push with a token of no node is refused" is_one_of "401 403" \
  "$(status_of -X POST -H 'Content-Type: application/x-protobuf' -H "Authorization: Bearer $foreign" --data-binary '' "https://$(server_address):8443/ingest/v1/summaries")"

# The real agent's identity, put to wrong use: its token is bound to its pod, and so to its node.
node=$(kube get nodes -o 'jsonpath={.items[0].metadata.name}')
agent_pod=$(kube -n kpod get pods -l app.kubernetes.io/name=kpod-node-agent -o 'jsonpath={.items[0].metadata.name}')
agent_token=$(kube -n kpod create token kpod-node-agent --audience=kernelmetrics.kpod.io --bound-object-kind=Pod --bound-object-name="$agent_pod")
push() { # NODE NAMESPACE POD UID: the answer's code, then its body
  "$root/hack/tests/summary.py" "$@" >"$work/summary"
  inside curl -sk --max-time 5 -w '%{http_code} ' -H 'Content-Type: application/x-protobuf' -H "Authorization: Bearer $agent_token" \
    --data-binary "@$work/summary" -o "$work/answer" "https://$(server_address):8443/ingest/v1/summaries" && cat "$work/answer"
}
refused_naming() { # WORD WORD ARGUMENTS-OF-PUSH...
  local first=$1 second=$2 answer
  shift 2
  answer=$(push "$@") && echo "$answer"
  [[ $answer == 403* && $answer == *'"kind":"Status"'* && $answer == *"$first"* && $answer == *"$second"* ]]
}
elsewhere() { # a second node that no kubelet stands for, with a pod bound to it
  kube create -f - <<'Y'
apiVersion: v1
kind: Node
metadata: {name: elsewhere}
---
apiVersion: v1
kind: Pod
metadata: {name: distant, namespace: kpod-demo}
spec: {nodeName: elsewhere, containers: [{name: app, image: localhost/none:1}]}
Y
}
check "a pod on another node is made" elsewhere
distant=$(kube -n kpod-demo get pod distant -o 'jsonpath={.metadata.uid}')
check "a push for a pod of another node is refused" refused_naming distant elsewhere "$node" kpod-demo distant "$distant"
check "a push in another node's name is refused" refused_naming "$node" elsewhere elsewhere kpod-demo distant "$distant"
kube -n kpod-demo delete pod distant --force --grace-period=0 >/dev/null 2>&1
kube delete node elsewhere >/dev/null

# Restarts. Rates are sampled all the while: none may be negative or many times what it was.
rate() { kube -n kpod-demo get podkernelmetrics "$pod" -o 'jsonpath={.containers[0].cpu.contextSwitches.rate}' 2>/dev/null; }
sample_rates() { while :; do rate && echo; sleep 0.5; done >"$work/rates"; }
sample_rates &
sampler=$!
kube -n kpod delete pod -l app.kubernetes.io/name=kpod-node-agent --wait=true >/dev/null
check "the agent's pod comes back" kube -n kpod rollout status daemonset/kpod-node-agent --timeout=60s
check "and every pod has numbers again" within 20 all_measured
sleep 15
kill $sampler
wait $sampler 2>/dev/null || :
steady() { # it is about 50 a second
  awk 'BEGIN {unit["n"] = 1e-9; unit["u"] = 1e-6; unit["m"] = 1e-3; unit["k"] = 1e3; low = 1e9}
    NF {suffix = substr($1, length($1)); value = $1 * (suffix in unit ? unit[suffix] : 1); n++
        if (value < low) low = value; if (value > high) high = value}
    END {printf "%d samples from %g to %g\n", n, low, high; exit !(n > 10 && low >= 0 && high < 200)}' "$work/rates"
}
check "no rate was negative or a spike when the agent restarted" steady

kube -n kpod rollout restart deployment/kpod-api-server >/dev/null
check "the api-server restarts" kube -n kpod rollout status deployment/kpod-api-server --timeout=90s
check "and has every pod at once: it is not ready before" within 6 all_measured

# Both at once, asked directly and not through the Service: from the first answer of the new process to all its pods.
kube -n kpod delete pod -l app.kubernetes.io/name=kpod-api-server --wait=true >/dev/null
direct() { inside curl -sk --max-time 5 --cert "$right/front-proxy-client.crt" --key "$right/front-proxy-client.key" "${forged[@]}" "https://$1:6443$path"; }
refilled() {
  local address wanted begin
  wanted=$(running_pods | grep -c '^kpod-demo/\|/kpod-node-agent')
  within 60 new_server_lives && address=$(server_address)
  begin=$(date +%s%N)
  within 30 holds "$address" "$wanted" || return 1
  echo "$wanted pods after $((($(date +%s%N) - begin) / 1000000)) ms"
  (($(date +%s%N) - begin < 6000000000))
}
new_server_lives() { [ "$(status_of "https://$(server_address):6443/livez")" = 200 ]; }
holds() { [ "$(direct "$1" | grep -oE '"name" ?: ?"(load|kpod-node-agent)-[^"]*"' | sort -u | wc -l)" -ge "$2" ]; }
check "an api-server that starts anew has every pod within a push and a second" refilled
check "both replicas are ready again" kube -n kpod rollout status deployment/kpod-api-server --timeout=90s

kube -n kpod scale deployment/kpod-api-server --replicas=0 >/dev/null
sleep 60
doctor_finds() { # EXTENDED-REGULAR-EXPRESSION
  local found rc=0
  found=$(doctor) || rc=$?
  echo "$found"
  [ $rc = 1 ] && grep -qE "$1" <<<"$found"
}
check "kpod doctor finds the APIService that keeps namespaces from being deleted" \
  doctor_finds '^APIService v1beta1.kernelmetrics.kpod.io: not Available .*no namespace .*kubectl delete apiservice v1beta1.kernelmetrics.kpod.io'
check "and that no pod is behind the Service" doctor_finds '^pods of the api-server: there is none'
kube -n kpod scale deployment/kpod-api-server --replicas=2 >/dev/null
check "the api-server comes back after a minute away" kube -n kpod rollout status deployment/kpod-api-server --timeout=90s
exact() {
  local before api after
  before=$(exposed "$pod") && sleep 6 && api=$(total "$pod" worker) && after=$(exposed "$pod") && echo "agent $before, API $api, agent $after"
  ((before > 0 && api >= before && api <= after))
}
check "and its totals are the agent's own" exact
available() { kube wait --for=condition=Available apiservice/v1beta1.kernelmetrics.kpod.io --timeout=40s; }
check "and its APIService is Available again" available

check "SIGTERM ends it all within 40 s, exit 0" end_run TERM 40
run_pid=
check "nothing is left on the machine" left_nothing "$work/before"
summary

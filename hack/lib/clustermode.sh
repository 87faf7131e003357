# shellcheck shell=bash
# Sourced by hack/run --cluster: the same against a real one-node cluster, with an HPA that scales on run-queue latency.

cluster=$root/hack/controlplane/cluster
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kpod
cluster_started=no

kube() { "$run_dir/kubectl" "$@"; }

# require_rollout KIND/NAME SECONDS: waits; says what its pods say when it does not come up.
require_rollout() {
  if part kube -n kpod rollout status "$1" "--timeout=${2}s" >"$log_dir/rollout.log" 2>&1; then
    step "${1#*/}: ready"
    return
  fi
  {
    kube -n kpod get pods -o wide
    kube -n kpod logs "$1" --all-pods --tail=15 --prefix || kube -n kpod logs "$1" --tail=15
    kube -n kpod get events --sort-by=.lastTimestamp | tail -n 8
  } >&2 || :
  die "${1#*/} was not ready after $2 s"
}

require_available() { # SECONDS APISERVICE
  local condition='.status.conditions[?(@.type=="Available")]'
  if part kube wait --for=condition=Available "apiservice/$2" "--timeout=${1}s" >/dev/null 2>&1; then
    step "APIService $2: Available"
    return
  fi
  die "APIService $2 is not Available after $1 s: $(kube get apiservice "$2" -o "jsonpath={$condition.reason}: {$condition.message}")"
}

live_numbers() { kube get podkernelmetrics -A --no-headers | grep . >/dev/null; }

up() {
  local name
  part "$cluster" build
  part "$root/hack/image"
  part "$root/hack/demo/image"
  part "$cluster" down >/dev/null # what a run that was killed has left
  cluster_started=yes
  part "$cluster" up
  write_executable "$run_dir/kubectl" <<E
#!/bin/sh
exec nsenter --net=/run/netns/kpod "$cache/kube/kubectl" --kubeconfig="$run_dir/kubeconfig" --cache-dir="$run_dir/kubectl-cache" "\$@"
E
  write_executable "$run_dir/bin/inside" <<'E'
#!/bin/sh
# Runs a command in the cluster's network.
exec nsenter --net=/run/netns/kpod "$@"
E
  write_executable "$run_dir/bin/kpod" <<E
#!/bin/sh
# The command kpod of the image, from this checkout.
export KUBECONFIG="$run_dir/kubeconfig"
exec nsenter --net=/run/netns/kpod "$JAVA_HOME/bin/java" "@$root/hack/jvm/kpod.args" -cp "$root/api-server/target/dist/*" io.kpod.apiserver.Kpod "\$@"
E
  cp "$run_dir/cluster/kubeconfig" "$run_dir/kubeconfig"
  part "$cluster" load "$run_dir/image/kpod.tar"
  part "$cluster" load "$run_dir/image/demo.tar"
  step "images: imported"
  kube apply -k "$root/manifests/kustomize" >"$log_dir/apply.log" 2>&1 || { tail_of "$log_dir/apply.log"; die "kubectl apply -k manifests/kustomize failed"; }
  step "manifests/kustomize: applied"
  require_rollout deployment/kpod-api-server 120
  require_rollout daemonset/kpod-node-agent 60
  for name in v1beta1.kernelmetrics.kpod.io v1beta1.custom.metrics.k8s.io v1beta2.custom.metrics.k8s.io v1beta1.external.metrics.k8s.io; do require_available 60 $name; done
  echo "http://$(kube -n kpod get pods -l app.kubernetes.io/name=kpod-node-agent -o 'jsonpath={.items[0].status.podIP}'):9090" >"$run_dir/agent-url"
  echo "https://127.0.0.1:443" >"$run_dir/api-server-url"
}

show() {
  until_true 60 live_numbers || die "no pod has numbers 60 s after all was ready: .run/kubectl -n kpod logs ds/kpod-node-agent"
  kube get podkernelmetrics -A
  demonstrate
  cat <<E

The cluster stays up. Logs: .run/log. Try:

  .run/kubectl get podkernelmetrics -A
  .run/kubectl -n kpod-demo describe hpa load
  .run/bin/kpod doctor
  .run/bin/inside curl -s \$(cat .run/agent-url)/metrics | grep kpod_cpu_runqueue_latency_seconds_count

E
}

check() { "$cluster" alive; }

down() { [ "$cluster_started" = no ] || "$cluster" down; }

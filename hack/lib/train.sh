#!/usr/bin/env bash
# train.sh ROOT: the training run of the image's two AOT caches. Both programs run in the image's own root, at the image's own
# paths, talk to each other for some seconds and end: the api-server stand-alone, the agent as in a pod, with a small stand-in
# for the Kubernetes API. hack/image calls this in a mount, network and pid namespace of its own: nothing of it shows on the
# machine, and all of it ends with this script.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$1
state=/tmp/state
port=6443 ingest=8443 metrics=9090 kubernetes=7443
mount --bind "$root" "$root"
for directory in proc sys dev; do mount --rbind "/$directory" "$root/$directory"; done
mount -t tmpfs tmpfs "$root/tmp"
ip link set lo up

train() { # NAME ARGUMENTS...: the java.args without the cache that does not exist yet, in the background
  local name=$1
  shift
  grep -v '^-XX:AOTCache=' "$root/opt/kpod/$name/java.args" >"$root/tmp/$name.args"
  chroot "$root" /opt/kpod/jre/bin/java "-XX:AOTCacheOutput=/opt/kpod/$name/kpod.aot" "@/tmp/$name.args" "$@" &
}
until_there() { # SECONDS PID COMMAND...
  local end=$((SECONDS + $1)) pid=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    kill -0 "$pid" 2>/dev/null || { echo "the program ended early" && exit 1; }
    ((SECONDS < end)) || { echo "not within its time: $*" && exit 1; }
    sleep 0.2
  done
}
get() { curl -sS -o /dev/null --max-time 5 "$@"; }

train api-server --kpod.api.mode=standalone "--kpod.api.state-dir=$state" --kpod.api.port=$port --kpod.api.ingest-port=$ingest
api=$!
until_there 60 $api test -s "$root$state/agent-token"
until_there 60 $api get -k https://127.0.0.1:$port/livez
account=$root/var/run/secrets/kubernetes.io/serviceaccount
mkdir -p "$root/var/run/secrets" && mount -t tmpfs tmpfs "$root/var/run/secrets" && mkdir -p "$account"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=training -addext subjectAltName=IP:127.0.0.1 \
  -keyout "$root/tmp/kubernetes.key" -out "$account/ca.crt" 2>/dev/null
printf training >"$account/token"
printf kpod >"$account/namespace"
"$here/training_api.py" $kubernetes "$account/ca.crt" "$root/tmp/kubernetes.key" "$root$state/ca.crt" $ingest &
api_stand_in=$!
export KUBERNETES_SERVICE_HOST=127.0.0.1 KUBERNETES_SERVICE_PORT=$kubernetes KUBERNETES_SERVICE_PORT_HTTPS=$kubernetes
until_there 20 $api_stand_in get -k "https://127.0.0.1:$kubernetes/api/v1/pods"
train node-agent --kpod.node-name=training --kpod.discovery.mode=informer --kpod.metrics.address=127.0.0.1 --kpod.metrics.port=$metrics \
  --kpod.push.service=kpod/kpod-api-server --kpod.push.ca-configmap=kpod/kpod-ca "--kpod.push.token-file=$state/agent-token" --kpod.push.interval=1000
agent=$!
until_there 60 $agent get http://127.0.0.1:$metrics/readyz
config=$root$state/kubeconfig
field() { grep -m1 -oE "$1: *\"?[A-Za-z0-9+/=]+" "$config" | grep -oE '[A-Za-z0-9+/=]+$' | base64 -d; }
field client-certificate-data >"$root/tmp/client.crt"
field client-key-data >"$root/tmp/client.key"
for _ in 1 2 3 4; do
  sleep 1
  get "http://127.0.0.1:$metrics/metrics"
  get --compressed -H 'Accept: application/openmetrics-text' "http://127.0.0.1:$metrics/metrics"
  get -H 'Accept: application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited' "http://127.0.0.1:$metrics/metrics"
  for path in /apis /readyz /apis/kernelmetrics.kpod.io/v1beta1 /apis/kernelmetrics.kpod.io/v1beta1/pods \
    '/apis/custom.metrics.k8s.io/v1beta2/namespaces/system/pods/*/kpod_cpu_runqueue_latency_p99_seconds'; do
    get --cacert "$root$state/ca.crt" --cert "$root/tmp/client.crt" --key "$root/tmp/client.key" "https://127.0.0.1:$port$path"
  done
done
kill -TERM $agent && wait $agent
kill -TERM $api && wait $api
kill $api_stand_in
ls -l "$root"/opt/kpod/*/kpod.aot

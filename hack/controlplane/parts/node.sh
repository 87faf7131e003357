# shellcheck shell=bash
# The node: containerd and the kubelet. The odd settings: this may be a machine without CAP_SYS_RESOURCE (nobody's
# oom_score_adj may be lowered) and with hybrid cgroups (limits in v1, the groups also in v2), and there is no kube-proxy.

kubelet_sysctls=(vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes)

cni_configuration() {
  cat <<J
{"cniVersion": "1.0.0", "name": "kpod", "plugins": [
 {"type": "bridge", "bridge": "br-pods", "isGateway": true, "ipMasq": false, "hairpinMode": true,
  "ipam": {"type": "host-local", "dataDir": "$state/cni-addresses", "ranges": [[{"subnet": "$pod_range"}]],
           "routes": [{"dst": "0.0.0.0/0"}]}}]}
J
}

containerd_configuration() {
  cat <<T
version = 2
root = "$state/containerd-root"
state = "$state/containerd"
oom_score = 0
[grpc]
  address = "$socket"
[plugins."io.containerd.internal.v1.opt"]
  path = "$state/containerd-opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      BinaryName = "$cache/runtime/usr/sbin/runc"
      SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$cache/runtime/usr/lib/cni"
    conf_dir = "$state/cni"
T
}

kubelet_configuration() {
  cat <<Y
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
cgroupDriver: cgroupfs
containerRuntimeEndpoint: unix://$socket
podLogsDir: $state/pod-logs
volumePluginDir: $state/volume-plugins
staticPodPath: $state/static-pods
tlsCertFile: $state/pki/kubelet-server.crt
tlsPrivateKeyFile: $state/pki/kubelet-server.key
address: 0.0.0.0
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $state/pki/ca.crt}}
authorization: {mode: Webhook}
makeIPTablesUtilChains: false
failSwapOn: false
oomScoreAdj: 0
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
Y
}

node_ready() { kubectl get node "$node" | grep ' Ready' >/dev/null; }

worker_node() {
  local image
  sysctl "${kubelet_sysctls[@]}" >"$state/sysctls-before"
  mkdir -p "$state"/{cni,static-pods}
  # Shared, as distributions with systemd have all mounts: the agent is to see volumes that are mounted after it has started.
  mkdir -p "$kubelet_directory"
  mount --bind "$kubelet_directory" "$kubelet_directory"
  mount --make-rshared "$kubelet_directory"
  cni_configuration >"$state/cni/10-kpod.conflist"
  containerd_configuration >"$state/containerd.toml"
  kubelet_configuration >"$state/kubelet.yaml"
  start containerd containerd --config "$state/containerd.toml"
  wait_for containerd 60 ctr -a "$socket" version
  for image in "$cache"/images/*.tar; do ctr -a "$socket" -n k8s.io image import "$image" >/dev/null; done
  step "containerd ready"
  start kubelet "$cache/kube/kubelet" --config="$state/kubelet.yaml" --kubeconfig="$state/pki/kubelet.kubeconfig" \
    --cert-dir="$state/pki" --hostname-override="$node" --node-ip="$node_ip"
  wait_for kubelet 120 node_ready
  step "node $node ready"
}

# shellcheck shell=bash
# The control plane: namespace, etcd, kube-apiserver, kube-controller-manager, kube-scheduler.

# Directories of the system that containerd, the kubelet, CNI, `ip netns` and the demonstration make: those that were not there before
# are removed at the end.
system_directories=(/run/containerd /run/netns /var/lib/cni "$kubelet_directory" /var/log/containers /var/log/pods /usr/libexec/kubernetes /opt/cni /run/mount /run/kpod-demo)

prepare() {
  local directory holder
  ((EUID == 0)) || die "a cluster needs root (network namespaces, containers, cgroups)"
  [ -x "$cache/kube/kube" ] || die "nothing built yet: $0 build"
  [ ! -e "$state/pid" ] || die "already up, or left over from a run that was killed: $0 down"
  holder=$(ss -xlpH src "$socket" 2>/dev/null | grep -o 'users:.*' || :)
  [ -z "$holder" ] || die "another containerd listens on $socket ($holder): stop it first"
  ! ip netns list | grep "^$netns\b" >/dev/null || die "the network namespace $netns exists: another cluster of kpod runs on this machine ('cluster down' in its checkout)"
  [ -z "$(ls -A "$kubelet_directory" 2>/dev/null)" ] || die "$kubelet_directory holds another kubelet's state: this machine is a node already"
  mkdir -p "$state"/{pki,pid} "$log_dir"
  for directory in "${system_directories[@]}"; do [ -e "$directory" ] || echo "$directory"; done >"$state/made"
  ip netns list | awk '{print $1}' >"$state/netns-before"
}

network() {
  ip netns add "$netns"
  inside ip link set lo up
  inside ip link add br-kpod type bridge
  inside ip addr add "$node_ip/24" dev br-kpod
  inside ip addr add "$api_address/32" dev br-kpod # the ClusterIP of `kubernetes`, there being no kube-proxy
  inside ip link set br-kpod up
  inside ip route add default via "${node_ip%.*}.254" # leads nowhere; the kubelet and the apiserver want one
  inside sysctl -qw net.ipv4.ip_forward=1
}

control_plane() {
  network
  cd "$state/pki"
  certificates
  start etcd "$cache/kube/etcd" --data-dir="$state/etcd" --unsafe-no-fsync --log-level=warn \
    --listen-client-urls=http://127.0.0.1:2379 --advertise-client-urls=http://127.0.0.1:2379 --listen-peer-urls=http://127.0.0.1:2380
  start kube-apiserver "$cache/kube/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 \
    --secure-port=443 --bind-address=0.0.0.0 --advertise-address="$node_ip" --cert-dir="$state/pki" \
    --tls-cert-file=apiserver.crt --tls-private-key-file=apiserver.key --client-ca-file=ca.crt \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
    --service-cluster-ip-range="$service_range" --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file=sa.pub --service-account-signing-key-file=sa.key \
    --requestheader-client-ca-file=front-proxy-ca.crt --requestheader-allowed-names=front-proxy-client \
    --requestheader-username-headers=X-Remote-User --requestheader-uid-headers=X-Remote-Uid \
    --requestheader-group-headers=X-Remote-Group --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --proxy-client-cert-file=front-proxy-client.crt --proxy-client-key-file=front-proxy-client.key \
    --enable-aggregator-routing=true \
    --kubelet-client-certificate=kubelet-client.crt --kubelet-client-key=kubelet-client.key \
    --kubelet-preferred-address-types=InternalIP --shutdown-delay-duration=0s
  wait_for kube-apiserver 180 kubectl get --raw /readyz
  step "kube-apiserver ready"
  # Only now: without /readyz the controllers end again.
  start kube-controller-manager "$cache/kube/kube-controller-manager" --kubeconfig=controllers.kubeconfig \
    --authentication-kubeconfig=controllers.kubeconfig --authorization-kubeconfig=controllers.kubeconfig \
    --cert-dir="$state/pki" --leader-elect=false --use-service-account-credentials=true \
    --service-account-private-key-file=sa.key --root-ca-file=ca.crt \
    --horizontal-pod-autoscaler-sync-period=1s --horizontal-pod-autoscaler-downscale-stabilization=5s \
    --horizontal-pod-autoscaler-initial-readiness-delay=0s --horizontal-pod-autoscaler-cpu-initialization-period=0s
  start kube-scheduler "$cache/kube/kube-scheduler" --kubeconfig=scheduler.kubeconfig \
    --authentication-kubeconfig=scheduler.kubeconfig --authorization-kubeconfig=scheduler.kubeconfig \
    --cert-dir="$state/pki" --leader-elect=false
  wait_for kube-controller-manager 120 kubectl get serviceaccount default
  step "kube-controller-manager and kube-scheduler ready"
}

# shellcheck shell=bash
# The end: everything that `up` made goes, in an order in which nothing waits for what is gone already.

# Processes in the groups of pods. They are this cluster's: `prepare` refuses to start beside another containerd.
pod_processes() {
  local root
  for root in /sys/fs/cgroup/unified /sys/fs/cgroup/memory /sys/fs/cgroup; do
    [ ! -d "$root/kubepods" ] || find "$root/kubepods" -name cgroup.procs -exec cat {} + 2>/dev/null
  done | sort -u
}
no_pod_processes() { [ -z "$(pod_processes)" ]; }

end_pods() {
  local pid
  # Twice: the first round takes the containers, the second what they forked meanwhile.
  for _ in 1 2; do
    for pid in $(pod_processes); do kill -KILL "$pid" 2>/dev/null || :; done
    ! until_true 3 no_pod_processes || return 0
  done
}

remove_cgroups() {
  local group
  for group in /sys/fs/cgroup/*/{kubepods,k8s.io} /sys/fs/cgroup/{kubepods,k8s.io}; do
    [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null || :
  done
}

remove_mounts() {
  local at
  awk '{print $2}' /proc/mounts | grep -E "^($state/|/run/containerd/|$kubelet_directory(/|\$))" | sort -r | while read -r at; do umount "$at" 2>/dev/null || umount -l "$at"; done || :
}

remove_namespaces() {
  local name pid
  # Shims outlive containerd; whatever is in this namespace is ours.
  for pid in $(ip netns pids "$netns" 2>/dev/null); do kill -KILL "$pid" 2>/dev/null || :; done
  for name in $(ip netns list | awk '{print $1}' | grep '^cni-' | grep -vxFf "$state/netns-before"); do ip netns del "$name" || :; done
  ! ip netns list | grep "^$netns\b" >/dev/null || ip netns del "$netns" || :
}

remove_made_directories() {
  local directory
  ! grep -qx /run/netns "$state/made" || umount /run/netns 2>/dev/null || :
  while read -r directory; do rm -rf --one-file-system "$directory"; done <"$state/made"
}

down() {
  local name
  if [ ! -e "$state/pid" ]; then
    step "no cluster of this checkout is up"
    return
  fi
  stop kubelet
  end_pods
  stop containerd
  for name in kube-scheduler kube-controller-manager kube-apiserver etcd; do stop "$name"; done # etcd last: the apiserver hangs without it
  remove_namespaces
  remove_mounts
  remove_cgroups
  [ ! -e "$state/sysctls-before" ] || sed 's/ = /=/' "$state/sysctls-before" | xargs -n1 sysctl -qw
  remove_made_directories
  rm -rf --one-file-system "$state"
  step "cluster down"
}

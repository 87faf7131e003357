#!/usr/bin/env bash
# The scripts and manifests themselves: what can be told without starting anything.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=lib.sh
source "$root/hack/tests/lib.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

scripts() { (cd "$root" && git ls-files -co --exclude-standard | while read -r file; do if head -c 32 "$file" | grep -qaE '^#!.*bash'; then echo "$file"; fi; done); }
# shellcheck disable=SC2046 # names of this repository have no blanks
all_scripts_clean() { cd "$root" && shellcheck -a $(scripts); }
check "shellcheck finds nothing in any script" all_scripts_clean

refuses "an unknown argument is named" "unknown argument '--wrong'; allowed: --cluster" "$root/hack/run" --wrong
refuses "a bad duration is named" "--for 'soon': a number with s, m or h" "$root/hack/run" --for soon
refuses "a bad port is named" "--api-port '70000': a port from 1 to 65535" "$root/hack/run" --api-port 70000

manifests=$work/manifests.yaml
check "kustomize builds the manifests" sh -c "kubectl kustomize '$root/manifests/kustomize' >'$manifests'"
contains() { awk '/^kind: DaemonSet/,/^---/' "$manifests" | grep -E "$1"; }
lacks() { ! grep -qE "$1" "$manifests"; }
check "the agent's pod adds BPF and PERFMON and drops ALL" sh -c "awk '/^kind: DaemonSet/,/^---/' '$manifests' | tr -d ' \n' | grep 'capabilities:add:-BPF-PERFMONdrop:-ALL'"
check "the agent's root file system is read-only" contains 'readOnlyRootFilesystem: true'
check "no pod is privileged or shares the host's namespaces" lacks 'privileged: true$|hostNetwork: true|hostPID: true|hostIPC: true'
check "no service links: KPOD_* variables are settings" sh -c "[ \$(grep -c 'enableServiceLinks: false' '$manifests') = 2 ]"
with() { # COMPONENT: the manifests with it; kustomize takes no absolute paths
  local kustomize
  kustomize=$(realpath --relative-to="$work" "$root/manifests/kustomize")
  printf '{resources: [%s], components: [%s]}' "$kustomize" "$kustomize/components/$1" >"$work/kustomization.yaml"
  kubectl kustomize "$work" | tr -d ' \n'
}
with_contains() { with "$1" | grep -F -e "$2" >/dev/null; }
check "the component sockops adds NET_ADMIN" with_contains sockops capabilities:add:-BPF-PERFMON-NET_ADMINdrop:-ALL
check "the component kubelet-discovery asks for nodes/pods and no more" with_contains kubelet-discovery name:kpod-node-agentrules:-apiGroups:-\"\"resources:-nodes/podsverbs:-get---
check "and sets the mode" with_contains kubelet-discovery name:KPOD_DISCOVERY_MODEvalue:kubelet
check "the component cert-manager mounts its Secret" with_contains cert-manager secret:secretName:kpod-api-server-tls
check "and names its files" with_contains cert-manager --kpod.api.tls-ca-file=/etc/kpod/tls/ca.crt

changes_nothing() { # what it may create is the question what somebody may
  kubectl kustomize "$root/manifests/kustomize/doctor" >"$work/doctor.yaml"
  ! grep -E '^  - (update|patch|delete|deletecollection|.\*.)$' "$work/doctor.yaml" && [ "$(grep -cx '  - create' "$work/doctor.yaml")" = 1 ]
}
check "kpod doctor as a Job may change nothing" changes_nothing

image() { "$root/hack/oci_image.py" --name localhost/x:1 --entrypoint /x "$1" "/x=$root/hack/oci_image.py" /tmp/ "/y->x"; }
image "$work/1.tar" && touch "$root/hack/oci_image.py" && image "$work/2.tar"
check "the same files give the same image" cmp "$work/1.tar" "$work/2.tar"
summary

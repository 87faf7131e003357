# shellcheck shell=bash
# What a cluster is made of, in the cache: the Go binary, Debian's container runtime unpacked (not installed: its service
# would take the socket), the pause image that every pod needs and a busybox image.

version_of() { awk -v module="$1" '$1 == module && $2 ~ /^v/ {print $2; exit}' "$here/go.mod"; }

# go_build OUTPUT PACKAGE: skipped when OUTPUT was made of exactly these sources.
go_build() {
  local output=$1 package=$2 version stamp v=k8s.io/component-base/version
  version=$(version_of k8s.io/kubernetes)
  stamp=$(cat "$here"/{go.mod,go.sum,main.go} | sha256sum)
  [ -x "$output" ] && [ "$(cat "$output.sources" 2>/dev/null)" = "$stamp" ] && return
  find_go
  long "Kubernetes $version from source: ${output##*/} (minutes the first time)" "$log_dir/go-build.log" \
    env CGO_ENABLED=0 go build -C "$here" -trimpath -o "$output" -ldflags "-s -w -X $v.gitVersion=$version -X $v.gitMajor=1 -X $v.gitMinor=$(cut -d. -f2 <<<"$version") -X $v.gitTreeState=clean -X $v.gitCommit=$(printf '0%.0s' {1..40}) -X $v.buildDate=2026-01-01T00:00:00Z" "$package"
  echo "$stamp" >"$output.sources"
}

build_kubectl() {
  mkdir -p "$cache/bin"
  go_build "$cache/bin/kubectl" k8s.io/kubernetes/cmd/kubectl
}

build() {
  local name
  mkdir -p "$cache"/{kube,images}
  install_missing ip:iproute2 nsenter:util-linux openssl:openssl cc:gcc /usr/include/stdlib.h:libc6-dev python3:python3 sysctl:procps
  go_build "$cache/kube/kube" .
  for name in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kubectl; do ln -sf kube "$cache/kube/$name"; done
  build_runtime
  build_images
}

build_runtime() {
  [ -x "$cache/runtime/usr/sbin/runc" ] && return
  local deb packages=(containerd runc containernetworking-plugins busybox-static)
  command -v apt-get >/dev/null || die "no apt-get: the node's containerd and runc are taken from Debian's packages (${packages[*]})"
  rm -rf "$cache/debs" "$cache/runtime.new" && mkdir -p "$cache/debs"
  if ! (cd "$cache/debs" && apt-get download -qq "${packages[@]}" >/dev/null 2>&1); then
    ((EUID == 0)) || die "the package lists are too old for apt-get download; as root: apt-get update"
    long "package lists" "$log_dir/apt-update.log" apt-get update -q
    (cd "$cache/debs" && apt-get download -qq "${packages[@]}") || die "could not download ${packages[*]}"
  fi
  for deb in "$cache"/debs/*.deb; do dpkg -x "$deb" "$cache/runtime.new"; done
  rm -rf "$cache/runtime" "$cache/debs" && mv "$cache/runtime.new" "$cache/runtime"
  step "containerd, runc, CNI plugins: unpacked"
}

build_images() {
  local busybox applet items=()
  [ "$cache/images/busybox.tar" -nt "$here/pause.c" ] && [ "$cache/images/busybox.tar" -nt "$here/../oci_image.py" ] && return
  cc -Os -static -s -o "$cache/pause" "$here/pause.c"
  "$here/../oci_image.py" --name localhost/pause:1 --entrypoint /pause "$cache/images/pause.tar" "/pause=$cache/pause"
  busybox=$cache/runtime/bin/busybox
  [ -x "$busybox" ] || busybox=$cache/runtime/usr/bin/busybox
  while read -r applet; do [ "$applet" = busybox ] || items+=("/bin/$applet->busybox"); done < <("$busybox" --list)
  "$here/../oci_image.py" --name localhost/busybox:1 --entrypoint /bin/sh "$cache/images/busybox.tar" \
    "/bin/busybox=$busybox" "${items[@]}" /tmp/ /etc/
  rm -f "$cache/pause"
  step "pause and busybox images"
}

# shellcheck shell=bash
# Sourced by hack/qemu: Debian's kernels, as packages of suites that this machine's own mirror has beside the one that it is
# installed from. Needs steps.sh and packages.sh.

suites_of() { # KERNEL: the code names of the suites that have it, newest first
  case $1 in
    5.10) echo bullseye-security bullseye ;;
    6.1) echo bookworm-security bookworm ;;
    6.12) echo trixie ;;
  esac
}

install_guest_tools() {
  install_missing qemu-system-x86_64:qemu-system-x86 cpio:cpio busybox:busybox-static mke2fs:e2fsprogs depmod:kmod xz:xz-utils \
    dpkg-deb:dpkg nft:nftables ip:iproute2 python3:python3 /usr/share/keyrings/debian-archive-keyring.gpg:debian-archive-keyring
}

# mirror_of ARCHIVE: where this machine has Debian's `debian` or `debian-security` from. Another mirror has both side by side.
mirror_of() {
  local mirrors
  # shellcheck disable=SC2016 # apt's own variables
  mirrors=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN)' 'Created-By: Packages' | awk '$2 == "Debian" {sub("/$", "", $1); print $1}' | sort -u)
  grep -m1 "/$1\$" <<<"$mirrors" || sed -n "s#/debian\$#/$1#p" <<<"$mirrors" | grep -m1 . ||
    die "no mirror of Debian among this machine's apt sources (it has: $(paste -sd' ' <<<"${mirrors:-none}")): add one, and apt-get update"
}

# fetch_kernel KERNEL: into the cache, unless it is there; apt works on sources and lists of its own, in a folder of its own.
fetch_kernel() {
  local kernel=$1 target=$cache/$1 suite package release archive apt
  [ -s "$target/release" ] && return
  rm -rf "$target" "$cache/apt"
  mkdir -p "$target" "$cache"/apt/{sources,lists/partial,archives/partial,preferences}
  for suite in $(suites_of "$kernel"); do
    archive=debian
    [[ $suite != *-security ]] || archive=debian-security
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(mirror_of $archive) $suite main"
  done >"$cache/apt/sources.list"
  apt=(-o "Dir::Etc::SourceList=$cache/apt/sources.list" -o "Dir::Etc::SourceParts=$cache/apt/sources" -o "Dir::State::Lists=$cache/apt/lists"
    -o "Dir::Etc::PreferencesParts=$cache/apt/preferences" -o "Dir::Cache=$cache/apt" -o APT::Architecture=amd64 -o APT::Sandbox::User=root)
  long "package lists with kernel $kernel" "$log_dir/kernel-lists.log" apt-get "${apt[@]}" update -q
  package=$(apt-cache "${apt[@]}" search --names-only "^linux-image-${kernel/./\\.}\\.[0-9.-]+.*-cloud-amd64\$" |
    awk '{print $1}' | grep -v 'deb[0-9]*\.[0-9]' | sort -V | tail -1)
  [ -n "$package" ] || die "no package linux-image-$kernel.*-cloud-amd64 in $(suites_of "$kernel")"
  (cd "$target" && long "$package" "$log_dir/kernel-fetch.log" apt-get "${apt[@]}" download "$package")
  release=${package#linux-image-}
  dpkg-deb -x "$target/$package"_*.deb "$target/unpacked"
  mkdir -p "$target/lib/modules"
  mv "$target"/unpacked/{,usr/}lib/modules/"$release" "$target/lib/modules/" 2>/dev/null || [ -d "$target/lib/modules/$release" ]
  mv "$target/unpacked/boot/vmlinuz-$release" "$target/vmlinuz"
  depmod -b "$target" "$release"
  rm -rf "$target/unpacked" "$target"/*.deb "$cache/apt"
  echo "$release" >"$target/release"
}

# initramfs KERNEL FILE: finds the root disk and goes there. Modules are inserted in the order of their dependencies.
initramfs() {
  local kernel=$1 file=$2 stage=$work/$1/initramfs.d release name module
  release=$(cat "$cache/$kernel/release")
  rm -rf "$stage"
  mkdir -p "$stage"/{bin,modules,dev,proc,root}
  cp "$(command -v busybox)" "$stage/bin/busybox"
  for name in virtio_pci virtio_blk ext4 crc32c_generic; do
    modprobe -d "$cache/$kernel" -S "$release" --show-depends "$name" 2>/dev/null || :
  done | awk '$1 == "insmod" && !seen[$2]++ {print $2}' | while read -r module; do
    name=$(basename "${module%.xz}")
    if [[ $module = *.xz ]]; then xz -dc "$module" >"$stage/modules/$name"; else cp "$module" "$stage/modules/$name"; fi
    echo "$name"
  done >"$stage/modules/order"
  install -m 755 "$here/guest/early-init" "$stage/init"
  (cd "$stage" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$file"
  rm -rf "$stage"
}

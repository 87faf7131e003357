# shellcheck shell=bash
# Sourced by hack/qemu: Debian's kernels, as packages of suites that this machine's own mirror has beside the one that it is
# installed from. Needs steps.sh, packages.sh and debian.sh.

suites_of() { # KERNEL: the code names of the suites that have it, newest first
  case $1 in
    5.10) echo bullseye-security bullseye ;;
    5.10.223) echo bullseye ;; # the last of its point releases
    6.1) echo bookworm-security bookworm ;;
    6.12) echo trixie ;;
  esac
}

install_guest_tools() {
  install_missing qemu-system-x86_64:qemu-system-x86 cpio:cpio busybox:busybox-static mke2fs:e2fsprogs depmod:kmod xz:xz-utils \
    nft:nftables ip:iproute2 python3:python3
}

# fetch_kernel KERNEL: into the cache, unless it is there.
fetch_kernel() {
  local kernel=$1 target=$cache/$1 own=$cache/apt-$1 version package release suites
  [ -s "$target/release" ] && return
  rm -rf "$target" "$own"
  read -ra suites <<<"$(suites_of "$kernel")"
  read_suites "$own" "${suites[@]}"
  version=$(cut -d. -f1,2 <<<"$kernel")
  package=$(apt-cache "${suite_apt[@]}" search --names-only "^linux-image-${version/./\\.}\\.[0-9.-]+.*-cloud-amd64\$" |
    awk '{print $1}' | grep -v 'deb[0-9]*\.[0-9]' | sort -V | tail -1)
  [ -n "$package" ] || die "no package linux-image-$version.*-cloud-amd64 in ${suites[*]}"
  unpack_package "$package" "$target/unpacked"
  release=${package#linux-image-}
  mkdir -p "$target/lib/modules"
  mv "$target"/unpacked/{,usr/}lib/modules/"$release" "$target/lib/modules/" 2>/dev/null || [ -d "$target/lib/modules/$release" ]
  mv "$target/unpacked/boot/vmlinuz-$release" "$target/vmlinuz"
  depmod -b "$target" "$release"
  rm -rf "$target/unpacked" "$own"
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
  install -m 755 "$here/kernels/early-init" "$stage/init"
  (cd "$stage" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$file"
  rm -rf "$stage"
}

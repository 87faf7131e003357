# shellcheck shell=bash
# Sourced by hack/qemu: the disks of a virtual machine. Root: a userland from this machine's own packages, the kernel's modules,
# a Java runtime, and the tests as jars; made by mke2fs from a folder and read by debugfs, so nothing is mounted here.

java_options=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData -Xmx384m)
# jqwik's properties are no kernel tests, and its engine takes seconds to start.
launcher=(org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors --details=testfeed --fail-if-no-tests
  --include-engine=junit-jupiter)
userland=(bash dash coreutils util-linux mount procps iproute2 kmod findutils grep sed mawk e2fsprogs nftables)

class_path() { # one entry a line
  printf '%s\n' "$root"/node-agent/target/{test-,}classes "$root/bpf/target/test-classes"
  tr : '\n' <"$root/node-agent/target/test.classpath" | grep .
}

# select_tests PACKAGE|CLASS...: sets `selectors`.
select_tests() {
  local name
  selectors=()
  for name in "$@"; do
    if [[ ${name##*.} =~ ^[A-Z] ]]; then selectors+=("--select-class=$name"); else selectors+=("--select-package=$name"); fi
  done
}

# What of the root disk depends on this machine alone; made once.
userland() {
  local stage=$1 name files
  mkdir -p "$stage"/{usr/{bin,sbin,lib,lib64,busybox},proc,sys,dev,tmp,run,root,mnt/test,etc,var/tmp,kpod}
  for name in bin sbin lib lib64; do ln -s usr/$name "$stage/$name"; done
  mapfile -t files < <(dpkg -L "${userland[@]}" | grep -E '^(/usr)?/s?bin/[^/]+$' | sort -u | while read -r name; do [ ! -e "$name" ] || echo "$name"; done)
  tar -C / -cf - "${files[@]#/}" | tar -C "$stage" --keep-directory-symlink -xf -
  libraries_of "$stage" "${files[@]}"
  ln -sf dash "$stage/usr/bin/sh"
  cp "$(command -v busybox)" "$stage/usr/bin/busybox"
  for name in $(busybox --list); do ln -s /usr/bin/busybox "$stage/usr/busybox/$name"; done
  printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$stage/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' >"$stage/etc/group"
  printf '127.0.0.1 localhost kpod\n::1 localhost\n' >"$stage/etc/hosts"
  echo 'hosts: files' >"$stage/etc/nsswitch.conf"
}

# tests_of STAGE: the class path of the tests as jars (an AOT cache takes no folders), dated alike, and what else they read.
tests_of() {
  local stage=$1 entry name number=0 paths=()
  mkdir -p "$stage/kpod/lib" "$stage/kpod/node-agent/target" "$stage/kpod/results"
  while read -r entry; do
    case $entry in
      *jqwik*) continue ;;
      *.jar) name=${entry##*/} && cp "$entry" "$stage/kpod/lib/$name" ;;
      *)
        number=$((number + 1)) name=classes-$number.jar
        "$JAVA_HOME/bin/jar" --create --no-compress --date=2026-01-01T00:00:00Z --file "$stage/kpod/lib/$name" -C "$entry" .
        ;;
    esac
    paths+=("/kpod/lib/$name")
  done < <(class_path)
  touch -d 2026-01-01T00:00:00Z "$stage"/kpod/lib/*.jar
  cp -a "$root/node-agent/target/loads" "$stage/kpod/node-agent/target/loads"
  {
    printf '%s\n' "${java_options[@]}" "-XX:AOTCache=/kpod/tests.aot" -cp
    (IFS=: && echo "${paths[*]}")
  } >"$stage/kpod/java.args"
  printf '%s\n' "${launcher[@]}" >"$stage/kpod/launcher"
}

# The classes that tests need, ready to be mapped, from a training run of some of them on this machine's own kernel.
aot_cache() { # STAGE
  local stage=$1 selectors
  select_tests io.kpod.agent.collector.CollectorStatesTest io.kpod.agent.kernel.WalkedContainersTest
  grep -v '^-XX:AOTCache=' "$stage/kpod/java.args" >"$stage/kpod/training.args"
  # shellcheck disable=SC2016 # for the inner shell
  unshare --mount --pid --fork --kill-child --mount-proc="$stage/proc" sh -c '
    mount --rbind /sys "$1/sys" && mount --rbind /dev "$1/dev" && stage=$1 && shift && exec chroot "$stage" sh -c "cd /kpod/node-agent && exec \"\$@\"" _ "$@"' \
    _ "$stage" /kpod/jre/bin/java -XX:AOTCacheOutput=/kpod/tests.aot @/kpod/training.args "${launcher[@]}" "${selectors[@]}" >"$log_dir/guest-aot.log" 2>&1 || :
  rm -f "$stage"/kpod/{training.args,node-agent/target/*.tsv}
  [ -s "$stage/kpod/tests.aot" ] || { tail_of "$log_dir/guest-aot.log" && die "no AOT cache came of the training run: $log_dir/guest-aot.log"; }
}

# guest_root: the folder of what all kernels' machines have, made again when an input changed.
guest_root() {
  local stage=$work/root stamp
  stamp=$({
    echo "$JAVA_HOME" "${java_options[@]}" "${launcher[@]}" "${userland[@]}"
    dpkg-query -W "${userland[@]}" busybox-static libc6
    { class_path && echo "$root/node-agent/target/loads"; } | xargs -I{} find {} -type f -printf '%p %s %T@\n'
    sha256sum "$here"/kernels/* "$here"/lib/runtime.sh
  } | sha256sum)
  [ "$(cat "$work/root.of" 2>/dev/null)" = "$stamp" ] && return
  rm -rf "$stage" "$work/root.of"
  mkdir -p "$stage"
  runtime "$root/.run/image"
  userland "$stage"
  cp -a "$root/.run/image/jre" "$stage/kpod/jre"
  libraries_of "$stage" "$stage/kpod/jre/bin/java" "$stage"/kpod/jre/lib/{,server/}*.so
  tests_of "$stage"
  aot_cache "$stage"
  install -m 755 "$here/kernels/init" "$stage/init"
  install -m 755 "$here/kernels/tests" "$stage/usr/bin/tests"
  echo "$stamp" >"$work/root.of"
  step "machine's root: $(du -sm "$stage" | cut -f1) MiB"
}

# ext4 FILE MIB [FOLDER]: a fresh file system, with the folder's content.
ext4() {
  rm -f "$1"
  truncate -s "$2M" "$1"
  mke2fs -q -F -t ext4 -E root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1 ${3:+-d "$3"} "$1"
}

# guest_disks KERNEL SELECTION...: root, a disk for tests, swap.
guest_disks() {
  local kernel=$1 directory=$work/$1 release
  shift
  exec 7>"$work/.lock" && flock 7 # the folder is one for all kernels
  guest_root
  release=$(cat "$cache/$kernel/release")
  mkdir -p "$directory"
  initramfs "$kernel" "$directory/initramfs"
  printf '%s\n' "$@" >"$work/root/kpod/selection"
  rm -rf "$work/root/usr/lib/modules"
  mkdir -p "$work/root/usr/lib/modules"
  cp -al "$cache/$kernel/lib/modules/$release" "$work/root/usr/lib/modules/" 2>/dev/null ||
    cp -a "$cache/$kernel/lib/modules/$release" "$work/root/usr/lib/modules/"
  ext4 "$directory/root.img" 1024 "$work/root"
  ext4 "$directory/test.img" 512
  rm -f "$directory/swap.img"
  truncate -s 256M "$directory/swap.img"
  mkswap "$directory/swap.img" >/dev/null 2>&1
  exec 7>&-
}

# results_of DIRECTORY: from the root disk of a machine that is off.
results_of() {
  mkdir -p "$1/target"
  debugfs -R "rdump /kpod/results $1" "$1/root.img" >/dev/null 2>&1
  local file
  for file in accuracy.tsv collectors.tsv; do
    debugfs -R "dump /kpod/node-agent/target/$file $1/target/$file" "$1/root.img" >/dev/null 2>&1
    [ -s "$1/target/$file" ] || rm -f "$1/target/$file"
  done
}

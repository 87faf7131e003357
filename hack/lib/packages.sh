# shellcheck shell=bash
# Sourced: what the build and the cluster need from the system, installed when missing. Needs steps.sh.

# install_missing WHAT:PACKAGE...: WHAT is a command or, beginning with a slash, a file. Installs the packages of those
# that are not there.
install_missing() {
  local pair what missing=()
  for pair in "$@"; do
    what=${pair%%:*}
    case $what in
      /*) [ -e "$what" ] ;;
      *) command -v "$what" >/dev/null ;;
    esac || missing+=("${pair#*:}")
  done
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || die "missing: ${missing[*]} (Debian's names), and there is no apt-get: install them with this system's package manager"
  ((EUID == 0)) || die "missing: ${missing[*]}; as root: apt-get update && apt-get install ${missing[*]}"
  step "installing ${missing[*]}"
  long "package lists" "$log_dir/apt-update.log" apt-get update -q
  long "installation" "$log_dir/apt-install.log" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
}

# What `./mvnw package` needs beside the JDK.
install_build_tools() {
  install_missing mvn:maven cc:gcc make:make clang:clang llvm-strip:llvm bpftool:bpftool /usr/include/bpf/bpf.h:libbpf-dev \
    /usr/include/libelf.h:libelf-dev /usr/include/zlib.h:zlib1g-dev /usr/include/stdlib.h:libc6-dev
}

# Puts a JDK 25 into JAVA_HOME; never installed from here, no Debian 12 package has it.
find_jdk() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* "$HOME"/.sdkman/candidates/java/25*; do
    if [ -n "$home" ] && [ -x "$home/bin/javac" ] && "$home/bin/javac" -version 2>&1 | grep '^javac 25\b' >/dev/null; then
      export JAVA_HOME=$home
      return
    fi
  done
  die "no JDK 25 in JAVA_HOME (${JAVA_HOME:-unset}) nor under /usr/lib/jvm/*25*: install one (such as Temurin 25) or set JAVA_HOME"
}

# Puts a Go into PATH that is new enough to fetch the version that a go.mod names.
find_go() {
  local dir
  for dir in "$(dirname "$(command -v go || echo /nowhere/go)")" /usr/local/go/bin /usr/lib/go-*/bin "$HOME/go/bin"; do
    if [ -x "$dir/go" ] && "$dir/go" version | grep -E 'go(1\.(2[1-9]|[3-9][0-9])|[2-9])' >/dev/null; then
      export PATH="$dir:$PATH"
      return
    fi
  done
  die "no Go of 1.21 or later on the PATH nor in /usr/local/go: install one, e.g. apt-get install -t bookworm-backports golang-go"
}

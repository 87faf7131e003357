# shellcheck shell=bash
# Sourced: the Java programs, built when a source changed, and kubectl. Needs steps.sh and packages.sh.

sources_stamp() {
  (cd "$root" && find pom.xml mvnw .mvn summary bpf jni node-agent api-server -name target -prune -o -type f -printf '%p %s %T@\n' | sort | sha256sum)
}

# What a run of the kernel tests on this machine's own kernel was a run of.
kernel_and_sources() { echo "$(uname -r) $(sources_stamp)"; }

build_programs() {
  local stamp
  install_build_tools
  find_jdk
  stamp=$(sources_stamp)
  if compgen -G "$root/api-server/target/dist/api-server-*.jar" >/dev/null && compgen -G "$root/node-agent/target/dist/node-agent-*.jar" >/dev/null &&
    [ "$(cat "$root/.run/built" 2>/dev/null)" = "$stamp" ]; then
    step "build: nothing changed"
    return
  fi
  rm -f "$root/.run/built"
  # Old jars of other versions would be on the class path too.
  rm -rf "$root"/{node-agent,api-server}/target/dist
  MAVEN_OPTS="-XX:-UsePerfData ${MAVEN_OPTS:-}" long "build" "$log_dir/build.log" "$root/mvnw" -q -DskipTests package
  echo "$stamp" >"$root/.run/built"
}

# Prints the path of a kubectl: the machine's own, else one built from source.
find_kubectl() {
  local own
  if own=$(command -v kubectl); then
    echo "$own"
    return
  fi
  "$root/hack/controlplane/cluster" build-kubectl >&2
  echo "${XDG_CACHE_HOME:-$HOME/.cache}/kpod/bin/kubectl"
}

# write_executable FILE: from stdin
write_executable() {
  cat >"$1"
  chmod 755 "$1"
}

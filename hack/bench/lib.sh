# shellcheck shell=bash
# Sourced by the benches that are written in Java: run_bench CLASS ARGUMENTS... builds the programs and the loads, and runs it.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
log_dir=$root/.run/log
# shellcheck source=../lib/steps.sh
source "$root/hack/lib/steps.sh"
# shellcheck source=../lib/packages.sh
source "$root/hack/lib/packages.sh"
# shellcheck source=../lib/build.sh
source "$root/hack/lib/build.sh"

run_bench() {
  local class=$1
  shift
  ((EUID == 0)) || die "run as root: it loads kernel programs and makes cgroups"
  mkdir -p "$root/target/bench" "$log_dir"
  build_programs >&2
  cc -O2 -Wall -Werror -o "$root/target/bench/load" "$root/hack/bench/load.c"
  cd "$root"
  # what runs on which hook is not the bench's to say
  printf '.level=WARNING\nhandlers=java.util.logging.ConsoleHandler\n' >target/bench/logging.properties
  exec "$JAVA_HOME/bin/java" -Djava.util.logging.config.file=target/bench/logging.properties --enable-native-access=ALL-UNNAMED -cp 'node-agent/target/dist/*' "hack/bench/$class.java" "$@"
}

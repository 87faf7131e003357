# shellcheck shell=bash
# Sourced: a Java runtime of just the modules that the programs need, and the C library that it needs. Needs steps.sh.

runtime_modules=java.base,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml,jdk.httpserver,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs

# runtime DIRECTORY: the jlink'ed JDK, in DIRECTORY/jre; kept while the JDK and the list of modules stay the same.
runtime() {
  local directory=$1 wanted
  wanted="$("$JAVA_HOME/bin/java" -version 2>&1) $runtime_modules"
  [ "$(cat "$directory/jre.of" 2>/dev/null)" = "$wanted" ] && return
  mkdir -p "$directory"
  rm -rf "$directory/jre" "$directory/jre.of"
  long "Java runtime of $(tr , '\n' <<<"$runtime_modules" | wc -l) modules" "$log_dir/jlink.log" "$JAVA_HOME/bin/jlink" --add-modules "$runtime_modules" \
    --strip-debug --no-header-files --no-man-pages --compress zip-6 --output "$directory/jre"
  echo "$wanted" >"$directory/jre.of"
}

# libraries_of ROOT FILE...: copies what the files are linked to from this machine into ROOT, at the same paths.
libraries_of() {
  local target=$1 file
  shift
  { ldd "$@" 2>/dev/null || :; } | grep -oE '/[^ ]+/(ld-linux[^ ]*|lib[^ /]+)' | grep -v "^$target" | sort -u |
    while read -r file; do install -D -m 755 "$(readlink -f "$file")" "$target$file"; done
}

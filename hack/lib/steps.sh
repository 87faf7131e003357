# shellcheck shell=bash
# Sourced by the scripts under hack/: one line a step, signs of life on long ones, one line a failure.

step() { printf '%s %s\n' "$(date +%T)" "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# A failure's context, indented: what a log calls errors (Maven's is long after them), else its last lines.
tail_of() {
  [ -s "$1" ] || return 0
  {
    if grep -q '^\[ERROR\]' "$1"; then
      echo "  first errors in $1:"
      grep -m "${2:-12}" '^\[ERROR\]' "$1"
    else
      echo "  last lines of $1:"
      tail -n "${2:-12}" "$1"
    fi | sed 's/^\([^ ]\)/    \1/'
  } >&2
}

# long WHAT LOG COMMAND...: runs the command with its output in LOG, says every 10 s that it still runs, and shows the
# log's end and the command to repeat when it fails. The command gets a process group of its own, which stop_long ends.
long_pid=
long() {
  local what=$1 log=$2 begin=$SECONDS next=10 rc=0
  shift 2
  mkdir -p "${log%/*}"
  setsid "$@" >"$log" 2>&1 </dev/null &
  long_pid=$!
  while kill -0 "$long_pid" 2>/dev/null; do
    sleep 0.1
    if ((SECONDS - begin >= next)); then
      printf '         … %s: %d s\n' "$what" $((SECONDS - begin))
      next=$((next + 10))
    fi
  done
  wait "$long_pid" || rc=$?
  long_pid=
  if ((rc != 0)); then
    tail_of "$log" 20
    die "$what failed (exit $rc); to repeat it: $*"
  fi
  if ((SECONDS - begin >= 2)); then step "$what: done in $((SECONDS - begin)) s"; else step "$what: done"; fi
}
stop_long() { [ -z "$long_pid" ] || { kill -TERM -- "-$long_pid" 2>/dev/null || :; wait "$long_pid" 2>/dev/null || :; long_pid=; }; }

# until_true SECONDS COMMAND...: repeats the command until it succeeds; 1 after SECONDS.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.2
  done
}

# remove_group DIRECTORY: a control group, whose processes may take a moment to end.
remove_group() { until_true 10 no_group "$1" || rmdir "$1"; }
no_group() { [ ! -d "$1" ] || rmdir "$1"; }

# part COMMAND...: in the background, waited for: so a signal is answered at once, not when the command has ended.
part_pid=
part() {
  local rc=0
  "$@" 9>&- &
  part_pid=$!
  wait "$part_pid" || rc=$?
  part_pid=
  return "$rc"
}
stop_part() { [ -z "$part_pid" ] || { kill -TERM "$part_pid" 2>/dev/null || :; wait "$part_pid" 2>/dev/null || :; part_pid=; }; }

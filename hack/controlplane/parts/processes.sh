# shellcheck shell=bash
# The cluster's processes: started detached inside the namespace, known by pid and start time, so that only what was
# started here is ever stopped.

# The clock tick at which a process started; empty when there is no such process (or only its zombie).
start_tick() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" {print $20}'; }

# start NAME COMMAND...
start() {
  local name=$1 pid
  shift
  setsid nsenter --net="/run/netns/$netns" "$@" >"$log_dir/$name.log" 2>&1 </dev/null &
  pid=$!
  echo "$pid $(start_tick "$pid")" >"$state/pid/$name"
}

alive() {
  local pid tick
  read -r pid tick 2>/dev/null <"$state/pid/$1" && [ "$(start_tick "$pid")" = "$tick" ]
}

# wait_for NAME SECONDS COMMAND...: until the command succeeds; ends the script when NAME dies or time runs out.
wait_for() {
  local name=$1 seconds=$2 end=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    alive "$name" || { tail_of "$log_dir/$name.log"; die "$name ended before it was ready"; }
    ((SECONDS < end)) || { tail_of "$log_dir/$name.log"; die "$name was not ready after $seconds s (waited for: $*)"; }
    sleep 0.1
  done
}

# stop NAME: TERM, and KILL after five seconds.
stop() {
  local pid tick
  if ! alive "$1"; then
    rm -f "$state/pid/$1"
    return
  fi
  read -r pid tick <"$state/pid/$1"
  kill "$pid" 2>/dev/null || :
  until_true 5 gone "$pid" "$tick" || kill -KILL "$pid" 2>/dev/null || :
  until_true 5 gone "$pid" "$tick" || :
  rm -f "$state/pid/$1"
}
gone() { [ "$(start_tick "$1")" != "$2" ]; }

# Fails, with the log's end, when a process of the running cluster has ended by itself.
all_alive() {
  local file name
  [ -e "$state/pid" ] || die "no cluster of this checkout is up"
  for file in "$state"/pid/*; do
    name=${file##*/}
    alive "$name" || { tail_of "$log_dir/$name.log"; die "$name has ended"; }
  done
}

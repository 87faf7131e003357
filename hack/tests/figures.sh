# shellcheck shell=bash
# Sourced by the tests that compare figures: what /metrics says in $work/page, what the API says in $work/POD.json.
# Needs lib.sh, root, work, and namespace.

page() { "$root/hack/tests/figures.py" page "$work/page" "$1" "namespace=${namespace:?}" "${@:2}"; } # METRIC LABEL=VALUE...
object() { "$root/hack/tests/figures.py" object "$work/$1.json" "$2"; }                             # POD PATH

between() { # LOW HIGH VALUE
  awk -v low="$1" -v high="$2" -v value="$3" 'BEGIN {exit !(value != "none" && value + 0 >= low + 0 && value + 0 <= high + 0)}'
}

# figure WHAT LOW HIGH POD CONTAINER API-PATH METRIC LABEL=VALUE...: within the bounds in both. API-PATH is below the container, or
# below the pod where CONTAINER is empty.
figure() {
  local what=$1 low=$2 high=$3 pod=$4 container=$5 path=$6 on_page in_api
  on_page=$(page "$7" "pod=$pod" "container=$container" "${@:8}")
  in_api=$(object "$pod" "${container:+containers/$container/}$path")
  if between "$low" "$high" "$on_page" && between "$low" "$high" "$in_api"; then
    ok "$what: $on_page"
  else
    fail "$what: /metrics $on_page, API $in_api, expected $low to $high"
  fi
}

# nobody_else METRIC POD...: its series are zero, or missing, for all pods but these.
nobody_else() {
  local metric=$1 others
  shift
  others=$(page "$metric" "${@/#/pod!=}")
  [ "$others" = none ] || [ "$others" = 0 ] || { echo "$metric of other pods: $others" && return 1; }
}

seconds() { awk -v nanos="$1" 'BEGIN {printf "%.9f", nanos / 1e9}'; }
# The disk that the checkout is on.
disk_number=$(stat -c '%Hd:%Ld' "$root")
disk=$(basename "$(readlink -f "/sys/dev/block/$disk_number")")

# Since Linux 6.10 blkio of cgroup v1 counts nothing for a disk until, once after boot, some group has had a limit for it.
count_disk() {
  local group=/sys/fs/cgroup/blkio/kpodtest-limit
  [ -d /sys/fs/cgroup/blkio ] || return 0
  mkdir -p "$group"
  echo "$disk_number 1000000000000" >"$group/blkio.throttle.read_bps_device"
  rmdir "$group"
}

# shellcheck shell=bash
# Sourced: Python tools from PyPI, in the cache. Needs steps.sh and packages.sh.
# shellcheck disable=SC2154 # log_dir is set by who sources this

# python_tools NAME REQUIREMENT...: a virtual environment with these, made once; its folder in python_bin.
python_bin=
python_tools() {
  local folder=${XDG_CACHE_HOME:-$HOME/.cache}/kpod/python-$1
  shift
  python_bin=$folder/bin
  [ "$(cat "$folder/complete" 2>/dev/null)" = "$*" ] && return
  python3 -c 'import ensurepip' 2>/dev/null || install_missing /usr/share/doc/python3-venv:python3-venv
  rm -rf "$folder"
  long "virtual environment" "$log_dir/venv.log" python3 -m venv "$folder"
  long "$*" "$log_dir/pip.log" "$python_bin/pip" install -q --disable-pip-version-check "$@"
  echo "$*" >"$folder/complete"
}

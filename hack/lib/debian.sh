# shellcheck shell=bash
# Sourced: packages of Debian suites that this machine is not installed from. Its own mirror has them beside its own suite; they are
# fetched and unpacked, never installed. Needs steps.sh and packages.sh.

# mirror_of ARCHIVE: where this machine has Debian's `debian` or `debian-security` from. Another mirror has both side by side.
mirror_of() {
  local mirrors
  # shellcheck disable=SC2016 # apt's own variables
  mirrors=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN)' 'Created-By: Packages' | awk '$2 == "Debian" {sub("/$", "", $1); print $1}' | sort -u)
  grep -m1 "/$1\$" <<<"$mirrors" || sed -n "s#/debian\$#/$1#p" <<<"$mirrors" | grep -m1 . ||
    die "no mirror of Debian among this machine's apt sources (it has: $(paste -sd' ' <<<"${mirrors:-none}")): add one, and apt-get update"
}

# read_suites FOLDER SUITE...: fetches the suites' package lists into FOLDER; "${suite_apt[@]}" are the options with which apt-get and
# apt-cache work on these alone.
suite_apt=()
read_suites() {
  local folder=$1 suite archive
  shift
  install_missing dpkg-deb:dpkg /usr/share/keyrings/debian-archive-keyring.gpg:debian-archive-keyring
  mkdir -p "$folder"/{sources,lists/partial,archives/partial,preferences}
  for suite in "$@"; do
    archive=debian
    [[ $suite != *-security ]] || archive=debian-security
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(mirror_of $archive) $suite main"
  done >"$folder/sources.list"
  suite_apt=(-o "Dir::Etc::SourceList=$folder/sources.list" -o "Dir::Etc::SourceParts=$folder/sources" -o "Dir::State::Lists=$folder/lists"
    -o "Dir::Etc::PreferencesParts=$folder/preferences" -o "Dir::Cache=$folder" -o APT::Architecture=amd64 -o APT::Sandbox::User=root)
  long "package lists of $*" "$log_dir/${folder##*/}-lists.log" apt-get "${suite_apt[@]}" update -q
}

# unpack_package PACKAGE FOLDER: its files, from the suites read last.
unpack_package() {
  local package=$1 folder=$2
  mkdir -p "$folder"
  (cd "$folder" && long "$package" "$log_dir/$package-fetch.log" apt-get "${suite_apt[@]}" download "$package")
  dpkg-deb -x "$folder/$package"_*.deb "$folder"
  rm -f "$folder/$package"_*.deb
}

# fetch_prometheus: puts a Prometheus 3 into the cache, and its folder into prometheus_bin.
prometheus_bin=
fetch_prometheus() {
  local folder=${XDG_CACHE_HOME:-$HOME/.cache}/kpod/prometheus
  prometheus_bin=$folder/usr/bin
  [ -e "$folder/complete" ] && return
  rm -rf "$folder"
  read_suites "$folder-apt" forky
  unpack_package prometheus "$folder"
  rm -rf "$folder-apt"
  "$prometheus_bin/prometheus" --version >/dev/null || die "Debian's prometheus does not run here"
  touch "$folder/complete"
}

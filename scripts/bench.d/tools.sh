# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Where the peers, the measuring tools and our own helpers are, and what is missing.

# The Debian package that has a command.
declare -A TOOL_PACKAGES=(
	[bfs]=bfs [busybox]=busybox [cc]=gcc [cmake]=cmake [du]=coreutils [duc]=duc [gdu]=gdu
	[fdupes]=fdupes [jdupes]=jdupes [rdfind]=rdfind [rmlint]=rmlint
	[free]=procps [inxi]=inxi [lscpu]=util-linux [neofetch]=neofetch [nproc]=coreutils [uname]=coreutils
	[fdfind]=fd-find [find]=findutils [hyperfine]=hyperfine [ncdu]=ncdu [pgrep]=procps [readelf]=binutils [rg]=ripgrep [strace]=strace
	[chronic]=moreutils [dumb-init]=dumb-init [flock]=util-linux [parallel]=parallel [tini]=tini
	[xargs]=findutils [taskset]=util-linux [timeout]=coreutils [true]=coreutils [toybox]=toybox [valgrind]=valgrind [which.debianutils]=debianutils
)
declare -A MISSING_TOOLS=()

# tool_path NAME: the absolute path of an installed command; status 1 when there is none.
# `du` is GNU du or nothing, because goals are promises about that one.
tool_path() {
	local path
	path=$(type -P "$1") || return 1
	if [[ $1 == du ]] && ! "$path" --version 2>/dev/null | grep -q 'GNU coreutils'; then
		return 1
	fi
	realpath -s -- "$path"
}

have() {
	tool_path "$1" >/dev/null && return
	MISSING_TOOLS[$1]=1
	return 1
}

missing_packages() {
	local tool
	for tool in "${!MISSING_TOOLS[@]}"; do
		printf '%s\n' "${TOOL_PACKAGES[$tool]:-$tool}"
	done | sort -u | paste -sd ' '
}

note_all_missing() {
	local tool
	for tool in "${!TOOL_PACKAGES[@]}"; do
		have "$tool" || true
	done
}

install_missing() {
	local -a packages
	note_all_missing
	read -ra packages <<<"$(missing_packages)"
	if ((${#packages[@]} == 0)); then
		say 'nothing to install'
		return
	fi
	((EUID == 0)) || die "--install needs root: apt-get install ${packages[*]}"
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
		"${packages[@]}" >&2
	MISSING_TOOLS=()
}

# helper NAME: the path of bench.d/NAME.c, compiled when that is newer. `peak` is static where
# the system can, since it must be smaller than what it measures.
helper() {
	local source=$BENCH_D/$1.c binary=$CORPUS_DIR/bin/$1 partial
	local -a compile=("${CC:-cc}" -std=gnu17 -O2 -pthread)
	if [[ ! -x $binary || $source -nt $binary ]]; then
		mkdir -p "${binary%/*}"
		partial=$SCRATCH/$1
		if [[ $1 != peak ]] ||
			! "${compile[@]}" -static -o "$partial" "$source" 2>/dev/null; then
			"${compile[@]}" -o "$partial" "$source" || die "cannot compile $source"
		fi
		mv -f "$partial" "$binary"
	fi
	printf '%s\n' "$binary"
}

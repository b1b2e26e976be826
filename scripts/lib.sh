# shellcheck shell=bash
# Shared by the scripts beside it; sourced, not run. Expects `set -eu` and bash.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# What building and testing takes, and what the checks take on top, as Debian 12 names it.
# shellcheck disable=SC2034 # used by the scripts that source this file
packages_build="gcc libc6-dev cmake ninja-build libarchive-dev zlib1g-dev libbz2-dev liblzma-dev
	libzstd-dev liblz4-dev libacl1-dev nettle-dev libxxhash-dev libsodium-dev libdeflate-dev"
# shellcheck disable=SC2034
packages_test="libcriterion-dev mandoc binutils"
# shellcheck disable=SC2034
packages_check="clang clang-tidy clang-format cppcheck shellcheck libclang-rt-dev"

say() {
	printf '%s\n' "$*"
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# The packages of "$@" that are not installed, on one line.
missing_packages() {
	local package have missing=()
	have=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null) || true
	for package in "$@"; do
		case $'\n'$have$'\n' in
		*$'\n'"ii $package"$'\n'*) ;;
		*) missing+=("$package") ;;
		esac
	done
	printf '%s' "${missing[*]-}"
}

# need_packages PACKAGE...: installs what is missing when that is possible, else says how.
need_packages() {
	local missing
	if ! command -v dpkg-query >/dev/null; then
		say "Not a Debian system: expecting these to be there: $*"
		return
	fi
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		die "packages are missing; run: sudo apt-get install --no-install-recommends $missing"
	fi
	say "Installing: $missing"
	apt_get update || say 'The package lists could not be refreshed; trying with those at hand.'
	# One apt-get for all; the list is split into words on purpose.
	# shellcheck disable=SC2086
	apt_get install $missing || die "could not install: $(missing_packages $missing)"
}

# Quiet unless it fails.
apt_get() {
	local log
	log=$(mktemp)
	if ! DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=120 \
		--no-install-recommends "$@" >"$log" 2>&1 </dev/null; then
		cat "$log" >&2
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
}

# build PRESET [TARGET...]: configures when needed and builds; silent when nothing changed.
build() {
	local preset=$1 log dir=$root/build/$1
	shift
	log=$(mktemp)
	if [ ! -f "$dir/build.ninja" ]; then
		say "Configuring build/$preset"
		(cd "$root" && cmake --preset "$preset") >"$log" 2>&1 || {
			cat "$log" >&2
			rm -f "$log"
			die "configuring $preset failed"
		}
	fi
	# Said only when it takes a while: nothing is to be done most of the time.
	(
		sleep 2 >/dev/null 2>&1
		say "Building build/$preset"
	) &
	local waiting=$! status=0
	ninja -C "$dir" "$@" >"$log" 2>&1 </dev/null || status=$?
	kill "$waiting" 2>/dev/null || true
	wait "$waiting" 2>/dev/null || true
	if [ "$status" != 0 ]; then
		grep -vE '^(\[[0-9]+/[0-9]+\]|ninja: Entering)' "$log" >&2 || true
		rm -f "$log"
		die "building $preset failed"
	fi
	rm -f "$log"
}

# ctest_preset PRESET [ARGUMENT...]: runs the tests of a built preset, then says what was skipped.
ctest_preset() {
	local preset=$1 status=0
	shift
	(cd "$root" && ctest --preset "$preset" "$@" </dev/null) || status=$?
	sed -n 's/^SKIPPED: /skipped: /p' "$root/build/$preset/Testing/Temporary/LastTest.log" 2>/dev/null |
		sort | uniq -c
	return $status
}

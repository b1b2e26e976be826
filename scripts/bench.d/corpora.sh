# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The trees that are measured. Each is made once, kept below the corpus directory and used again
# for as long as its stamp says that it was made in the same way.

# The directory must be ours alone: programs are compiled into it and run from it.
prepare_corpus_dir() {
	local owner mode
	if [[ ! -d $CORPUS_DIR ]]; then
		mkdir -p -- "$(dirname -- "$CORPUS_DIR")"
		mkdir -m 0700 -- "$CORPUS_DIR"
	fi
	[[ ! -L $CORPUS_DIR ]] || die "'$CORPUS_DIR' is a symbolic link"
	read -r owner mode <<<"$(stat -c '%u %a' -- "$CORPUS_DIR")"
	[[ $owner == "$EUID" ]] || die "'$CORPUS_DIR' belongs to another user"
	(((0$mode & 022) == 0)) || die "'$CORPUS_DIR' can be written by other users"
	CORPUS_DIR=$(realpath -- "$CORPUS_DIR")
	exec {LOCK_FD}>"$CORPUS_DIR/lock"
	flock -n "$LOCK_FD" || die "another benchmark is using '$CORPUS_DIR'"
	rm -rf -- "$CORPUS_DIR"/bench-tmp.??????
	SCRATCH=$(mktemp -d -- "$CORPUS_DIR/bench-tmp.XXXXXX")
}

# corpus NAME: prints the path of a corpus, made first when it is not there.
corpus() {
	local name=$1 recipe tree stamp partial=$SCRATCH/tree
	recipe=$(corpus_recipe "$name")
	tree=$CORPUS_DIR/$name$CORPUS_SUFFIX
	stamp=$tree.stamp
	if [[ ! -d $tree || ! -f $stamp || $(<"$stamp") != "$recipe" ]]; then
		say "making corpus ${tree##*/}: $recipe"
		[[ ! -e $tree || -f $stamp ]] || die "'$tree' is in the way"
		rm -rf -- "$tree"
		make_corpus "$name" "$partial"
		mv -- "$partial" "$tree"
		# Blocks are only final, and the disk only quiet, when all is written back.
		sync -f -- "$tree"
		printf '%s\n' "$recipe" >"$stamp"
	fi
	printf '%s\n' "$tree"
}

corpus_recipe() {
	case $1 in
	W) pick 'tree 20000 25 1' 'tree 800 25 1' ;;
	F) pick 'flat 200000 5' 'flat 20000 5' ;;
	R) printf 'copy of %s entries of /usr\n' "$(pick 60000 6000)" ;;
	P) printf '100 commands in 13 directories\n' ;;
	D) pick 'dupes 100' 'dupes 5' ;;
	M) pick 'many 1000000' 'many 20000' ;;
	*) die "no corpus '$1'" ;;
	esac
}

make_corpus() {
	local name=$1 tree=$2 make
	local -a recipe
	read -ra recipe <<<"$(corpus_recipe "$name")"
	case $name in
	W | F)
		make=$(helper make_tree)
		"$make" "${recipe[0]}" "$tree" "${recipe[@]:1}"
		;;
	R) make_real_tree "$tree" "${recipe[2]}" ;;
	P) make_path_dirs "$tree" ;;
	D)
		make=$(helper make_dupes)
		"$make" "$tree" "${recipe[1]}"
		;;
	M)
		make=$(helper make_many)
		"$make" "$tree" "${recipe[1]}"
		;;
	esac
}

# Copies system trees until there are enough entries; a large one is taken by its children.
make_real_tree() {
	local tree=$1 wanted=$2 count=0 from
	local -a sources=(/usr/include/* /usr/lib/gcc/* /usr/lib/python3*/* /usr/src/*
		/usr/share/perl/* /usr/share/cmake*/* /usr/share/doc/* /usr/share/man/*
		/usr/share/icons/* /usr/share/locale/* /usr/share/zoneinfo/* /usr/share/*)
	mkdir -p -- "$tree"
	for from in "${sources[@]}"; do
		((count < wanted)) || break
		[[ -d $from && ! -L $from && ! -e $tree$from ]] || continue
		mkdir -p -- "$tree${from%/*}"
		# What this user may not read is left out, and that is no error here.
		cp -a --reflink=auto -- "$from" "$tree${from%/*}/" 2>/dev/null || true
		[[ -d $tree$from ]] || continue
		count=$((count + $(find "$tree$from" -printf . | wc -c)))
	done
	((count > 0)) || die 'there is nothing to copy in /usr'
	say "corpus R has $count entries"
}

make_path_dirs() {
	local tree=$1 i dir
	for i in {1..13}; do
		mkdir -p -- "$tree/bin$i"
	done
	for i in {1..100}; do
		dir=$tree/bin$((i * 7 % 13 + 1))
		printf '#!/bin/sh\n' >"$dir/command$i"
		chmod 0755 -- "$dir/command$i"
	done
}

# path_list TREE: the 13 directories as a value of PATH.
path_list() {
	local i list=
	for i in {1..13}; do
		list+=${list:+:}$1/bin$i
	done
	printf '%s\n' "$list"
}

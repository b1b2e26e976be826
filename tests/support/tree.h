/* SPDX-License-Identifier: MIT */
/*
 * Builds what a test looks at, below the working directory. Missing parent
 * directories are made. Anything that goes wrong fails the test at once.
 *
 *     tree("d sub", "f sub/a 10", "l sub/b -> a", "h new -> sub/a");
 *
 *     d PATH [MODE]     a directory
 *     f PATH [SIZE]     a file of SIZE bytes (default 0) of a fixed pattern
 *     t PATH TEXT       a file that holds TEXT, up to the end of the line
 *     x PATH            an executable shell script that does nothing
 *     s PATH SIZE       a sparse file: a hole of SIZE bytes
 *     l PATH -> TARGET  a symbolic link
 *     h PATH -> OLD     a hard link
 *     p PATH            a fifo
 *     m PATH MODE       change the mode, octal
 *
 * Words are separated by one space; names that hold one, and hostile ones, go
 * through the functions, where a path is any bytes.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define tree(...) tree_build((const char *const[]){ __VA_ARGS__, NULL })

void tree_build(const char *const *lines);
void tree_dir(const char *path);
void tree_file(const char *path, const void *bytes, size_t len);
void tree_text(const char *path, const char *text);
void tree_size(const char *path, uint64_t size);
void tree_sparse(const char *path, uint64_t size);
void tree_symlink(const char *path, const char *target);
void tree_link(const char *path, const char *old);
void tree_fifo(const char *path);
/* An executable file with this content. */
void tree_script(const char *path, const char *text);
void tree_mode(const char *path, mode_t mode);
/* Sets the modification (and access) time of the name itself, also of a symbolic link. */
void tree_time(const char *path, struct timespec mtime);

/* Names no program should stumble over; none holds a slash. Ends with NULL. */
extern const char *const hostile_names[];

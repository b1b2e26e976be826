/* SPDX-License-Identifier: MIT */
/*
 * Which interpreters and compilers are installed, and in which version, without starting any:
 * by what the installation itself says, and by the version in the name of the file behind the
 * command.
 */
#pragma once

#include "base/strbuf.h"
#include "base/vec.h"
#include "sys/machine.h"

struct runtime {
	char name[16];         /* "python3" */
	struct strbuf path;    /* the command, with a slash in front */
	struct strbuf version; /* "": unknown */
	struct strbuf source;  /* where the version is from */
};

struct runtimes {
	VEC_FIELDS(struct runtime);
};

/*
 * Searches the directories of `path`, a list like PATH, below the machine's root, by ascending
 * name. Elements that are not absolute are passed over.
 */
void runtimes_find(const struct machine *m, const char *path, struct runtimes *ret);
void runtimes_release(struct runtimes *runtimes);
/* The version at the end of a file's name: "3.11" of "python3.11", "12" of "gcc-12"; or "". Pure.
 */
const char *version_in_name(const char *name);

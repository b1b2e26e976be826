/* SPDX-License-Identifier: MIT */
/*
 * Functions that do not compile here: unbounded copies, hidden state, and
 * calls that are not safe beside threads. The message names the cure.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#ifdef __clang__
#pragma clang diagnostic ignored "-Wreserved-macro-identifier"
#endif

#define BANNED(name, cure) BANNED_##name##_use_##cure

#undef strcpy
#define strcpy(d, s) BANNED(strcpy, memcpy_with_a_length)
#undef strcat
#define strcat(d, s) BANNED(strcat, strbuf_add)
#undef strncpy
#define strncpy(d, s, n) BANNED(strncpy, memcpy_with_a_length)
#undef strncat
#define strncat(d, s, n) BANNED(strncat, strbuf_add)
#undef sprintf
#define sprintf(...) BANNED(sprintf, snprintf)
#undef vsprintf
#define vsprintf(d, f, a) BANNED(vsprintf, vsnprintf)
#undef strtok
#define strtok(s, d) BANNED(strtok, strchr)
#undef atoi
#define atoi(s) BANNED(atoi, num_parse)
#undef strerror
#define strerror(e) BANNED(strerror, strerrordesc_np)
#undef localtime
#define localtime(t) BANNED(localtime, localtime_r)
#undef gmtime
#define gmtime(t) BANNED(gmtime, gmtime_r)
#undef chdir
#define chdir(p) BANNED(chdir, the_at_calls)

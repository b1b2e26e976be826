/* SPDX-License-Identifier: MIT */
/*
 * Lines for the system's log, sent to the socket of whoever keeps it (syslogd, journald) as
 * syslog(3) of the C library writes them: "<priority>Mon dd hh:mm:ss program[pid]: message",
 * RFC 3164. Unlike it, this one tells when nobody listens, and does not wait for ever for a
 * daemon that hangs. Sending may be done by several threads at once.
 */
#pragma once

#include "base/base.h"

/* As RFC 5424 numbers them. */
enum system_log_level {
	SYSTEM_LOG_ERROR = 3,
	SYSTEM_LOG_WARNING = 4,
	SYSTEM_LOG_NOTICE = 5,
	SYSTEM_LOG_INFO = 6,
};

struct system_log;

/* "user", "daemon", "cron", "local0" ...: syslog.conf(5)'s names. False when there is none such. */
bool system_log_knows(const char *facility);
/*
 * `socket` is "/dev/log" but in tests; `program` is copied. 0, -EINVAL for a facility that is
 * not known, or -errno when nobody listens there.
 */
MUST_USE int system_log_open(const char *socket, const char *facility, const char *program,
                             struct system_log **ret);
/*
 * One line. What must not reach a terminal becomes ?, and what is beyond 4 KiB is cut. 0 or
 * -errno: -EAGAIN when the daemon took nothing for two seconds, and from then on.
 */
MUST_USE int system_log_send(struct system_log *log, enum system_log_level level,
                             const char *message);
struct system_log *system_log_free(struct system_log *log);
DEFINE_AUTO_FREE(system_log)

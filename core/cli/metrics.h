/* SPDX-License-Identifier: MIT */
/*
 * Numbers about a run in the text format that node_exporter's textfile collector reads
 * (https://prometheus.io/docs/instrumenting/exposition_formats/, "Text-based format"): gauges
 * with HELP and TYPE lines, no time stamps on samples, a newline at the end. All of them bear
 * the same prefix and the same labels, so that several jobs may write into one directory.
 *
 *     struct metrics *m = metrics_new("dutybox_sync");
 *     metrics_label(m, "dest", path);
 *     metrics_gauge(m, "files", "Files that were looked at.", n);
 *     r = metrics_save(m, "/var/lib/node_exporter/sync.prom");
 *     metrics_free(m);
 *
 * What job.h offers is enough for an applet; this is what it is made of. For one thread.
 */
#pragma once

#include "base/base.h"
#include "base/strbuf.h"

struct metrics;

/* `prefix` (borrowed) stands before each name, with an underscore. */
struct metrics *metrics_new(const char *prefix);
struct metrics *metrics_free(struct metrics *m);
DEFINE_AUTO_FREE(metrics)

/*
 * Adds a label to all metrics; before the first of them. The value is any bytes: what is not
 * UTF-8 becomes U+FFFD.
 */
void metrics_label(struct metrics *m, const char *name, const char *value);

/* Names and help are words of ours: [a-z_]+, and a sentence without newline and backslash. */
void metrics_gauge(struct metrics *m, const char *name, const char *help, uint64_t value);
/* value = scaled / 10^decimals, for times and durations; decimals at most 9. */
void metrics_gauge_fixed(struct metrics *m, const char *name, const char *help, uint64_t scaled,
                         int decimals);
/*
 * The value that `old`, the text of an earlier file, has for the metric of this name with these
 * labels, as it stands there. Nothing when it has none, or one that is no plain number.
 */
void metrics_gauge_kept(struct metrics *m, const char *name, const char *help,
                        const struct strbuf *old);

/* The text so far; borrowed until the next addition. */
const char *metrics_text(const struct metrics *m);
/*
 * Adds an earlier file to `ret` for metrics_gauge_kept(); nothing of what is no regular file. 0
 * or -errno; -EFBIG beyond 1 MiB.
 */
MUST_USE int metrics_load(const char *path, struct strbuf *ret);
/*
 * Replaces `path` with the text in one step, mode 0644, so that the collector, whoever it runs
 * as, sees the old file or the whole new one. 0 or -errno; on failure the old one stays.
 */
MUST_USE int metrics_save(const struct metrics *m, const char *path);

/* SPDX-License-Identifier: MIT */
/* --pipe: see pipeline.c. */
#pragma once

#include "run.h"

struct pipeline;

/* A stage for each word. 0, or the status of a command line that makes no sense. */
MUST_USE int pipeline_prepare(struct run *r, char **words);
struct pipeline *pipeline_free(struct pipeline *p);

/* As spawn_start_with(), of all stages; the child is who leads them. */
MUST_USE int pipeline_start(struct run *r, const struct spawn_request *request,
                            const struct spawn_setup *setup, struct spawn_child *ret,
                            enum spawn_step *reterr);

/* The exit statuses of the stages of the last attempt, commas between; null: it has none. */
void pipeline_add_codes(const struct pipeline *p, struct strbuf *ret);

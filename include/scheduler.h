/* SPDX-License-Identifier: MIT */
/*
 * The thread that watches the clock: at the second at which an article is to come out or to be withdrawn, it has the writer do so.
 *
 * The wall clock rules. It is looked at every second, so a clock that is set is followed within one.
 */
#ifndef BROADSHEET_SCHEDULER_H
#define BROADSHEET_SCHEDULER_H

#include <stdbool.h>
#include <stdint.h>

#include "lane.h"

struct scheduler;

struct scheduler_settings {
	struct lane *lane;            /* the writer's */
	int64_t next;                 /* when something is due first; TIME_NONE: never */
	/* On the writer's thread: does all that is due, and says when something is due next. false: it has to be tried again later. */
	bool (*run)(void *context, int64_t *ret_next);
};

/* NULL with an error when the thread cannot be started. What is due already is done before this returns. */
struct scheduler *scheduler_start(const struct scheduler_settings *settings, struct error *err);
/* After a commit: when something is due next; any thread. NULL is taken: then nothing happens. */
void scheduler_note(struct scheduler *scheduler, int64_t next);
/* Looks at the clock now, for those who have moved it; what is due by then is done when this returns, or has to be tried again. Any thread but the lane's. */
void scheduler_wake(struct scheduler *scheduler);
void scheduler_stop(struct scheduler *scheduler);    /* before the lane ends; takes NULL */

#endif

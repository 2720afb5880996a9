/* SPDX-License-Identifier: MIT */
/*
 * Threads that do jobs from one queue, each with a context of its own: a writer (one thread, so jobs run one after
 * another), or readers for what takes long (several).
 *
 * A job is embedded in what it belongs to, so submitting allocates nothing and cannot fail for want of memory. It may be
 * submitted again, or freed, as soon as its `run` has been called.
 */
#ifndef BROADSHEET_LANE_H
#define BROADSHEET_LANE_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

struct lane;

struct lane_job {
	void (*run)(struct lane_job *job, void *context);
	/* On a lane that groups its jobs (lane_group()): what `run` did stands from now on, or, with an error, does not. The job may be submitted
	 * again, or freed, as soon as this has been called, and not before. NULL: the job is run by itself, in its turn, and never in a group. */
	void (*settled)(struct lane_job *job, const struct error *err);
	struct lane_job *next;        /* the lane's, while it is queued */
};

enum { LANE_GROUP_MOST = 256 };

/* Calls `run` of each job of a list, and then `settled` of each, after which that job is no more. Jobs that have come meanwhile and can be settled may join:
 * lane_group_more(). */
typedef void lane_group_runner(struct lane *lane, struct lane_job *first, void *context);

/* Starts the threads. `context_new` is called by each of them with `arg`; if it fails for one, the lane is not made and `err` is its.
 * Both functions may be NULL: then jobs get a NULL context. */
struct lane *lane_new(const char *name, size_t n_threads, void *(*context_new)(void *arg, struct error *err),
    void (*context_free)(void *context), void *arg, struct error *err);
/* From now on, jobs that can be settled are run in groups: those that wait when the thread comes to the first of them, LANE_GROUP_MOST at most. For
 * a lane of one thread, before anything is submitted. */
void lane_group(struct lane *lane, lane_group_runner *run_group);
/* Within a runner: what has come since, linked behind `last` and given; NULL: nothing that may join. The runner counts how many it takes, so that the first
 * of them do not wait for ever. */
struct lane_job *lane_group_more(struct lane *lane, struct lane_job *last);
/* From any thread, the lane's own included. false: the lane is being stopped, and the job will not be run. */
bool lane_submit(struct lane *lane, struct lane_job *job);
size_t lane_length(struct lane *lane);    /* jobs that wait; any thread */
void lane_free(struct lane *lane);    /* finishes its queue first; takes NULL */

#endif

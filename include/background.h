/* SPDX-License-Identifier: MIT */
/*
 * The background thread: what is worked out beside serving, when nobody waits for it. Related articles, so far.
 *
 * It reads on a connection of its own, with a low priority, and never writes: results go to the writer's lane as jobs.
 */
#ifndef BROADSHEET_BACKGROUND_H
#define BROADSHEET_BACKGROUND_H

#include "lane.h"
#include "store.h"

struct background;

struct background_settings {
	const char *database;         /* path */
	struct lane *lane;            /* the writer's … */
	struct store *writer;         /* … and its store, used in jobs on that lane alone */
	int64_t related_rate;         /* articles a second, at most; 0: none are computed */
	/* Told on the writer's thread, after each commit, of the articles whose lists of related ones have changed: their scopes "related" are
	 * what store_touched() gives. May be NULL. */
	void (*related_kept)(void *arg, const int64_t *ids, size_t n);
	void *arg;
};

/* Before threads start. */
void background_register_metrics(void);
/* Starts the thread, which first works off what is left from the last run. NULL on failure. */
struct background *background_start(const struct background_settings *settings, struct error *err);
/* Something may be due: call after a commit. Any thread; takes NULL. */
void background_wake(struct background *background);
/* Waits for the article that it is at, and for its last job. Before the lane is freed; takes NULL. */
void background_stop(struct background *background);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The background thread: takes articles from the queue of what is due (related_due, filled by store_apply()), finds what is related to
 * them, and hands that to the writer in batches.
 *
 * A batch is BATCH_MOST articles or BATCH_US of work, each article in a read transaction of its own, so that neither the write-ahead log
 * nor the writer is held up. The thread then waits until the writer has kept the batch: there is never more than one under way, and it
 * is told what is due only from a state in which the last is done. Between batches it rests as long as --related-rate asks.
 *
 * Nothing here has to survive: what is under way when the process ends is still in the queue. Stopping therefore drops what has been
 * computed and not been handed over.
 *
 * The thread has a low priority (nice 10), so that serving comes first on a busy machine. The schedule and webhooks have threads of
 * their own (scheduler.c, webhooks.c): neither may wait for a batch.
 */
#include "background.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "clock.h"
#include "log.h"
#include "metrics.h"

enum { BATCH_MOST = 50, BATCH_US = 100000, AFTER_TROUBLE_US = 1000000, NICENESS = 10 };

struct background {
	struct background_settings settings;
	struct store *store;              /* for reading; the thread's */
	pthread_t thread;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_woken, is_stopping, is_kept;

	struct related_result results[BATCH_MOST];
	size_t n;
	struct arena *arena;              /* of the batch */
	struct lane_job job;
	bool fine;
	struct error err;                 /* of the job */
};

static struct metric *computed;

void background_register_metrics(void)
{
	computed = metric_register(METRIC_COUNTER, "broadsheet_related_computed_total", NULL, "Lists of related articles that were computed.");
}

/* --- waiting --- */

static bool is_stopping(struct background *background)
{
	bool stopping;

	pthread_mutex_lock(&background->lock);
	stopping = background->is_stopping;
	pthread_mutex_unlock(&background->lock);
	return stopping;
}

/* Until something may be due, or the end. */
static void wait_for_work(struct background *background)
{
	pthread_mutex_lock(&background->lock);
	while (!background->is_woken && !background->is_stopping)
		pthread_cond_wait(&background->changed, &background->lock);
	background->is_woken = false;
	pthread_mutex_unlock(&background->lock);
}

/* Until a moment of the monotonic clock, or the end. */
static void rest_until(struct background *background, int64_t moment_us)
{
	const struct timespec moment = { .tv_sec = moment_us / 1000000, .tv_nsec = moment_us % 1000000 * 1000 };
	int code = 0;

	pthread_mutex_lock(&background->lock);
	while (code == 0 && !background->is_stopping)
		code = pthread_cond_timedwait(&background->changed, &background->lock, &moment);
	pthread_mutex_unlock(&background->lock);
}

/* --- one batch --- */

static void tell_of_changes(const struct background *background)
{
	int64_t ids[BATCH_MOST];
	size_t n = 0;

	for (size_t i = 0; i < background->n; i++)
		if (background->results[i].is_changed)
			ids[n++] = background->results[i].due.article_id;
	if (n > 0 && background->settings.related_kept != NULL)
		background->settings.related_kept(background->settings.arg, ids, n);
}

/* On the writer's thread. */
static void keep_batch(struct lane_job *job, void *context)
{
	struct background *background = (struct background *)(void *)((char *)job - offsetof(struct background, job));

	(void)context;
	background->fine = store_related_keep(background->settings.writer, background->results, background->n, &background->err);
	if (background->fine)
		tell_of_changes(background);
	pthread_mutex_lock(&background->lock);
	background->is_kept = true;
	pthread_cond_signal(&background->changed);
	pthread_mutex_unlock(&background->lock);
}

/* Hands the batch over and waits until it is kept: the writer is at most at the end of its queue. */
static bool hand_over(struct background *background, struct error *err)
{
	background->is_kept = false;
	background->job.run = keep_batch;
	if (!lane_submit(background->settings.lane, &background->job))
		return error_set(err, ERROR_BUSY, "the writer is about to stop");
	pthread_mutex_lock(&background->lock);
	while (!background->is_kept)
		pthread_cond_wait(&background->changed, &background->lock);
	pthread_mutex_unlock(&background->lock);
	if (!background->fine)
		*err = background->err;
	return background->fine;
}

/* false: trouble of the store's, and it may go better later. What is the article's own takes it out of the queue. */
static bool compute(struct background *background, const struct related_due *due, struct error *err)
{
	struct related_result result = { .due = *due };

	if (!store_read_begin(background->store, err))
		return false;
	result.is_found = store_related_compute(background->store, due->article_id, background->arena, &result.answer, err);
	store_read_end(background->store);
	if (!result.is_found && error_status(err->code) >= 500)
		return false;
	if (!result.is_found)
		log_warning("related articles cannot be found", "article", LOG_INT(due->article_id), "why", err->detail, NULL);
	background->results[background->n++] = result;
	metric_add(computed, 1);
	return true;
}

static size_t what_is_due(struct background *background, struct related_due *ret_due, struct error *err)
{
	size_t n;

	if (!store_read_begin(background->store, err))
		return 0;
	n = store_related_due(background->store, ret_due, BATCH_MOST, err);
	store_read_end(background->store);
	return n;
}

/* *ret_n: how many were computed; 0 when nothing is due, or the end has come. */
static bool work_batch(struct background *background, size_t *ret_n, struct error *err)
{
	const int64_t started_us = clock_monotonic_us();
	struct related_due due[BATCH_MOST];
	size_t n_due;
	bool fine = true;

	*ret_n = 0;
	background->n = 0;
	arena_reset(background->arena);
	err->code = ERROR_NONE;
	n_due = what_is_due(background, due, err);
	if (err->code != ERROR_NONE)
		return false;
	for (size_t i = 0; fine && i < n_due && clock_monotonic_us() - started_us < BATCH_US; i++) {
		if (is_stopping(background))
			return true;
		fine = compute(background, &due[i], err);
	}
	*ret_n = background->n;
	if (background->n > 0 && !hand_over(background, err))
		return false;
	return fine;
}

/* --- the thread --- */

static void *work(void *arg)
{
	struct background *background = arg;
	struct error err;
	size_t n;

	setpriority(PRIO_PROCESS, 0, NICENESS);    /* of this thread alone, on Linux */
	while (!is_stopping(background)) {
		const int64_t started_us = clock_monotonic_us();

		if (!work_batch(background, &n, &err)) {
			log_warning("related articles have to wait", "why", err.detail, NULL);
			rest_until(background, started_us + AFTER_TROUBLE_US);
		} else if (n == 0) {
			wait_for_work(background);
		} else {
			rest_until(background, started_us + (int64_t)n * 1000000 / background->settings.related_rate);
		}
	}
	return NULL;
}

static struct background *background_new(const struct background_settings *settings)
{
	struct background *background = calloc(1, sizeof *background);
	pthread_condattr_t monotonic;

	if (background == NULL)
		return NULL;
	background->settings = *settings;
	background->arena = arena_new();
	pthread_mutex_init(&background->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&background->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return background;
}

static void background_free(struct background *background)
{
	store_close(background->store);
	arena_free(background->arena);
	pthread_cond_destroy(&background->changed);
	pthread_mutex_destroy(&background->lock);
	free(background);
}

struct background *background_start(const struct background_settings *settings, struct error *err)
{
	struct background *background = background_new(settings);

	if (background == NULL) {
		error_set(err, ERROR_INTERNAL, "no memory for the background");
		return NULL;
	}
	if (!store_open(settings->database, STORE_READ, &background->store, err))
		goto failed;
	if (settings->related_rate == 0)
		return background;
	if (pthread_create(&background->thread, NULL, work, background) != 0) {
		error_set(err, ERROR_INTERNAL, "the thread \"background\" cannot be started");
		goto failed;
	}
	pthread_setname_np(background->thread, "background");
	return background;
failed:
	background_free(background);
	return NULL;
}

void background_wake(struct background *background)
{
	if (background == NULL)
		return;
	pthread_mutex_lock(&background->lock);
	background->is_woken = true;
	pthread_cond_signal(&background->changed);
	pthread_mutex_unlock(&background->lock);
}

void background_stop(struct background *background)
{
	if (background == NULL)
		return;
	pthread_mutex_lock(&background->lock);
	background->is_stopping = true;
	pthread_cond_signal(&background->changed);
	pthread_mutex_unlock(&background->lock);
	if (background->settings.related_rate != 0)
		pthread_join(background->thread, NULL);
	background_free(background);
}

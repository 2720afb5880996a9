/* SPDX-License-Identifier: MIT */
/*
 * Threads that do jobs from one queue, each with a context of its own.
 *
 * Jobs are embedded in what they belong to, so the queue is a list without an end to it: whoever submits bounds it (each
 * connection, say, has one request at a time). A thread's context is made on the thread itself and dies there: a store's
 * connection never changes hands. A lane of one thread may take what waits as a group, so that what costs much and does for many (a commit)
 * is done once; there is no timer, so a job that comes alone is run at once. Threads are started one by one, so that the first failure is the one that is told.
 */
#include "lane.h"

#include <pthread.h>
#include <stdlib.h>

enum lane_state { LANE_STARTING, LANE_READY, LANE_FAILED };

struct lane {
	void *(*context_new)(void *arg, struct error *err);
	void (*context_free)(void *context);
	void *arg;

	pthread_mutex_t lock;
	pthread_cond_t changed;           /* a job has come, or the end */
	struct lane_job *first, **tail;
	size_t n_waiting;
	bool is_ending;
	lane_group_runner *run_group;     /* NULL: job by job */

	pthread_cond_t started;
	enum lane_state state;            /* of the thread being started */
	struct error *err;                /* lane_new's, while it waits */

	size_t n_threads;
	pthread_t threads[];
};

static void say(struct lane *lane, enum lane_state state)
{
	pthread_mutex_lock(&lane->lock);
	lane->state = state;
	pthread_cond_signal(&lane->started);
	pthread_mutex_unlock(&lane->lock);
}

/* Cuts what is run together off the front of the queue: one job, or as many as make a group. */
static struct lane_job *cut(struct lane *lane)
{
	struct lane_job *first = lane->first, *last = first;
	size_t n = 1;

	while (lane->run_group != NULL && last->settled != NULL && last->next != NULL && last->next->settled != NULL && n < LANE_GROUP_MOST) {
		last = last->next;
		n++;
	}
	lane->n_waiting -= n;
	lane->first = last->next;
	if (lane->first == NULL)
		lane->tail = &lane->first;
	last->next = NULL;
	return first;
}

/* The next jobs, or NULL when the lane ends and all are taken. */
static struct lane_job *next_jobs(struct lane *lane)
{
	struct lane_job *first;

	pthread_mutex_lock(&lane->lock);
	while (lane->first == NULL && !lane->is_ending)
		pthread_cond_wait(&lane->changed, &lane->lock);
	first = lane->first == NULL ? NULL : cut(lane);
	pthread_mutex_unlock(&lane->lock);
	return first;
}

struct lane_job *lane_group_more(struct lane *lane, struct lane_job *last)
{
	struct lane_job *first = NULL;

	pthread_mutex_lock(&lane->lock);
	if (lane->first != NULL && lane->first->settled != NULL)
		first = last->next = cut(lane);
	pthread_mutex_unlock(&lane->lock);
	return first;
}

static void run_jobs(struct lane *lane, struct lane_job *first, void *context)
{
	if (lane->run_group != NULL && first->settled != NULL)
		lane->run_group(lane, first, context);
	else
		first->run(first, context);
}

static void *work(void *arg)
{
	struct lane *lane = arg;
	struct lane_job *first;
	void *context = NULL;

	if (lane->context_new != NULL) {
		context = lane->context_new(lane->arg, lane->err);
		if (context == NULL) {
			say(lane, LANE_FAILED);
			return NULL;
		}
	}
	say(lane, LANE_READY);
	while ((first = next_jobs(lane)) != NULL)
		run_jobs(lane, first, context);
	if (lane->context_free != NULL)
		lane->context_free(context);
	return NULL;
}

/* Starts one more thread and waits until it has its context. */
static bool start_thread(struct lane *lane, const char *name, struct error *err)
{
	pthread_t *thread = &lane->threads[lane->n_threads];
	enum lane_state state;

	lane->state = LANE_STARTING;
	lane->err = err;
	if (pthread_create(thread, NULL, work, lane) != 0)
		return error_set(err, ERROR_INTERNAL, "the thread \"%s\" cannot be started", name);
	pthread_setname_np(*thread, name);

	pthread_mutex_lock(&lane->lock);
	while (lane->state == LANE_STARTING)
		pthread_cond_wait(&lane->started, &lane->lock);
	state = lane->state;
	pthread_mutex_unlock(&lane->lock);
	if (state == LANE_FAILED) {
		pthread_join(*thread, NULL);
		return false;
	}
	lane->n_threads++;
	return true;
}

struct lane *lane_new(const char *name, size_t n_threads, void *(*context_new)(void *arg, struct error *err),
    void (*context_free)(void *context), void *arg, struct error *err)
{
	struct lane *lane = calloc(1, sizeof *lane + n_threads * sizeof lane->threads[0]);

	if (lane == NULL) {
		error_set(err, ERROR_INTERNAL, "no memory for the thread \"%s\"", name);
		return NULL;
	}
	lane->context_new = context_new;
	lane->context_free = context_free;
	lane->arg = arg;
	lane->tail = &lane->first;
	pthread_mutex_init(&lane->lock, NULL);
	pthread_cond_init(&lane->changed, NULL);
	pthread_cond_init(&lane->started, NULL);
	for (size_t i = 0; i < n_threads; i++) {
		if (!start_thread(lane, name, err)) {
			lane_free(lane);
			return NULL;
		}
	}
	return lane;
}

void lane_group(struct lane *lane, lane_group_runner *run_group)
{
	lane->run_group = run_group;
}

size_t lane_length(struct lane *lane)
{
	size_t n;

	pthread_mutex_lock(&lane->lock);
	n = lane->n_waiting;
	pthread_mutex_unlock(&lane->lock);
	return n;
}

bool lane_submit(struct lane *lane, struct lane_job *job)
{
	bool is_taken;

	pthread_mutex_lock(&lane->lock);
	is_taken = !lane->is_ending;
	if (is_taken) {
		job->next = NULL;
		*lane->tail = job;
		lane->tail = &job->next;
		lane->n_waiting++;
		pthread_cond_signal(&lane->changed);
	}
	pthread_mutex_unlock(&lane->lock);
	return is_taken;
}

void lane_free(struct lane *lane)
{
	if (lane == NULL)
		return;
	pthread_mutex_lock(&lane->lock);
	lane->is_ending = true;
	pthread_cond_broadcast(&lane->changed);
	pthread_mutex_unlock(&lane->lock);
	for (size_t i = 0; i < lane->n_threads; i++)
		pthread_join(lane->threads[i], NULL);
	pthread_cond_destroy(&lane->started);
	pthread_cond_destroy(&lane->changed);
	pthread_mutex_destroy(&lane->lock);
	free(lane);
}

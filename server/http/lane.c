/* SPDX-License-Identifier: MIT */
/*
 * A thread that does jobs one after another, with a context of its own: the writer.
 *
 * Jobs come from the event threads and are embedded in the exchanges they belong to, so submitting allocates nothing. The
 * queue is as long as there are connections at most, since each has one request at a time. The context is made on the
 * thread itself and dies there: a store's connection never changes hands.
 */
#include "http_internal.h"

#include <stdlib.h>

enum lane_state { LANE_STARTING, LANE_READY, LANE_FAILED };

struct lane {
	void *(*context_new)(void *arg, struct error *err);
	void (*context_free)(void *context);
	void *arg;

	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct lane_job *first, **tail;
	bool is_ending;

	enum lane_state state;
	struct error *err;    /* lane_new's, while it waits */
};

static void say(struct lane *lane, enum lane_state state)
{
	pthread_mutex_lock(&lane->lock);
	lane->state = state;
	pthread_cond_broadcast(&lane->changed);
	pthread_mutex_unlock(&lane->lock);
}

/* The next job, or NULL when the lane ends and all is done. */
static struct lane_job *next_job(struct lane *lane)
{
	struct lane_job *job;

	pthread_mutex_lock(&lane->lock);
	while (lane->first == NULL && !lane->is_ending)
		pthread_cond_wait(&lane->changed, &lane->lock);
	job = lane->first;
	if (job != NULL) {
		lane->first = job->next;
		if (lane->first == NULL)
			lane->tail = &lane->first;
	}
	pthread_mutex_unlock(&lane->lock);
	return job;
}

static void *work(void *arg)
{
	struct lane *lane = arg;
	struct lane_job *job;
	void *context = NULL;

	if (lane->context_new != NULL) {
		context = lane->context_new(lane->arg, lane->err);
		if (context == NULL) {
			say(lane, LANE_FAILED);
			return NULL;
		}
	}
	say(lane, LANE_READY);
	while ((job = next_job(lane)) != NULL)
		job->run(job, context);
	if (lane->context_free != NULL)
		lane->context_free(context);
	return NULL;
}

struct lane *lane_new(const char *name, void *(*context_new)(void *arg, struct error *err),
    void (*context_free)(void *context), void *arg, struct error *err)
{
	struct lane *lane = calloc(1, sizeof *lane);

	if (lane == NULL) {
		error_set(err, ERROR_INTERNAL, "no memory for the thread \"%s\"", name);
		return NULL;
	}
	lane->context_new = context_new;
	lane->context_free = context_free;
	lane->arg = arg;
	lane->err = err;
	lane->tail = &lane->first;
	pthread_mutex_init(&lane->lock, NULL);
	pthread_cond_init(&lane->changed, NULL);
	if (pthread_create(&lane->thread, NULL, work, lane) != 0) {
		error_set(err, ERROR_INTERNAL, "the thread \"%s\" cannot be started", name);
		goto failed;
	}
	pthread_setname_np(lane->thread, name);

	pthread_mutex_lock(&lane->lock);
	while (lane->state == LANE_STARTING)
		pthread_cond_wait(&lane->changed, &lane->lock);
	pthread_mutex_unlock(&lane->lock);
	if (lane->state == LANE_READY)
		return lane;
	pthread_join(lane->thread, NULL);
failed:
	pthread_cond_destroy(&lane->changed);
	pthread_mutex_destroy(&lane->lock);
	free(lane);
	return NULL;
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
		pthread_cond_broadcast(&lane->changed);
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
	pthread_join(lane->thread, NULL);
	pthread_cond_destroy(&lane->changed);
	pthread_mutex_destroy(&lane->lock);
	free(lane);
}

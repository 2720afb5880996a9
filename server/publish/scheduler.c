/* SPDX-License-Identifier: MIT */
/*
 * Waits for the moment that was noted last, and hands the writer one job at a time.
 *
 * With nothing planned the thread sleeps until a commit plans something; otherwise it wakes at each full second of the wall clock, which costs
 * nothing that could be measured, is to the second, and notices that the clock was set. What the job leaves undone (the disk is full, say) is
 * tried again after AGAIN_US of the monotonic clock.
 */
#include "scheduler.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"

enum { AGAIN_US = 5000000 };

struct scheduler {
	struct scheduler_settings settings;
	pthread_t thread;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	int64_t next;                     /* under the lock, as all below */
	int64_t not_before_us;            /* monotonic: after a failure */
	bool is_stopping, is_running;
	uint64_t asked, looked;           /* how often somebody wants the clock looked at, and how often it has been */

	struct lane_job job;
};

static bool is_due(const struct scheduler *scheduler)
{
	return scheduler->next != TIME_NONE && scheduler->next <= clock_now() && clock_monotonic_us() >= scheduler->not_before_us;
}

/* Until the next full second, a wake-up or, with nothing planned, a commit. Under the lock. */
static void wait_a_while(struct scheduler *scheduler)
{
	struct timespec moment;

	if (scheduler->next == TIME_NONE) {
		pthread_cond_wait(&scheduler->changed, &scheduler->lock);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &moment);
	moment.tv_sec++;
	moment.tv_nsec = 0;
	pthread_cond_timedwait(&scheduler->changed, &scheduler->lock, &moment);
}

/* On the writer's thread. */
static void run(struct lane_job *job, void *context)
{
	struct scheduler *scheduler = (struct scheduler *)(void *)((char *)job - offsetof(struct scheduler, job));
	int64_t next = TIME_NONE;
	const bool fine = scheduler->settings.run(context, &next);

	pthread_mutex_lock(&scheduler->lock);
	if (fine)
		scheduler->next = next;
	scheduler->not_before_us = fine ? 0 : clock_monotonic_us() + AGAIN_US;
	scheduler->is_running = false;
	pthread_cond_broadcast(&scheduler->changed);
	pthread_mutex_unlock(&scheduler->lock);
}

/* Under the lock. */
static void have_it_done(struct scheduler *scheduler)
{
	scheduler->is_running = true;
	scheduler->job.run = run;
	if (!lane_submit(scheduler->settings.lane, &scheduler->job))
		scheduler->is_running = false;
	while (scheduler->is_running)
		pthread_cond_wait(&scheduler->changed, &scheduler->lock);
}

static void *watch(void *arg)
{
	struct scheduler *scheduler = arg;

	pthread_mutex_lock(&scheduler->lock);
	while (!scheduler->is_stopping) {
		if (is_due(scheduler)) {
			have_it_done(scheduler);
			continue;
		}
		scheduler->looked = scheduler->asked;
		pthread_cond_broadcast(&scheduler->changed);
		wait_a_while(scheduler);
	}
	pthread_mutex_unlock(&scheduler->lock);
	return NULL;
}

struct scheduler *scheduler_start(const struct scheduler_settings *settings, struct error *err)
{
	struct scheduler *scheduler = calloc(1, sizeof *scheduler);

	if (scheduler == NULL) {
		error_set(err, ERROR_INTERNAL, "no memory for the schedule");
		return NULL;
	}
	scheduler->settings = *settings;
	scheduler->next = settings->next;
	pthread_mutex_init(&scheduler->lock, NULL);
	pthread_cond_init(&scheduler->changed, NULL);
	if (pthread_create(&scheduler->thread, NULL, watch, scheduler) != 0) {
		error_set(err, ERROR_INTERNAL, "the thread \"schedule\" cannot be started");
		pthread_cond_destroy(&scheduler->changed);
		pthread_mutex_destroy(&scheduler->lock);
		free(scheduler);
		return NULL;
	}
	pthread_setname_np(scheduler->thread, "schedule");
	scheduler_wake(scheduler);
	return scheduler;
}

void scheduler_note(struct scheduler *scheduler, int64_t next)
{
	if (scheduler == NULL)
		return;
	pthread_mutex_lock(&scheduler->lock);
	scheduler->next = next;
	pthread_cond_broadcast(&scheduler->changed);
	pthread_mutex_unlock(&scheduler->lock);
}

void scheduler_wake(struct scheduler *scheduler)
{
	uint64_t mine;

	pthread_mutex_lock(&scheduler->lock);
	mine = ++scheduler->asked;
	pthread_cond_broadcast(&scheduler->changed);
	while (scheduler->looked < mine)
		pthread_cond_wait(&scheduler->changed, &scheduler->lock);
	pthread_mutex_unlock(&scheduler->lock);
}

void scheduler_stop(struct scheduler *scheduler)
{
	if (scheduler == NULL)
		return;
	pthread_mutex_lock(&scheduler->lock);
	scheduler->is_stopping = true;
	pthread_cond_broadcast(&scheduler->changed);
	pthread_mutex_unlock(&scheduler->lock);
	pthread_join(scheduler->thread, NULL);
	pthread_cond_destroy(&scheduler->changed);
	pthread_mutex_destroy(&scheduler->lock);
	free(scheduler);
}

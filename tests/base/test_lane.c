/* SPDX-License-Identifier: MIT */
/* Threads that do jobs from one queue: order, contexts, the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "lane.h"

enum { N_JOBS = 1000, N_THREADS = 3 };

struct numbered {
	struct lane_job job;
	int number;
};

/* Made and freed on the lane's own thread, and touched by its jobs alone: a sanitizer of threads sees it if not. */
struct tally {
	pthread_t thread;
	int n_done, n_out_of_order;
};

static struct tally at_the_end;

static void *tally_new(void *arg, struct error *err)
{
	struct tally *tally = calloc(1, sizeof *tally);

	(void)arg;
	(void)err;
	tally->thread = pthread_self();
	return tally;
}

static void tally_free(void *context)
{
	at_the_end = *(struct tally *)context;
	free(context);
}

static void count(struct lane_job *job, void *context)
{
	struct numbered *numbered = (struct numbered *)(void *)job;
	struct tally *tally = context;

	if (numbered->number != tally->n_done || !pthread_equal(tally->thread, pthread_self()))
		tally->n_out_of_order++;
	tally->n_done++;
}

/* All that was submitted is done, in order, before lane_free() returns. */
static void test_order(void **state)
{
	struct numbered *jobs = calloc(N_JOBS, sizeof *jobs);
	struct error err;
	struct lane *lane = lane_new("test", 1, tally_new, tally_free, NULL, &err);

	(void)state;
	assert_non_null(lane);
	for (int i = 0; i < N_JOBS; i++) {
		jobs[i] = (struct numbered){ { .run = count }, i };
		assert_true(lane_submit(lane, &jobs[i].job));
	}
	lane_free(lane);
	assert_int_equal(at_the_end.n_done, N_JOBS);
	assert_int_equal(at_the_end.n_out_of_order, 0);
	free(jobs);
}

/* --- several threads --- */

struct meeting {
	struct lane_job job;
	pthread_barrier_t *barrier;
	void *context;
};

static atomic_int n_contexts, n_contexts_most;

/* Fails when there are as many as the test allows. */
static void *counted_new(void *arg, struct error *err)
{
	if (atomic_load(&n_contexts) == *(const int *)arg) {
		error_set(err, ERROR_INTERNAL, "no more than %d", *(const int *)arg);
		return NULL;
	}
	atomic_fetch_add(&n_contexts, 1);
	atomic_fetch_add(&n_contexts_most, 1);
	return malloc(1);
}

static void counted_free(void *context)
{
	atomic_fetch_sub(&n_contexts, 1);
	free(context);
}

static void meet(struct lane_job *job, void *context)
{
	struct meeting *meeting = (struct meeting *)(void *)job;

	meeting->context = context;
	pthread_barrier_wait(meeting->barrier);
}

/* Each job waits for the others: it takes as many threads as there are jobs. */
static void test_threads_run_at_once(void **state)
{
	int most = N_THREADS;
	struct meeting meetings[N_THREADS];
	pthread_barrier_t barrier;
	struct error err;
	struct lane *lane = lane_new("test", N_THREADS, counted_new, counted_free, &most, &err);

	(void)state;
	assert_non_null(lane);
	pthread_barrier_init(&barrier, NULL, N_THREADS);
	for (int i = 0; i < N_THREADS; i++) {
		meetings[i] = (struct meeting){ { .run = meet }, &barrier, NULL };
		assert_true(lane_submit(lane, &meetings[i].job));
	}
	lane_free(lane);
	pthread_barrier_destroy(&barrier);
	assert_ptr_not_equal(meetings[0].context, meetings[1].context);
	assert_ptr_not_equal(meetings[1].context, meetings[2].context);
	assert_ptr_not_equal(meetings[0].context, meetings[2].context);
	assert_int_equal(atomic_load(&n_contexts), 0);
}

/* When one thread of several cannot have its context, the others end and give theirs back. */
static void test_one_thread_fails(void **state)
{
	int most = N_THREADS - 1;
	struct error err;

	(void)state;
	atomic_store(&n_contexts_most, 0);
	assert_null(lane_new("test", N_THREADS, counted_new, counted_free, &most, &err));
	assert_string_equal(err.detail, "no more than 2");
	assert_int_equal(atomic_load(&n_contexts_most), 2);
	assert_int_equal(atomic_load(&n_contexts), 0);
}

static void *no_context(void *arg, struct error *err)
{
	error_set(err, ERROR_STORAGE_FULL, "no room for %s", (const char *)arg);
	return NULL;
}

static void test_no_context(void **state)
{
	struct error err;

	(void)state;
	assert_null(lane_new("test", 1, no_context, tally_free, "the writer", &err));
	assert_int_equal(err.code, ERROR_STORAGE_FULL);
	assert_string_equal(err.detail, "no room for the writer");
	lane_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_threads_run_at_once),
		cmocka_unit_test(test_one_thread_fails),
		cmocka_unit_test(test_no_context),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

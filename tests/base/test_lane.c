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

/* --- groups --- */

enum { IN_GROUPS = 2 * LANE_GROUP_MOST + 10, GROUPS_MOST = 16 };

/* What a lane took together: how many, and whether as a group or alone. */
static struct taken {
	size_t n;
	bool is_group;
} taken[GROUPS_MOST];
static size_t n_taken, n_settled;

struct grouped {
	struct lane_job job;
	pthread_mutex_t *gate;        /* waits here first, or NULL */
	size_t number;
};

static struct grouped grouped[IN_GROUPS];
static size_t next_number;

static void run_grouped(struct lane_job *job, void *context)
{
	struct grouped *mine = (struct grouped *)(void *)job;

	(void)context;
	if (mine->gate != NULL) {
		pthread_mutex_lock(mine->gate);
		pthread_mutex_unlock(mine->gate);
	}
	assert_int_equal(mine->number, next_number++);
	if (job->settled == NULL)
		taken[n_taken++] = (struct taken){ 1, false };
}

/* The job is no more once it is settled. */
static void settle_grouped(struct lane_job *job, const struct error *err)
{
	assert_null(err);
	n_settled++;
	memset(job, 0xff, sizeof *job);
}

static void take_group(struct lane *lane, struct lane_job *first, void *context)
{
	struct taken group = { 0, true };

	(void)lane;

	for (struct lane_job *job = first; job != NULL; job = job->next) {
		group.n++;
		job->run(job, context);
	}
	taken[n_taken++] = group;
	for (struct lane_job *job = first, *next; job != NULL; job = next) {
		next = job->next;
		job->settled(job, NULL);
	}
}

/* Submits n jobs behind one that waits; the one at `alone` (from 1) is to be run by itself. Returns when all are done. */
static void run_in_groups(size_t n, size_t alone)
{
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct error err;
	struct lane *lane = lane_new("test", 1, NULL, NULL, NULL, &err);

	assert_non_null(lane);
	lane_group(lane, take_group);
	n_taken = n_settled = next_number = 0;
	pthread_mutex_lock(&gate);
	for (size_t i = 0; i < n; i++) {
		grouped[i] = (struct grouped){ { .run = run_grouped, .settled = i == 0 || i == alone ? NULL : settle_grouped }, i == 0 ? &gate : NULL, i };
		assert_true(lane_submit(lane, &grouped[i].job));
	}
	assert_true(lane_length(lane) >= n - 1);
	pthread_mutex_unlock(&gate);
	lane_free(lane);
}

static void expect_taken(const struct taken *wanted, size_t n)
{
	assert_int_equal(n_taken, n);
	for (size_t i = 0; i < n; i++)
		assert_true(taken[i].n == wanted[i].n && taken[i].is_group == wanted[i].is_group);
}

/* What waits together is taken together, in order, up to a number; what stands alone parts the groups beside it. */
static void test_groups(void **state)
{
	static const struct taken few[] = { { 1, false }, { 9, true } }, parted[] = { { 1, false }, { 3, true }, { 1, false }, { 5, true } },
	    many[] = { { 1, false }, { LANE_GROUP_MOST, true }, { LANE_GROUP_MOST, true }, { 9, true } };

	(void)state;
	run_in_groups(10, 0);
	expect_taken(few, 2);
	assert_int_equal(n_settled, 9);
	run_in_groups(10, 4);
	expect_taken(parted, 4);
	assert_int_equal(n_settled, 8);
	run_in_groups(IN_GROUPS, 0);
	expect_taken(many, 4);
	assert_int_equal(n_settled, IN_GROUPS - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_threads_run_at_once),
		cmocka_unit_test(test_one_thread_fails),
		cmocka_unit_test(test_no_context),
		cmocka_unit_test(test_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The thread that runs jobs one after another: order, its context, its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/http_internal.h"

enum { N_JOBS = 1000 };

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
	struct lane *lane = lane_new("test", tally_new, tally_free, NULL, &err);

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

static void *no_context(void *arg, struct error *err)
{
	error_set(err, ERROR_STORAGE_FULL, "no room for %s", (const char *)arg);
	return NULL;
}

static void test_no_context(void **state)
{
	struct error err;

	(void)state;
	assert_null(lane_new("test", no_context, tally_free, "the writer", &err));
	assert_int_equal(err.code, ERROR_STORAGE_FULL);
	assert_string_equal(err.detail, "no room for the writer");
	lane_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_no_context),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

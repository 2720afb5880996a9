/* SPDX-License-Identifier: MIT */
/* Groups: one commit for all; what fails is undone alone; what the store cannot do is told to everyone, and nothing of it stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "publish.h"
#include "test_store.h"

enum { JOBS = 12 };

struct job {
	struct lane_job job;
	int number;
	bool has_run, is_settled;
	bool fine;                    /* what publishing said */
	struct error err, settled_err;
	struct arena *arena;
};

static struct publisher publisher;
static struct job jobs[JOBS];
static int commits;
static int64_t committed_seq;

static void committed(void *arg, int64_t public_seq)
{
	(void)arg;
	commits++;
	committed_seq = public_seq;
}

static void run(struct lane_job *lane_job, void *context)
{
	struct job *job = (struct job *)(void *)lane_job;
	const struct writing writing = { .by = "test", .arena = job->arena };
	struct publish_result result;
	struct article article;

	assert_ptr_equal(context, &publisher);
	test_article(&article, abs(job->number), job->arena);
	article.status = ARTICLE_PUBLISHED;
	if (job->number < 0)
		article.section = (struct term){ 0 };    /* refused late, when terms and slug have been looked up */
	job->has_run = true;
	job->fine = publish_create(&publisher, &writing, &article, CONFLICT_FAIL, &result, &job->err);
}

static void settled(struct lane_job *lane_job, const struct error *err)
{
	struct job *job = (struct job *)(void *)lane_job;

	assert_false(job->is_settled);
	job->is_settled = true;
	job->settled_err.code = ERROR_NONE;
	if (err != NULL)
		job->settled_err = *err;
	job->job.next = NULL;    /* it is no longer the lane's */
}

/* numbers: of articles; a negative one cannot be kept. */
static void run_group(struct shared_log *log, struct store *store, const int *numbers, int n)
{
	publisher = (struct publisher){ .store = store, .log = log, .committed = committed };
	commits = 0;
	for (int i = 0; i < n; i++) {
		jobs[i] = (struct job){ .job = { .run = run, .settled = settled, .next = i + 1 < n ? &jobs[i + 1].job : NULL }, .number = numbers[i], .arena = arena_new() };
	}
	publish_group(&publisher, /* lane= */ NULL, &jobs[0].job, &publisher);
	for (int i = 0; i < n; i++)
		arena_free(jobs[i].arena);
	for (int i = 0; i < n; i++)
		assert_true(jobs[i].is_settled);
	assert_false(publisher.is_in_group);
}

static const int good[JOBS] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };

static void test_all_at_once(void **state)
{
	struct store *store = test_store();

	(void)state;
	run_group(local_log(), store, good, JOBS);
	assert_int_equal(commits, 1);
	assert_int_equal(committed_seq, JOBS);
	for (int i = 0; i < JOBS; i++)
		assert_true(jobs[i].fine && jobs[i].settled_err.code == ERROR_NONE);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article"), JOBS);
	assert_int_equal(test_findings(store), 0);
	store_close(store);
}

/* The store is the same, to the byte, as if the bad ones had never come. */
static void test_one_fails_alone(void **state)
{
	static const int with_bad[] = { -1, 1, 1, -2, 2, 3, -3 }, without[] = { 1, 2, 3 };
	struct store *store = test_store(), *other = test_store();
	char *one, *two;

	(void)state;
	clock_replace(NULL);
	run_group(local_log(), store, with_bad, 7);
	assert_int_equal(jobs[0].err.code, ERROR_FIELDS);
	assert_true(jobs[1].fine && jobs[4].fine && jobs[5].fine);
	assert_int_equal(jobs[3].err.code, ERROR_FIELDS);
	for (int i = 0; i < 7; i++)
		assert_int_equal(jobs[i].settled_err.code, ERROR_NONE);    /* who failed knows already; the group stands */
	assert_int_equal(test_number(store, "SELECT count(*) FROM article"), jobs[2].fine ? 4 : 3);
	assert_int_equal(test_findings(store), 0);
	if (!jobs[2].fine) {
		run_group(local_log(), other, without, 3);
		test_execute(store, "UPDATE article_version SET at = 0, mark = 0");
		test_execute(other, "UPDATE article_version SET at = 0, mark = 0");
		one = test_dump(store);
		two = test_dump(other);
		assert_int_equal(strlen(one), strlen(two));
		free(one);
		free(two);
	}
	store_close(store);
	store_close(other);
}

/* --- when the store cannot --- */

static int appends;

static bool breaking_append(struct shared_log *log, struct store *store, const struct version *version, int64_t *ret_seq, struct error *err)
{
	(void)log;
	if (++appends == 5)
		return error_set(err, ERROR_INTERNAL, "the log broke");
	return local_log()->append(local_log(), store, version, ret_seq, err);
}

static void test_a_log_that_breaks(void **state)
{
	struct shared_log log = { .append = breaking_append };
	struct store *store = test_store();

	(void)state;
	appends = 0;
	run_group(&log, store, good, JOBS);
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(jobs[i].fine, i != 4);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article"), JOBS - 1);
	assert_int_equal(test_findings(store), 0);
	store_close(store);
}

/* No more room for pages, at every page at which it may end: everyone is told so, and the store is as it was. SQLite then undoes the transaction in
 * the middle of the group, and what came after must not be committed alone. */
static void test_no_room(void **state)
{
	struct store *store = test_store();
	int64_t pages;
	char *before, *after;
	int full = 0, n_cut = 0;

	(void)state;
	run_group(local_log(), store, (const int[]){ 100 }, 1);
	before = test_dump(store);
	pages = test_number(store, "PRAGMA page_count");
	for (int more = 0; more < 400 && n_cut == full; more++) {
		char sql[60];
		bool is_kept;

		snprintf(sql, sizeof sql, "PRAGMA max_page_count = %" PRId64, pages + more);
		test_number(store, sql);
		run_group(local_log(), store, good, JOBS);
		is_kept = jobs[0].settled_err.code == ERROR_NONE;
		if (is_kept)
			break;
		full++;
		for (int i = 0; i < JOBS; i++)
			if (jobs[i].settled_err.code != ERROR_STORAGE_FULL)
				fail_msg("%d more pages: job %d: %s", more, i, jobs[i].settled_err.detail);
		assert_int_equal(commits, 0);
		after = test_dump(store);
		assert_string_equal(before, after);
		free(after);
		n_cut++;
	}
	assert_true(full > 3);
	for (int i = 0; i < JOBS; i++)
		assert_true(jobs[i].fine && jobs[i].settled_err.code == ERROR_NONE);    /* and when there is room it goes on */
	assert_int_equal(test_number(store, "SELECT count(*) FROM article"), JOBS + 1);
	assert_int_equal(test_findings(store), 0);
	free(before);
	store_close(store);
}

/* --- on a lane --- */

static struct job alone;
static int in_group_of_alone = -1;

static void run_alone(struct lane_job *lane_job, void *context)
{
	(void)lane_job, (void)context;
	in_group_of_alone = publisher.is_in_group;
}

static void lane_group_of(struct lane *lane, struct lane_job *first, void *context)
{
	publish_group(context, lane, first, context);
}

static void *give(void *arg, struct error *err)
{
	(void)err;
	return arg;
}

struct held {
	struct lane_job job;
	pthread_mutex_t *lock;
};

static void hold(struct lane_job *lane_job, void *context)
{
	struct held *held = (struct held *)(void *)lane_job;

	(void)context;
	pthread_mutex_lock(held->lock);
	pthread_mutex_unlock(held->lock);
}

/* Three that wait together, one that stands alone, two more: two commits, and the one alone in none of them. */
static void test_on_a_lane(void **state)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct held held = { { .run = hold }, &lock };
	struct store *store = test_store();
	struct error err;
	struct lane *lane;

	(void)state;
	publisher = (struct publisher){ .store = store, .log = local_log(), .committed = committed };
	commits = 0;
	lane = lane_new("test", 1, give, NULL, &publisher, &err);
	lane_group(lane, lane_group_of);
	pthread_mutex_lock(&lock);
	lane_submit(lane, &held.job);
	alone = (struct job){ .job = { .run = run_alone } };
	for (int i = 0; i < 5; i++) {
		if (i == 3)
			lane_submit(lane, &alone.job);
		jobs[i] = (struct job){ .job = { .run = run, .settled = settled }, .number = i, .arena = arena_new() };
		lane_submit(lane, &jobs[i].job);
	}
	pthread_mutex_unlock(&lock);
	lane_free(lane);
	assert_int_equal(commits, 2);
	assert_int_equal(in_group_of_alone, 0);
	for (int i = 0; i < 5; i++) {
		assert_true(jobs[i].is_settled && jobs[i].fine);
		arena_free(jobs[i].arena);
	}
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_at_once),
		cmocka_unit_test(test_one_fails_alone),
		cmocka_unit_test(test_a_log_that_breaks),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_on_a_lane),
	};

	return cmocka_run_group_tests_name("publish_group", tests, NULL, NULL);
}

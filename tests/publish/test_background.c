/* SPDX-License-Identifier: MIT */
/*
 * The background thread on a store of its own: works off what is due, wakes up, tells what has changed, keeps its rate, stops at once
 * with a long queue and goes on with it the next time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

#include "background.h"
#include "clock.h"
#include "generations.h"
#include "log.h"
#include "related_archive.h"
#include "store/store_internal.h"

enum { LONG_QUEUE = 250, DEADLINE_US = 120 * 1000000, EVERY_MS = 2 };

static struct store *writer;
static struct store *reader;
static struct lane *lane;

/* Counts what it is told, and holds it against what the store says was touched. */
static struct told {
	pthread_mutex_t lock;
	size_t n;
	bool is_wrong;
} told = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool was_touched(int64_t id)
{
	size_t n;
	const uint64_t *touched = store_touched(writer, &n);

	for (size_t i = 0; i < n; i++)
		if (touched[i] == scope_key_of_id("related", id))
			return true;
	return false;
}

static void related_kept(void *arg, const int64_t *ids, size_t n)
{
	pthread_mutex_lock(&told.lock);
	told.n += n;
	for (size_t i = 0; i < n; i++)
		if (!was_touched(ids[i]) || arg != &told)
			told.is_wrong = true;
	pthread_mutex_unlock(&told.lock);
}

static struct background *start(int64_t rate)
{
	const struct background_settings settings = {
		.database = test_folder_path("a.db"),
		.lane = lane,
		.writer = writer,
		.related_rate = rate,
		.related_kept = related_kept,
		.arg = &told,
	};
	struct error err;
	struct background *background = background_start(&settings, &err);

	if (background == NULL)
		fail_msg("%s", err.detail);
	return background;
}

static int set_up(void **state)
{
	struct error err;

	(void)state;
	log_start(LOG_LEVEL_ERROR, false);
	background_register_metrics();
	test_folder();
	writer = test_store_at(test_folder_path("a.db"), STORE_WRITE);
	reader = test_store_at(test_folder_path("a.db"), STORE_READ);
	lane = lane_new("writer", 1, NULL, NULL, NULL, &err);
	told.n = 0;
	told.is_wrong = false;
	return lane != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	lane_free(lane);
	store_close(reader);
	store_close(writer);
	test_folder_remove();
	return 0;
}

/* --- writing, on the lane's thread as long as the background runs --- */

static sem_t written;

struct putting {
	struct lane_job job;
	int first, last;
};

static bool append_some(struct store *store, void *arg, struct error *err)
{
	const struct putting *writing = arg;
	struct arena *arena = arena_new();
	bool fine = true;

	for (int i = writing->first; fine && i <= writing->last; i++) {
		struct article article;
		const struct version version = { .at = TEST_TIME, .by = "test", .article = &article };
		int64_t seq;

		test_article(&article, i, arena);
		article.id = i;
		article.rev = 1;
		article.slug = arena_printf(arena, "story-%d", i);
		fine = local_log()->append(local_log(), store, &version, &seq, err);
		arena_reset(arena);
	}
	arena_free(arena);
	return fine;
}

static void run_writing(struct lane_job *job, void *context)
{
	struct putting *writing = (struct putting *)(void *)job;
	struct error err;

	(void)context;
	if (!store_transaction(writer, append_some, writing, &err)) {
		fprintf(stderr, "%s\n", err.detail);
		abort();
	}
	sem_post(&written);
}

static void write_articles(int first, int last)
{
	struct putting writing = { .job.run = run_writing, .first = first, .last = last };

	assert_true(lane_submit(lane, &writing.job));
	sem_wait(&written);
}

static int64_t due(void)
{
	return test_number(reader, "SELECT count(*) FROM related_due");
}

/* Looks until it is so. */
static void wait_for_due_below(int64_t most)
{
	const int64_t deadline_us = clock_monotonic_us() + DEADLINE_US;

	while (due() >= most) {
		if (clock_monotonic_us() > deadline_us)
			fail_msg("still %lld due", (long long)due());
		poll(NULL, 0, EVERY_MS);    /* the thread has the lowest priority */
	}
}

/* --- */

static void test_works_off_and_wakes_up(void **state)
{
	struct background *background;

	(void)state;
	write_articles(1, 40);
	assert_int_equal(due(), 40);
	background = start(100000);
	wait_for_due_below(1);
	assert_int_equal(test_number(reader, "SELECT count(*) FROM article_related"), 40);
	write_articles(41, 60);
	background_wake(background);
	wait_for_due_below(1);
	assert_int_equal(test_number(reader, "SELECT count(*) FROM article_related"), 60);
	background_stop(background);
	assert_true(told.n >= 60);
	assert_false(told.is_wrong);
}

static void test_rate_0_computes_nothing(void **state)
{
	struct background *background;

	(void)state;
	write_articles(1, 5);
	background = start(0);
	background_wake(background);
	background_stop(background);
	background_wake(NULL);
	background_stop(NULL);
	assert_int_equal(due(), 5);
}

/* Ten a second: when it is stopped after the first batch has been seen, it rests, and the end does not wait for the rest. */
static void test_rate(void **state)
{
	struct background *background;
	int64_t started_us;

	(void)state;
	write_articles(1, LONG_QUEUE);
	background = start(10);
	wait_for_due_below(LONG_QUEUE);
	started_us = clock_monotonic_us();
	background_stop(background);
	assert_true(clock_monotonic_us() - started_us < 1000000);
	assert_true(due() >= LONG_QUEUE - 100);
}

/* Stopped in the middle of a long queue: at once; what is left is done the next time. */
static void test_stop_is_quick(void **state)
{
	struct background *background;
	int64_t started_us, left;

	(void)state;
	write_articles(1, LONG_QUEUE);
	background = start(100000);
	wait_for_due_below(LONG_QUEUE);
	started_us = clock_monotonic_us();
	background_stop(background);
	assert_true(clock_monotonic_us() - started_us < 1000000);
	left = due();
	print_message("%lld of %d left\n", (long long)left, LONG_QUEUE);
	assert_true(left > 0);
	assert_int_equal(test_number(reader, "SELECT count(*) FROM article_related"), LONG_QUEUE - left);
	background = start(100000);
	wait_for_due_below(1);
	background_stop(background);
	assert_int_equal(test_number(reader, "SELECT count(*) FROM article_related"), LONG_QUEUE);
	assert_int_equal(test_findings(reader), 0);
}

/* A document that cannot be read leaves the queue, and the others are done. */
static void test_one_that_cannot_be(void **state)
{
	struct background *background;

	(void)state;
	write_articles(1, 10);
	test_execute(writer, "UPDATE article_document SET document = '{' WHERE article_id = 5");
	log_start(LOG_LEVEL_ERROR, false);
	background = start(100000);
	wait_for_due_below(1);
	background_stop(background);
	assert_int_equal(test_number(reader, "SELECT count(*) FROM article_related"), 9);
}

/* Written while it computes: in the end each has an answer, and nothing is left over. */
static void test_beside_writing(void **state)
{
	struct background *background = start(100000);

	(void)state;
	for (int i = 1; i <= 100; i += 10) {
		write_articles(i, i + 9);
		background_wake(background);
	}
	wait_for_due_below(1);
	background_stop(background);
	assert_int_equal(test_number(reader, "SELECT count(*) FROM article_related"), 100);
	assert_int_equal(test_findings(reader), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_works_off_and_wakes_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rate_0_computes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rate, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stop_is_quick, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_that_cannot_be, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_beside_writing, set_up, tear_down),
	};

	sem_init(&written, 0, 0);
	return cmocka_run_group_tests_name("background", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What has been touched since when: the clock, the slots, and what threads see of both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "generations.h"

enum { SCOPES = 64 };

static void test_keys(void **state)
{
	(void)state;
	assert_true(scope_key("section", "a") == scope_key("section", "a"));
	assert_true(scope_key("section", "a") != scope_key("tag", "a"));
	assert_true(scope_key("section", "ab") != scope_key("sectiona", "b"));
	assert_true(scope_key("article", "-7") == scope_key_of_id("article", -7));
	assert_true(scope_key_of_id("article", 1) != scope_key_of_id("related", 1));
}

/* A touch counts from the tick that it is published with on, and for its own scope alone. */
static void test_touches(void **state)
{
	struct generations *generations = generations_new();
	const uint64_t one = 1, other = 2, both[] = { one, other };
	const uint64_t start = generations_clock(generations);

	(void)state;
	assert_true(generations_untouched(generations, both, 2, start));
	generations_touch(generations, one);
	assert_int_equal(generations_clock(generations), start);
	generations_publish(generations);
	assert_int_equal(generations_clock(generations), start + 1);
	assert_false(generations_untouched(generations, &one, 1, start));
	assert_false(generations_untouched(generations, both, 2, start));
	assert_true(generations_untouched(generations, &other, 1, start));
	assert_true(generations_untouched(generations, both, 2, start + 1));
	assert_true(generations_untouched(generations, NULL, 0, 0));

	generations_publish(generations);    /* a commit that changes nothing for readers */
	assert_true(generations_untouched(generations, both, 2, start + 1));
	generations_free(generations);
	generations_free(NULL);
}

/* What was read between COMMIT and tick looks stale a moment too early: never the other way round. */
static void test_a_touch_shows_before_its_tick(void **state)
{
	struct generations *generations = generations_new();
	const uint64_t scope = 3, since = generations_clock(generations);

	(void)state;
	generations_touch(generations, scope);
	assert_false(generations_untouched(generations, &scope, 1, since));
	generations_free(generations);
}

/* Scopes share slots: who shares one with a busy scope is thought changed too often, and none is ever thought unchanged. */
static void test_shared_slots(void **state)
{
	struct generations *generations = generations_new();
	uint64_t n_shared = 0;

	(void)state;
	for (uint64_t i = 0; i < 300000; i++) {
		const uint64_t scope = scope_key_of_id("article", (int64_t)i), since = generations_clock(generations);

		n_shared += !generations_untouched(generations, &scope, 1, 1);
		generations_touch(generations, scope);
		generations_publish(generations);
		assert_false(generations_untouched(generations, &scope, 1, since));
	}
	assert_in_range(n_shared, 1, 299999);
	generations_free(generations);
}

/* --- threads --- */

struct desk {
	struct generations *generations;
	_Atomic uint64_t acknowledged[SCOPES];    /* the latest tick at which it was touched, told after it was published */
	atomic_bool stops;
	_Atomic uint64_t n_missed;
};

/* Whoever knows of a touch finds it. */
static void *look(void *arg)
{
	struct desk *desk = arg;

	for (uint64_t i = 0; !atomic_load_explicit(&desk->stops, memory_order_relaxed); i++) {
		const uint64_t scope = i % SCOPES, tick = atomic_load_explicit(&desk->acknowledged[scope], memory_order_acquire);

		if (tick == 0)
			continue;
		if (generations_clock(desk->generations) < tick || generations_untouched(desk->generations, &scope, 1, tick - 1))
			atomic_fetch_add(&desk->n_missed, 1);
	}
	return NULL;
}

static void test_readers_see_what_is_published(void **state)
{
	struct desk desk = { .generations = generations_new() };
	pthread_t readers[2];

	(void)state;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, look, &desk), 0);
	for (uint64_t i = 0; i < 200000; i++) {
		const uint64_t scope = i * 7 % SCOPES;

		generations_touch(desk.generations, scope);
		generations_publish(desk.generations);
		atomic_store_explicit(&desk.acknowledged[scope], generations_clock(desk.generations), memory_order_release);
	}
	atomic_store(&desk.stops, true);
	for (size_t i = 0; i < 2; i++)
		pthread_join(readers[i], NULL);
	assert_int_equal(desk.n_missed, 0);
	generations_free(desk.generations);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_touches),
		cmocka_unit_test(test_a_touch_shows_before_its_tick),
		cmocka_unit_test(test_shared_slots),
		cmocka_unit_test(test_readers_see_what_is_published),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

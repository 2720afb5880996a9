/* SPDX-License-Identifier: MIT */
/*
 * Kept replies without sockets: found and not found, stale and good, promised, named, evicted. Exchanges are made by hand, as far as
 * cache.c and kept.c look at them. Waiting for a reply in the making is test_stampede.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>

#include "clock.h"
#include "http/cache_internal.h"
#include "test_store.h"

enum { VALIDATORS_MOST = 8 << 20, ROOMY = 64 << 20 };

static struct generations *generations;
static struct cache *cache;
static struct listener listener;
static struct http_service service;
static const struct route route = { .method = HTTP_GET, .path = "/v1/x", .kept = KEPT };
static int64_t now;

static int64_t stopped_clock(void)
{
	return now;
}

static void begin(size_t bytes_most)
{
	struct error err;

	generations = generations_new();
	cache = cache_new(bytes_most, generations, NULL, &err);
	service = (struct http_service){ .cache = cache, .generations = generations, .salt = 1 };
	listener.service = &service;
}

static void end(void)
{
	cache_free(cache);
	generations_free(generations);
}

static int64_t value_of(enum metric_kind kind, const char *name)
{
	return metric_value(metric_register(kind, name, NULL, ""));
}

static int64_t bytes_held(void)
{
	return value_of(METRIC_GAUGE, "broadsheet_cache_bytes");
}

/* --- exchanges --- */

static struct exchange *exchange_for(const char *target)
{
	struct exchange *exchange = calloc(1, sizeof *exchange);

	exchange->listener = &listener;
	exchange->arena = arena_new();
	exchange->request = (struct request){
		.service = &service, .arena = exchange->arena, .door = DOOR_PUBLIC, .method = HTTP_GET, .route = &route, .basis = &exchange->basis,
		.canonical_target = arena_string(exchange->arena, target), .canonical_length = strlen(target),
	};
	basis_init(&exchange->basis, exchange->arena);
	exchange->basis.since = generations_clock(generations);
	response_init(&exchange->response, exchange->arena);
	return exchange;
}

static void done(struct exchange *exchange)
{
	cache_abandon(cache, exchange->filling);
	response_done(&exchange->response);
	arena_free(exchange->arena);
	free(exchange);
}

static void holds(struct exchange *exchange, const char *if_none_match)
{
	exchange->request.headers = arena_array(exchange->arena, 1, sizeof *exchange->request.headers);
	exchange->request.headers[0] = (struct request_value){ "If-None-Match", if_none_match };
	exchange->request.n_headers = 1;
}

static enum cache_outcome enter(struct exchange *exchange)
{
	struct kept *kept = NULL;
	const enum cache_outcome outcome = cache_enter(cache, exchange, &kept);

	assert_true((outcome == CACHE_HIT) == (kept != NULL));
	kept_unref(kept);
	return outcome;
}

/* Makes what the exchange has promised: a body of so many letters, that stands on the scope. */
static struct kept *make(struct exchange *exchange, size_t length, char letter, uint64_t scope)
{
	struct text *body = &exchange->response.body;

	text_reserve(body, length);
	memset(body->bytes, letter, length);
	body->length = length;
	body->bytes[length] = '\0';
	basis_one(&exchange->basis, scope, 1);
	conditional_stem(&exchange->request, &exchange->response);
	return kept_keep(exchange);
}

static void fill(const char *target, size_t length, char letter, uint64_t scope)
{
	struct exchange *exchange = exchange_for(target);

	assert_int_equal(enter(exchange), CACHE_MISS);
	assert_non_null(exchange->filling);
	kept_unref(make(exchange, length, letter, scope));
	assert_null(exchange->filling);
	done(exchange);
}

/* The first letter of the body that is kept for the target; '-' when the body is gone and its validator is here; '\0': there is nothing. */
static char letter_at(const char *target)
{
	struct kept *kept = cache_find(cache, target, strlen(target));
	struct rendition *rendition;
	char letter = '\0';
	size_t grown;

	if (kept == NULL)
		return '\0';
	rendition = rendition_for(kept, CODING_IDENTITY, 0, &grown);
	letter = rendition != NULL ? rendition->body->bytes[0] : '-';
	rendition_unref(rendition);
	kept_unref(kept);
	return letter;
}

static void commit(uint64_t scope)
{
	generations_touch(generations, scope);
	generations_publish(generations);
}

/* --- finding --- */

static void test_found_once_filled(void **state)
{
	const int64_t fills = value_of(METRIC_COUNTER, "broadsheet_cache_fills_total"), hits = value_of(METRIC_COUNTER, "broadsheet_cache_hits_total");
	struct exchange *maker, *again;

	(void)state;
	begin(ROOMY);
	assert_int_equal(letter_at("/v1/x?a=1"), '\0');
	maker = exchange_for("/v1/x?a=1");
	assert_int_equal(enter(maker), CACHE_MISS);
	assert_int_equal(letter_at("/v1/x?a=1"), '\0');    /* promised is not made */
	kept_unref(make(maker, 2000, 'm', 1));
	done(maker);
	assert_int_equal(letter_at("/v1/x?a=1"), 'm');
	assert_int_equal(letter_at("/v1/x?a=2"), '\0');
	assert_int_equal(letter_at("/v1/x"), '\0');
	assert_int_equal(letter_at("/v1/x?a=1&"), '\0');
	assert_int_equal(value_of(METRIC_COUNTER, "broadsheet_cache_fills_total") - fills, 1);
	assert_int_equal(value_of(METRIC_COUNTER, "broadsheet_cache_hits_total") - hits, 0);    /* whoever finds it says whether it was of use */
	again = exchange_for("/v1/x?a=1");
	assert_int_equal(enter(again), CACHE_HIT);
	done(again);
	assert_int_equal(value_of(METRIC_COUNTER, "broadsheet_cache_hits_total") - hits, 1);
	end();
}

static void test_good_until_its_scope_is_touched(void **state)
{
	(void)state;
	begin(ROOMY);
	fill("/v1/x?a=1", 100, 'a', 1);
	fill("/v1/x?a=2", 100, 'b', 2);
	for (int i = 0; i < 3; i++) {
		commit(77);
		assert_int_equal(letter_at("/v1/x?a=1"), 'a');
	}
	commit(1);
	assert_int_equal(letter_at("/v1/x?a=1"), '\0');
	assert_int_equal(letter_at("/v1/x?a=2"), 'b');
	fill("/v1/x?a=1", 100, 'c', 1);
	assert_int_equal(letter_at("/v1/x?a=1"), 'c');
	end();
}

/* A commit while the reply was being made: what was read may be the state before. */
static void test_touched_while_it_was_made(void **state)
{
	struct exchange *maker;

	(void)state;
	begin(ROOMY);
	maker = exchange_for("/v1/x");
	assert_int_equal(enter(maker), CACHE_MISS);
	commit(1);
	kept_unref(make(maker, 100, 'a', 1));
	done(maker);
	assert_int_equal(letter_at("/v1/x"), '\0');
	end();
}

static void test_good_until_its_time(void **state)
{
	struct exchange *maker;

	(void)state;
	clock_replace(stopped_clock);
	now = 3599;
	begin(ROOMY);
	maker = exchange_for("/v1/x");
	assert_int_equal(enter(maker), CACHE_MISS);
	basis_until(&maker->basis, 3600);
	kept_unref(make(maker, 100, 'a', 1));
	done(maker);
	assert_int_equal(letter_at("/v1/x"), 'a');
	now = 3600;
	assert_int_equal(letter_at("/v1/x"), '\0');
	end();
	clock_replace(NULL);
}

/* --- promises --- */

static void test_a_promise_that_is_not_kept(void **state)
{
	struct exchange *first, *second;

	(void)state;
	begin(ROOMY);
	first = exchange_for("/v1/x");
	second = exchange_for("/v1/x");
	second->has_waited = true;    /* as one that has been sent on */
	assert_int_equal(enter(first), CACHE_MISS);
	assert_int_equal(enter(second), CACHE_MISS);
	assert_non_null(first->filling);
	assert_null(second->filling);    /* one promise at a time */
	done(first);
	assert_int_equal(letter_at("/v1/x"), '\0');
	fill("/v1/x", 100, 'a', 1);
	assert_int_equal(letter_at("/v1/x"), 'a');
	done(second);
	cache_abandon(cache, NULL);
	end();
}

/* Errors, what stands on nothing that anybody has said, what must not be stored. */
static void test_what_is_not_worth_keeping(void **state)
{
	(void)state;
	begin(ROOMY);
	for (int i = 0; i < 4; i++) {
		struct exchange *exchange = exchange_for("/v1/x");

		assert_int_equal(enter(exchange), CACHE_MISS);
		text_string(&exchange->response.body, "text");
		if (i != 0)
			basis_one(&exchange->basis, 1, 1);
		if (i == 1)
			exchange->response.status = 404;
		if (i == 2)
			exchange->response.caching = CACHING_NONE;
		if (i != 3)
			conditional_stem(&exchange->request, &exchange->response);
		assert_null(kept_keep(exchange));
		assert_null(exchange->filling);
		done(exchange);
		assert_int_equal(letter_at("/v1/x"), '\0');
	}
	end();
}

/* --- names --- */

static void test_names(void **state)
{
	struct kept *kept;

	(void)state;
	begin(ROOMY);
	fill("/v1/x?a=1&b=2", 100, 'a', 1);
	kept = cache_find(cache, "/v1/x?a=1&b=2", 13);
	for (int i = 0; i < 6; i++) {
		char name[30];

		snprintf(name, sizeof name, "/v1/x?b=2&a=1&%d", i);
		cache_name(cache, kept, name, strlen(name));
		cache_name(cache, kept, name, strlen(name));
		assert_int_equal(letter_at(name), i < KEPT_NAMES_MOST - 1 ? 'a' : '\0');
	}
	kept_unref(kept);
	commit(1);
	for (int i = 0; i < 6; i++) {
		char name[30];

		snprintf(name, sizeof name, "/v1/x?b=2&a=1&%d", i);
		assert_int_equal(letter_at(name), '\0');    /* all are gone together */
	}
	end();
}

/* A name that another reply has stays that reply's; of what is gone nothing is named. */
static void test_names_that_are_taken(void **state)
{
	enum { OTHERS = 20 };
	struct kept *one, *gone;
	int n_named = 0;

	(void)state;
	begin(ROOMY);
	fill("/v1/x?a=1", 100, 'a', 1);
	fill("/v1/x?a=2", 100, 'b', 2);
	one = cache_find(cache, "/v1/x?a=1", 9);
	cache_name(cache, one, "/v1/x?a=2", 9);
	assert_int_equal(letter_at("/v1/x?a=2"), 'b');
	/* Other paths, in shards that no test can know: where one happens to be of the same it does no harm, but not all twenty are. */
	for (int i = 0; i < OTHERS; i++) {
		char name[40];

		cache_name(cache, one, name, (size_t)snprintf(name, sizeof name, "/v1/another-%d?a=1", i));
		n_named += letter_at(name) != '\0';
	}
	assert_in_range(n_named, 0, OTHERS - 1);
	kept_unref(one);
	gone = cache_find(cache, "/v1/x?a=2", 9);
	commit(2);
	assert_int_equal(letter_at("/v1/x?a=2"), '\0');
	cache_name(cache, gone, "/v1/x?c=3", 9);
	assert_int_equal(letter_at("/v1/x?c=3"), '\0');
	kept_unref(gone);
	end();
}

/* --- room --- */

static const char *target_of(int number)
{
	static char target[60];

	snprintf(target, sizeof target, "/v1/path-%d?number=%d", number % 40, number);    /* over all shards */
	return target;
}

static void test_bounds(void **state)
{
	enum { MOST = 1 << 20, N = 2000 };
	const int64_t evictions = value_of(METRIC_COUNTER, "broadsheet_cache_evictions_total");
	int n_whole = 0, n_validators = 0;

	(void)state;
	begin(MOST);
	for (int i = 0; i < N; i++) {
		fill(target_of(i), 5000, 'a', (uint64_t)i);
		assert_in_range(bytes_held(), 1, MOST + VALIDATORS_MOST);
	}
	for (int i = 0; i < N; i++) {
		const char letter = letter_at(target_of(i));

		n_whole += letter == 'a';
		n_validators += letter == '-';
	}
	assert_in_range(n_whole, MOST / 5000 / 2, MOST / 5000);
	assert_int_equal(n_whole + n_validators, N);    /* of what went, the validator stays */
	assert_int_equal(value_of(METRIC_COUNTER, "broadsheet_cache_evictions_total") - evictions, n_validators);
	end();
}

/* Validators have a bound of their own, whatever they are called by. */
static void test_validators_are_bounded(void **state)
{
	char target[4000];
	size_t n_found = 0;

	(void)state;
	begin(0);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 8000; i++) {
			snprintf(target, sizeof target, "/v1/path-%d?q=%0*d", i % 40, 3900, i);
			if (round == 0)
				fill(target, 100, 'a', (uint64_t)i);
			else
				n_found += letter_at(target) == '-';
		}
	assert_in_range(bytes_held(), 1, VALIDATORS_MOST);
	assert_in_range(n_found, 1000, VALIDATORS_MOST / 3900);
	end();
}

/* What is asked for again stays, however much passes that is asked for once. */
static void test_what_is_asked_for_again_stays(void **state)
{
	enum { MOST = 1 << 20, HOT = 20, COLD = 3000 };

	(void)state;
	begin(MOST);
	for (int i = 0; i < HOT; i++)
		fill(target_of(i), 5000, 'h', 1);
	for (int i = 0; i < COLD; i++) {
		fill(target_of(HOT + i), 5000, 'c', 1);
		if (letter_at(target_of(i % HOT)) != 'h')
			fail_msg("number %d went while %d came", i % HOT, i);
	}
	for (int i = 0; i < HOT; i++)
		assert_int_equal(letter_at(target_of(i)), 'h');
	end();
}

/* The control: asked for once, they go. */
static void test_what_is_asked_for_once_goes(void **state)
{
	enum { MOST = 1 << 20, ONCE = 20, COLD = 3000 };
	int n_left = 0;

	(void)state;
	begin(MOST);
	for (int i = 0; i < ONCE + COLD; i++)
		fill(target_of(i), 5000, 'c', 1);
	for (int i = 0; i < ONCE; i++)
		n_left += letter_at(target_of(i)) == 'c';
	assert_int_equal(n_left, 0);
	end();
}

static void test_too_large_to_keep(void **state)
{
	(void)state;
	begin(80000);
	fill("/v1/x?a=1", 10000, 'a', 1);
	fill("/v1/x?a=2", 10001, 'a', 1);
	assert_int_equal(letter_at("/v1/x?a=1"), 'a');
	assert_int_equal(letter_at("/v1/x?a=2"), '-');
	end();
}

/* A validator answers who holds the reply; for anybody else it is made anew. */
static void test_a_validator_alone(void **state)
{
	struct exchange *holder, *other;
	char etag[ETAG_SIZE];
	struct kept *kept;

	(void)state;
	begin(0);
	fill("/v1/x", 100, 'a', 1);
	kept = cache_find(cache, "/v1/x", 5);
	conditional_etag(kept->stem, CODING_IDENTITY, EFFORT_QUICK, etag);
	kept_unref(kept);
	holder = exchange_for("/v1/x");
	holds(holder, etag);
	for (int i = 0; i < 2; i++)
		assert_int_equal(enter(holder), CACHE_HIT);
	other = exchange_for("/v1/x");
	holds(other, "\"else\"");
	assert_int_equal(enter(other), CACHE_MISS);
	assert_non_null(other->filling);
	kept_unref(make(other, 100, 'a', 1));
	assert_int_equal(enter(holder), CACHE_HIT);
	commit(1);
	assert_int_equal(enter(holder), CACHE_MISS);
	done(other);
	done(holder);
	end();
}

/* What is being sent outlives its place. */
static void test_a_reference_outlives_eviction(void **state)
{
	struct kept *kept;
	struct rendition *rendition;
	size_t grown;

	(void)state;
	begin(100000);
	fill("/v1/x", 10000, 'r', 1);
	kept = cache_find(cache, "/v1/x", 5);
	rendition = rendition_for(kept, CODING_IDENTITY, 0, &grown);
	commit(1);
	assert_int_equal(letter_at("/v1/x"), '\0');
	end();
	for (size_t i = 0; i < 10000; i++)
		assert_int_equal(rendition->body->bytes[i], 'r');
	rendition_unref(rendition);
	kept_unref(kept);
}

/* --- threads: whoever reads after a write was acknowledged never finds what was before it --- */

enum { TARGETS = 3, READERS = 3, WRITES = 2000 };

static _Atomic int64_t stored[TARGETS], acknowledged[TARGETS];
static atomic_bool stops;
static _Atomic int64_t n_stale, n_found;

static void read_one(int number, struct test_random *random)
{
	const int64_t known = atomic_load(&acknowledged[number]);
	struct exchange *exchange;
	struct kept *kept;
	char target[20], name[30];
	int64_t found = -1;

	snprintf(target, sizeof target, "/v1/x?t=%d", number);
	kept = cache_find(cache, target, strlen(target));
	if (kept == NULL) {
		exchange = exchange_for(target);
		exchange->has_waited = true;    /* waits for nobody */
		if (cache_enter(cache, exchange, &kept) == CACHE_MISS && exchange->filling != NULL) {
			const int64_t value = atomic_load(&stored[number]);

			text_printf(&exchange->response.body, "%lld", (long long)value);
			if (test_random(random, 10) > 0) {    /* otherwise the promise is not kept */
				basis_one(&exchange->basis, (uint64_t)number, value);
				conditional_stem(&exchange->request, &exchange->response);
				kept = kept_keep(exchange);
			}
		}
		done(exchange);
	}
	if (kept != NULL) {
		size_t grown;
		struct rendition *rendition = rendition_for(kept, CODING_IDENTITY, 0, &grown);

		if (rendition != NULL)
			found = strtoll(rendition->body->bytes, NULL, 10);
		rendition_unref(rendition);
		snprintf(name, sizeof name, "/v1/x?x=%d&t=%d", (int)test_random(random, 3), number);
		cache_name(cache, kept, name, strlen(name));
		cache_grow(cache, kept, 0);
		kept_unref(kept);
	}
	if (found >= 0) {
		atomic_fetch_add(&n_found, 1);
		if (found < known)
			atomic_fetch_add(&n_stale, 1);
	}
}

static void *read_on(void *arg)
{
	struct test_random random = { (uint64_t)(uintptr_t)arg };

	while (!atomic_load(&stops))
		read_one((int)test_random(&random, TARGETS), &random);
	return NULL;
}

/* Writes and acknowledges; how many readers found something older than what they knew of. */
static int64_t read_while_writing(bool tick_comes_late)    /* one commit late */
{
	pthread_t readers[READERS];
	struct test_random random = { 99 };
	uint64_t before = 0;

	begin(24000);
	atomic_store(&stops, false);
	n_stale = n_found = 0;
	for (size_t i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_on, (void *)(i + 1)), 0);
	for (int i = 0; i < WRITES; i++) {
		const int64_t until = atomic_load(&n_found) + (int64_t)test_random(&random, 20);

		const uint64_t number = test_random(&random, TARGETS);
		const int64_t value = atomic_load(&stored[number]) + 1;

		atomic_store(&stored[number], value);    /* COMMIT */
		commit(tick_comes_late ? before : number);
		atomic_store(&acknowledged[number], value);
		before = number;
		while (atomic_load(&n_found) < until)    /* or there would be no kept reply that lives for long enough to be found */
			sched_yield();
	}
	atomic_store(&stops, true);
	for (size_t i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	end();
	return n_stale;
}

static void test_threads(void **state)
{
	(void)state;
	assert_int_equal(read_while_writing(/* tick_comes_late= */ false), 0);
}

/* Would they notice? */
static void test_threads_control(void **state)
{
	(void)state;
	assert_true(read_while_writing(/* tick_comes_late= */ true) > 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_once_filled),
		cmocka_unit_test(test_good_until_its_scope_is_touched),
		cmocka_unit_test(test_touched_while_it_was_made),
		cmocka_unit_test(test_good_until_its_time),
		cmocka_unit_test(test_a_promise_that_is_not_kept),
		cmocka_unit_test(test_what_is_not_worth_keeping),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_names_that_are_taken),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_validators_are_bounded),
		cmocka_unit_test(test_what_is_asked_for_again_stays),
		cmocka_unit_test(test_what_is_asked_for_once_goes),
		cmocka_unit_test(test_too_large_to_keep),
		cmocka_unit_test(test_a_validator_alone),
		cmocka_unit_test(test_a_reference_outlives_eviction),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_threads_control),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

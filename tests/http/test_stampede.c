/* SPDX-License-Identifier: MIT */
/*
 * Many clients ask at once for what nobody has made yet: one makes it, and the others wait for it. Over real sockets, with a handler that is held
 * until all are there.
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
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "http/http_internal.h"
#include "log.h"
#include "raw_client.h"

enum { CLIENTS_MOST = 1000, FEW = 40, BODY = 3000, SCOPE = 7, PATIENCE_US = 30000000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_held;
static int n_calls, n_to_fail;

static struct generations *generations;
static struct cache *cache;
static struct listener *listener;
static int clients[CLIENTS_MOST];

/* GET /v1/held: on a reader's thread, as what takes long. */
static bool held(struct request *request, struct response *response, struct error *err)
{
	bool fails;

	if (!request_may_take_long(request))
		return false;
	pthread_mutex_lock(&lock);
	n_calls++;
	pthread_cond_broadcast(&changed);
	while (is_held)
		pthread_cond_wait(&changed, &lock);
	fails = n_to_fail > 0 && n_to_fail-- > 0;
	pthread_mutex_unlock(&lock);
	if (fails)
		return error_set(err, ERROR_BUSY, "not now");
	basis_one(request->basis, SCOPE, 1);
	for (int i = 0; i < BODY; i++)
		text_char(&response->body, 'x');
	return true;
}

static bool begin_reading(struct request *request, struct error *err)
{
	(void)request, (void)err;
	return true;
}

static const struct parameter no_parameters[] = { { .name = NULL } };
static const struct route routes[] = {
	{ HTTP_GET, "/v1/held", ANYONE, KEPT, HERE, DOOR_PUBLIC, held, no_parameters, 0, NULL },
};

static struct http_service service = {
	.routes = routes, .n_routes = 1, .base_url = "http://a.example", .reading_begin = begin_reading, .reading_end = begin_reading, .salt = 1,
};

static int set_up(void **state)
{
	const struct listener_settings settings = {
		.address = "127.0.0.1:0", .door = DOOR_PUBLIC, .threads = 2, .connections_most = 2 * CLIENTS_MOST + 100, .idle_seconds = 60,
	};
	struct rlimit files;
	struct error err;

	(void)state;
	log_start(LOG_LEVEL_ERROR, false);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	generations = generations_new();
	cache = cache_new(64 << 20, generations, NULL, &err);
	service.cache = cache;
	service.generations = generations;
	service.readers = lane_new("reader", 2, NULL, NULL, NULL, &err);
	listener = listener_start(&settings, &service, &err);
	if (listener == NULL)
		fprintf(stderr, "%s\n", err.detail);
	return listener != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	listener_stop(listener, 5);
	lane_free(service.readers);
	cache_free(cache);
	generations_free(generations);
	return 0;
}

static int64_t counter(const char *name)
{
	return metric_value(metric_register(METRIC_COUNTER, name, NULL, ""));
}

static void hold(bool holds)
{
	pthread_mutex_lock(&lock);
	is_held = holds;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void commit(void)
{
	generations_touch(generations, SCOPE);
	generations_publish(generations);
}

static void wait_for_suspended(size_t n)
{
	const int64_t deadline = clock_monotonic_us() + PATIENCE_US;

	while (atomic_load(&listener->suspended) < n && clock_monotonic_us() < deadline)
		sched_yield();
	assert_int_equal(atomic_load(&listener->suspended), n);
}

static void ask(size_t first, size_t n)
{
	static const char request[] = "GET /v1/held HTTP/1.1\r\nHost: a\r\n\r\n";

	for (size_t i = first; i < first + n; i++) {
		clients[i] = raw_connect(listener_address(listener));
		raw_send(clients[i], request, sizeof request - 1, false);
	}
}

/* All ask, and stand there: one on the reader's lane, the others for it. */
static void all_ask(size_t n)
{
	hold(true);
	pthread_mutex_lock(&lock);
	n_calls = 0;
	pthread_mutex_unlock(&lock);
	ask(0, n);
	wait_for_suspended(n);
	pthread_mutex_lock(&lock);
	while (n_calls == 0)    /* the lane has begun with it */
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

/* Returns how many are 200. */
static size_t all_read(size_t n)
{
	size_t n_fine = 0;

	for (size_t i = 0; i < n; i++) {
		struct raw_reply reply;

		assert_true(raw_read(clients[i], false, &reply));
		n_fine += reply.status == 200 && reply.body.length == BODY;
		raw_reply_done(&reply);
		close(clients[i]);
	}
	return n_fine;
}

static int calls(void)
{
	int n;

	pthread_mutex_lock(&lock);
	n = n_calls;
	pthread_mutex_unlock(&lock);
	return n;
}

/* As many as the system lets be open: both ends are in this process. */
static size_t many(void)
{
	struct rlimit files = { 0 };

	getrlimit(RLIMIT_NOFILE, &files);
	return files.rlim_cur == RLIM_INFINITY || files.rlim_cur > 2 * CLIENTS_MOST + 400 ? CLIENTS_MOST : (size_t)(files.rlim_cur - 400) / 2;
}

static void test_filled_once(void **state)
{
	const int64_t fills = counter("broadsheet_cache_fills_total"), misses = counter("broadsheet_cache_misses_total"),
	              hits = counter("broadsheet_cache_hits_total");
	const size_t n = many();

	(void)state;
	commit();
	all_ask(n);
	hold(false);
	assert_int_equal(all_read(n), n);
	assert_int_equal(calls(), 1);
	assert_int_equal(counter("broadsheet_cache_fills_total") - fills, 1);
	assert_int_equal(counter("broadsheet_cache_misses_total") - misses, 1);
	assert_int_equal(counter("broadsheet_cache_hits_total") - hits, n - 1);
}

/* Whoever promised it failed: the others do not fail with it. */
static void test_a_maker_that_fails(void **state)
{
	(void)state;
	commit();
	n_to_fail = 1;
	all_ask(FEW);
	hold(false);
	assert_int_equal(all_read(FEW), FEW - 1);
	assert_in_range(calls(), 2, FEW);
}

/* The client of the one who makes it goes away meanwhile, with a reset. */
static void test_a_maker_that_is_left(void **state)
{
	const struct linger at_once = { .l_onoff = 1 };

	(void)state;
	commit();
	all_ask(1);
	setsockopt(clients[0], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(clients[0]);
	ask(0, FEW);
	wait_for_suspended(1 + FEW);
	hold(false);
	assert_int_equal(all_read(FEW), FEW);
	assert_int_equal(calls(), 1);
}

/* A write while it is being made: nobody is given what was begun before it, and whoever makes it then makes it for others too. */
static void test_a_write_meanwhile(void **state)
{
	(void)state;
	commit();
	all_ask(FEW);
	commit();
	hold(false);
	assert_int_equal(all_read(FEW), FEW);
	assert_in_range(calls(), 2, FEW);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filled_once),
		cmocka_unit_test(test_a_maker_that_fails),
		cmocka_unit_test(test_a_maker_that_is_left),
		cmocka_unit_test(test_a_write_meanwhile),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

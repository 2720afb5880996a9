/* SPDX-License-Identifier: MIT */
/*
 * Five hundred clients that wait at once: all are told of a change, by event streams and by long polls, nobody is told twice by another query, and when they
 * are gone nothing of them is left. How long it takes and what they take up with ten thousand is measured by the bench (part `waiting`).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <poll.h>

#include "clock.h"
#include "test_server.h"
#include "wait_clients.h"

enum { CLIENTS = 500, TOLD_US = 5000000, STATEMENTS_MOST = 300, GONE_US = 8000000 };

static struct test_server server;

static int set_up(void **state)
{
	static const char *const options[] = { "--connections", "1300", "--related-rate", "0", NULL };

	(void)state;
	test_server_start(&server, options);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

static void wait_for_waiting(int64_t n)
{
	const int64_t until_us = clock_monotonic_us() + 30000000;

	while (test_server_metric(&server, "broadsheet_http_waiting") != n) {
		if (clock_monotonic_us() > until_us)
			fail_msg("%lld wait, not %lld", (long long)test_server_metric(&server, "broadsheet_http_waiting"), (long long)n);
		poll(NULL, 0, 10);
	}
}

static int64_t write_one(int number)
{
	char line[200];
	struct reply reply;
	int64_t seq;

	snprintf(line, sizeof line, "{'guid':'%d','title':'Story','source':'Wire','section':'News','published_at':'2016-01-01T00:00:00Z'}", number);
	test_server_put(&server, line);
	client_get(server.public, "/v1/changes?since=now", &reply);
	seq = json_integer_value(reply_member(&reply, "meta.next_since"));
	reply_done(&reply);
	return seq;
}

static void tell_all(struct wait_clients *clients, int number)
{
	static int64_t times_us[CLIENTS];
	const int64_t seq = write_one(number), statements = test_server_counter("broadsheet_store_statements_total");

	assert_int_equal(wait_clients_hear(clients, seq, TOLD_US, times_us), CLIENTS);
	if (test_server_counter("broadsheet_store_statements_total") - statements > STATEMENTS_MOST)
		fail_msg("to tell of one change took %lld statements", (long long)(test_server_counter("broadsheet_store_statements_total") - statements));
}

static void test_streams(void **state)
{
	struct wait_clients *clients;
	int64_t began_us;

	(void)state;
	write_one(0);
	clients = wait_clients_open(strstr(test_server_url(&server), "://") + 3, CLIENTS, "/v1/events?since=now", false, 0);
	assert_non_null(clients);
	wait_for_waiting(CLIENTS);
	for (int i = 1; i < 5; i++)
		tell_all(clients, i);
	assert_int_equal(wait_clients_lost(clients), 0);
	wait_clients_close(clients);
	/* Long before the next sign of life it is noticed that they are gone, though nothing happens. */
	began_us = clock_monotonic_us();
	wait_for_waiting(0);
	assert_true(clock_monotonic_us() - began_us < GONE_US);
}

static void test_long_polls(void **state)
{
	const int64_t seq = write_one(10);
	struct wait_clients *clients = wait_clients_open(strstr(test_server_url(&server), "://") + 3, CLIENTS, "/v1/changes?wait=30&since=", true, seq);

	(void)state;
	assert_non_null(clients);
	wait_for_waiting(CLIENTS);
	for (int i = 11; i < 15; i++) {
		tell_all(clients, i);
		wait_for_waiting(CLIENTS);
	}
	/* A server that stops lets all of them go. */
	test_server_restart(&server);
	wait_clients_close(clients);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_long_polls),
	};

	return cmocka_run_group_tests_name("waiting", tests, set_up, tear_down);
}

/* SPDX-License-Identifier: MIT */
/* GCRA: a minute's worth at once and then one each interval, penalties, clients that do not touch each other, a table that is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/http_internal.h"

enum { SECOND = 1000000 };

static const int64_t start_us = 1000000000000;

static struct rate_table *table;
static int64_t seconds;

static int set_up(void **state)
{
	(void)state;
	table = rate_table_new();
	return table == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	rate_table_free(table);
	return 0;
}

static bool act(enum rate_act what, enum rate_kind kind, const char *who, int64_t per_minute, int64_t at_us)
{
	const struct rate_client client = { kind, who, strlen(who) };

	seconds = -1;
	return rate_allows(table, what, &client, per_minute, start_us + at_us, &seconds);
}

static void test_a_minutes_worth_and_then_one_each_interval(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		assert_true(act(RATE_TAKE, RATE_READ, "a", 10, 0));
	assert_false(act(RATE_TAKE, RATE_READ, "a", 10, 0));
	assert_int_equal(seconds, 6);
	assert_false(act(RATE_TAKE, RATE_READ, "a", 10, 5 * SECOND));
	assert_int_equal(seconds, 1);
	assert_true(act(RATE_TAKE, RATE_READ, "a", 10, 6 * SECOND));    /* what was refused cost nothing */
	assert_false(act(RATE_TAKE, RATE_READ, "a", 10, 6 * SECOND));
	for (int i = 0; i < 10; i++)
		assert_true(act(RATE_TAKE, RATE_READ, "a", 10, 200 * SECOND));
	assert_false(act(RATE_TAKE, RATE_READ, "a", 10, 200 * SECOND));
}

/* At a steady pace exactly the limit gets through, whatever is tried in between. */
static void test_steady_rate(void **state)
{
	int n = 0;

	(void)state;
	for (int64_t at = 0; at < 600 * (int64_t)SECOND; at += SECOND / 10)
		n += act(RATE_TAKE, RATE_WRITE, "a", 30, at);
	assert_int_equal(n, 30 + 300 - 1);
}

static void test_clients_and_kinds_do_not_touch(void **state)
{
	(void)state;
	assert_true(act(RATE_TAKE, RATE_READ, "a", 1, 0));
	assert_false(act(RATE_TAKE, RATE_READ, "a", 1, 0));
	assert_true(act(RATE_TAKE, RATE_WRITE, "a", 1, 0));
	assert_true(act(RATE_TAKE, RATE_READ, "b", 1, 0));
	assert_true(act(RATE_TAKE, RATE_READ, "", 1, 0));
	assert_true(act(RATE_TAKE, RATE_READ_KEY, "a", 1, 0));
}

static void test_looking_costs_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++)
		assert_true(act(RATE_LOOK, RATE_FAILURE, "a", 10, 0));
	assert_true(act(RATE_TAKE, RATE_FAILURE, "a", 1, 0));
}

/* Who goes on while shut out stays shut out, for a minute at most after the last attempt. */
static void test_penalties(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		assert_true(act(RATE_LOOK, RATE_FAILURE, "a", 10, 0));
		act(RATE_PENALISE, RATE_FAILURE, "a", 10, 0);
	}
	assert_false(act(RATE_LOOK, RATE_FAILURE, "a", 10, 0));
	assert_true(act(RATE_LOOK, RATE_FAILURE, "a", 10, 6 * SECOND));
	for (int64_t at = 0; at < 300; at++) {
		act(RATE_PENALISE, RATE_FAILURE, "a", 10, at * SECOND);
		assert_in_range(seconds, 6, 60);
		assert_false(act(RATE_LOOK, RATE_FAILURE, "a", 10, at * SECOND));
	}
	assert_int_equal(seconds, 60);
	assert_false(act(RATE_LOOK, RATE_FAILURE, "a", 10, (299 + 59) * (int64_t)SECOND));
	assert_true(act(RATE_LOOK, RATE_FAILURE, "a", 10, (299 + 60) * (int64_t)SECOND));
}

static void test_no_limit(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		assert_true(act(RATE_TAKE, RATE_READ, "a", 0, 0));
}

/* A flood of others cannot shut anybody out, nor make a client that is shut out forgotten while there is room. */
static void test_many_clients(void **state)
{
	int forgotten = 0;

	(void)state;
	for (uint32_t i = 0; i < 20000; i++) {
		const struct rate_client client = { RATE_READ, &i, sizeof i };

		assert_true(rate_allows(table, RATE_TAKE, &client, 1, start_us, &seconds));
	}
	for (uint32_t i = 0; i < 20000; i++) {
		const struct rate_client client = { RATE_READ, &i, sizeof i };

		forgotten += rate_allows(table, RATE_LOOK, &client, 1, start_us, &seconds);
	}
	assert_in_range(forgotten, 0, 200);
	for (uint32_t i = 0; i < 300000; i++) {
		const uint32_t number = i + 1000000;
		const struct rate_client client = { RATE_READ, &number, sizeof number };

		assert_true(rate_allows(table, RATE_TAKE, &client, 1, start_us, &seconds));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_minutes_worth_and_then_one_each_interval, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_steady_rate, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_clients_and_kinds_do_not_touch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_looking_costs_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_penalties, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_limit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many_clients, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Pings to a hub in this process: which feeds they name, that they are told again after a failure and after a restart, that a new hub is told nothing
 * of before, and that a hub inside the network is not gone to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "hooked_store.h"

#define TOLD "SELECT coalesce((SELECT seq FROM websub), -1)"

static struct receiver *receiver;
static char url[64];
static _Atomic int answer_now;

static int answer(void *arg, const struct received *got)
{
	(void)arg, (void)got;
	return atomic_load(&answer_now);
}

static int set_up(void **state)
{
	(void)state;
	hooked_open();
	atomic_store(&answer_now, 204);
	receiver = receiver_start(answer, NULL);
	snprintf(url, sizeof url, "http://127.0.0.1:%u/hub", receiver_port(receiver));
	hooked_settings.websub_hub = url;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	hooked_stop();
	receiver_stop(receiver);
	hooked_settings.websub_hub = NULL;
	hooked_close();
	return 0;
}

static size_t topics_in(const char *body)
{
	size_t n = 0;

	for (const char *at = body; (at = strstr(at, "&hub.url=")) != NULL; at++)
		n++;
	return n;
}

/* Is this feed named, in all formats? */
static void expect_topic(size_t nth, const char *path)
{
	const char *body = receiver_got(receiver, nth)->body.bytes;
	static const char *const endings[] = { "rss", "atom", "json" };

	for (size_t i = 0; i < 3; i++) {
		char wanted[200];

		snprintf(wanted, sizeof wanted, "&hub.url=https%%3A%%2F%%2Fnews.example%s%%2Ffeed.%s", path, endings[i]);
		if (strstr(body, wanted) == NULL)
			fail_msg("%s is not in %s", wanted, body);
	}
}

static void test_topics(void **state)
{
	const struct received *got;

	(void)state;
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_start();
	hooked_wait(TOLD, 1);    /* of what was before a hub knows by itself */
	assert_int_equal(receiver_count(receiver), 0);

	hooked_write(2, 1, ARTICLE_PUBLISHED);
	receiver_wait(receiver, 1);
	got = receiver_got(receiver, 0);
	assert_string_equal(got->type, "application/x-www-form-urlencoded");
	assert_string_equal(got->signature, "");
	assert_int_equal(strncmp(got->body.bytes, "hub.mode=publish&", 17), 0);
	expect_topic(0, "");
	expect_topic(0, "%2Fsection%2Fbusiness");
	assert_null(strstr(got->body.bytes, "author"));
	hooked_wait(TOLD, 2);
}

/* A draft tells nothing; what is withdrawn, the feeds that it was in. */
static void test_what_readers_see(void **state)
{
	(void)state;
	hooked_start();
	hooked_wait(TOLD, 0);
	hooked_write(1, 1, ARTICLE_DRAFT);
	hooked_wait(TOLD, 1);
	assert_int_equal(receiver_count(receiver), 0);
	hooked_write(1, 2, ARTICLE_PUBLISHED);
	hooked_wait(TOLD, 2);
	hooked_write(1, 3, ARTICLE_WITHDRAWN);
	hooked_wait(TOLD, 3);
	assert_int_equal(receiver_count(receiver), 2);
	assert_string_equal(receiver_got(receiver, 0)->body.bytes, receiver_got(receiver, 1)->body.bytes);
	hooked_write(1, 4, ARTICLE_WITHDRAWN);
	hooked_wait(TOLD, 4);
	assert_int_equal(receiver_count(receiver), 2);
}

/* All of what came meanwhile goes into one ping, each feed once. */
static void test_told_again(void **state)
{
	(void)state;
	hooked_start();
	hooked_wait(TOLD, 0);
	atomic_store(&answer_now, 500);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	receiver_wait(receiver, 1);
	hooked_write(1, 2, ARTICLE_PUBLISHED);
	hooked_write(1, 3, ARTICLE_PUBLISHED);
	atomic_store(&answer_now, 202);
	atomic_fetch_add(&hooked_now, 60);
	hooked_wake();
	hooked_wait(TOLD, 3);
	assert_int_equal(receiver_count(receiver), 2);
	assert_int_equal(topics_in(receiver_got(receiver, 1)->body.bytes), topics_in(receiver_got(receiver, 0)->body.bytes));
}

static void test_restart(void **state)
{
	(void)state;
	hooked_start();
	hooked_wait(TOLD, 0);
	hooked_stop();
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_start();
	hooked_wait(TOLD, 1);
	assert_int_equal(receiver_count(receiver), 1);
}

/* 410: not again. */
static void test_given_up(void **state)
{
	(void)state;
	hooked_start();
	hooked_wait(TOLD, 0);
	atomic_store(&answer_now, 410);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_wait(TOLD, 1);
	assert_int_equal(receiver_count(receiver), 1);
}

/* It is asked to come back in 3000 years, or at a time that no number holds: in an hour. */
static void hub_that_waits(int how)
{
	struct receiver *other = receiver_start(NULL, NULL);
	char other_url[64];

	snprintf(other_url, sizeof other_url, "http://127.0.0.1:%u/", receiver_port(other));
	hooked_start();
	hooked_wait(TOLD, 0);
	atomic_store(&answer_now, how);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	receiver_wait(receiver, 1);
	/* The deliverer has taken the hub's answer, and would have come back by now. */
	hooked_add(other_url, WEBHOOK_EVERY);
	for (int i = 1; i <= 5; i++) {
		hooked_write(2, i, ARTICLE_PUBLISHED);
		hooked_wait("SELECT count(*) FROM webhook_delivery WHERE state = 1", i);
	}
	assert_int_equal(receiver_count(receiver), 1);
	atomic_store(&answer_now, 204);
	atomic_fetch_add(&hooked_now, 3600);
	hooked_wake();
	receiver_wait(receiver, 2);
	hooked_wait("SELECT seq = (SELECT max(seq) FROM article_version) FROM websub", 1);
	hooked_stop();
	receiver_stop(other);
}

static void test_long_wait(void **state)
{
	(void)state;
	hub_that_waits(RECEIVER_WAITS_LONG);
}

static void test_endless_wait(void **state)
{
	(void)state;
	hub_that_waits(RECEIVER_WAITS_EVER);
}

static void test_inside(void **state)
{
	(void)state;
	hooked_settings.allowed.n = 0;
	hooked_start();
	hooked_wait(TOLD, 0);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	for (int i = 0; i < 10000 && hooked_number(TOLD) == 0; i++) {
		poll(NULL, 0, /* milliseconds= */ 5);
		atomic_fetch_add(&hooked_now, 100000);
		hooked_wake();
	}
	hooked_wait(TOLD, 1);    /* given up */
	assert_int_equal(receiver_connections(receiver), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_topics),
		TEST(test_what_readers_see),
		TEST(test_told_again),
		TEST(test_restart),
		TEST(test_given_up),
		TEST(test_long_wait),
		TEST(test_endless_wait),
		TEST(test_inside),
	};

	return cmocka_run_group_tests_name("websub", tests, NULL, NULL);
}

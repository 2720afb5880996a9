/* SPDX-License-Identifier: MIT */
/*
 * Pings to a hub in this process: which feeds they name, in how many pings, that they are told again after a failure and after a restart, that a new hub
 * is told nothing of before, and that a hub inside the network is not gone to.
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
#include "publish.h"

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
	hooked_write(1, 2, ARTICLE_PUBLISHED);
	hooked_wait(TOLD, 2);
	hooked_write(1, 3, ARTICLE_WITHDRAWN);
	hooked_wait(TOLD, 3);
	assert_int_equal(receiver_count(receiver), 2);
	assert_string_equal(receiver_got(receiver, 0)->body.bytes, receiver_got(receiver, 1)->body.bytes);
	hooked_write(1, 4, ARTICLE_WITHDRAWN);
	hooked_write(5, 1, ARTICLE_PUBLISHED);
	hooked_wait(TOLD, 5);
	assert_int_equal(receiver_count(receiver), 3);
	assert_null(strstr(receiver_got(receiver, 2)->body.bytes, "business"));
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

/* --- many at once, in one transaction --- */

struct many {
	int64_t first, n, rev;        /* articles by their ids */
	size_t n_tags;                /* of each, of sixty letters or so, and no other has them; 0: all are of one section alone */
};

static bool append_many(struct store *store, void *arg, struct error *err)
{
	const struct many *many = arg;
	struct arena *arena = arena_new();
	bool fine = true;

	for (int64_t id = many->first; fine && id < many->first + many->n; id++) {
		struct term *tags = arena_array(arena, many->n_tags + 1, sizeof *tags);
		struct article article;
		const struct version version = { .at = atomic_load(&hooked_now), .by = "test", .article = &article };
		int64_t seq;

		test_article(&article, /* number= */ 4, arena);
		article.id = id;
		article.rev = many->rev;
		article.slug = arena_printf(arena, "story-%lld", (long long)id);
		for (size_t i = 0; i < many->n_tags; i++)
			tags[i].name = arena_printf(arena, "a-tag-with-a-name-that-is-as-long-as-those-of-committees-%lld-%lld-%zu", (long long)id, (long long)many->rev, i);
		article.tags.items = tags;
		article.tags.n = many->n_tags;
		fine = local_log()->append(local_log(), store, &version, &seq, err);
	}
	arena_free(arena);
	return fine;
}

/* Pings in which the feed of this tag is named. */
static int pings_with_tag(int64_t id, int64_t rev, size_t i)
{
	char wanted[200];
	int n = 0;

	snprintf(wanted, sizeof wanted, "-committees-%lld-%lld-%zu%%2Ffeed.json", (long long)id, (long long)rev, i);
	for (size_t p = 0; p < receiver_count(receiver); p++)
		n += strstr(receiver_got(receiver, p)->body.bytes, wanted) != NULL;
	return n;
}

static void start_and_wait(void)
{
	hooked_start();
	hooked_wait("SELECT seq = (SELECT max(seq) FROM article_version) FROM websub", 1);
}

/* Begins where a hub knows of all that there is, and does not run. */
static void stop_when_known(void)
{
	hooked_start();
	hooked_wait(TOLD, 0);
	hooked_stop();
}

/* More feeds than fit into one ping: into as many as it takes. */
static void test_many_feeds(void **state)
{
	(void)state;
	stop_when_known();
	hooked_on_lane(append_many, &(struct many){ .first = 1, .n = 200, .rev = 1, .n_tags = 3 });
	start_and_wait();
	assert_in_range(receiver_count(receiver), 3, 6);
	for (size_t p = 0; p < receiver_count(receiver); p++)
		assert_in_range(receiver_got(receiver, p)->body.length, 1, 60000);
	for (int64_t id = 1; id <= 200; id++)
		for (size_t i = 0; i < 3; i++)
			assert_int_equal(pings_with_tag(id, 1, i), 1);
}

/* As many as one article can have, and all others before: they go together. */
static void test_many_tags(void **state)
{
	static char long_base[160] = "https://";

	(void)state;
	memset(long_base + 8, 'n', 100);
	hooked_settings.base_url = long_base;
	stop_when_known();
	hooked_on_lane(append_many, &(struct many){ .first = 1, .n = 1, .rev = 1, .n_tags = 50 });
	start_and_wait();
	hooked_stop();
	assert_int_equal(receiver_count(receiver), 1);
	hooked_on_lane(append_many, &(struct many){ .first = 1, .n = 1, .rev = 2, .n_tags = 50 });
	hooked_on_lane(append_many, &(struct many){ .first = 2, .n = 1, .rev = 1, .n_tags = 1 });
	start_and_wait();
	assert_int_equal(receiver_count(receiver), 3);
	for (size_t i = 0; i < 50; i++) {
		assert_int_equal(pings_with_tag(1, 1, i), 2);
		assert_int_equal(pings_with_tag(1, 2, i), 1);
	}
	assert_true(receiver_got(receiver, 1)->body.length > 60000);
	assert_int_equal(pings_with_tag(2, 1, 0), 1);
}

/* However many articles, if they are of the same feeds. */
static void test_one_section(void **state)
{
	(void)state;
	stop_when_known();
	hooked_on_lane(append_many, &(struct many){ .first = 1, .n = 1000, .rev = 1 });
	start_and_wait();
	assert_int_equal(receiver_count(receiver), 1);
	assert_int_equal(topics_in(receiver_got(receiver, 0)->body.bytes), 9);
}

/* Until all up to this seq is given up. */
static void let_days_pass(int64_t seq)
{
	for (int i = 0; i < 10000 && hooked_number(TOLD) < seq; i++) {
		poll(NULL, 0, /* milliseconds= */ 5);
		atomic_fetch_add(&hooked_now, 100000);
		hooked_wake();
	}
	hooked_wait(TOLD, seq);
}

/* A hub that is down for days is asked ten times, however much it misses; what comes then it is told. */
static void test_down_for_long(void **state)
{
	(void)state;
	stop_when_known();
	atomic_store(&answer_now, 500);
	hooked_on_lane(append_many, &(struct many){ .first = 1, .n = 200, .rev = 1, .n_tags = 3 });
	hooked_start();
	let_days_pass(200);
	assert_int_equal(receiver_count(receiver), 10);
	atomic_store(&answer_now, 204);
	hooked_write(201, 1, ARTICLE_PUBLISHED);
	hooked_wait(TOLD, 201);
	assert_int_equal(receiver_count(receiver), 11);
}

/* --- what is erased --- */

static bool append_erased(struct store *store, void *arg, struct error *err)
{
	const int64_t *rev = arg;
	struct article article;
	const struct version version = { .at = atomic_load(&hooked_now), .by = "test", .article = &article };
	int64_t seq;

	article_init(&article);
	article.id = 1;
	article.rev = *rev;
	article.slug = "story-1";
	article.title = "Erased";
	article.source.name = "Northern Wire";
	article.published_at = article.updated_at = article.removed_at = version.at;
	article.status = ARTICLE_WITHDRAWN;
	article.was_public = article.erased = true;
	return local_log()->append(local_log(), store, &version, &seq, err);
}

/* None of its versions says any more where it stood. */
static void test_erased(void **state)
{
	(void)state;
	hooked_start();
	hooked_wait(TOLD, 0);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_wait(TOLD, 1);
	hooked_on_lane(append_erased, &(int64_t){ 2 });
	hooked_wait(TOLD, 2);
	assert_int_equal(receiver_count(receiver), 2);
	expect_topic(1, "");
	expect_topic(1, "%2Fsection%2Fworld");
	expect_topic(1, "%2Fsource%2Fnorthern-wire");
	expect_topic(1, "%2Ftag%2Ftopic-1");
	assert_int_equal(topics_in(receiver_got(receiver, 1)->body.bytes), topics_in(receiver_got(receiver, 0)->body.bytes));
}

/* It moved to another section and was erased before the hub was told of either: it is told of both. */
static void test_erased_meanwhile(void **state)
{
	(void)state;
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_start();
	hooked_wait(TOLD, 1);
	hooked_stop();
	hooked_on_lane(append_many, &(struct many){ .first = 1, .n = 1, .rev = 2 });
	hooked_on_lane(append_erased, &(int64_t){ 3 });
	hooked_start();
	hooked_wait(TOLD, 3);
	assert_int_equal(receiver_count(receiver), 1);
	expect_topic(0, "%2Fsection%2Fnational");
	expect_topic(0, "%2Fsection%2Fworld");
	expect_topic(0, "%2Ftag%2Ftopic-1");
}

/* Readers had not had it for long, and the hub knew that. */
static void test_erased_long_after(void **state)
{
	size_t before;

	(void)state;
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_write(1, 2, ARTICLE_WITHDRAWN);
	hooked_start();
	hooked_wait(TOLD, 2);
	hooked_stop();
	before = receiver_count(receiver);
	hooked_on_lane(append_erased, &(int64_t){ 3 });
	hooked_on_lane(append_many, &(struct many){ .first = 2, .n = 1, .rev = 1 });
	hooked_start();
	hooked_wait(TOLD, 4);
	assert_int_equal(receiver_count(receiver), before + 1);
	expect_topic(before, "%2Fsection%2Fnational");
	assert_null(strstr(receiver_got(receiver, before)->body.bytes, "world"));
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
	let_days_pass(1);
	assert_int_equal(receiver_connections(receiver), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_topics),
		TEST(test_what_readers_see),
		TEST(test_told_again),
		TEST(test_many_feeds),
		TEST(test_many_tags),
		TEST(test_one_section),
		TEST(test_down_for_long),
		TEST(test_erased),
		TEST(test_erased_meanwhile),
		TEST(test_erased_long_after),
		TEST(test_restart),
		TEST(test_given_up),
		TEST(test_long_wait),
		TEST(test_endless_wait),
		TEST(test_inside),
	};

	return cmocka_run_group_tests_name("websub", tests, NULL, NULL);
}

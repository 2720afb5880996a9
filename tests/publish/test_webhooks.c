/* SPDX-License-Identifier: MIT */
/*
 * The deliverer against receivers in this process: what comes and how it is signed, the order under failures, back-off with a clock that is moved,
 * dead letters, what is sent again when the note of it was lost, that one receiver holds up no other, that stopping is quick.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "hooked_store.h"
#include "metrics.h"
#include "publish/webhook_internal.h"
#include "store/store_internal.h"

#define PENDING "SELECT count(*) FROM webhook_delivery WHERE state = 0"
#define DELIVERED "SELECT count(*) FROM webhook_delivery WHERE state = 1"
#define DEAD "SELECT count(*) FROM webhook_delivery WHERE state = 2"
#define ATTEMPTS "SELECT coalesce(sum(attempts), 0) FROM webhook_delivery"

static struct receiver *receiver;
static char url[64];

/* What the receiver answers; to one article, when it is given. */
static _Atomic int answer_now;
static const char *answer_about;

static int answer(void *arg, const struct received *got)
{
	const int status = atomic_load(&answer_now);

	(void)arg;
	if (answer_about != NULL && strstr(got->body.bytes, answer_about) == NULL)
		return 200;
	return status;
}

static int set_up(void **state)
{
	(void)state;
	hooked_open();
	answer_about = NULL;
	atomic_store(&answer_now, 200);
	receiver = receiver_start(answer, NULL);
	snprintf(url, sizeof url, "http://127.0.0.1:%u/hook", receiver_port(receiver));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	hooked_stop();
	receiver_stop(receiver);
	hooked_close();
	return 0;
}

static void expect_signed(const struct received *got)
{
	char signature[WEBHOOK_SIGNATURE_SIZE];

	webhook_signature("0123456789abcdef", strtoll(got->timestamp, NULL, 10), &got->body, signature);
	assert_string_equal(got->signature, signature);
}

/* Worked out by `openssl dgst -sha256 -hmac`. */
static void test_signature(void **state)
{
	struct text body = TEXT_EMPTY;
	char signature[WEBHOOK_SIGNATURE_SIZE];

	(void)state;
	text_string(&body, "{\"id\":\"3-812\"}");
	assert_string_equal(webhook_signature("0123456789abcdef", 1464782400, &body, signature), "v1=7e26a703b215f05a11843af83aba7acc13cf9fcc93202be5c7814a43fc088566");
	text_done(&body);
}

static void test_what_comes(void **state)
{
	static const char *const wanted[] = {
		("{\"id\":\"1-3\",\"event\":\"publish\",\"seq\":3,\"at\":\"2016-06-01T12:00:00Z\",\"article\":{\"id\":1,\"slug\":\"story-1\","
		 "\"url\":\"https://news.example/article/story-1\",\"title\":\"Story 1, version 2\","),
		"{\"id\":\"1-4\",\"event\":\"update\",\"seq\":4,\"at\":\"2016-06-01T12:00:00Z\",\"article\":{\"id\":1,\"slug\":\"story-1\",",
		("{\"id\":\"1-5\",\"event\":\"withdraw\",\"seq\":5,\"at\":\"2016-06-01T12:00:00Z\",\"article\":{\"id\":1,\"slug\":\"story-1\","
		 "\"url\":\"https://news.example/article/story-1\",\"reason\":\"It was \\\"wrong\\\"\",\"removed_at\":\"2016-06-01T12:00:00Z\"}}"),
	};

	(void)state;
	hooked_start();
	hooked_add(url, WEBHOOK_EVERY);
	hooked_write(1, 1, ARTICLE_DRAFT);
	hooked_write(1, 2, ARTICLE_PUBLISHED);
	hooked_write(1, 3, ARTICLE_PUBLISHED);
	hooked_wait(DELIVERED, 2);
	hooked_write(1, 4, ARTICLE_WITHDRAWN);
	hooked_wait(DELIVERED, 3);
	assert_int_equal(receiver_count(receiver), 3);
	for (size_t i = 0; i < 3; i++) {
		const struct received *got = receiver_got(receiver, i);
		char id[16];

		if (strncmp(got->body.bytes, wanted[i], strlen(wanted[i])) != 0)
			fail_msg("%s\ninstead of %s", got->body.bytes, wanted[i]);
		snprintf(id, sizeof id, "1-%zu", i + 3);
		assert_string_equal(got->delivery, id);
		assert_string_equal(got->timestamp, "1464782400");
		assert_string_equal(got->type, "application/json");
		expect_signed(got);
	}
	assert_string_equal(receiver_got(receiver, 0)->event, "publish");
	assert_non_null(strstr(receiver_got(receiver, 0)->body.bytes, "\"tags\":[{\"slug\":\"topic-1\",\"name\":\"Topic 1\""));
	assert_string_equal(receiver_got(receiver, 2)->event, "withdraw");
}

/* Who is told late is not told what has been taken away since. */
static void test_what_has_gone_since(void **state)
{
	(void)state;
	hooked_add(url, WEBHOOK_EVERY);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_write(1, 2, ARTICLE_WITHDRAWN);
	hooked_start();
	hooked_wait(DELIVERED, 2);
	assert_string_equal(receiver_got(receiver, 0)->event, "publish");
	assert_non_null(strstr(receiver_got(receiver, 0)->body.bytes, "\"article\":{\"id\":1}}"));
	assert_null(strstr(receiver_got(receiver, 0)->body.bytes, "Story"));
	assert_string_equal(receiver_got(receiver, 1)->event, "withdraw");
}

/* What goes is named as readers knew it. */
static void test_the_address_that_was_known(void **state)
{
	(void)state;
	hooked_start();
	hooked_add(url, WEBHOOK_WITHDRAW);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_write(1, 2, ARTICLE_DRAFT);
	hooked_wait(DELIVERED, 1);
	assert_non_null(strstr(receiver_got(receiver, 0)->body.bytes, "\"slug\":\"story-1\""));
	assert_null(strstr(receiver_got(receiver, 0)->body.bytes, "secret"));
}

/* What fails holds back the rest of its article, and nothing else. */
static void test_order(void **state)
{
	static const char *const wanted[] = { "1-2", "1-5", "1-2", "1-3", "1-4" };

	(void)state;
	atomic_store(&answer_now, 500);
	answer_about = "story-1";
	hooked_add(url, WEBHOOK_EVERY);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_start();
	hooked_wait(ATTEMPTS, 1);
	hooked_write(1, 2, ARTICLE_PUBLISHED);
	hooked_write(1, 3, ARTICLE_WITHDRAWN);
	hooked_write(2, 1, ARTICLE_PUBLISHED);
	hooked_wait(DELIVERED, 1);
	assert_int_equal(receiver_count(receiver), 2);
	atomic_store(&answer_now, 200);
	atomic_fetch_add(&hooked_now, 12);
	hooked_wake();
	hooked_wait(DELIVERED, 4);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(receiver_got(receiver, i)->delivery, wanted[i]);
	assert_int_equal(receiver_count(receiver), 5);
}

/* Each attempt comes at its time, and not a second before. */
static void test_back_off(void **state)
{
	static const int64_t least[] = { 10, 30, 60, 300, 900, 3600, 10800, 21600, 43200 };
	const int64_t began = atomic_load(&hooked_now);
	char sql[100];

	(void)state;
	atomic_store(&answer_now, 503);
	hooked_start();
	hooked_add(url, WEBHOOK_EVERY);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_write(1, 2, ARTICLE_PUBLISHED);
	for (size_t i = 0; i < sizeof least / sizeof *least; i++) {
		const int64_t now = atomic_load(&hooked_now);
		int64_t next;

		snprintf(sql, sizeof sql, "SELECT attempts FROM webhook_delivery WHERE seq = 2");
		hooked_wait(sql, (int64_t)i + 1);
		next = hooked_number("SELECT next_at FROM webhook_delivery WHERE seq = 2");
		assert_in_range(next - now, least[i], least[i] + least[i] / 5);
		assert_int_equal(next - now, webhooks_delay(1, 2, (int64_t)i + 1));
		atomic_store(&hooked_now, next - 1);
		hooked_wake();
		hooked_write(100 + (int64_t)i, 1, ARTICLE_PUBLISHED);    /* is tried once; by then the deliverer has looked */
		snprintf(sql, sizeof sql, "SELECT attempts > 0 FROM webhook_delivery WHERE article_id = %zu", 100 + i);
		hooked_wait(sql, 1);
		assert_int_equal(hooked_number("SELECT attempts FROM webhook_delivery WHERE seq = 2"), i + 1);
		atomic_store(&hooked_now, next);
		hooked_wake();
	}
	hooked_wait("SELECT state FROM webhook_delivery WHERE seq = 2", DELIVERY_DEAD);
	assert_in_range(atomic_load(&hooked_now) - began, 80000, 100000);
	assert_int_equal(webhooks_delay(1, 2, 10), 0);
	hooked_wait("SELECT attempts > 0 FROM webhook_delivery WHERE seq = 3", 1);    /* what stood behind it goes on */
}

static void test_hopeless(void **state)
{
	(void)state;
	atomic_store(&answer_now, 410);
	hooked_start();
	hooked_add(url, WEBHOOK_EVERY);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_wait(DEAD, 1);
	assert_int_equal(hooked_number("SELECT status FROM webhook_delivery"), 410);
	assert_int_equal(hooked_number("SELECT active FROM webhook"), 1);
}

/* A redirect is a failure, and not followed; so is a connection that is dropped. Retry-After counts where it is longer. */
static void test_failures(void **state)
{
	(void)state;
	atomic_store(&answer_now, 302);
	hooked_start();
	hooked_add(url, WEBHOOK_EVERY);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_wait(ATTEMPTS, 1);
	assert_int_equal(hooked_number("SELECT status FROM webhook_delivery"), 302);
	atomic_store(&answer_now, RECEIVER_DROPS);
	atomic_fetch_add(&hooked_now, 12);
	hooked_wake();
	hooked_wait(ATTEMPTS, 2);
	assert_int_equal(hooked_number("SELECT status FROM webhook_delivery"), 0);
	assert_int_equal(hooked_number("SELECT error <> '' FROM webhook_delivery"), 1);
	atomic_store(&answer_now, 429);
	atomic_fetch_add(&hooked_now, 36);
	hooked_wake();
	hooked_wait(ATTEMPTS, 3);
	assert_int_equal(hooked_number("SELECT next_at FROM webhook_delivery") - atomic_load(&hooked_now), 120);
	atomic_store(&answer_now, 204);
	atomic_fetch_add(&hooked_now, 120);
	hooked_wake();
	hooked_wait(DELIVERED, 1);
	assert_in_range(receiver_count(receiver), 4, 5);    /* libcurl asks again at once where a connection that it had kept is dropped */
}

/* One that hangs with all that it may have under way holds up nobody, and ends by its timeout. */
static void test_hanging(void **state)
{
	struct receiver *other = receiver_start(NULL, NULL);
	char other_url[64];

	(void)state;
	snprintf(other_url, sizeof other_url, "http://127.0.0.1:%u/", receiver_port(other));
	atomic_store(&answer_now, RECEIVER_HANGS);
	hooked_start();
	hooked_add(url, WEBHOOK_EVERY);
	hooked_add(other_url, WEBHOOK_EVERY);
	for (int64_t i = 1; i <= 8; i++)
		hooked_write(i, 1, ARTICLE_PUBLISHED);
	hooked_wait("SELECT count(*) FROM webhook_delivery WHERE webhook_id = 2 AND state = 1", 8);
	receiver_wait(receiver, 4);
	assert_int_equal(receiver_count(receiver), 4);
	hooked_stop();
	hooked_settings.timeout_ms = 100;
	hooked_start();
	hooked_wait("SELECT count(*) FROM webhook_delivery WHERE webhook_id = 1 AND attempts = 1", 8);
	hooked_stop();
	receiver_stop(other);
}

/* Whoever waited for the answer would wait an hour, and note an attempt. */
static void test_stops_without_an_answer(void **state)
{
	(void)state;
	atomic_store(&answer_now, RECEIVER_HANGS);
	hooked_settings.timeout_ms = 3600 * 1000;
	hooked_start();
	hooked_add(url, WEBHOOK_EVERY);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	receiver_wait(receiver, 1);
	hooked_stop();
	assert_int_equal(hooked_number(ATTEMPTS), 0);
	assert_int_equal(hooked_number(PENDING), 1);
}

/* Holds the writer's thread until the answer has been taken, and then makes the note of it impossible. */
static bool spoil_note(struct store *store, void *arg, struct error *err)
{
	struct metric *delivered = metric_register(METRIC_COUNTER, "broadsheet_webhooks_delivered_total", NULL, "");
	const int64_t before = metric_value(delivered), deadline_us = clock_monotonic_us() + 60000000;

	(void)arg;
	hooked_start();
	while (metric_value(delivered) == before && clock_monotonic_us() < deadline_us)
		poll(NULL, 0, 1);
	return store_execute(store, "ALTER TABLE webhook_delivery RENAME TO away", err);
}

/* Sent, answered, and the note of it lost: the same again after the next start. */
static void test_at_least_once(void **state)
{
	(void)state;
	hooked_add(url, WEBHOOK_EVERY);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_on_lane(spoil_note, NULL);
	hooked_stop();
	hooked_execute("ALTER TABLE away RENAME TO webhook_delivery");
	assert_int_equal(hooked_number(PENDING), 1);
	assert_int_equal(hooked_number(ATTEMPTS), 0);
	assert_int_equal(receiver_count(receiver), 1);
	hooked_start();
	hooked_wait(DELIVERED, 1);
	assert_int_equal(receiver_count(receiver), 2);
	assert_string_equal(receiver_got(receiver, 0)->delivery, receiver_got(receiver, 1)->delivery);
	assert_string_equal(receiver_got(receiver, 0)->body.bytes, receiver_got(receiver, 1)->body.bytes);
}

/* What was erased before it could be told is not told any more; that the article is gone is. */
static void test_erased(void **state)
{
	(void)state;
	hooked_add(url, WEBHOOK_EVERY);
	hooked_write(1, 1, ARTICLE_PUBLISHED);
	hooked_write(1, 2, ARTICLE_WITHDRAWN);
	hooked_execute("UPDATE article_version SET doc = (SELECT doc FROM article_version WHERE seq = 3) WHERE seq = 2");
	hooked_start();
	hooked_wait(DELIVERED, 1);
	assert_int_equal(hooked_number(DEAD), 1);
	assert_int_equal(receiver_count(receiver), 1);
	assert_string_equal(receiver_got(receiver, 0)->event, "withdraw");
}

static bool begin_replay(struct store *store, void *arg, struct error *err)
{
	int64_t last;

	return store_replay_begin(store, *(const int64_t *)arg, 0, &last, err);
}

static bool send_ping(struct store *store, void *arg, struct error *err)
{
	return store_delivery_ping(store, *(const int64_t *)arg, 77, &(int64_t){ 0 }, err);
}

static void test_replay_and_ping(void **state)
{
	int64_t id;

	(void)state;
	for (int64_t i = 1; i <= 300; i++)
		hooked_write(i, 1, i % 3 == 0 ? ARTICLE_DRAFT : ARTICLE_PUBLISHED);
	hooked_start();
	id = hooked_add(url, WEBHOOK_EVERY);
	hooked_on_lane(begin_replay, &id);
	hooked_wait(DELIVERED, 200);
	assert_int_equal(hooked_number("SELECT count(*) FROM webhook_replay"), 0);
	hooked_on_lane(send_ping, &id);
	hooked_wait(DELIVERED, 201);
	assert_string_equal(receiver_got(receiver, 200)->event, "ping");
	assert_string_equal(receiver_got(receiver, 200)->body.bytes, "{\"id\":\"1-test-1\",\"event\":\"ping\",\"at\":\"1970-01-01T00:01:17Z\"}");
	expect_signed(receiver_got(receiver, 200));
	atomic_store(&answer_now, 500);
	hooked_on_lane(send_ping, &id);
	hooked_wait(DEAD, 1);
	/* what has been delivered is kept for a week */
	atomic_fetch_add(&hooked_now, 7 * 86400 + 1);
	hooked_wake();
	hooked_wait(DELIVERED, 0);
	assert_int_equal(hooked_number(DEAD), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signature),
		cmocka_unit_test_setup_teardown(test_what_comes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_has_gone_since, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_address_that_was_known, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_back_off, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_hopeless, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_failures, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_hanging, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stops_without_an_answer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_at_least_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_erased, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_replay_and_ping, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Idempotency-Key: sent again, a request is answered the same and writes nothing; and for how long, by whom, beside whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#include "api_steps.h"

#define JSON "Content-Type: application/json"
#define BODY "{'title':'Once','source':'S','section':'A','status':'published','body_text':'Text with https://news.example in it.'}"

static struct test_server server;

static int set_up(void **state)
{
	(void)state;
	test_server_start(&server, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

static void post(const char *target, const char *headers, const char *body, long status, struct reply *ret_reply)
{
	run_step(server.writer, &(struct step){ .path = target, .status = status, .method = "POST", .headers = headers, .body = body }, ret_reply);
}

static int64_t count(void)
{
	struct reply reply;
	int64_t n;

	run_step(server.writer, &(struct step){ .path = "/v1/articles?count=exact&limit=1" }, &reply);
	n = json_integer_value(reply_member(&reply, "meta.count.value"));
	reply_done(&reply);
	return n;
}

static void assert_same_reply(const struct reply *one, const struct reply *other)
{
	static const char *const names[] = { "ETag", "Location", "Content-Type", "Cache-Control", "Content-Length" };

	assert_int_equal(one->status, other->status);
	assert_string_equal(one->body.bytes, other->body.bytes);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		expect_header("sent again", other, names[i], reply_header(one, names[i]));
}

static void test_the_same_again(void **state)
{
	struct reply first, again;

	(void)state;
	post("/v1/articles", JSON "\nIdempotency-Key: k1", BODY, 201, &first);
	assert_int_equal(count(), 1);
	/* at once; with the default spelt out; when the article has changed since; after a restart; up to 24 hours */
	post("/v1/articles", JSON "\nIdempotency-Key: k1", BODY, 201, &again);
	assert_same_reply(&first, &again);
	reply_done(&again);
	post("/v1/articles?on_conflict=fail", JSON "\nIdempotency-Key: k1", BODY, 201, &again);
	assert_same_reply(&first, &again);
	reply_done(&again);
	run_step(server.writer, &(struct step){ .path = "/v1/articles/1", .method = "PATCH", .headers = JSON "\nIf-Match: *", .body = "{'title':'Changed'}" }, NULL);
	post("/v1/articles", JSON "\nIdempotency-Key: k1", BODY, 201, &again);
	assert_same_reply(&first, &again);
	reply_done(&again);
	test_server_restart(&server);
	test_now += 24 * 3600;
	post("/v1/articles", JSON "\nIdempotency-Key: k1", BODY, 201, &again);
	assert_same_reply(&first, &again);
	reply_done(&again);
	assert_int_equal(count(), 1);
	/* then it is forgotten, though nothing has been written meanwhile */
	test_now += 1;
	post("/v1/articles", JSON "\nIdempotency-Key: k1", BODY, 201, &again);
	assert_int_equal(json_integer_value(reply_member(&again, "data.id")), 2);
	assert_string_equal(reply_string(&again, "data.slug"), "once-2");
	reply_done(&again);
	post("/v1/articles", JSON "\nIdempotency-Key: k1", BODY, 201, &again);
	assert_int_equal(json_integer_value(reply_member(&again, "data.id")), 2);
	reply_done(&again);
	reply_done(&first);
	assert_int_equal(count(), 2);
}

static void test_for_another_request(void **state)
{
	(void)state;
	post("/v1/articles", JSON "\nIdempotency-Key: k2", "{'title':'A','source':'S'}", 201, NULL);
	run_step(server.writer, &(struct step){ .path = "/v1/articles", .status = 422, .method = "POST", .headers = JSON "\nIdempotency-Key: k2",
	    .body = "{'title':'B','source':'S'}", .json = "{'type':'/problems/idempotency-mismatch'}" }, NULL);
	post("/v1/articles?on_conflict=skip", JSON "\nIdempotency-Key: k2", "{'title':'A','source':'S'}", 422, NULL);
	post("/v1/articles", JSON "\nIdempotency-Key: k3", "{'title':'A','source':'S'}", 201, NULL);
	post("/v1/articles", JSON, "{'title':'A','source':'S'}", 201, NULL);
	/* the answer to one that was there already is kept too */
	post("/v1/articles", JSON "\nIdempotency-Key: k4", "{'title':'G','source':'S','guid':'g'}", 201, NULL);
	post("/v1/articles?on_conflict=skip", JSON "\nIdempotency-Key: k5", "{'title':'G','source':'S','guid':'g'}", 200, NULL);
	run_step(server.writer, &(struct step){ .path = "/v1/articles?on_conflict=skip", .method = "POST", .headers = JSON "\nIdempotency-Key: k5",
	    .body = "{'title':'G','source':'S','guid':'g'}", .reply_headers = "-Location" }, NULL);
}

/* What failed wrote nothing and may go better the next time. */
static void test_a_failure_is_not_kept(void **state)
{
	(void)state;
	post("/v1/articles", JSON "\nIdempotency-Key: k6", "{'title':'A','source':'S','lang':'?'}", 422, NULL);
	post("/v1/articles", JSON "\nIdempotency-Key: k6", "{'title':'Now','slug':'taken-later','source':'S'}", 201, NULL);
	post("/v1/articles", JSON "\nIdempotency-Key: k7", "{'title':'Now','slug':'taken-later','source':'S'}", 422, NULL);
	run_step(server.writer, &(struct step){ .path = "/v1/articles/taken-later", .method = "PATCH", .headers = JSON "\nIf-Match: *", .body = "{'slug':'gone-elsewhere'}" }, NULL);
	post("/v1/articles", JSON "\nIdempotency-Key: k7", "{'title':'Now','slug':'free-now','source':'S'}", 201, NULL);
}

static void test_keys(void **state)
{
	char header[400] = JSON "\nIdempotency-Key: ";
	const size_t length = strlen(header);

	(void)state;
	memset(header + length, 'k', 201);
	header[length + 200] = '\0';
	post("/v1/articles", header, "{'title':'A','source':'S'}", 201, NULL);
	header[length + 200] = 'k';
	header[length + 201] = '\0';
	post("/v1/articles", header, "{'title':'A','source':'S'}", 400, NULL);
	post("/v1/articles", JSON "\nIdempotency-Key;", "{'title':'A','source':'S'}", 400, NULL);    /* there, and empty */
	post("/v1/articles", JSON "\nIdempotency-Key: \xff", "{'title':'A','source':'S'}", 400, NULL);
	post("/v1/articles", JSON "\nIdempotency-Key: \"quoted \xc3\xa9\"", "{'title':'A','source':'S'}", 201, NULL);
}

/* --- at the same time --- */

enum { ROUNDS = 40, SENDERS = 4 };

struct sender {
	pthread_t thread;
	struct client *client;
	pthread_barrier_t *barrier;
	int64_t ids[ROUNDS];
};

static void *send_all(void *arg)
{
	struct sender *sender = arg;

	for (int i = 0; i < ROUNDS; i++) {
		struct reply reply;
		char headers[100];

		snprintf(headers, sizeof headers, JSON "\nIdempotency-Key: round-%d", i);
		pthread_barrier_wait(sender->barrier);
		client_ask(sender->client, "POST", "/v1/articles", headers, "{\"title\":\"Raced\",\"source\":\"S\"}", &reply);
		sender->ids[i] = reply.status == 201 ? json_integer_value(reply_member(&reply, "data.id")) : -reply.status;
		reply_done(&reply);
	}
	return NULL;
}

static void test_at_the_same_time(void **state)
{
	struct sender senders[SENDERS];
	pthread_barrier_t barrier;

	(void)state;
	pthread_barrier_init(&barrier, NULL, SENDERS);
	for (int i = 0; i < SENDERS; i++) {
		senders[i] = (struct sender){ .client = client_new("http://localhost", server.control), .barrier = &barrier };
		assert_int_equal(pthread_create(&senders[i].thread, NULL, send_all, &senders[i]), 0);
	}
	for (int i = 0; i < SENDERS; i++)
		pthread_join(senders[i].thread, NULL);
	for (int round = 0; round < ROUNDS; round++) {
		assert_true(senders[0].ids[round] > 0);
		for (int i = 1; i < SENDERS; i++)
			assert_int_equal(senders[i].ids[round], senders[0].ids[round]);
		assert_true(round == 0 || senders[0].ids[round] == senders[0].ids[round - 1] + 1);
	}
	for (int i = 0; i < SENDERS; i++)
		client_free(senders[i].client);
	pthread_barrier_destroy(&barrier);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_again),
		cmocka_unit_test(test_for_another_request),
		cmocka_unit_test(test_a_failure_is_not_kept),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_at_the_same_time),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

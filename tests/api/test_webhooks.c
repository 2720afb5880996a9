/* SPDX-License-Identifier: MIT */
/* /v1/webhooks through real sockets: who may, what is taken, and an event from the write to the receiver; deliveries, replays, tests, a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_steps.h"
#include "clock.h"
#include "receiver.h"
#include "secret.h"

#define JSON "Content-Type: application/json"

enum { WAIT_US = 60 * 1000000, EVERY_MS = 2 };

static struct test_server server;
static struct receiver *receiver;
static _Atomic int answer_now;

static int answer(void *arg, const struct received *got)
{
	(void)arg, (void)got;
	return atomic_load(&answer_now);
}

static int set_up(void **state)
{
	static const char *const options[] = { "--webhook-allow", "127.0.0.0/8", NULL };

	(void)state;
	atomic_store(&answer_now, 200);
	receiver = receiver_start(answer, NULL);
	test_server_start(&server, options);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	receiver_stop(receiver);
	return 0;
}

static void run(const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		run_step(server.writer, &steps[i], NULL);
}

#define RUN(steps) run(steps, sizeof(steps) / sizeof(steps)[0])

static void add_hook(const char *more)
{
	char body[300];

	snprintf(body, sizeof body, "{'url':'http://127.0.0.1:%u/hook','secret':'a-secret-of-the-test'%s}", receiver_port(receiver), more);
	run_step(server.writer, &(struct step){ "/v1/webhooks", 201, .method = "POST", .headers = JSON, .body = body }, NULL);
}

/* Waits until the list has so many rows. */
static void wait_for(const char *target, size_t n)
{
	const int64_t deadline_us = clock_monotonic_us() + WAIT_US;

	for (;;) {
		struct reply reply;
		size_t found;

		client_get(server.writer, target, &reply);
		assert_int_equal(reply.status, 200);
		found = json_array_size(reply_member(&reply, "data"));
		reply_done(&reply);
		if (found == n)
			return;
		if (clock_monotonic_us() > deadline_us)
			fail_msg("%s: %zu rows, not %zu", target, found, n);
		poll(NULL, 0, EVERY_MS);
	}
}

static void test_who_may(void **state)
{
	/* clang-format off */
	static const struct step steps[] = {
		{ "/v1/webhooks", 401, .reply_headers = "WWW-Authenticate" },
		{ "/v1/webhooks", 401, .method = "POST", .headers = JSON, .body = "{'url':'https://a.example/'}" },
		{ "/v1/webhooks/1", .status = 401 },
		{ "/v1/webhooks/1", 401, .method = "PUT", .headers = JSON, .body = "{'url':'https://a.example/'}" },
		{ "/v1/webhooks/1", 401, .method = "DELETE" },
		{ "/v1/webhooks/1/deliveries", .status = 401 },
		{ "/v1/webhooks/1/replay", 401, .method = "POST", .headers = JSON, .body = "{'since':0}" },
		{ "/v1/webhooks/1/test", 401, .method = "POST" },
	};
	/* clang-format on */

	(void)state;
	RUN_STEPS(&server, steps);
	run_step(server.admin, &(struct step){ "/v1/webhooks", .status = 404 }, NULL);
}

static void test_resource(void **state)
{
	/* clang-format off */
	static const struct step steps[] = {
		{ "/v1/webhooks", .ids = "", .reply_headers = "Cache-Control: no-store" },
		{ "/v1/webhooks", 201, .method = "POST", .headers = JSON, .body = "{'url':'https://a.example/hook','events':['withdraw','publish'],'section':'sport','secret':'0123456789abcdef'}",
		  .json = "{'data':{'id':1,'url':'https://a.example/hook','events':['publish','withdraw'],'section':'sport','tag':null,'secret':'0123456789abcdef','active':true,"
		          "'created_at':'2016-06-01T12:00:00Z','updated_at':'2016-06-01T12:00:00Z','rev':1}}",
		  .reply_headers = "Location: " TEST_BASE_URL "/v1/webhooks/1\nCache-Control: no-store" },
		{ "/v1/webhooks/1", .json = "{'data':{'id':1,'section':'sport','secret':null,'rev':1}}", .reply_headers = "Cache-Control: no-store" },
		{ "/v1/webhooks", 201, .method = "POST", .headers = JSON, .body = "{'url':'http://b.example'}",
		  .json = "{'data':{'id':2,'events':['publish','update','correct','withdraw'],'secret':'*'}}" },
		{ "/v1/webhooks/1", .method = "PUT", .headers = JSON, .body = "{'url':'https://a.example/other','active':false}",
		  .json = "{'data':{'id':1,'url':'https://a.example/other','section':null,'secret':null,'active':false,'rev':2,'events':['publish','update','correct','withdraw']}}" },
		{ "/v1/webhooks", .ids = "1 2" },
		{ "/v1/webhooks/1/test", 409, .method = "POST", .json = "{'detail':'~not active'}" },
		{ "/v1/webhooks/1/replay", 409, .method = "POST", .headers = JSON, .body = "{'since':0}" },
		{ "/v1/webhooks/1", 204, .method = "DELETE" },
		{ "/v1/webhooks/1", .status = 404 },
		{ "/v1/webhooks/1", 404, .method = "DELETE" },
		{ "/v1/webhooks/1", 404, .method = "PUT", .headers = JSON, .body = "{'url':'https://a.example/'}" },
		{ "/v1/webhooks/1/deliveries", .status = 404 },
		{ "/v1/webhooks/x", .status = 404 }, { "/v1/webhooks/0", .status = 404 }, { "/v1/webhooks/02", .status = 404 }, { "/v1/webhooks/99999999999999999999", .status = 404 },
		{ "/v1/webhooks", 405, .method = "DELETE" },
		{ "/v1/webhooks/2?a=b", .status = 400 },
	};
	/* clang-format on */

	(void)state;
	RUN(steps);
	test_server_restart(&server);
	run_step(server.writer, &(struct step){ "/v1/webhooks", .ids = "2" }, NULL);
}

static void test_refused(void **state)
{
	/* clang-format off */
	static const struct step steps[] = {
		{ "/v1/webhooks", 415, .method = "POST", .body = "{}" },
		{ "/v1/webhooks", 400, .method = "POST", .headers = JSON, .body = "{" },
		{ "/v1/webhooks", 422, .method = "POST", .headers = JSON, .body = "{}", .json = "{'errors':[{'pointer':'/url','code':'required'}]}" },
		{ "/v1/webhooks", 422, .method = "POST", .headers = JSON, .body = "{'url':'ftp://a.example/','sekret':1}",
		  .json = "{'errors':[{'pointer':'/url'},{'pointer':'/sekret','code':'unknown','suggestion':'secret'}]}" },
		{ "/v1/webhooks", 422, .method = "POST", .headers = JSON, .body = "{'url':'https://a.example/','events':['publish','born']}", .json = "{'errors':[{'pointer':'/events/1'}]}" },
		{ "/v1/webhooks", 422, .method = "POST", .headers = JSON, .body = "{'url':'https://a.example/','secret':'short'}", .json = "{'errors':[{'pointer':'/secret'}]}" },
		{ "/v1/webhooks", 422, .method = "POST", .headers = JSON, .body = "{'url':'https://a.example/','secret':' 0123456789abcdef'}", .json = "{'errors':[{'pointer':'/secret'}]}" },
		{ "/v1/webhooks", 422, .method = "POST", .headers = JSON, .body = "{'url':'https://a.example/','section':'Not a slug'}", .json = "{'errors':[{'pointer':'/section'}]}" },
		{ "/v1/webhooks", 422, .method = "POST", .headers = JSON, .body = "{'url':'http://169.254.169.254/'}",
		  .json = "{'errors':[{'pointer':'/url','detail':'169.254.169.254 is not an address of the open internet'}]}" },
		{ "/v1/webhooks", 422, .method = "POST", .headers = JSON, .body = "{'url':'http://me:secret@a.example/'}", .json = "{'errors':[{'pointer':'/url'}]}" },
		{ "/v1/webhooks", 422, .method = "POST", .headers = JSON,
		  .body = "{'url':'http://169.254.169.254/','events':['born'],'secret':'short','section':'Not a slug','tag':'Nor this','active':1}",
		  .json = "{'errors':[{'pointer':'/active'},{'pointer':'/events/0'},{'pointer':'/secret'},{'pointer':'/section'},{'pointer':'/tag'},{'pointer':'/url'}]}" },
		{ "/v1/webhooks", 422, .method = "POST", .headers = JSON, .body = "{'url':7,'events':[7,'born'],'secret':7,'section':'Not a slug'}",
		  .json = "{'errors':[{'pointer':'/url'},{'pointer':'/events/0'},{'pointer':'/secret'},{'pointer':'/section'}]}" },
		{ "/v1/webhooks", 400, .method = "POST", .headers = JSON, .body = "[]" },
		{ "/v1/webhooks", .ids = "" },
		{ "/v1/webhooks", 201, .method = "POST", .headers = JSON, .body = "{'url':'https://a.example/'}" },
		{ "/v1/webhooks/1/replay", 422, .method = "POST", .headers = JSON, .body = "{}" },
		{ "/v1/webhooks/1/replay", 422, .method = "POST", .headers = JSON, .body = "{'since':-1}" },
		{ "/v1/webhooks/1/replay", 422, .method = "POST", .headers = JSON, .body = "{'since':1,'dead':true}" },
		{ "/v1/webhooks/1/replay", 422, .method = "POST", .headers = JSON, .body = "{'deliveries':['1-2','2-2']}", .json = "{'errors':[{'pointer':'/deliveries/1'}]}" },
		{ "/v1/webhooks/1/deliveries?state=lost", 400, .json = "{'errors':[{'parameter':'state'}]}" },
	};
	/* clang-format on */

	(void)state;
	RUN(steps);
}

/* Verified as a receiver would, with nothing of the sender's code but HMAC. */
static void expect_signed(const struct received *got)
{
	unsigned char digest[SECRET_DIGEST];
	struct text bytes = TEXT_EMPTY;
	char hex[SECRET_HEX];

	text_printf(&bytes, "%s.%s", got->timestamp, got->body.bytes);
	secret_hmac_sha256("a-secret-of-the-test", 20, bytes.bytes, bytes.length, digest);
	secret_hex(digest, hex);
	assert_memory_equal(got->signature, "v1=", 3);
	assert_string_equal(got->signature + 3, hex);
	text_done(&bytes);
}

static void test_events(void **state)
{
	(void)state;
	add_hook("");
	test_server_put(&server, "{'title':'One','source':'S','section':'Sport','guid':'1'}\n{'title':'Draft','source':'S','section':'Sport','guid':'2','status':'draft'}\n");
	test_server_put(&server, "{'title':'One more','source':'S','section':'Sport','guid':'1'}\n");
	test_server_put(&server, "{'title':'One more','source':'S','section':'Sport','guid':'1','corrections':[{'at':'2016-05-01','kind':'correction','text':'It was two.'}]}\n");
	test_server_put(&server, "{'title':'One more','source':'S','section':'Sport','guid':'1','status':'withdrawn','reason':'Untrue'}\n");
	receiver_wait(receiver, 4);
	for (size_t i = 0; i < 4; i++) {
		static const char *const events[] = { "publish", "update", "correct", "withdraw" };

		assert_string_equal(receiver_got(receiver, i)->event, events[i]);
		expect_signed(receiver_got(receiver, i));
		assert_null(strstr(receiver_got(receiver, i)->body.bytes, "Draft"));
	}
	assert_non_null(strstr(receiver_got(receiver, 0)->body.bytes, "\"url\":\"" TEST_BASE_URL "/article/one\""));
	assert_null(strstr(receiver_got(receiver, 3)->body.bytes, "title"));
	wait_for("/v1/webhooks/1/deliveries?state=delivered", 4);
	run_step(server.writer, &(struct step){ "/v1/webhooks/1/deliveries?limit=1", .json = "{'data':[{'id':'1-6','event':'withdraw','seq':6,'article_id':1,'state':'delivered','attempts':1,'status':200,"
	                                                                                    "'created_at':'*','done_at':'*','next_at':null,'error':null}]}",
	                            .reply_headers = "Cache-Control: no-store" }, NULL);
	/* a day later the receiver asks for all of it again, under the same names */
	run_step(server.writer, &(struct step){ "/v1/webhooks/1/replay", 202, .method = "POST", .headers = JSON, .body = "{'since':4}", .json = "{'data':{'since':4,'until':6}}" }, NULL);
	receiver_wait(receiver, 7);
	for (size_t i = 4; i < 7; i++)
		assert_string_equal(receiver_got(receiver, i)->delivery, receiver_got(receiver, i - 3)->delivery);
	run_step(server.writer, &(struct step){ "/v1/webhooks/1/replay", 202, .method = "POST", .headers = JSON, .body = "{'deliveries':['1-2','1-999']}", .json = "{'data':{'enqueued':1}}" }, NULL);
	receiver_wait(receiver, 8);
	assert_string_equal(receiver_got(receiver, 7)->delivery, "1-2");
}

static void test_dead_letters(void **state)
{
	(void)state;
	atomic_store(&answer_now, 410);
	add_hook("");
	test_server_put(&server, "{'title':'One','source':'S','section':'Sport'}\n{'title':'Two','source':'S','section':'Sport'}\n");
	wait_for("/v1/webhooks/1/deliveries?state=dead", 2);
	run_step(server.writer, &(struct step){ "/v1/webhooks/1/deliveries", .json = "{'data':[{'id':'1-3','status':410,'error':'the answer was 410'},{'id':'1-2','state':'dead'}]}" }, NULL);
	assert_int_equal(test_server_metric(&server, "broadsheet_webhooks_dead"), 2);
	assert_int_equal(test_server_metric(&server, "broadsheet_webhooks_pending"), 0);
	atomic_store(&answer_now, 200);
	run_step(server.writer, &(struct step){ "/v1/webhooks/1/replay", 202, .method = "POST", .headers = JSON, .body = "{'dead':true}", .json = "{'data':{'enqueued':2}}" }, NULL);
	wait_for("/v1/webhooks/1/deliveries?state=delivered", 2);
	wait_for("/v1/webhooks/1/deliveries?state=dead", 0);
	assert_int_equal(test_server_metric(&server, "broadsheet_webhooks_dead"), 0);
}

static void test_ping(void **state)
{
	(void)state;
	add_hook(",'events':['withdraw']");
	run_step(server.writer, &(struct step){ "/v1/webhooks/1/test", 202, .method = "POST", .json = "{'data':{'id':'1-test-1','event':'ping','state':'pending','seq':null}}" }, NULL);
	receiver_wait(receiver, 1);
	assert_string_equal(receiver_got(receiver, 0)->event, "ping");
	expect_signed(receiver_got(receiver, 0));
	wait_for("/v1/webhooks/1/deliveries?state=delivered", 1);
	run_step(server.writer, &(struct step){ "/v1/webhooks/1/test", 202, .method = "POST", .json = "{'data':{'id':'1-test-2'}}" }, NULL);
}

/* What a failing receiver was not told when the server stopped, it is told when both are back. */
static void test_restart(void **state)
{
	(void)state;
	atomic_store(&answer_now, 503);
	add_hook("");
	test_server_put(&server, "{'title':'One','source':'S','section':'Sport'}\n");
	receiver_wait(receiver, 1);
	test_server_halt(&server);
	atomic_store(&answer_now, 200);
	atomic_fetch_add(&test_now, 60);
	test_server_resume(&server);
	receiver_wait(receiver, 2);
	assert_string_equal(receiver_got(receiver, 0)->delivery, receiver_got(receiver, 1)->delivery);
	assert_string_equal(receiver_got(receiver, 0)->body.bytes, receiver_got(receiver, 1)->body.bytes);
	wait_for("/v1/webhooks/1/deliveries?state=delivered", 1);
}

/* Every page forwards and back, with and without a state, has each delivery once. */
static void test_paging(void **state)
{
	static const char *const lists[] = { "/v1/webhooks/1/deliveries?limit=3", "/v1/webhooks/1/deliveries?state=delivered&limit=4" };
	struct text lines = TEXT_EMPTY;

	(void)state;
	add_hook("");
	for (int i = 0; i < 10; i++)
		text_printf(&lines, "{'title':'Story %d','source':'S','section':'Sport'}\n", i);
	test_server_put(&server, lines.bytes);
	text_done(&lines);
	wait_for("/v1/webhooks/1/deliveries?state=delivered", 10);
	for (size_t i = 0; i < 2; i++) {
		char target[600], last[600];
		long long seq = 12, pages = 0;

		for (snprintf(target, sizeof target, "%s", lists[i]); target[0] != '\0'; pages++) {
			struct reply reply;
			json_t *row;
			size_t at;

			run_step(server.writer, &(struct step){ .path = target }, &reply);
			json_array_foreach(reply_member(&reply, "data"), at, row)
				assert_int_equal(json_integer_value(json_object_get(row, "seq")), --seq);
			snprintf(last, sizeof last, "%s", target);
			snprintf(target, sizeof target, "%s", reply_link(&reply, "next") != NULL ? reply_link(&reply, "next") : "");
			reply_done(&reply);
		}
		assert_int_equal(seq, 2);
		assert_true(pages >= 3);
		for (snprintf(target, sizeof target, "%s", last); target[0] != '\0'; pages--) {
			struct reply reply;

			run_step(server.writer, &(struct step){ .path = target }, &reply);
			snprintf(target, sizeof target, "%s", reply_link(&reply, "prev") != NULL ? reply_link(&reply, "prev") : "");
			reply_done(&reply);
		}
		assert_int_equal(pages, 0);
	}
	run_step(server.writer, &(struct step){ "/v1/webhooks/1/deliveries?cursor=AQAQ", 400, .json = "{'type':'/problems/bad-cursor'}" }, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_who_may, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_resource, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_events, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_dead_letters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ping, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_restart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_paging, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

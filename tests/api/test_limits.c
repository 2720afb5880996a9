/* SPDX-License-Identifier: MIT */
/* How often who may come, by address and by key, behind proxies too; and what pages of other sites may do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api_steps.h"
#include "http.h"
#include "keys.h"
#include "metrics.h"

static int64_t now_us = 1000000000;    /* stands still, however slow the machine is */

static int64_t clock_us(void)
{
	return now_us;
}

static struct test_server server;
static char right[120], other[120];    /* Authorization */

static void start(const char *const *options)
{
	char key[KEY_LENGTH + 1];

	access_replace_clock(clock_us);
	now_us += 100000000;
	test_server_start(&server, options);
	test_key(&server, "one", "'read_drafts','write'", NULL, key);
	snprintf(right, sizeof right, "Authorization: Bearer %s", key);
	test_key(&server, "other", "'write'", NULL, key);
	snprintf(other, sizeof other, "Authorization: Bearer %s", key);
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	access_replace_clock(NULL);
	return 0;
}

static long status_of(const char *method, const char *target, const char *headers, int64_t *ret_wait)
{
	struct reply reply;
	const char *wait;
	long status;

	client_ask(server.public, method, target, headers, strcmp(method, "POST") == 0 ? "\n" : NULL, &reply);
	status = reply.status;
	wait = reply_header(&reply, "Retry-After");
	if ((status == 429) != (wait != NULL))
		fail_msg("%ld, and Retry-After is %s", status, wait != NULL ? wait : "not there");
	if (wait != NULL)
		*ret_wait = strtoll(wait, NULL, 10);
	if (status == 429 && strncmp(target, "/v1", 3) == 0 && strcmp(method, "HEAD") != 0)
		expect_json(target, &reply, "{'type':'/problems/too-many-requests','status':429}");
	reply_done(&reply);
	return status;
}

static void expect(const char *method, const char *target, const char *headers, long status)
{
	int64_t wait;
	const long found = status_of(method, target, headers, &wait);

	if (found != status)
		fail_msg("%s %s, %s: %ld instead of %ld", method, target, headers != NULL ? headers : "no fields", found, status);
}

static int64_t looked_up(void)
{
	struct metric *unknown = metric_register(METRIC_COUNTER, "broadsheet_auth_refused_total", "reason=\"unknown\"", "");

	return metric_value(unknown);
}

static void test_wrong_keys(void **state)
{
	struct key_shown shown;
	char key[KEY_LENGTH + 1], unknown[120];
	int64_t wait = 0, before;

	(void)state;
	start(NULL);
	key_make(key, &shown);
	snprintf(unknown, sizeof unknown, "Authorization: Bearer %s", key);
	for (int i = 0; i < 5; i++) {
		expect("GET", "/v1/articles", right, 200);    /* a right one costs nothing */
		expect("GET", "/v1/articles", unknown, 401);
		expect("GET", "/v1/articles", "Authorization: Bearer rubbish", 401);
	}
	before = looked_up();
	expect("GET", "/v1/articles", unknown, 429);
	expect("POST", "/v1/articles/batch", unknown, 429);
	assert_int_equal(looked_up(), before);    /* refused before it was looked up */
	/* neither is a right one looked at now, and reading without a key goes on */
	assert_int_equal(status_of("GET", "/v1/articles", right, &wait), 429);
	assert_int_equal(wait, 6);
	expect("GET", "/v1/articles", NULL, 200);
	expect("GET", "/v1/articles", "Authorization: Basic YTpi", 200);
	expect("GET", "/", NULL, 200);
	expect("POST", "/v1/articles/batch", NULL, 401);
	/* trying with a right one does not make it longer, and when it is over the next try counts */
	for (int i = 0; i < 30; i++)
		assert_int_equal(status_of("GET", "/v1/articles", right, &wait), 429);
	assert_int_equal(wait, 6);
	now_us += 6000000;
	expect("GET", "/v1/articles", right, 200);
	expect("GET", "/v1/articles", unknown, 401);
	expect("GET", "/v1/articles", right, 429);
	/* the control socket has no such limit */
	run_step(server.writer, &(struct step){ .path = "/v1/keys", .headers = "Authorization: Bearer rubbish" }, NULL);
}

static void test_wrong_keys_behind_a_proxy(void **state)
{
	char headers[200];

	(void)state;
	start((const char *const[]){ "--trusted-proxies=127.0.0.0/8", "--auth-failures=3", NULL });
	for (int i = 0; i < 4; i++)
		expect("GET", "/v1/articles", "Authorization: Bearer x\nX-Forwarded-For: 198.51.100.7", i < 3 ? 401 : 429);
	/* another client, also one that pretends to be the first, and the proxy itself */
	expect("GET", "/v1/articles", "Authorization: Bearer x\nX-Forwarded-For: 198.51.100.7, 198.51.100.8", 401);
	expect("GET", "/v1/articles", "Authorization: Bearer x", 401);
	/* the same /64 is the same client */
	for (int i = 0; i < 4; i++) {
		snprintf(headers, sizeof headers, "Authorization: Bearer x\nX-Forwarded-For: 2001:db8::%d", i);
		expect("GET", "/v1/articles", headers, i < 3 ? 401 : 429);
	}
	expect("GET", "/v1/articles", "Authorization: Bearer x\nX-Forwarded-For: 2001:db8:0:1::1", 401);
	/* what is no address is refused, whatever else there is */
	expect("GET", "/v1/articles", "X-Forwarded-For: nobody", 400);
	expect("GET", "/", "X-Forwarded-For: 1.1.1.1,", 400);
	expect("GET", "/v1/articles", "X-Forwarded-For: 1.1.1.1\nX-Forwarded-For: 2.2.2.2", 200);
	expect("GET", "/v1/articles", "X-Forwarded-For: 1.1.1.1\nX-Forwarded-For: x", 400);
}

static void test_nobody_is_believed_by_default(void **state)
{
	char headers[120];

	(void)state;
	start((const char *const[]){ "--auth-failures=3", NULL });
	for (int i = 0; i < 5; i++) {
		snprintf(headers, sizeof headers, "Authorization: Bearer x\nX-Forwarded-For: 198.51.100.%d", i);
		expect("GET", "/v1/articles", headers, i < 3 ? 401 : 429);
	}
	expect("GET", "/v1/articles", "X-Forwarded-For: nobody", 200);
}

/* Kept replies count, so do pages, HEAD and what does not exist; keys and addresses are counted apart. */
static void test_read_limit(void **state)
{
	static const char *const targets[] = { "/v1/articles", "/v1/articles", "/v1/articles", "/", "/nothing", "/v1/articles?limit=0" };
	static const long statuses[] = { 200, 200, 200, 200, 404, 400 };

	(void)state;
	start((const char *const[]){ "--read-limit=6", NULL });
	for (size_t i = 0; i < 6; i++)
		expect("GET", targets[i], NULL, statuses[i]);
	for (size_t i = 0; i < 6; i++)
		expect(i == 0 ? "HEAD" : "GET", targets[i], NULL, 429);
	expect("POST", "/v1/articles/batch", NULL, 401);    /* a write is none */
	for (int i = 0; i < 7; i++)
		expect("GET", "/v1/articles", right, i < 6 ? 200 : 429);
	expect("GET", "/v1/articles", other, 200);
	run_step(server.writer, &(struct step){ .path = "/v1/articles" }, NULL);
	assert_true(test_server_metric(&server, "broadsheet_articles_published") == 0);    /* the admin address is not limited */
}

/* Showing a key that is none is no way around the limit, nor is asking for what is not there. */
static void test_the_limit_of_those_with_wrong_keys(void **state)
{
	(void)state;
	start((const char *const[]){ "--read-limit=5", "--auth-failures=0", NULL });
	for (int i = 0; i < 5; i++)
		expect(i == 0 ? "OPTIONS" : "GET", i % 2 == 0 ? "/v1/articles" : "/nothing", "Authorization: Bearer x", 401);
	expect("GET", "/v1/articles", "Authorization: Bearer x", 429);
	expect("GET", "/nothing", "Authorization: Bearer x", 429);
	expect("OPTIONS", "/v1/articles", "Authorization: Bearer x", 429);
	expect("GET", "/v1/articles/", NULL, 429);
}

static void test_write_limit(void **state)
{
	char headers[200];

	(void)state;
	start((const char *const[]){ "--write-limit=2", NULL });
	snprintf(headers, sizeof headers, "%s\nContent-Type: application/x-ndjson", right);
	for (int i = 0; i < 3; i++)
		expect("POST", "/v1/articles/batch", headers, i < 2 ? 200 : 429);
	for (int i = 0; i < 3; i++)
		expect("POST", "/v1/articles/batch", NULL, i < 2 ? 401 : 429);
	for (int i = 0; i < 10; i++)
		expect("GET", "/v1/articles", right, 200);
}

static void test_no_limits_by_default(void **state)
{
	(void)state;
	start(NULL);
	for (int i = 0; i < 300; i++)
		expect("GET", "/v1/articles", i % 2 ? right : NULL, 200);
}

/* --- other sites --- */

#define DESK "Origin: https://desk.example"
#define PREFLIGHT(origin, method) origin "\nAccess-Control-Request-Method: " method

static void test_other_origins(void **state)
{
	static const char own[] =
	    "Access-Control-Allow-Origin: https://desk.example\nAccess-Control-Allow-Methods: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\n"
	    "Access-Control-Allow-Headers: Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key\nAccess-Control-Max-Age: *\nVary: Origin\n-Access-Control-Allow-Credentials";
	static const char everybody[] = "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: GET, HEAD, OPTIONS\nAccess-Control-Allow-Headers: *\n-Vary";
	static const char exposed[] = "Access-Control-Allow-Origin: https://desk.example\nVary: Accept-Encoding, Origin\n"
	    "Access-Control-Expose-Headers: ETag, Link, Location, Retry-After, Broadsheet-Seq";
	char headers[300], foreign[300];

	(void)state;
	start((const char *const[]){ "--cors-origins=https://cms.example:8443,https://desk.example", NULL });
	snprintf(headers, sizeof headers, "%s\nContent-Type: application/x-ndjson\n%s", right, DESK);
	snprintf(foreign, sizeof foreign, "%s\nContent-Type: application/x-ndjson\nOrigin: https://evil.example", right);
	/* clang-format off */
	const struct step steps[] = {
		{ "/v1/articles/batch", 204, .method = "OPTIONS", .headers = PREFLIGHT(DESK, "POST"), .reply_headers = own },
		{ "/v1/articles/batch", 204, .method = "OPTIONS", .headers = PREFLIGHT(DESK, "GET") "\nAccess-Control-Request-Headers: authorization", .reply_headers = own },
		{ "/v1/articles", 204, .method = "OPTIONS", .headers = PREFLIGHT(DESK, "GET"), .reply_headers = everybody },
		{ "/v1/articles", 204, .method = "OPTIONS", .headers = PREFLIGHT("Origin: https://evil.example", "GET"), .reply_headers = everybody },
		{ "/v1/articles", 204, .method = "OPTIONS", .headers = PREFLIGHT("Origin: https://evil.example", "POST"), .reply_headers = everybody },
		{ "/v1/articles", 204, .method = "OPTIONS", .reply_headers = everybody },
		{ "/v1/keys/x", 204, .method = "OPTIONS", .headers = PREFLIGHT("Origin: https://desk.example.evil", "DELETE"), .reply_headers = "-Access-Control-Allow-Origin\n-Vary" },
		{ "/v1/keys/x", 204, .method = "OPTIONS", .headers = PREFLIGHT("Origin: null", "DELETE"), .reply_headers = "-Access-Control-Allow-Origin" },
		{ "/v1/keys/x", 204, .method = "OPTIONS", .headers = PREFLIGHT("Origin: https://cms.example:8443", "DELETE"), .reply_headers = "Access-Control-Allow-Origin: https://cms.example:8443\nAccess-Control-Allow-Methods: DELETE, OPTIONS" },
		{ "/v1/articles/batch", 200, .method = "POST", .headers = headers, .body = "\n", .reply_headers = exposed },
		{ "/v1/articles/batch", 401, .method = "POST", .headers = "Content-Type: application/x-ndjson\n" DESK, .body = "\n", .reply_headers = exposed },
		{ "/v1/articles/batch", 200, .method = "POST", .headers = foreign, .body = "\n", .reply_headers = "-Access-Control-Allow-Origin\n-Access-Control-Expose-Headers\nVary: Accept-Encoding" },
		/* reads are the same for all */
		{ "/v1/articles", 200, .headers = DESK, .reply_headers = "Access-Control-Allow-Origin: *\nVary: Accept-Encoding\nAccess-Control-Expose-Headers: ETag, Link, Retry-After, Broadsheet-Seq" },
		{ "/v1/articles", 200, .headers = right, .reply_headers = "Access-Control-Allow-Origin: *\nVary: Accept-Encoding" },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		run_step(server.public, &steps[i], NULL);
}

static void test_no_other_origins_by_default(void **state)
{
	(void)state;
	start(NULL);
	run_step(server.public, &(struct step){ .path = "/v1/keys/x", .status = 204, .method = "OPTIONS", .headers = PREFLIGHT(DESK, "DELETE"), .reply_headers = "-Access-Control-Allow-Origin\n-Vary" }, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_wrong_keys, tear_down),
		cmocka_unit_test_teardown(test_wrong_keys_behind_a_proxy, tear_down),
		cmocka_unit_test_teardown(test_nobody_is_believed_by_default, tear_down),
		cmocka_unit_test_teardown(test_read_limit, tear_down),
		cmocka_unit_test_teardown(test_the_limit_of_those_with_wrong_keys, tear_down),
		cmocka_unit_test_teardown(test_write_limit, tear_down),
		cmocka_unit_test_teardown(test_no_limits_by_default, tear_down),
		cmocka_unit_test_teardown(test_other_origins, tear_down),
		cmocka_unit_test_teardown(test_no_other_origins_by_default, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

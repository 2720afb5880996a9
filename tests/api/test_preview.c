/* SPDX-License-Identifier: MIT */
/* Previews: who has the address sees the article, for as long as was said, and nobody else; nothing is kept of it on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api_steps.h"

static const char articles[] =
    "{'id':1,'guid':'1','title':'Out','section':'National','source':'Wire','published_at':'2016-01-01T00:00:00Z','body_html':'<p>First.</p>'}\n"
    "{'id':2,'guid':'2','title':'First wording','section':'Secrets','source':'Wire','status':'draft','body_html':'<p>Old text.</p>'}\n"
    "{'guid':'2','title':'Second wording','section':'Secrets','source':'Wire','status':'draft','body_html':'<p>New text.</p>'}\n";

static struct test_server server;

static int set_up(void **state)
{
	(void)state;
	test_server_start(&server, NULL);
	return test_server_try(&server, articles) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

/* The path of data.url or data.api_url. */
static const char *made(const char *ref, const char *body, const char *which)
{
	static char paths[4][200];
	static unsigned next;
	char *path = paths[next++ % 4], target[80], member[40];
	struct reply reply;

	snprintf(target, sizeof target, "/v1/articles/%s/preview", ref);
	snprintf(member, sizeof member, "data.%s", which);
	client_ask(server.writer, "POST", target, body != NULL ? "Content-Type: application/json" : NULL, body, &reply);
	assert_int_equal(reply.status, 201);
	expect_header("POST preview", &reply, "Cache-Control", "private, no-store");
	assert_memory_equal(reply_string(&reply, member), TEST_BASE_URL, strlen(TEST_BASE_URL));
	snprintf(path, 200, "%s", reply_string(&reply, member) + strlen(TEST_BASE_URL));
	reply_done(&reply);
	return path;
}

static void get(const char *path, struct reply *ret_reply)
{
	client_get(server.public, path, ret_reply);
	expect_header(path, ret_reply, "ETag", NULL);
	assert_non_null(strstr(reply_header(ret_reply, "Cache-Control"), "no-store"));
}

static void test_both_addresses(void **state)
{
	struct reply reply;

	(void)state;
	get(made("2", NULL, "api_url"), &reply);
	assert_int_equal(reply.status, 200);
	expect_json("api", &reply, "{'data':{'id':2,'title':'Second wording','status':'draft','body_text':'New text.','reason':null}}");
	expect_header("api", &reply, "Cache-Control", "private, no-store");
	expect_header("api", &reply, "Referrer-Policy", "no-referrer");
	reply_done(&reply);
}

static void test_page(void **state)
{
	struct reply reply;

	(void)state;
	get(made("first-wording", "{}", "url"), &reply);
	assert_int_equal(reply.status, 200);
	assert_non_null(strstr(reply.body.bytes, "<strong>Preview.</strong> This article is draft."));
	assert_non_null(strstr(reply.body.bytes, "<h1>Second wording</h1>"));
	assert_non_null(strstr(reply.body.bytes, "<meta name=\"robots\" content=\"noindex\">"));
	assert_null(strstr(reply.body.bytes, "canonical"));
	assert_null(strstr(reply.body.bytes, "<time datetime=\"\""));
	expect_header("page", &reply, "Cache-Control", "private, no-store");
	expect_header("page", &reply, "Referrer-Policy", "no-referrer");
	expect_header("page", &reply, "X-Robots-Tag", "noindex");
	reply_done(&reply);
	/* The article itself is as closed as before. */
	client_get(server.public, "/article/first-wording", &reply);
	assert_int_equal(reply.status, 404);
	assert_null(strstr(reply.body.bytes, "wording</h1>"));
	reply_done(&reply);
}

static void test_of_a_version(void **state)
{
	struct reply reply;

	(void)state;
	get(made("2", "{\"rev\":1}", "api_url"), &reply);
	expect_json("rev 1", &reply, "{'data':{'rev':1,'title':'First wording','body_text':'Old text.','url':'https://news.example/article/first-wording'}}");
	reply_done(&reply);
}

/* What has been withdrawn is not to be seen by old addresses either, nor by new ones. */
static void test_withdrawn(void **state)
{
	const char *path, *page;
	struct reply reply;

	(void)state;
	client_ask(server.writer, "POST", "/v1/articles", "Content-Type: application/json", "{\"title\":\"To go\",\"source\":\"S\",\"section\":\"A\",\"body_text\":\"Libel.\",\"status\":\"published\"}", &reply);
	assert_int_equal(reply.status, 201);
	reply_done(&reply);
	path = made("to-go", "{}", "api_url");
	page = made("to-go", "{}", "url");
	client_ask(server.writer, "DELETE", "/v1/articles/to-go", NULL, NULL, &reply);
	reply_done(&reply);
	get(path, &reply);
	assert_int_equal(reply.status, 410);
	assert_null(strstr(reply.body.bytes, "Libel"));
	reply_done(&reply);
	get(page, &reply);
	assert_int_equal(reply.status, 410);
	assert_null(strstr(reply.body.bytes, "Libel"));
	reply_done(&reply);
}

/* To the second. */
static void test_expires(void **state)
{
	const char *path = made("2", "{\"expires_in\":60}", "api_url"), *page = made("2", "{\"expires_in\":60}", "url");
	struct reply reply;

	(void)state;
	test_now += 59;
	get(path, &reply);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
	test_now += 1;
	get(path, &reply);
	assert_int_equal(reply.status, 410);
	assert_null(strstr(reply.body.bytes, "wording"));
	expect_json("expired", &reply, "{'type':'~preview-over','detail':'~expired'}");
	reply_done(&reply);
	get(page, &reply);
	assert_int_equal(reply.status, 410);
	assert_null(strstr(reply.body.bytes, "wording"));
	reply_done(&reply);
}

/* Any one character changed, cut or added: as if nothing were there. */
static void test_forged(void **state)
{
	const char *path = made("2", NULL, "api_url");
	const size_t start = strlen("/v1/previews/"), length = strlen(path);
	struct reply reply;
	char forged[220];

	(void)state;
	for (size_t i = start; i < length + 2; i++) {
		snprintf(forged, sizeof forged, "%s%s", path, i == length ? "A" : "");
		if (i > length)
			forged[length - 1] = '\0';
		else if (i < length)
			forged[i] = forged[i] == 'A' ? 'B' : 'A';
		get(forged, &reply);
		if (reply.status != 404)
			fail_msg("%s answers %ld", forged, reply.status);
		reply_done(&reply);
	}
	get("/v1/previews/x", &reply);
	expect_json("x", &reply, "{'status':404,'detail':'there is no such preview'}");
	reply_done(&reply);
	get("/preview/x", &reply);
	assert_int_equal(reply.status, 404);
	reply_done(&reply);
}

/* clang-format off */

static void test_refused(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles/2/preview", .status = 401, .method = "POST" },
		{ "/v1/articles/nothing/preview", .status = 401, .method = "POST" },
	};
	static const struct {
		const char *target, *body;
		long status;
	} table[] = {
		{ "/v1/articles/99/preview", "{}", 404 }, { "/v1/articles/2/preview", "{\"rev\":7}", 404 }, { "/v1/articles/2/preview", "{\"rev\":0}", 422 },
		{ "/v1/articles/2/preview", "{\"expires_in\":604801}", 422 }, { "/v1/articles/2/preview", "{\"expires_in\":604800}", 201 },
		{ "/v1/articles/2/preview", "{\"until\":1}", 422 }, { "/v1/articles/2/preview", "{", 400 },
	};
	struct reply reply;

	(void)state;
	RUN_STEPS(&server, steps);
	client_ask(server.writer, "POST", "/v1/articles/2/preview", "Content-Type: text/plain", "{}", &reply);
	assert_int_equal(reply.status, 415);
	reply_done(&reply);
	client_ask(server.writer, "POST", "/v1/articles/2/preview", "Content-Type: application/json; charset=latin1", "{}", &reply);
	assert_int_equal(reply.status, 415);
	reply_done(&reply);
	client_ask(server.writer, "POST", "/v1/articles/2/preview", "Content-Type: text/plain", "", &reply);
	assert_int_equal(reply.status, 201);
	reply_done(&reply);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		client_ask(server.writer, "POST", table[i].target, "Content-Type: application/json", table[i].body, &reply);
		if (reply.status != table[i].status)
			fail_msg("%s %s: %ld %s", table[i].target, table[i].body, reply.status, reply.body.bytes);
		reply_done(&reply);
	}
}

/* clang-format on */

/* The same secret after a restart; and no version that readers know of was made by drawing it. */
static void test_lasts(void **state)
{
	const char *path = made("2", "{\"expires_in\":604800}", "api_url");
	struct reply reply;

	(void)state;
	test_server_restart(&server);
	get(path, &reply);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
	client_get(server.public, "/v1/articles/1", &reply);
	expect_header("an article", &reply, "Broadsheet-Seq", "1");
	reply_done(&reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_addresses),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_of_a_version),
		cmocka_unit_test(test_expires),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_lasts),
		cmocka_unit_test(test_withdrawn),
	};

	return cmocka_run_group_tests_name("preview", tests, set_up, tear_down);
}

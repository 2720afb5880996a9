/* SPDX-License-Identifier: MIT */
/*
 * ninjs, JSON-LD and all articles as lines, through real sockets: which version, what of an article that is not public, pages of a listing, a way
 * out and in again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_internal.h"
#include "api_steps.h"
#include "keys.h"

static struct test_server server;
static char holder[120];

static const char articles[] =
    "{'id':1,'guid':'1','title':'One','section':'Sport','source':'Wire','tags':['Ice'],'published_at':'2016-01-01T00:00:00Z','body_html':'<p>The first text.</p>',"
    "'image':{'url':'/static/a.jpg'}}\n"
    "{'id':2,'guid':'2','title':'Two','section':'Sport','source':'Post','tags':['Ice'],'published_at':'2016-01-02T00:00:00Z','aliases':['former-two']}\n"
    "{'id':3,'guid':'3','title':'Three','section':'Local','source':'Wire','published_at':'2016-01-03T00:00:00Z'}\n"
    "{'id':4,'guid':'4','title':'Draft','section':'Local','source':'Wire','status':'draft'}\n"
    "{'id':5,'guid':'5','title':'Gone','section':'Local','source':'Wire','published_at':'2016-01-03T00:00:00Z'}\n"
    "{'guid':'5','title':'Gone','section':'Local','source':'Wire','status':'withdrawn','published_at':'2016-01-03T00:00:00Z'}\n"
    "{'id':6,'guid':'6','title':'To come','section':'Local','source':'Wire','status':'scheduled','publish_at':'2016-09-01T00:00:00Z'}\n";

static int set_up(void **state)
{
	char key[KEY_LENGTH + 1];

	(void)state;
	test_server_start(&server, NULL);
	if (!test_server_try(&server, articles))
		return -1;
	test_key(&server, "read", "'read_drafts'", NULL, key);
	snprintf(holder, sizeof holder, "Authorization: Bearer %s", key);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

/* "uri type pubStatus", "-" for what is not there; or the status. */
static void expect_item(const char *target, const char *headers, long status, const char *wanted)
{
	struct reply reply;
	char got[300];

	client_ask(server.public, "GET", target, headers, NULL, &reply);
	if (reply.status != status)
		fail_msg("%s: %ld instead of %ld", target, reply.status, status);
	if (wanted != NULL) {
		const char *uri = reply_string(&reply, "uri"), *pub = reply_string(&reply, "pubStatus"), *former = reply_string(&reply, "pubstatus");
		const char *version = reply_string(&reply, "standard.version");

		snprintf(got, sizeof got, "%s %s %s %s", uri, pub != NULL ? pub : "-", former != NULL ? former : "-", version);
		assert_string_equal(got, wanted);
	}
	reply_done(&reply);
}

#define URI TEST_BASE_URL "/article/"

static void test_ninjs(void **state)
{
	(void)state;
	expect_item("/v1/articles/1.ninjs", NULL, 200, URI "1 usable - 3.1");
	expect_item("/v1/articles/one.ninjs?version=3", NULL, 200, URI "1 usable - 3.1");
	expect_item("/v1/articles/one.ninjs?version=2", NULL, 200, URI "1 - usable 2.2");
	expect_item("/v1/articles/4.ninjs", NULL, 404, NULL);
	expect_item("/v1/articles/5.ninjs", NULL, 410, NULL);
	expect_item("/v1/articles/4.ninjs", holder, 200, URI "4 withheld - 3.1");
	expect_item("/v1/articles/5.ninjs", holder, 200, URI "5 canceled - 3.1");
	expect_item("/v1/articles/6.ninjs?version=2", holder, 200, URI "6 - withheld 2.2");
	expect_item("/v1/articles/nothing.ninjs", NULL, 404, NULL);
	expect_item("/v1/articles/1.ninjs?version=4", NULL, 400, NULL);
	expect_item("/v1/articles/1.ninjs?fields=id", NULL, 400, NULL);
	expect_item("/v1/articles/1.ninjs?min_seq=9000000", NULL, 503, NULL);
	expect_item("/v1/articles/1.newsml", NULL, 404, NULL);
}

static void expect_private(const char *target, const char *headers, const char *item, bool is_wanted)
{
	char expires[60], related[60];
	struct reply reply;

	client_ask(server.public, "GET", target, headers, NULL, &reply);
	assert_int_equal(reply.status, 200);
	snprintf(expires, sizeof expires, "%sexpires", item);
	snprintf(related, sizeof related, "%sassociations.0.uri", item);
	if (is_wanted) {
		assert_string_equal(reply_string(&reply, expires), "2031-01-01T00:00:00Z");
		assert_string_equal(reply_string(&reply, related), URI "2");
	} else {
		assert_null(strstr(reply.body.bytes, "expires"));
		assert_null(strstr(reply.body.bytes, "related"));
	}
	reply_done(&reply);
}

/* What the newsroom keeps beside an article is said to whom it may see, where the API's own answers say it. */
static void test_private(void **state)
{
	(void)state;
	test_server_put(&server, "{'id':9,'guid':'9','title':'Kept','section':'Kept','source':'Wire','published_at':'2016-01-03T00:00:00Z','expire_at':'2031-01-01T00:00:00Z','related_ids':[2]}\n");
	expect_private("/v1/articles/9.ninjs", NULL, "", false);
	expect_private("/v1/articles/9.ninjs", holder, "", true);
	expect_private("/v1/articles.ninjs?section=kept", NULL, "associations.0.", false);
	expect_private("/v1/articles.ninjs?section=kept", holder, "associations.0.", false);
	expect_private("/v1/articles.ninjs?section=kept&status=published", holder, "associations.0.", true);
}

static void test_former_slug(void **state)
{
	static const char *const endings[] = { ".ninjs", ".jsonld" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char target[60], wanted[120];
		struct reply reply;

		snprintf(target, sizeof target, "/v1/articles/former-two%s?min_seq=1", endings[i]);
		snprintf(wanted, sizeof wanted, TEST_BASE_URL "/v1/articles/two%s?min_seq=1", endings[i]);
		client_get(server.public, target, &reply);
		assert_int_equal(reply.status, 308);
		assert_string_equal(reply_header(&reply, "Location"), wanted);
		reply_done(&reply);
	}
}

static void test_json_ld(void **state)
{
	struct reply reply;

	(void)state;
	client_get(server.public, "/v1/articles/1.jsonld", &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply_header(&reply, "Content-Type"), "application/ld+json");
	assert_int_equal(strncmp(reply_header(&reply, "ETag"), "\"1.", 3), 0);
	assert_non_null(strstr(reply.body.bytes, "\"url\":\"" TEST_BASE_URL "/static/a.jpg\""));
	reply_done(&reply);
	expect_item("/v1/articles/4.jsonld", NULL, 404, NULL);
	expect_item("/v1/articles/5.jsonld", NULL, 410, NULL);
}

/* --- the listing --- */

static void expect_list(const char *target, const char *headers, const char *wanted)
{
	struct text got = TEXT_EMPTY;
	json_t *item;
	struct reply reply;
	size_t i;

	client_ask(server.public, "GET", target, headers, NULL, &reply);
	if (reply.status != 200)
		fail_msg("%s: %ld %s", target, reply.status, reply.body.bytes);
	assert_string_equal(reply_string(&reply, "type"), "composite");
	json_array_foreach(reply_member(&reply, "associations"), i, item)
		text_printf(&got, "%s%s", i > 0 ? " " : "", json_string_value(json_object_get(item, "uri")) + strlen(URI));
	assert_string_equal(got.length > 0 ? got.bytes : "", wanted);
	text_done(&got);
	reply_done(&reply);
}

/* The target of a link in the Link field; NULL when it is not there. */
static char *link_of(const struct reply *reply, const char *rel)
{
	const char *field = reply_header(reply, "Link"), *end = strstr(field, rel), *begin = end;

	if (end == NULL)
		return NULL;
	while (*begin != '<')
		begin--;
	begin += 1 + strlen(TEST_BASE_URL);
	return strndup(begin, strcspn(begin, ">"));
}

static void test_listing(void **state)
{
	(void)state;
	expect_list("/v1/articles.ninjs", NULL, "3 2 1");
	expect_list("/v1/articles.ninjs?section=sport&order=oldest&version=2", NULL, "1 2");
	expect_list("/v1/articles.ninjs?tag=nothing", NULL, "");
	expect_list("/v1/articles.ninjs?status=draft,scheduled,withdrawn", holder, "6 4 5");
	expect_item("/v1/articles.ninjs?status=draft", NULL, 403, NULL);
	expect_item("/v1/articles.ninjs?q=x", NULL, 400, NULL);
	expect_item("/v1/articles.ninjs?order=relevance", NULL, 400, NULL);
	expect_item("/v1/articles.ninjs?cursor=x", NULL, 400, NULL);
}

static void test_pages(void **state)
{
	char *target = strdup("/v1/articles.ninjs?limit=1&version=2"), *back = NULL;
	struct text got = TEXT_EMPTY;

	(void)state;
	while (target != NULL) {
		struct reply reply;

		client_get(server.public, target, &reply);
		assert_int_equal(reply.status, 200);
		text_printf(&got, " %s", json_string_value(reply_member(&reply, "associations.0.uri")) + strlen(URI));
		free(target);
		free(back);
		target = link_of(&reply, "rel=\"next\"");
		back = link_of(&reply, "rel=\"prev\"");
		reply_done(&reply);
	}
	assert_string_equal(got.bytes, " 3 2 1");
	expect_list(back, NULL, "2");
	free(back);
	text_done(&got);
}

/* An address that is long: the header says what fits, `next` before the others, and the body says it all. */
static void test_long_addresses(void **state)
{
	(void)state;
	for (int length = 30; length < 120; length += 5) {
		struct text target = TEXT_EMPTY;
		const char *field;
		struct reply reply;

		text_string(&target, "/v1/articles.ninjs?limit=1&source=wire");
		for (int i = 1; i < 32; i++)
			text_printf(&target, ",%0*d", length, i);
		client_get(server.public, target.bytes, &reply);
		if (reply.status != 200)
			fail_msg("%zu bytes: %ld %s", target.length, reply.status, reply.body.bytes);
		field = reply_header(&reply, "Link");
		if (field != NULL)
			assert_true(strlen(field) <= 4096 + 2 * strlen(TEST_BASE_URL));
		if (target.length < 3800)
			assert_non_null(strstr(field, "rel=\"next\""));
		assert_string_equal(reply_string(&reply, "altIds.0.role"), "next");
		assert_non_null(strstr(reply_string(&reply, "altIds.0.value"), "&cursor="));
		reply_done(&reply);
		text_done(&target);
	}
}

/* Pages that end early leave nothing out on the way back either. */
static void test_pages_that_end_early(void **state)
{
	char *target = strdup("/v1/articles.ninjs?limit=3&section=long"), *last = NULL;
	const json_t *item;
	size_t i;
	struct text lines = TEXT_EMPTY, got = TEXT_EMPTY;

	(void)state;
	for (int n = 1; n <= 7; n++)
		text_printf(&lines, "{'id':%d,'guid':'long%d','title':'Long','section':'Long','source':'Wire','published_at':'2016-02-01T00:00:0%dZ','body_text':'%0*d'}\n", 10 + n, n, n,
		    n == 5 || n == 6 ? 300 : 60, n);
	test_server_put(&server, lines.bytes);
	list_bytes_most = 200;
	for (int way = 0; way < 2; way++) {
		while (target != NULL) {
			struct reply reply;

			client_get(server.public, target, &reply);
			assert_int_equal(reply.status, 200);
			free(last);
			last = target;
			target = link_of(&reply, way == 0 ? "rel=\"next\"" : "rel=\"prev\"");
			text_string(&got, "|");
			json_array_foreach(reply_member(&reply, "associations"), i, item)
				text_printf(&got, " %s", json_string_value(json_object_get(item, "uri")) + strlen(URI));
			reply_done(&reply);
		}
		target = last;
		last = NULL;
	}
	assert_string_equal(got.bytes, "| 17 16| 15| 14 13 12| 11| 11| 14 13 12| 15| 16| 17 16");    /* the front is filled up */
	list_bytes_most = 8 << 20;
	free(target);
	text_done(&lines);
	text_done(&got);
}

/* --- all of them --- */

/* Everything public, ascending, and nothing else; what comes out goes in again. */
static void test_lines(void **state)
{
	struct reply reply, batch;
	const char *line;

	(void)state;
	client_get(server.public, "/v1/articles.ndjson", &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply_header(&reply, "Content-Type"), "application/x-ndjson");
	assert_string_equal(reply_header(&reply, "Cache-Control"), "no-store");
	assert_null(reply_header(&reply, "ETag"));
	line = reply.body.bytes;
	for (int64_t id = 1; id <= 3; id++) {
		json_t *article = json_loadb(line, strcspn(line, "\n"), 0, NULL);

		assert_int_equal(json_integer_value(json_object_get(article, "id")), id);
		for (const char *const *name = (const char *const[]){ "status", "expire_at", "related_ids", "related", NULL }; *name != NULL; name++)
			assert_null(json_object_get(article, *name));
		json_decref(article);
		line += strcspn(line, "\n") + 1;
	}
	assert_string_equal(line, "");
	client_ask(server.writer, "POST", "/v1/articles/batch", "Content-Type: application/x-ndjson", reply.body.bytes, &batch);
	assert_int_equal(batch.status, 200);
	assert_string_equal(batch.body.bytes,
	    "{\"line\":1,\"status\":200,\"id\":1,\"outcome\":\"updated\"}\n"    /* its picture now has a whole address */
	    "{\"line\":2,\"status\":200,\"id\":2,\"outcome\":\"unchanged\"}\n{\"line\":3,\"status\":200,\"id\":3,\"outcome\":\"unchanged\"}\n");
	reply_done(&batch);
	reply_done(&reply);
}

/* More than one piece. */
static void test_many_lines(void **state)
{
	struct text lines = TEXT_EMPTY;
	struct reply reply;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 300; i++) {
		text_printf(&lines, "{'guid':'m%d','title':'Many %d','section':'Many','source':'Wire','published_at':'2016-02-01T00:00:00Z','body_text':'", i, i);
		for (int word = 0; word < 400; word++)
			text_printf(&lines, "word%d ", word);
		text_string(&lines, "'}\n");
	}
	test_server_put(&server, lines.bytes);
	client_get(server.public, "/v1/articles.ndjson", &reply);
	assert_int_equal(reply.status, 200);
	for (const char *c = reply.body.bytes; *c != '\0'; c++)
		n += *c == '\n';
	assert_int_equal(n, 303);
	assert_true(reply.body.length > 1000000);
	assert_null(strchr(reply.body.bytes, CONTROL_BASE_URL));
	reply_done(&reply);
	text_done(&lines);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ninjs),
		TEST(test_private),
		TEST(test_former_slug),
		TEST(test_json_ld),
		TEST(test_listing),
		TEST(test_pages),
		TEST(test_long_addresses),
		TEST(test_pages_that_end_early),
		TEST(test_lines),
		TEST(test_many_lines),
	};

	return cmocka_run_group_tests_name("formats", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What comes out and goes by itself: to the second, after a stop, in order, whatever the clock does; and nothing that hints at it before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api_steps.h"
#include "test_store.h"

#define JSON "Content-Type: application/json"
#define ANY JSON "\nIf-Match: *"
#define N_OF(array) (sizeof(array) / sizeof *(array))

enum { NOON = 1464782400 };    /* 2016-06-01T12:00:00Z */

static struct test_server server;

static int set_up(void **state)
{
	(void)state;
	test_now = NOON;
	test_server_start(&server, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

static void post(const char *body, const char *json)
{
	run_step(server.writer, &(struct step){ .path = "/v1/articles", .status = 201, .method = "POST", .headers = JSON, .body = body, .json = json }, NULL);
}

static void patch(const char *path, const char *body, const char *json)
{
	run_step(server.writer, &(struct step){ .path = path, .method = "PATCH", .headers = ANY, .body = body, .json = json }, NULL);
}

static void see(const char *path, long status, const char *json)
{
	run_steps(&server, &(struct step){ .path = path, .status = status, .json = json }, 1);
}

/* --- to the second --- */

static void test_out_and_away(void **state)
{
	(void)state;
	post("{'title':'Timed','source':'S','section':'A','status':'scheduled','publish_at':'2016-06-01T12:00:10Z','expire_at':'2016-06-01T12:00:20Z'}", NULL);
	test_server_clock(&server, NOON + 9);
	see("/v1/articles/timed", 404, NULL);
	test_server_clock(&server, NOON + 10);
	see("/v1/articles/timed?related=0", 200, "{'data':{'rev':2,'published_at':'2016-06-01T12:00:10Z','updated_at':'2016-06-01T12:00:10Z'}}");
	see("/v1/articles?count=exact", 200, "{'data':[{'id':1}],'meta':{'count':{'value':1}}}");
	test_server_clock(&server, NOON + 19);
	see("/v1/articles/timed?related=0", 200, NULL);
	test_server_clock(&server, NOON + 20);
	see("/v1/articles/timed", 410, "{'removed_at':'2016-06-01T12:00:20Z','reason':'expired'}");
	see("/v1/articles?count=exact", 200, "{'data':[],'meta':{'count':{'value':0}}}");
	/* three versions, the last two by the schedule, and no more however often the clock is looked at */
	test_server_clock(&server, NOON + 100);
	patch("/v1/articles/timed", "{}", "{'data':{'rev':3,'status':'withdrawn','reason':'expired'}}");
	test_server_clock(&server, NOON);
}

/* What became due while nothing ran is done before the first reader comes, with the times that were planned. */
static void test_while_it_was_down(void **state)
{
	(void)state;
	post("{'title':'Down','source':'S','section':'A','status':'published','published_at':'2016-06-01T12:05:00Z'}", "{'data':{'status':'scheduled'}}");
	post("{'title':'Down and gone','source':'S','section':'A','status':'scheduled','publish_at':'2016-06-01T12:05:00Z','expire_at':'2016-06-01T12:06:00Z'}", NULL);
	post("{'title':'Up and gone','source':'S','section':'A','status':'published','expire_at':'2016-06-01T12:06:00Z'}", NULL);
	test_server_halt(&server);
	test_now = NOON + 3600;
	test_server_resume(&server);
	see("/v1/articles/down?related=0", 200, "{'data':{'published_at':'2016-06-01T12:05:00Z','updated_at':'2016-06-01T13:00:00Z'}}");
	see("/v1/articles/down-and-gone", 410, "{'removed_at':'2016-06-01T12:06:00Z','reason':'expired'}");
	see("/v1/articles/up-and-gone", 410, "{'removed_at':'2016-06-01T12:06:00Z','reason':'expired'}");
	test_server_clock(&server, NOON);
}

static void test_plans_change(void **state)
{
	(void)state;
	post("{'title':'Plan','source':'S','section':'A','status':'scheduled','publish_at':'2016-06-01T14:00:00Z'}", NULL);
	/* later; not at all; again; now */
	patch("/v1/articles/plan", "{'publish_at':'2016-06-01T15:00:00Z'}", "{'data':{'status':'scheduled','publish_at':'2016-06-01T15:00:00Z'}}");
	test_server_clock(&server, NOON + 2 * 3600 + 1);
	see("/v1/articles/plan", 404, NULL);
	patch("/v1/articles/plan", "{'status':'draft'}", "{'data':{'status':'draft'}}");
	test_server_clock(&server, NOON + 4 * 3600);
	see("/v1/articles/plan", 404, NULL);
	patch("/v1/articles/plan", "{'status':'scheduled','publish_at':'2016-06-01T17:00:00Z'}", "{'data':{'status':'scheduled'}}");
	patch("/v1/articles/plan", "{'byline':'still planned'}", "{'data':{'status':'scheduled','publish_at':'2016-06-01T17:00:00Z'}}");
	run_step(server.writer, &(struct step){ .path = "/v1/articles/plan", .method = "PUT", .headers = ANY, .body = "{'title':'Plan','source':'S','section':'A'}",
	    .json = "{'data':{'status':'scheduled','publish_at':'2016-06-01T17:00:00Z'}}" }, NULL);
	patch("/v1/articles/plan", "{'status':'published'}", "{'data':{'status':'published','published_at':'2016-06-01T16:00:00Z','publish_at':null}}");
	see("/v1/articles/plan?related=0", 200, NULL);
	test_server_clock(&server, NOON + 6 * 3600);
	see("/v1/articles/plan?related=0", 200, "{'data':{'published_at':'2016-06-01T16:00:00Z'}}");
	/* what is out is put off: gone until then */
	patch("/v1/articles/plan", "{'published_at':'2016-06-01T19:00:00Z'}", "{'data':{'status':'scheduled','publish_at':'2016-06-01T19:00:00Z','published_at':null}}");
	see("/v1/articles/plan", 410, NULL);
	test_server_clock(&server, NOON + 7 * 3600);
	see("/v1/articles/plan?related=0", 200, "{'data':{'published_at':'2016-06-01T19:00:00Z'}}");
	/* an end is given, moved and taken away */
	patch("/v1/articles/plan", "{'expire_at':'2016-06-01T20:00:00Z'}", NULL);
	patch("/v1/articles/plan", "{'expire_at':'2016-06-01T21:00:00Z'}", NULL);
	test_server_clock(&server, NOON + 8 * 3600);
	see("/v1/articles/plan?related=0", 200, NULL);
	patch("/v1/articles/plan", "{'expire_at':null}", NULL);
	test_server_clock(&server, NOON + 10 * 3600);
	see("/v1/articles/plan?related=0", 200, NULL);
	test_server_clock(&server, NOON);
}

/* --- a clock that is set back --- */

static int64_t number(const char *sql)
{
	struct store *store = test_store_at(server.database, STORE_READ);
	const int64_t value = test_number(store, sql);

	store_close(store);
	return value;
}

static void test_the_clock_is_set_back(void **state)
{
	(void)state;
	test_server_clock(&server, NOON);
	post("{'title':'Stands','source':'S','section':'A','status':'published'}", NULL);
	post("{'title':'Stood','source':'S','section':'A','status':'scheduled','publish_at':'2016-06-01T12:00:01Z'}", NULL);
	post("{'title':'Waits','source':'S','section':'A','status':'scheduled','publish_at':'2016-06-01T11:59:59Z','expire_at':'2016-06-01T13:00:00Z'}", "{'data':{'status':'published'}}");
	test_server_clock(&server, NOON + 5);
	test_server_clock(&server, NOON - 86400);
	see("/v1/articles/stands?related=0", 200, NULL);
	see("/v1/articles/stood?related=0", 200, NULL);
	see("/v1/articles/waits?related=0", 200, NULL);
	/* an edit neither schedules it anew nor dates it back */
	patch("/v1/articles/stands", "{'byline':'b'}", "{'data':{'status':'published','published_at':'2016-06-01T12:00:00Z','updated_at':'2016-06-01T12:00:00Z','rev':2}}");
	patch("/v1/articles/stood", "{'byline':'b'}", "{'data':{'status':'published','published_at':'2016-06-01T12:00:01Z','updated_at':'2016-06-01T12:00:05Z'}}");
	run_step(server.writer, &(struct step){ .path = "/v1/articles/stands", .method = "PUT", .headers = ANY, .body = "{'title':'Stands','source':'S','section':'A'}",
	    .json = "{'data':{'status':'published','published_at':'2016-06-01T12:00:00Z','updated_at':'2016-06-01T12:00:00Z'}}" }, NULL);
	test_server_restart(&server);
	see("/v1/articles/stood?related=0", 200, NULL);
	/* what is planned by the new clock comes by the new clock, though the old one was there already */
	post("{'title':'Anew','source':'S','section':'A','status':'scheduled','publish_at':'2016-05-31T12:00:30Z'}", "{'data':{'status':'scheduled'}}");
	test_server_clock(&server, NOON - 86400 + 29);
	see("/v1/articles/anew", 404, NULL);
	test_server_clock(&server, NOON - 86400 + 30);
	see("/v1/articles/anew?related=0", 200, "{'data':{'published_at':'2016-05-31T12:00:30Z'}}");
	/* no seq comes twice, none is left out */
	assert_int_equal(number("SELECT count(*) = max(seq) AND min(seq) = 1 FROM article_version"), 1);
	test_server_clock(&server, NOON + 3600);
	see("/v1/articles/waits", 410, NULL);
	test_server_clock(&server, NOON);
}

/* --- many, and some that cannot --- */

enum { MANY = 1000 };

static void import_planned(int n, const char *slug, const char *at)
{
	struct text lines = TEXT_EMPTY;

	for (int i = 0; i < n; i++)
		text_printf(&lines, "{'title':'%s','slug':'%s-%04d','guid':'%s-%d','source':'S','section':'Many','status':'scheduled','publish_at':'%s'}\n", slug, slug, i, slug, i, at);
	test_server_put(&server, lines.bytes);
	text_done(&lines);
}

static void test_a_thousand_at_once(void **state)
{
	(void)state;
	import_planned(MANY, "many", "2016-06-02T00:00:00Z");
	test_server_clock(&server, NOON + 12 * 3600 - 1);
	see("/v1/articles?section=many&count=exact&limit=1", 200, "{'data':[],'meta':{'count':{'value':0}}}");
	test_server_clock(&server, NOON + 12 * 3600);
	see("/v1/articles?section=many&count=exact&limit=1", 200, "{'meta':{'count':{'value':1000}}}");
	/* in the order in which they were made */
	assert_int_equal(number("SELECT count(*) FROM (SELECT ref, lag(ref) OVER (ORDER BY seq) AS before FROM article_version WHERE by = 'schedule' AND doc LIKE '%\"slug\":\"many-%')"
	                        " WHERE before < ref"), MANY - 1);
	test_server_clock(&server, NOON);
}

/* They hold up no others, and nobody tries them without end. That there are any takes a hand in the database. */
static void test_some_that_cannot(void **state)
{
	int64_t tried;
	struct store *store;

	(void)state;
	import_planned(600, "broken", "2016-06-03T00:00:00Z");
	post("{'title':'Behind them','source':'S','section':'A','status':'scheduled','publish_at':'2016-06-03T00:00:00Z'}", NULL);
	post("{'title':'Later','source':'S','section':'A','status':'scheduled','publish_at':'2016-06-03T00:00:05Z'}", NULL);
	test_server_halt(&server);
	store = test_store_at(server.database, STORE_WRITE);
	test_execute(store, "UPDATE article_document SET document = replace(document, '\"section\":{\"slug\":\"many\",\"name\":\"Many\"},', '') WHERE document LIKE '%\"slug\":\"broken-%'");
	store_close(store);
	test_server_resume(&server);
	test_server_clock(&server, NOON + 36 * 3600);
	see("/v1/articles/behind-them?related=0", 200, NULL);
	see("/v1/articles/broken-0000", 404, NULL);
	tried = test_server_counter("broadsheet_schedule_refused_total");
	assert_true(tried >= 600);
	patch("/v1/articles/behind-them", "{'byline':'b'}", NULL);
	test_server_clock(&server, NOON + 36 * 3600 + 1);
	assert_int_equal(test_server_counter("broadsheet_schedule_refused_total"), tried);    /* neither a commit nor a second is a reason to try them again */
	test_server_clock(&server, NOON + 36 * 3600 + 4);
	see("/v1/articles/later", 404, NULL);
	test_server_clock(&server, NOON + 36 * 3600 + 5);
	see("/v1/articles/later?related=0", 200, NULL);
	test_server_clock(&server, NOON);
}

/* --- not a hint --- */

static const char *const public_targets[] = {
	"/", "/v1/articles?count=exact", "/v1/articles?section=a&count=exact", "/v1/articles?facets=section,tag,source,author,year", "/v1/articles?order=updated", "/v1/sections", "/v1/tags",
	"/v1/sources", "/v1/authors", "/v1/search?q=secret", "/v1/search?q=public", "/v1/suggest?q=se", "/section/a", "/v1/articles/public", "/article/public", "/v1/articles/public/related",
	"/v1/articles/public/next", "/v1/articles/public/prev", "/v1/articles?ids=1,2,3", "/v1/articles/secret", "/v1/articles/secret-plan", "/v1/tags/secret-tag", "/v1/authors/secret-author",
	"/v1/sources/secret-source", "/v1/sections/secret-section", "/article/secret", "/tag/secret-tag", "/search?q=secret", "/robots.txt",
};

static void append_reply(const char *target, struct text *all)
{
	static const char *const headers[] = { "ETag", "Broadsheet-Seq", "Cache-Control", "Content-Length", "Last-Modified", "Surrogate-Key", "Cache-Groups", "Link", "Location" };
	struct reply reply;

	client_get(server.public, target, &reply);
	text_printf(all, "%s: %ld", target, reply.status);
	for (size_t i = 0; i < N_OF(headers); i++) {
		const char *value = reply_header(&reply, headers[i]);

		text_printf(all, " %s", value != NULL ? value : "-");
	}
	text_printf(all, "\n%s\n", reply.body.length > 0 ? reply.body.bytes : "");
	reply_done(&reply);
}

static void see_everything(struct text *ret_all)
{
	*ret_all = TEXT_EMPTY;
	test_server_settle(&server);
	for (size_t i = 0; i < N_OF(public_targets); i++)
		append_reply(public_targets[i], ret_all);
}

static void test_no_hint(void **state)
{
	/* clang-format off */
	static const struct step steps[] = {
		{ .path = "/v1/articles", .status = 201, .method = "POST", .headers = JSON, .body = "{'title':'Secret','source':'Secret source','section':'Secret section','tags':['Secret tag'],"
		  "'authors':['Secret author'],'body_text':'public secret','related_ids':[1],'lang':'xx','featured':true}" },
		{ .path = "/v1/articles", .status = 201, .method = "POST", .headers = JSON, .body = "{'title':'Secret plan','source':'Secret source','section':'A','tags':['Secret tag'],"
		  "'status':'scheduled','publish_at':'2016-06-01T13:00:00Z'}" },
		{ .path = "/v1/articles/secret", .method = "PATCH", .headers = ANY, .body = "{'title':'More secret','slug':'more-secret'}" },
		{ .path = "/v1/articles/secret-plan", .method = "PATCH", .headers = ANY, .body = "{'publish_at':'2016-06-01T14:00:00Z'}" },
		{ .path = "/v1/articles/secret-plan", .method = "PATCH", .headers = ANY, .body = "{'status':'draft'}" },
		{ .path = "/v1/articles/secret-plan", .method = "DELETE", .headers = JSON, .body = "{'reason':'secret'}" },
		{ .path = "/v1/articles/more-secret", .method = "DELETE" },
		{ .path = "/v1/articles/more-secret?erase=true", .method = "DELETE" },
	};
	/* clang-format on */
	struct text before, after;

	(void)state;
	tear_down(state);
	set_up(state);
	post("{'title':'Public','source':'S','section':'A','status':'published','tags':['Open'],'body_text':'public'}", NULL);
	see_everything(&before);
	for (size_t i = 0; i < N_OF(steps); i++) {
		run_step(server.writer, &steps[i], NULL);
		see_everything(&after);
		if (strcmp(before.bytes, after.bytes) != 0)
			fail_msg("after %s %s:\n%s\ninstead of\n%s", steps[i].method, steps[i].path, after.bytes, before.bytes);
		text_done(&after);
	}
	text_done(&before);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_out_and_away),
		cmocka_unit_test(test_while_it_was_down),
		cmocka_unit_test(test_plans_change),
		cmocka_unit_test(test_the_clock_is_set_back),
		cmocka_unit_test(test_a_thousand_at_once),
		cmocka_unit_test(test_some_that_cannot),
		cmocka_unit_test(test_no_hint),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

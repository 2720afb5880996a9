/* SPDX-License-Identifier: MIT */
/* Lists in the editors' order: what readers and the newsroom see of them, preconditions, what is wrong by pointer, and that hidden members leave no trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api_steps.h"

#define JSON "Content-Type: application/json"
#define N_OF(array) (sizeof(array) / sizeof *(array))

static const char articles[] =
    "{'guid':'1','title':'One','section':'National','source':'Wire','published_at':'2016-01-01T00:00:00Z','body_text':'First words.'}\n"
    "{'guid':'2','title':'Two','section':'National','source':'Wire','published_at':'2016-01-02T00:00:00Z'}\n"
    "{'guid':'3','title':'Three','section':'Sports','source':'Wire','published_at':'2016-01-03T00:00:00Z'}\n"
    "{'guid':'4','title':'Four','section':'Sports','source':'Wire','status':'draft'}\n"
    "{'guid':'5','title':'Five','section':'Sports','source':'Wire','published_at':'2099-01-01T00:00:00Z'}\n";

static struct test_server server;

static int set_up(void **state)
{
	(void)state;
	test_server_start(&server, (const char *const[]){ "--related-rate", "0", NULL });
	return test_server_try(&server, articles) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

/* By the control socket, which has all scopes. */
static void newsroom(const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		run_step(server.writer, &steps[i], NULL);
}
#define NEWSROOM(...) newsroom((const struct step[]){ __VA_ARGS__ }, N_OF(((const struct step[]){ __VA_ARGS__ })))
#define READERS(...) run_steps(&server, (const struct step[]){ __VA_ARGS__ }, N_OF(((const struct step[]){ __VA_ARGS__ })))

static void etag_of(const char *path, char ret_etag[100])
{
	struct reply reply;

	client_get(server.public, path, &reply);
	snprintf(ret_etag, 100, "%ld %s", reply.status, reply.status == 200 ? reply_header(&reply, "ETag") : "-");
	reply_done(&reply);
}

/* clang-format off */

static void test_order_and_shape(void **state)
{
	(void)state;
	READERS({ "/v1/collections", .json = "{'data':[]}" },
	        { "/v1/collections/front-page", .status = 404 });
	NEWSROOM({ "/v1/collections/front-page", .status = 201, .method = "PUT", .headers = JSON, .body = "{'title':'Today','ids':[2,4,1,3,5]}", .ids = "2 4 1 3 5",
	           .json = "{'data':[{'status':'published'},{'status':'draft'},{},{},{'status':'scheduled'}],'meta':{'name':'front-page','title':'Today','rev':1}}",
	           .reply_headers = "Location: https://news.example/v1/collections/front-page\nETag: *\nCache-Control: no-store" });
	READERS({ "/v1/collections/front-page", .ids = "2 1 3",
	          .json = "{'data':[{'title':'Two','status':null,'section':{'name':'National'}},{},{}],'meta':{'name':'front-page','title':'Today','rev':1},"
	                  "'links':{'self':'https://news.example/v1/collections/front-page','next':null}}",
	          .reply_headers = "Surrogate-Key: collection-front-page article-2 article-1 article-3\n"
	                           "Cache-Groups: \"collection-front-page\", \"article-2\", \"article-1\", \"article-3\"" },
	        { "/v1/collections/front-page?limit=2", .ids = "2 1" },
	        { "/v1/collections/front-page?limit=1&fields=title,section.slug", .json = "{'data':[{'title':'Two','id':null,'section':{'slug':'national','name':null}}]}" },
	        { "/v1/collections/front-page?include=body", .json = "{'data':[{},{'body_text':'First words.'},{}]}" },
	        { "/v1/collections", .json = "{'data':[{'name':'front-page','title':'Today','count':3,'rev':1,'url':'https://news.example/v1/collections/front-page'}]}" },
	        { "/v1/collections/front-page?limit=0", .status = 400 }, { "/v1/collections/front-page?limit=201", .status = 400 }, { "/v1/collections/front-page?cursor=x", .status = 400 },
	        { "/v1/collections/front-page?fields=titel", .status = 400, .json = "{'errors':[{'parameter':'fields'}]}" }, { "/v1/collections/Front", .status = 404 });
	NEWSROOM({ "/v1/collections/front-page", .ids = "2 4 1 3 5", .json = "{'data':[{},{'status':'draft','title':'Four'},{},{},{}]}",
	           .reply_headers = "Cache-Control: private, no-store\nETag: *" },
	         { "/v1/collections/front-page?fields=id", .json = "{'data':[{'id':2,'status':'published','title':null},{'status':'draft'},{},{},{}]}" },
	         { "/v1/collections", .json = "{'data':[{'count':5}]}", .reply_headers = "Cache-Control: private, no-store" });
}

static void test_preconditions(void **state)
{
	struct reply reply;
	char headers[200];

	(void)state;
	NEWSROOM({ "/v1/collections/picks", .status = 412, .method = "PUT", .headers = JSON "\nIf-Match: *", .body = "{'ids':[1]}" },
	         { "/v1/collections/picks", .status = 201, .method = "PUT", .headers = JSON "\nIf-None-Match: *", .body = "{'ids':[1]}" },
	         { "/v1/collections/picks", .status = 412, .method = "PUT", .headers = JSON "\nIf-None-Match: *", .body = "{'ids':[2]}", .json = "{'type':'/problems/stale'}" },
	         { "/v1/collections/picks", .status = 428, .method = "PUT", .headers = JSON, .body = "{'ids':[2]}", .reply_headers = "ETag: \"1.current\"" },
	         { "/v1/collections/picks", .method = "PUT", .headers = JSON "\nIf-Match: \"1\"", .body = "{'ids':[2]}", .json = "{'meta':{'rev':2,'title':null}}" },
	         { "/v1/collections/picks", .status = 412, .method = "PUT", .headers = JSON "\nIf-Match: \"1.abc-i\", \"7.2-br1\"", .body = "{'ids':[3]}", .reply_headers = "ETag: \"2.current\"" },
	         { "/v1/collections/picks", .method = "PUT", .headers = JSON "\nIf-Match: W/\"1.abc-i\", W/\"2.xyz-gz1\"", .body = "{'ids':[3]}", .json = "{'meta':{'rev':3}}" });
	/* what a reader holds fits too */
	client_get(server.public, "/v1/collections/picks", &reply);
	snprintf(headers, sizeof headers, JSON "\nIf-Match: %s", reply_header(&reply, "ETag"));
	reply_done(&reply);
	NEWSROOM({ "/v1/collections/picks", .method = "PUT", .headers = headers, .body = "{'ids':[]}", .ids = "", .json = "{'meta':{'rev':4}}" },
	         { "/v1/collections/picks", .status = 428, .method = "DELETE" },
	         { "/v1/collections/picks", .status = 412, .method = "DELETE", .headers = "If-Match: \"3\"" },
	         { "/v1/collections/picks", .status = 204, .method = "DELETE", .headers = "If-Match: \"4\"" },
	         { "/v1/collections/picks", .status = 404, .method = "DELETE", .headers = "If-Match: \"4\"" },
	         { "/v1/collections/picks", .status = 404 },
	         /* whoever still holds the old one does not overwrite the new one */
	         { "/v1/collections/picks", .status = 201, .method = "PUT", .headers = JSON, .body = "{'ids':[1]}", .json = "{'meta':{'rev':6}}" },
	         { "/v1/collections/picks", .status = 412, .method = "PUT", .headers = JSON "\nIf-Match: \"1\"", .body = "{'ids':[2]}" },
	         { "/v1/collections/picks", .status = 204, .method = "DELETE", .headers = "If-Match: *" });
}

static void test_what_is_wrong(void **state)
{
	struct text many = TEXT_EMPTY;

	(void)state;
	NEWSROOM({ "/v1/collections/bad", .status = 422, .method = "PUT", .headers = JSON, .body = "{'ids':[1,2,1,77]}",
	           .json = "{'errors':[{'pointer':'/ids/2','code':'repeated'},{'pointer':'/ids/3','code':'unknown'}]}" },
	         { "/v1/collections/bad", .status = 422, .method = "PUT", .headers = JSON, .body = "{}", .json = "{'errors':[{'pointer':'/ids','code':'required'}]}" },
	         { "/v1/collections/bad", .status = 422, .method = "PUT", .headers = JSON, .body = "{'ids':['one'],'titel':'x'}", .json = "{'errors':[{'pointer':'/ids/0'},{'pointer':'/titel','suggestion':'title'}]}" },
	         { "/v1/collections/bad", .status = 422, .method = "PUT", .headers = JSON, .body = "{'title':7,'ids':[1,2,1,77]}",
	           .json = "{'errors':[{'pointer':'/title'},{'pointer':'/ids/2','code':'repeated'},{'pointer':'/ids/3','code':'unknown'}]}" },
	         { "/v1/collections/bad", .status = 400, .method = "PUT", .headers = JSON, .body = "{" },
	         { "/v1/collections/bad", .status = 415, .method = "PUT", .headers = "Content-Type: text/plain", .body = "{}" },
	         { "/v1/collections/Bad", .status = 400, .method = "PUT", .headers = JSON, .body = "{'ids':[1]}" },
	         { "/v1/collections/12", .status = 400, .method = "PUT", .headers = JSON, .body = "{'ids':[1]}" },
	         { "/v1/collections/bad", .status = 404 });
	READERS({ "/v1/collections/bad", .status = 401, .method = "PUT", .headers = JSON, .body = "{'ids':[1]}" },
	        { "/v1/collections/bad", .status = 401, .method = "DELETE" });
	text_string(&many, "{'ids':[");
	for (int i = 0; i < 201; i++)
		text_printf(&many, "%s%d", i > 0 ? "," : "", i + 1);
	text_string(&many, "]}");
	NEWSROOM({ "/v1/collections/bad", .status = 422, .method = "PUT", .headers = JSON, .body = many.bytes, .json = "{'errors':[{'pointer':'/ids'}]}" });
	text_done(&many);
}

/* Another ETag and other bytes after each change of a member; the same ones while only what is hidden changes. */
static void test_members_come_and_go(void **state)
{
	static const struct {
		const char *edit, *ids;
		bool is_seen;
	} cases[] = {
		{ "{'guid':'4','title':'Four once more','section':'Sports','source':'Wire','status':'draft'}", "2 1", false },
		{ "{'guid':'3','title':'Three once more','section':'Sports','source':'Wire'}", "2 1", false },
		{ "{'guid':'2','title':'Two once more','section':'National','source':'Wire'}", "2 1", true },
		{ "{'guid':'1','title':'One','source':'Wire','status':'withdrawn'}", "2", true },
		{ "{'guid':'4','title':'Four','section':'Sports','source':'Wire','status':'published','published_at':'2016-02-01T00:00:00Z'}", "2 4", true },
		{ "{'guid':'1','title':'One','section':'National','source':'Wire','status':'published','published_at':'2016-01-01T00:00:00Z'}", "2 4 1", true },
		{ "{'guid':'4','title':'Four','source':'Wire','status':'withdrawn'}", "2 1", true },
		{ "{'guid':'2','title':'Two','source':'Wire','status':'withdrawn'}\n{'guid':'1','title':'One','source':'Wire','status':'withdrawn'}", NULL, true },
	};
	char before[100], after[100];

	(void)state;
	NEWSROOM({ "/v1/collections/walk", .status = 201, .method = "PUT", .headers = JSON, .body = "{'ids':[2,4,1]}" });
	for (size_t i = 0; i < N_OF(cases); i++) {
		etag_of("/v1/collections/walk", before);
		test_server_put(&server, cases[i].edit);
		etag_of("/v1/collections/walk", after);
		if ((strcmp(before, after) != 0) != cases[i].is_seen)
			fail_msg("%s: %s, then %s", cases[i].edit, before, after);
		run_steps(&server, &(struct step){ "/v1/collections/walk", .status = cases[i].ids != NULL ? 200 : 404, .ids = cases[i].ids }, 1);
	}
	READERS({ "/v1/collections", .json = "{'data':[{'name':'front-page','count':1}]}" });
	NEWSROOM({ "/v1/collections/walk", .ids = "2 4 1", .json = "{'data':[{'status':'withdrawn'},{'status':'withdrawn'},{'status':'withdrawn'}]}" });
}

/* clang-format on */

/* Readers cannot tell that drafts were put in, moved and taken out, or that there is a list of drafts alone. */
static void test_no_trace(void **state)
{
	static const char *const hidden_changes[] = { "{'title':'Front','ids':[5,3]}", "{'title':'Front','ids':[3,5]}", "{'title':'Front','ids':[3]}" };
	static const char *const watched[] = { "/v1/collections/quiet", "/v1/collections", "/v1/collections/secret", "/", "/v1/articles", "/v1/collections/nothing" };
	char before[N_OF(watched)][100], after[100];
	struct reply first, last;

	(void)state;
	NEWSROOM({ "/v1/collections/quiet", .status = 201, .method = "PUT", .headers = JSON, .body = "{'title':'Front','ids':[3]}" });
	for (size_t i = 0; i < N_OF(watched); i++)
		etag_of(watched[i], before[i]);
	client_get(server.public, "/v1/collections/quiet", &first);
	for (size_t i = 0; i < N_OF(hidden_changes); i++)
		NEWSROOM({ "/v1/collections/quiet", .method = "PUT", .headers = JSON "\nIf-Match: *", .body = hidden_changes[i] });
	NEWSROOM({ "/v1/collections/secret", .status = 201, .method = "PUT", .headers = JSON, .body = "{'title':'Secret','ids':[5]}" },
	    { "/v1/collections/secret", .method = "PUT", .headers = JSON "\nIf-Match: *", .body = "{'title':'More secret','ids':[5]}" });
	for (size_t i = 0; i < N_OF(watched); i++) {
		etag_of(watched[i], after);
		assert_string_equal(after, before[i]);
	}
	client_ask(server.public, "GET", "/v1/collections/quiet", "Authorization: Basic x", NULL, &last);
	assert_string_equal(first.body.bytes, last.body.bytes);
	assert_string_equal(reply_header(&first, "Broadsheet-Seq"), reply_header(&last, "Broadsheet-Seq"));
	reply_done(&first);
	reply_done(&last);
	NEWSROOM({ "/v1/collections/quiet", .json = "{'meta':{'rev':4}}" });
	READERS({ "/v1/collections/quiet", .json = "{'meta':{'rev':1}}" });
}

/* Kept: a second look runs no statement. A list of twenty is one statement more than one of none. */
static void test_cost(void **state)
{
	static const char statements[] = "broadsheet_store_statements_total";
	int64_t before, one, twenty;
	struct text lines = TEXT_EMPTY, ids = TEXT_EMPTY;

	(void)state;
	for (int i = 0; i < 20; i++)
		text_printf(&lines, "{'guid':'m%d','title':'Many %d','section':'National','source':'Wire','published_at':'2016-03-01T00:00:00Z'}\n", i, i);
	test_server_put(&server, lines.bytes);
	text_string(&ids, "{'ids':[");
	for (int i = 0; i < 20; i++)
		text_printf(&ids, "%s%d", i > 0 ? "," : "", 6 + i);
	text_string(&ids, "]}");
	NEWSROOM({ "/v1/collections/few", .status = 201, .method = "PUT", .headers = JSON, .body = "{'ids':[6]}" },
	    { "/v1/collections/many", .status = 201, .method = "PUT", .headers = JSON, .body = ids.bytes });
	before = test_server_counter(statements);
	READERS({ "/v1/collections/few", .ids = "6" });
	one = test_server_counter(statements) - before;
	before = test_server_counter(statements);
	READERS({ "/v1/collections/many", .ids = "6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25" });
	twenty = test_server_counter(statements) - before;
	assert_int_equal(one, twenty);
	before = test_server_counter(statements);
	READERS({ "/v1/collections/many", .json = "{}" });
	assert_int_equal(test_server_counter(statements), before);
	text_done(&lines);
	text_done(&ids);
}

static void test_restart(void **state)
{
	char before[100], after[100];

	(void)state;
	etag_of("/v1/collections/many", before);
	test_server_restart(&server);
	etag_of("/v1/collections/many", after);
	assert_string_equal(before, after);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_shape),
		cmocka_unit_test(test_preconditions),
		cmocka_unit_test(test_what_is_wrong),
		cmocka_unit_test(test_members_come_and_go),
		cmocka_unit_test(test_no_trace),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_restart),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

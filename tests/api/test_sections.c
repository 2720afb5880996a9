/* SPDX-License-Identifier: MIT */
/* What the newsroom says of sections: descriptions, the navigation, names and former names, and that readers learn of none before it has an article. */
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

static const char articles[] =
    "{'guid':'1','title':'One','section':'National','source':'Wire','published_at':'2016-01-01T00:00:00Z'}\n"
    "{'guid':'2','title':'Two','section':'National','source':'Wire','published_at':'2016-01-02T00:00:00Z'}\n"
    "{'guid':'3','title':'Three','section':'Sports','source':'Wire','published_at':'2016-01-03T00:00:00Z'}\n"
    "{'guid':'4','title':'Four','section':'National','source':'Wire','status':'draft'}\n"
    "{'guid':'5','title':'Five','section':'Arts','source':'Wire','published_at':'2016-01-05T00:00:00Z'}\n"
    "{'guid':'6','title':'Six','section':'Hidden','source':'Wire','status':'draft'}\n";

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

static void look(const char *path, struct text *ret_seen)
{
	struct reply reply;

	client_get(server.public, path, &reply);
	text_printf(ret_seen, "%s %ld %s %s\n", path, reply.status, reply.status == 200 ? reply_header(&reply, "ETag") : "", reply_header(&reply, "Broadsheet-Seq"));
	if (reply.status == 200)
		text_string(ret_seen, reply.body.bytes);
	reply_done(&reply);
}

/* clang-format off */

static void test_what_is_said(void **state)
{
	struct reply reply;
	char headers[200];

	(void)state;
	NEWSROOM({ "/v1/sections/national", .method = "PUT", .headers = JSON, .body = "{'name':'National','description':'The whole country.','position':2}",
	           .json = "{'data':{'slug':'national','name':'National','description':'The whole country.','position':2,'hidden':null,'count':2,'rev':1}}",
	           .reply_headers = "ETag: *\nCache-Control: no-store" });
	READERS({ "/v1/sections/national", .json = "{'data':{'description':'The whole country.','position':2,'rev':1}}" },
	        { "/v1/sections", .json = "{'data':[{'slug':'arts','description':null},{'slug':'national','description':'The whole country.','position':2},{'slug':'sports'}]}" },
	        { "/v1/sections?order=navigation", .json = "{'data':[{'slug':'national'},{'slug':'arts'},{'slug':'sports'}]}" });
	client_get(server.public, "/v1/sections/national", &reply);
	assert_int_equal(strncmp(reply_header(&reply, "ETag"), "\"1.", 3), 0);
	snprintf(headers, sizeof headers, JSON "\nIf-Match: %s", reply_header(&reply, "ETag"));
	reply_done(&reply);
	NEWSROOM({ "/v1/sections/national", .status = 428, .method = "PUT", .headers = JSON, .body = "{'name':'National'}", .reply_headers = "ETag: \"1.current\"" },
	         { "/v1/sections/national", .method = "PUT", .headers = headers, .body = "{'name':'National'}", .json = "{'data':{'description':null,'position':null,'rev':2}}" },
	         { "/v1/sections/national", .status = 412, .method = "PUT", .headers = headers, .body = "{'name':'National'}", .reply_headers = "ETag: \"2.current\"" },
	         { "/v1/sections/national", .status = 412, .method = "PUT", .headers = JSON "\nIf-None-Match: *", .body = "{'name':'National'}" },
	         { "/v1/sections/national", .status = 422, .method = "PUT", .headers = ANY, .body = "{'position':0,'nmae':'x','hidden':1}",
	           .json = "{'errors':[{'pointer':'/position'},{'pointer':'/nmae','suggestion':'name'},{'pointer':'/hidden'},{'pointer':'/name'}]}" },
	         { "/v1/sections/national", .status = 422, .method = "PUT", .headers = ANY, .body = "{'description':'x'}", .json = "{'errors':[{'pointer':'/name','code':'required'}]}" },
	         { "/v1/sections/National", .status = 400, .method = "PUT", .headers = JSON, .body = "{'name':'National'}" });
	READERS({ "/v1/sections/national", .status = 401, .method = "PUT", .headers = JSON, .body = "{'name':'National'}" },
	        { "/v1/tags/national", .status = 405, .method = "PUT", .headers = JSON, .body = "{'name':'National'}" },
	        { "/v1/sections?order=navigation&q=n", .status = 400, .json = "{'errors':[{'parameter':'q'}]}" },
	        { "/v1/tags?order=navigation", .status = 400 });
	/* one that nobody has written yet has an ETag without a rev, and that fits */
	client_get(server.public, "/v1/sections/arts", &reply);
	snprintf(headers, sizeof headers, JSON "\nIf-Match: %s", reply_header(&reply, "ETag"));
	reply_done(&reply);
	NEWSROOM({ "/v1/sections/arts", .method = "PUT", .headers = headers, .body = "{'name':'Arts','hidden':true}", .json = "{'data':{'hidden':true,'rev':1}}" });
	READERS({ "/v1/sections?order=navigation", .json = "{'data':[{'slug':'national'},{'slug':'sports'}]}" },
	        { "/v1/sections/arts", .json = "{'data':{'hidden':true}}" });
}

static void test_positions(void **state)
{
	(void)state;
	NEWSROOM({ "/v1/sections/arts", .method = "PUT", .headers = ANY, .body = "{'name':'Arts','position':7}" },
	         { "/v1/sections/sports", .method = "PUT", .headers = JSON, .body = "{'name':'Sports','position':3}" });
	READERS({ "/v1/sections?order=navigation", .json = "{'data':[{'slug':'sports'},{'slug':'arts'},{'slug':'national'}]}" },
	        { "/v1/sections?order=navigation&limit=2", .json = "{'data':[{'slug':'sports'},{'slug':'arts'}],'links':{'next':null}}" });
	NEWSROOM({ "/v1/sections/arts", .method = "PUT", .headers = ANY, .body = "{'name':'Arts'}" },
	         { "/v1/sections/sports", .method = "PUT", .headers = ANY, .body = "{'name':'Sports'}" });
}

/* All of it is there at once, and the slug stays. A feed that goes on with the former name makes no second section. */
static void test_rename(void **state)
{
	(void)state;
	NEWSROOM({ "/v1/sections/national", .method = "PUT", .headers = ANY, .body = "{'name':'Country & Nation'}", .json = "{'data':{'slug':'national','name':'Country & Nation'}}" });
	READERS({ "/v1/articles?section=national", .ids = "2 1", .json = "{'data':[{'section':{'slug':'national','name':'Country & Nation'},'rev':2,'updated_at':'2016-01-02T00:00:00Z'},{}]}" },
	        { "/v1/articles/1", .json = "{'data':{'section':{'slug':'national','name':'Country & Nation'},'rev':2}}" },
	        { "/v1/sections", .json = "{'data':[{'name':'Arts'},{'name':'Country & Nation','count':2},{'name':'Sports'}]}" },
	        { "/v1/suggest?q=coun", .json = "{'data':[{'type':'section','name':'Country & Nation'}]}" },
	        { "/v1/suggest?q=national", .json = "{'data':[]}" },
	        { "/v1/search?q=one&facets=section", .json = "{'meta':{'facets':{'section':[{'name':'Country & Nation'}]}}}" });
	test_server_put(&server, "{'guid':'1','title':'One','section':'NATIONAL','source':'Wire','published_at':'2016-01-01T00:00:00Z'}\n"
	                         "{'guid':'7','title':'Seven','section':'national','source':'Wire','published_at':'2016-01-07T00:00:00Z'}");
	READERS({ "/v1/articles?section=national", .ids = "7 2 1", .json = "{'data':[{'section':{'name':'Country & Nation'}},{},{'section':{'name':'Country & Nation'},'rev':2}]}" },
	        { "/v1/sections", .json = "{'data':[{'name':'Arts'},{'name':'Country & Nation','count':3},{'name':'Sports'}]}" });
	NEWSROOM({ "/v1/sections/sports", .status = 409, .method = "PUT", .headers = ANY, .body = "{'name':'COUNTRY & NATION'}",
	           .json = "{'detail':'~national','errors':[{'pointer':'/name','code':'taken'}]}" },
	         { "/v1/sections/sports", .status = 409, .method = "PUT", .headers = ANY, .body = "{'name':'National'}", .json = "{'detail':'~national'}" },
	         { "/v1/sections/new", .status = 409, .method = "PUT", .headers = JSON, .body = "{'name':'sports'}", .json = "{'detail':'~sports'}" },
	         { "/v1/sections/new", .status = 404 },
	         /* another spelling, and back to a former name */
	         { "/v1/sections/national", .method = "PUT", .headers = ANY, .body = "{'name':'COUNTRY & nation'}" },
	         { "/v1/sections/national", .method = "PUT", .headers = ANY, .body = "{'name':'National'}", .json = "{'data':{'name':'National','count':3}}" });
	READERS({ "/v1/articles/2", .json = "{'data':{'section':{'name':'National'},'rev':4}}" },
	        { "/v1/suggest?q=national", .json = "{'data':[{'type':'section','name':'National'}]}" });
	/* a draft is told too; nobody saw that */
	test_server_put(&server, "{'guid':'4','title':'Four','section':'Country & Nation','source':'Wire','status':'published','published_at':'2016-01-04T00:00:00Z'}");
	READERS({ "/v1/articles/4", .json = "{'data':{'section':{'slug':'national','name':'National'}}}" });
}

/* clang-format on */

/* Readers learn nothing of a section that has no article for them: no answer changes by a byte. */
static void test_no_trace(void **state)
{
	static const char *const paths[] = { "/v1/sections", "/v1/sections?order=count", "/v1/sections?order=navigation", "/v1/sections/hidden", "/v1/sections/planned",
		"/v1/suggest?q=sec", "/v1/suggest?q=plan", "/", "/section/hidden", "/section/national", "/v1/articles", "/v1/articles?section=hidden", "/v1/articles/1" };
	struct text before = TEXT_EMPTY, after = TEXT_EMPTY;

	(void)state;
	for (size_t i = 0; i < N_OF(paths); i++)
		look(paths[i], &before);
	NEWSROOM({ "/v1/sections/hidden", .method = "PUT", .headers = JSON, .body = "{'name':'Secret','description':'Not yet.','position':1}", .json = "{'data':{'count':0,'newest_at':null}}" },
	    { "/v1/sections/planned", .status = 201, .method = "PUT", .headers = JSON, .body = "{'name':'Planned','position':1}",
	      .reply_headers = "Location: https://news.example/v1/sections/planned" });
	for (size_t i = 0; i < N_OF(paths); i++)
		look(paths[i], &after);
	assert_string_equal(before.bytes, after.bytes);
	NEWSROOM({ "/v1/sections", .json = "{'data':[{'slug':'arts'},{'slug':'national'},{'slug':'planned','count':0,'position':1},{'slug':'hidden','name':'Secret'},{'slug':'sports'}]}",
	           .reply_headers = "Cache-Control: private, no-store" },
	    { "/v1/sections?q=sec", .json = "{'data':[{'slug':'hidden'}]}" }, { "/v1/sections/planned", .json = "{'data':{'name':'Planned','rev':1}}", .reply_headers = "ETag: *" });
	/* with its first article all of it is there */
	test_server_put(&server, "{'guid':'6','title':'Six','section':'Hidden','source':'Wire','status':'published','published_at':'2016-01-06T00:00:00Z'}");
	READERS({ "/v1/sections?order=navigation", .json = "{'data':[{'slug':'hidden','name':'Secret','description':'Not yet.'},{},{},{}]}" },
	    { "/v1/articles/6", .json = "{'data':{'section':{'slug':'hidden','name':'Secret'}}}" }, { "/v1/suggest?q=sec", .json = "{'data':[{'name':'Secret'}]}" });
	text_done(&before);
	text_done(&after);
}

enum { MANY = 450, PAGE = 100 };

static size_t renamed(const char *name)
{
	struct reply reply;
	json_t *item;
	size_t n = 0, i;
	char path[1200] = "/v1/articles?section=many&limit=100&fields=section.name";

	while (path[0] != '\0') {
		const char *next;

		client_get(server.public, path, &reply);
		assert_int_equal(reply.status, 200);
		json_array_foreach(reply_member(&reply, "data"), i, item)
			n += strcmp(json_string_value(json_object_get(json_object_get(item, "section"), "name")), name) == 0;
		next = reply_link(&reply, "next");
		snprintf(path, sizeof path, "%s", next != NULL ? next : "");
		reply_done(&reply);
	}
	return n;
}

static int64_t due(void)
{
	struct store *store = test_store_at(server.database, STORE_READ);
	const int64_t n = test_number(store, "SELECT count(*) FROM section_rename");

	store_close(store);
	return n;
}

/* The newest page has the new name when the answer is there, the rest soon, and what a stop breaks off goes on at the next start. */
static void test_a_large_section(void **state)
{
	struct text lines = TEXT_EMPTY;
	struct store *store;

	(void)state;
	for (int i = 0; i < MANY; i++)
		text_printf(&lines, "{'guid':'m%d','title':'Many %d','section':'Many','source':'Wire','status':'%s','published_at':'2016-03-01T00:%02d:%02dZ'}\n", i, i,
		    i % 10 == 0 ? "draft" : "published", i / 60, i % 60);
	test_server_put(&server, lines.bytes);
	text_done(&lines);
	assert_int_equal(renamed("Many"), MANY - MANY / 10);
	NEWSROOM({ "/v1/sections/many", .method = "PUT", .headers = JSON, .body = "{'name':'Lots'}" });
	READERS({ "/v1/articles?section=many&limit=1", .json = "{'data':[{'section':{'name':'Lots'}}]}" });
	assert_true(renamed("Lots") >= PAGE);
	test_server_halt(&server);
	test_server_resume(&server);
	for (int tries = 0; due() > 0; tries++)
		assert_true(tries < 10000);
	assert_int_equal(renamed("Lots"), MANY - MANY / 10);
	test_server_halt(&server);
	store = test_store_at(server.database, STORE_READ);
	assert_int_equal(test_findings(store), 0);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article JOIN term ON term_id = section_id WHERE term.slug = 'many' AND rev <> 2"), 0);
	store_close(store);
	test_server_resume(&server);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_said),
		cmocka_unit_test(test_positions),
		cmocka_unit_test(test_rename),
		cmocka_unit_test(test_no_trace),
		cmocka_unit_test(test_a_large_section),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: MIT */
/*
 * What the newsroom reads: lists by status under every filter, in both directions; single articles whatever their status; and that for everyone
 * else nothing has changed. The control socket stands for a key here.
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

/* 1 to 3 published, 4 and 5 drafts, 6 scheduled, 7 withdrawn, 8 a draft that was public. */
static const char articles[] =
    "{'id':1,'guid':'1','title':'Harbour one','section':'National','source':'Wire','tags':['Ferry'],'published_at':'2016-01-01T00:00:00Z'}\n"
    "{'id':2,'guid':'2','title':'Harbour two','section':'Sports','source':'Wire','published_at':'2016-01-02T00:00:00Z','expire_at':'2030-01-01T00:00:00Z'}\n"
    "{'id':3,'guid':'3','title':'Bridge three','section':'National','source':'Post','published_at':'2016-01-03T00:00:00Z'}\n"
    "{'id':4,'guid':'4','title':'Harbour draft','section':'National','source':'Wire','tags':['Ferry','Hidden'],'status':'draft',"
    "'updated_at':'2016-01-04T00:00:00Z','body_html':'<p>About e-mail and bridges.</p>','byline':'By Ann','lang':'en'}\n"
    "{'id':5,'guid':'5','title':'Brouillon','source':'Post','status':'draft','updated_at':'2016-01-02T12:00:00Z','featured':true,'lang':'fr'}\n"
    "{'id':6,'guid':'6','title':'Harbour to come','section':'National','source':'Wire','status':'scheduled','publish_at':'2016-07-01T00:00:00Z',"
    "'updated_at':'2016-01-05T00:00:00Z'}\n"
    "{'id':7,'guid':'7','title':'Harbour gone','section':'Sports','source':'Wire','published_at':'2016-01-06T00:00:00Z'}\n"
    "{'guid':'7','title':'Harbour gone','section':'Sports','source':'Wire','status':'withdrawn','removed_at':'2016-02-01T00:00:00Z','reason':'Wrong'}\n"
    "{'id':8,'guid':'8','title':'Eight','section':'National','source':'Wire','published_at':'2016-01-07T00:00:00Z'}\n"
    "{'guid':'8','title':'Eight','section':'National','source':'Wire','status':'draft'}\n";

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

/* As the newsroom asks. */
static void expect(const char *target, const char *ids)
{
	struct reply reply;

	client_get(server.writer, target, &reply);
	if (reply.status != 200)
		fail_msg("%s: %ld %s", target, reply.status, reply.body.bytes);
	expect_ids(target, &reply, ids);
	expect_header(target, &reply, "Cache-Control", "private, no-store");
	reply_done(&reply);
}

static void expect_problem(const char *target, long status, const char *json)
{
	struct reply reply;

	client_get(server.writer, target, &reply);
	if (reply.status != status)
		fail_msg("%s: %ld %s", target, reply.status, reply.body.bytes);
	expect_json(target, &reply, json);
	reply_done(&reply);
}

static void test_statuses(void **state)
{
	(void)state;
	expect("/v1/articles?status=draft", "8 4 5");
	expect("/v1/articles?status=scheduled", "6");
	expect("/v1/articles?status=withdrawn", "7");
	expect("/v1/articles?status=published", "3 2 1");
	expect("/v1/articles", "3 2 1");
	expect("/v1/articles?status=draft,scheduled,published,withdrawn", "6 8 7 4 3 5 2 1");
	expect("/v1/articles?status=draft,published&order=oldest", "1 2 5 3 4 8");
	expect("/v1/articles?status=draft,scheduled&order=updated", "8 6 4 5");
	expect("/v1/search?q=harbour&status=draft", "4");
}

static void test_filters(void **state)
{
	(void)state;
	expect("/v1/articles?status=draft,scheduled&section=national", "6 8 4");
	expect("/v1/articles?status=draft,published&section=national", "8 4 3 1");
	expect("/v1/articles?status=draft,published&section=!national", "5 2");
	expect("/v1/articles?status=draft&tag=hidden", "4");
	expect("/v1/articles?status=draft,published&tag_all=ferry", "4 1");
	expect("/v1/articles?status=draft&tag_all=ferry,hidden", "4");
	expect("/v1/articles?status=draft,withdrawn&source=wire", "8 7 4");
	expect("/v1/articles?status=draft&lang=fr", "5");
	expect("/v1/articles?status=draft&featured=true", "5");
	expect("/v1/articles?status=draft&featured=false", "8 4");
	expect("/v1/articles?status=draft,scheduled&published_after=2016-01-03", "6 8 4");
	expect("/v1/articles?status=draft&updated_before=2016-01-04", "5");
	expect("/v1/articles?status=draft&section=a,b,c,d,e,f,g,h,i,national", "8 4");
	expect("/v1/articles?status=draft&tag=nobody", "");
}

static void test_words(void **state)
{
	(void)state;
	expect("/v1/articles?status=draft&q=harbours", "4");
	expect("/v1/articles?status=draft&q=bridge", "4");
	expect("/v1/articles?status=draft&q=email", "4");
	expect("/v1/articles?status=draft&q=e-mail", "4");
	expect("/v1/articles?status=draft&q=brouil*", "5");
	expect("/v1/articles?status=draft&q=\"harbour+draft\"", "4");
	expect("/v1/articles?status=draft&q=\"draft+harbour\"", "");
	expect("/v1/articles?status=draft&q=title:bridges", "");
	expect("/v1/articles?status=draft&q=byline:ann", "4");
	expect("/v1/articles?status=draft,withdrawn,scheduled&q=harbour", "6 7 4");
	expect("/v1/articles?status=draft,withdrawn,scheduled&q=harbour+-gone", "6 4");
	expect("/v1/articles?status=draft,published&q=harbour", "4 2 1");
	expect("/v1/articles?status=draft,published,scheduled,withdrawn&q=harbour&order=oldest", "1 2 4 7 6");
	expect("/v1/articles?status=draft&q=-harbour", "");
	expect_problem("/v1/articles?status=draft,published&q=harbour&order=updated", 400, "{'errors':[{'parameter':'order','code':'not-with-status'}]}");
	expect_problem("/v1/articles?status=draft&facets=tag", 400, "{'errors':[{'parameter':'facets','code':'not-with-status'}]}");
}

/* From one end to the other and back: each article once. */
static void walk(const char *target, const char *ids)
{
	struct text there = TEXT_EMPTY, back = TEXT_EMPTY;
	char at[600], last[600] = "";
	struct reply reply;

	for (snprintf(at, sizeof at, "%s", target); at[0] != '\0';) {
		client_get(server.writer, at, &reply);
		assert_int_equal(reply.status, 200);
		for (size_t i = 0; i < json_array_size(json_object_get(reply.json, "data")); i++)
			text_printf(&there, "%s%lld", there.length > 0 ? " " : "",
			    (long long)json_integer_value(json_object_get(json_array_get(json_object_get(reply.json, "data"), i), "id")));
		snprintf(last, sizeof last, "%s", at);
		snprintf(at, sizeof at, "%s", reply_link(&reply, "next") != NULL ? reply_link(&reply, "next") : "");
		reply_done(&reply);
	}
	if (there.length == 0 || strcmp(there.bytes, ids) != 0)
		fail_msg("%s: %s, not %s", target, there.length > 0 ? there.bytes : "", ids);
	for (snprintf(at, sizeof at, "%s", last); at[0] != '\0';) {
		struct text page = TEXT_EMPTY;

		client_get(server.writer, at, &reply);
		assert_int_equal(reply.status, 200);
		text_string(&page, "");
		for (size_t i = 0; i < json_array_size(json_object_get(reply.json, "data")); i++)
			text_printf(&page, "%s%lld", page.length > 0 ? " " : "",
			    (long long)json_integer_value(json_object_get(json_array_get(json_object_get(reply.json, "data"), i), "id")));
		if (page.length > 0 && back.length > 0)
			text_char(&page, ' ');
		text_string(&page, back.length > 0 ? back.bytes : "");
		text_done(&back);
		back = page;
		snprintf(at, sizeof at, "%s", reply_link(&reply, "prev") != NULL ? reply_link(&reply, "prev") : "");
		reply_done(&reply);
	}
	if (strcmp(back.bytes, ids) != 0)
		fail_msg("%s back: %s, not %s", target, back.bytes, ids);
	text_done(&there);
	text_done(&back);
}

static void test_cursors(void **state)
{
	(void)state;
	walk("/v1/articles?status=draft,scheduled,published,withdrawn&limit=1", "6 8 7 4 3 5 2 1");
	walk("/v1/articles?status=draft,scheduled,published,withdrawn&limit=2", "6 8 7 4 3 5 2 1");
	walk("/v1/articles?status=draft,published&order=oldest&limit=1", "1 2 5 3 4 8");
	walk("/v1/articles?status=draft,scheduled,withdrawn&q=harbour&limit=1", "6 7 4");
	walk("/v1/articles?status=draft,scheduled,published,withdrawn&q=harbour&limit=1", "6 7 4 2 1");
	walk("/v1/articles?status=draft,scheduled,published,withdrawn&q=harbour&order=oldest&limit=1", "1 2 4 7 6");
	expect_problem("/v1/articles?status=draft,published&q=harbour&cursor=AAAA", 400, "{'type':'~bad-cursor'}");
}

/* Cut off long before a page is full, walks meet every article nevertheless. */
static void test_cut(void **state)
{
	(void)state;
	for (int64_t most = 1; most < 20; most += 3) {
		newsroom_examined_most = most;
		walk("/v1/articles?status=draft,scheduled,published,withdrawn&q=harbour&limit=1", "6 7 4 2 1");
		walk("/v1/articles?status=draft,scheduled,published,withdrawn&q=harbour&order=oldest&limit=2", "1 2 4 7 6");
		walk("/v1/articles?status=draft,scheduled,published,withdrawn&q=brouillon&limit=2", "5");
	}
	newsroom_examined_most = LIST_EXAMINED_MOST;
}

static void test_items(void **state)
{
	struct reply reply;

	(void)state;
	client_get(server.writer, "/v1/articles?status=scheduled", &reply);
	expect_json("scheduled", &reply, "{'data':[{'id':6,'status':'scheduled','publish_at':'2016-07-01T00:00:00Z','url':'https://news.example/article/harbour-to-come'}]}");
	reply_done(&reply);
	client_get(server.writer, "/v1/articles?status=withdrawn&include=body", &reply);
	expect_json("withdrawn", &reply, "{'data':[{'id':7,'status':'withdrawn','removed_at':'2016-02-01T00:00:00Z','reason':'Wrong'}]}");
	reply_done(&reply);
	client_get(server.writer, "/v1/articles?status=draft,published&fields=id,status,expire_at&section=sports", &reply);
	expect_json("fields", &reply, "{'data':[{'id':2,'status':'published','expire_at':'2030-01-01T00:00:00Z','title':null}]}");
	reply_done(&reply);
	client_get(server.writer, "/v1/articles?status=draft&count=exact&limit=1", &reply);
	expect_json("count", &reply, "{'meta':{'count':{'value':3,'exact':true}}}");
	reply_done(&reply);
	/* Without a status nothing changes, key or not. */
	client_get(server.writer, "/v1/articles", &reply);
	expect_json("no status", &reply, "{'data':[{'id':3,'status':null},'*','*']}");
	reply_done(&reply);
}

static void test_ids(void **state)
{
	struct reply reply;

	(void)state;
	expect("/v1/articles?ids=4,1,7,6", "4 1 7 6");
	expect("/v1/articles?ids=4,1,7&status=draft", "4");
	expect("/v1/articles?ids=4,1,7&status=published", "1");
	expect("/v1/articles?ids=4,1&tag=hidden", "4");
	expect("/v1/articles?ids=4,1,6&published_after=2016-01-02", "4 6");
	client_get(server.writer, "/v1/articles?ids=4,99", &reply);
	expect_json("ids", &reply, "{'data':[{'id':4,'status':'draft'}],'meta':{'missing':[{'id':99,'status':404}]}}");
	reply_done(&reply);
}

static void test_detail(void **state)
{
	char public[120];
	struct reply reply;

	(void)state;
	client_get(server.writer, "/v1/articles/4", &reply);
	expect_json("draft", &reply, "{'data':{'id':4,'rev':1,'status':'draft','title':'Harbour draft','body_text':'*','related':null}}");
	expect_header("draft", &reply, "Cache-Control", "private, no-store");
	assert_memory_equal(reply_header(&reply, "ETag"), "\"1.", 3);
	reply_done(&reply);
	client_get(server.writer, "/v1/articles/7", &reply);
	expect_json("withdrawn", &reply, "{'data':{'id':7,'rev':2,'status':'withdrawn','reason':'Wrong','removed_at':'2016-02-01T00:00:00Z'}}");
	assert_memory_equal(reply_header(&reply, "ETag"), "\"2.", 3);
	reply_done(&reply);
	client_get(server.writer, "/v1/articles/harbour-to-come?fields=id,publish_at", &reply);
	expect_json("fields", &reply, "{'data':{'id':6,'publish_at':'2016-07-01T00:00:00Z','title':null}}");
	reply_done(&reply);
	/* One ETag never names two byte strings: what a key is told is more than what readers are. */
	client_get(server.public, "/v1/articles/2", &reply);
	expect_json("public", &reply, "{'data':{'id':2,'status':null,'expire_at':null}}");
	snprintf(public, sizeof public, "%s", reply_header(&reply, "ETag"));
	reply_done(&reply);
	client_get(server.writer, "/v1/articles/2", &reply);
	expect_json("published", &reply, "{'data':{'id':2,'status':'published','expire_at':'2030-01-01T00:00:00Z','related':'*'}}");
	assert_string_not_equal(reply_header(&reply, "ETag"), public);
	reply_done(&reply);
}

/* clang-format off */

static void test_public(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles", .ids = "3 2 1" },
		{ "/v1/articles?status=published", .ids = "3 2 1" },
		{ "/v1/articles?status=draft", .status = 403, .json = "{'errors':[{'parameter':'status','code':'needs-key'}]}" },
		{ "/v1/articles?status=published,draft", .status = 403, .json = "{'errors':[{'parameter':'status','code':'needs-key'}]}" },
		{ "/v1/search?q=harbour&status=withdrawn", .status = 403 },
		{ "/v1/articles/1/next?status=draft", .status = 403 },
		{ "/v1/articles?status=any", .status = 400 },
		{ "/v1/articles?ids=4,1,7,8,99", .ids = "1",
		  .json = "{'meta':{'missing':[{'id':4,'status':404},{'id':7,'status':410},{'id':8,'status':410},{'id':99,'status':404}]}}" },
		{ "/v1/articles/4", .status = 404 }, { "/v1/articles/6", .status = 404 }, { "/v1/articles/7", .status = 410 },
		{ "/v1/tags/hidden", .status = 404 },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_cursors),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_items),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_detail),
		cmocka_unit_test(test_public),
	};

	return cmocka_run_group_tests_name("newsroom", tests, set_up, tear_down);
}

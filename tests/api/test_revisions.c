/* SPDX-License-Identifier: MIT */
/* Versions of an article: what readers are told of them and what they are not; all of it for the newsroom; and what differs between two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api_steps.h"

/* 1: two drafts, three published ones, the last with a correction. 2: a draft. 3: published, withdrawn, published again. */
static const char articles[] =
    "{'id':1,'guid':'1','title':'Canary wording','section':'National','source':'Wire','status':'draft','updated_at':'2016-01-01T00:00:00Z','body_html':'<p>Nonsense.</p>'}\n"
    "{'guid':'1','title':'Canary wording two','section':'National','source':'Wire','status':'draft','updated_at':'2016-01-01T01:00:00Z','body_html':'<p>Nonsense.</p>'}\n"
    "{'guid':'1','title':'The mayor says no','section':'National','source':'Wire','status':'published','published_at':'2016-01-02T00:00:00Z','updated_at':'2016-01-02T00:00:00Z',"
    "'body_html':'<p>The mayor said no.</p><p>Second.</p>','tags':['A']}\n"
    "{'guid':'1','title':'The mayor says yes','section':'National','source':'Wire','status':'published','published_at':'2016-01-02T00:00:00Z','updated_at':'2016-01-03T00:00:00Z',"
    "'body_html':'<p>The mayor said <b>yes</b> & no.</p><p>Second.</p>','tags':['A','B']}\n"
    "{'guid':'1','title':'The mayor says yes','section':'National','source':'Wire','status':'published','published_at':'2016-01-02T00:00:00Z','updated_at':'2016-01-04T00:00:00Z',"
    "'body_html':'<p>The mayor said <b>yes</b> & no.</p><p>Second.</p>','tags':['A','B'],"
    "'corrections':[{'at':'2016-01-04T00:00:00Z','kind':'correction','text':'It was no.'}]}\n"
    "{'id':2,'guid':'2','title':'Draft','section':'National','source':'Wire','status':'draft'}\n"
    "{'id':3,'guid':'3','title':'Three','section':'National','source':'Wire','status':'published','published_at':'2016-01-02T00:00:00Z','updated_at':'2016-01-02T00:00:00Z'}\n"
    "{'guid':'3','title':'Three','section':'National','source':'Wire','status':'withdrawn','removed_at':'2016-01-03T00:00:00Z','reason':'Canary reason'}\n"
    "{'guid':'3','title':'Three again','section':'National','source':'Wire','status':'published','published_at':'2016-01-02T00:00:00Z','updated_at':'2016-01-05T00:00:00Z'}\n";

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

/* clang-format off */

static void test_public(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles/1/revisions",
		  .json = "{'data':[{'rev':5,'at':'2016-01-04T00:00:00Z','kind':'correction','corrections':[{'at':'2016-01-04T00:00:00Z','kind':'correction','text':'It was no.'}]},"
		          "{'rev':4,'at':'2016-01-03T00:00:00Z','kind':'edited','by':null,'title':null,'changed':null},{'rev':3,'at':'2016-01-02T00:00:00Z','kind':'published'}]}" },
		{ "/v1/articles/the-mayor-says-yes/revisions", .status = 404 },
		{ "/v1/articles/canary-wording/revisions?limit=1", .json = "{'data':[{'rev':5}],'links':{'next':'*'}}" },
		{ "/v1/articles/2/revisions", .status = 404 },
		{ "/v1/articles/3/revisions", .json = "{'data':[{'rev':3,'kind':'edited'},{'rev':1,'kind':'published'}]}" },
		{ "/v1/articles/1/revisions/3", .status = 401 },
		{ "/v1/articles/1/revisions/3/diff", .status = 401 },
		{ "/v1/articles/2/revisions/9", .status = 401 },
		{ "/v1/articles/1/revisions?against=3", .status = 400 },
	};
	struct reply reply;

	(void)state;
	RUN_STEPS(&server, steps);
	for (int id = 1; id <= 3; id += 2) {
		client_get(server.public, id == 1 ? "/v1/articles/1/revisions" : "/v1/articles/3/revisions", &reply);
		assert_null(strstr(reply.body.bytes, "anary"));
		assert_null(strstr(reply.body.bytes, "import"));
		reply_done(&reply);
	}
}

/* clang-format on */

static void test_pages(void **state)
{
	struct text seen = TEXT_EMPTY;
	char at[400] = "/v1/articles/1/revisions?limit=2";
	struct reply reply;

	(void)state;
	while (at[0] != '\0') {
		client_get(server.writer, at, &reply);
		assert_int_equal(reply.status, 200);
		for (size_t i = 0; i < json_array_size(json_object_get(reply.json, "data")); i++)
			text_printf(&seen, "%lld ", (long long)json_integer_value(json_object_get(json_array_get(json_object_get(reply.json, "data"), i), "rev")));
		snprintf(at, sizeof at, "%s", reply_link(&reply, "next") != NULL ? reply_link(&reply, "next") : "");
		reply_done(&reply);
	}
	assert_string_equal(seen.bytes, "5 4 3 2 1 ");
	text_done(&seen);
}

static void expect(const char *target, long status, const char *json)
{
	struct reply reply;

	client_get(server.writer, target, &reply);
	if (reply.status != status)
		fail_msg("%s: %ld %s", target, reply.status, reply.body.bytes);
	expect_json(target, &reply, json);
	reply_done(&reply);
}

static void test_newsroom(void **state)
{
	(void)state;
	expect("/v1/articles/1/revisions", 200,
	    "{'data':[{'rev':5,'seq':5,'by':'import','status':'published','changed':['corrections']},"
	    "{'rev':4,'changed':['title','summary','tags','body_html']},{'rev':3,'changed':['title','summary','tags','published_at','body_html','status']},"
	    "{'rev':2,'status':'draft','changed':['title']},{'rev':1,'seq':1,'title':'Canary wording','status':'draft','changed':null}]}");
	expect("/v1/articles/2/revisions", 200, "{'data':[{'rev':1,'status':'draft'}]}");
	expect("/v1/articles/3/revisions", 200, "{'data':[{'rev':3},{'rev':2,'status':'withdrawn'},{'rev':1}]}");
	expect("/v1/articles/1/revisions/2", 200, "{'data':{'rev':2,'changed':['title'],'article':{'id':1,'rev':2,'title':'Canary wording two','status':'draft'}}}");
	expect("/v1/articles/1/revisions/6", 404, "{'status':404}");
	expect("/v1/articles/1/revisions/0", 404, "{'status':404}");
	expect("/v1/articles/1/revisions/01", 404, "{'status':404}");
	expect("/v1/articles/9/revisions/1", 404, "{'status':404}");
}

static void test_diff(void **state)
{
	struct reply reply;

	(void)state;
	client_get(server.writer, "/v1/articles/1/revisions/4/diff", &reply);
	expect_json("diff", &reply,
	    "{'data':{'rev':4,'against':3,'fields':[{'field':'title','before':'The mayor says no','after':'The mayor says yes'},"
	    "{'field':'summary'},{'field':'tags','before':['*'],'after':['*','*']},{'field':'body_html','before':'*','after':'*'}],"
	    "'body':[[{'operation':'equal','text':'The mayor said '},{'operation':'insert','text':'yes & '},{'operation':'equal','text':'no.'}],"
	    "[{'operation':'equal','text':'Second.'}]]}}");
	assert_string_equal(reply_string(&reply, "data.diff_html"), "<p>The mayor said <ins>yes &amp; </ins>no.</p>\n<p>Second.</p>\n");
	reply_done(&reply);
	expect("/v1/articles/1/revisions/3/diff?against=5", 200, "{'data':{'rev':3,'against':5,'fields':['*','*','*','*','*']}}");
	expect("/v1/articles/1/revisions/1/diff", 200, "{'data':{'rev':1,'against':null,'body':[[{'operation':'insert','text':'Nonsense.'}]]}}");
	expect("/v1/articles/1/revisions/4/diff?against=9", 404, "{'status':404}");
	expect("/v1/articles/1/revisions/5/diff?against=5", 200, "{'data':{'fields':[],'body':'*'}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_public),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_newsroom),
		cmocka_unit_test(test_diff),
	};

	return cmocka_run_group_tests_name("revisions", tests, set_up, tear_down);
}

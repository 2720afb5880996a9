/* SPDX-License-Identifier: MIT */
/* GET /v1/articles/{ref}, /next and /prev: by id, slug and former slug, what is gone or was never there, and the neighbours under filters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api_steps.h"

/* 3 changed its slug twice; 7 was withdrawn with a reason, 8 without; 9 is a draft that was public, 10 and 11 never were. */
static const char articles[] =
    "{'id':1,'title':'One','section':'National','source':'Wire','tags':['A'],'published_at':'2016-01-01T00:00:00Z',"
    "'body_html':'<p>First <b>one</b>.</p><script>alert(1)</script>','byline':'By Ann','dateline':'WATERLOO','summary':'Standfirst',"
    "'guid':'tag:1','source_url':'https://wire.example/1','canonical_url':'https://wire.example/c','image':{'url':'https://img.example/a.jpg','alt':'A'},"
    "'rights':{'holder':'Wire','notice':'All rights'},'corrections':[{'at':'2016-01-03T00:00:00Z','kind':'clarification','text':'Clearer.'}]}\n"
    "{'id':2,'guid':'2','title':'Two','section':'Sports','source':'Wire','tags':['A','B'],'published_at':'2016-01-02T00:00:00Z'}\n"
    "{'id':3,'guid':'3','title':'Three','slug':'three-at-first','section':'National','source':'Post','published_at':'2016-01-02T00:00:00Z'}\n"
    "{'guid':'3','title':'Three','slug':'three-then','section':'National','source':'Post','published_at':'2016-01-02T00:00:00Z'}\n"
    "{'guid':'3','title':'Three now','slug':'three-now','section':'National','source':'Post','published_at':'2016-01-02T00:00:00Z'}\n"
    "{'id':4,'guid':'4','title':'Four','section':'Sports','source':'Post','featured':true,'published_at':'2016-01-04T00:00:00Z','lang':'en'}\n"
    "{'id':5,'guid':'5','title':'Five','section':'National','source':'Wire','tags':['B'],'published_at':'2016-01-05T00:00:00Z'}\n"
    "{'id':6,'guid':'6','title':'Six','section':'National','source':'Wire','published_at':'2099-01-05T00:00:00Z'}\n"
    "{'id':7,'guid':'7','title':'Seven','section':'National','source':'Wire','published_at':'2016-01-06T00:00:00Z'}\n"
    "{'guid':'7','title':'Seven','slug':'seven-b','source':'Wire','status':'withdrawn','removed_at':'2016-02-01T10:00:00Z',"
    "'reason':'It was \\'wrong\\'','replaced_by':5}\n"
    "{'id':8,'guid':'8','title':'Eight','section':'National','source':'Wire','published_at':'2016-01-07T00:00:00Z'}\n"
    "{'guid':'8','title':'Eight','source':'Wire','status':'withdrawn'}\n"
    "{'id':9,'guid':'9','title':'Nine','section':'National','source':'Wire','published_at':'2016-01-08T00:00:00Z'}\n"
    "{'guid':'9','title':'Nine','source':'Wire','status':'draft'}\n"
    "{'id':10,'guid':'10','title':'Ten','source':'Wire','status':'draft'}\n"
    "{'id':11,'guid':'11','title':'Eleven','source':'Wire','status':'withdrawn','reason':'hidden'}\n";

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

static void test_by_id_and_slug(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles/1?related=0",
		  .json = "{'data':{'id':1,'slug':'one','url':'https://news.example/article/one','title':'One','summary':'Standfirst',"
		          "'source':{'slug':'wire','name':'Wire'},'byline':'By Ann','authors':[],'dateline':'WATERLOO','section':{'slug':'national','name':'National'},"
		          "'tags':[{'slug':'a','name':'A','type':'topic'}],'image':{'url':'https://img.example/a.jpg','alt':'A','width':null},'featured':false,"
		          "'published_at':'2016-01-01T00:00:00Z','corrected_at':'2016-01-03T00:00:00Z','word_count':2,'reading_minutes':1,'rev':1,"
		          "'body_html':'<p>First <strong>one</strong>.</p>','body_text':'First one.','guid':'tag:1','source_url':'https://wire.example/1',"
		          "'canonical_url':'https://wire.example/c','rights':{'holder':'Wire','notice':'All rights','usage_terms':null},"
		          "'corrections':[{'at':'2016-01-03T00:00:00Z','kind':'clarification','text':'Clearer.'}],"
		          "'related':null,'aliases':null,'lang':null,'status':null,'related_ids':null,'publish_at':null,'removed_at':null}}" },
		{ "/v1/articles/one?related=0", .json = "{'data':{'id':1,'body_html':'*'}}" },
		{ "/v1/articles/%6fne?related=0", .json = "{'data':{'id':1}}" },
		{ "/v1/articles/three-now?related=0", .json = "{'data':{'id':3,'rev':3,'aliases':['three-at-first','three-then']}}" },
		{ "/v1/articles/2", .json = "{'data':{'id':2,'body_html':null,'body_text':null,'related':'*'}}" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_former_slugs(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles/three-at-first", 308, .reply_headers = "Location: https://news.example/v1/articles/three-now" },
		{ "/v1/articles/three-then", 308, .reply_headers = "Location: https://news.example/v1/articles/three-now" },
		{ "/v1/articles/three-then?related=0&fields=id", 308, .reply_headers = "Location: https://news.example/v1/articles/three-now?related=0&fields=id" },
		{ "/v1/articles/three-then/related?limit=2", 308, .reply_headers = "Location: https://news.example/v1/articles/three-now/related?limit=2" },
		{ "/v1/articles/three-then/next?section=!sports", 308, .reply_headers = "Location: https://news.example/v1/articles/three-now/next?section=!sports" },
		{ "/v1/articles/three-then/prev", 308, .reply_headers = "Location: https://news.example/v1/articles/three-now/prev" },
		{ "/v1/articles/three-then", 308, .method = "HEAD", .reply_headers = "Location: https://news.example/v1/articles/three-now" },
		/* a bad parameter is said before anything else */
		{ "/v1/articles/three-then?relatd=1", 400, .json = "{'errors':[{'parameter':'relatd','suggestion':'related'}]}" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_what_is_not_there(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles/77", 404, .json = "{'type':'/problems/not-found','status':404,'detail':'~77','instance':'/v1/articles/77','removed_at':null}" },
		{ "/v1/articles/no-such-thing", 404, .json = "{'type':'/problems/not-found'}" },
		{ "/v1/articles/01", .status = 404 },
		{ "/v1/articles/0", .status = 404 },
		{ "/v1/articles/-1", .status = 404 },
		{ "/v1/articles/9223372036854775808", .status = 404 },
		{ "/v1/articles/ONE", .status = 404 },
		{ "/v1/articles/one//", .status = 404 },
		{ "/v1/articles//", .status = 404 },
		{ "/v1/articles/one/two", .status = 404 },
		{ "/v1/articles/%C3%A9", .status = 404 },
		{ "/v1/articles/77/next", .status = 404 },
		{ "/v1/articles/77/prev", .status = 404 },
		{ "/v1/articles/77/related", .status = 404 },
		/* scheduled, draft, withdrawn before anyone saw it: no trace */
		{ "/v1/articles/6", 404, .json = "{'type':'/problems/not-found','removed_at':null,'reason':null}" },
		{ "/v1/articles/six", .status = 404 },
		{ "/v1/articles/6/related", .status = 404 },
		{ "/v1/articles/10", .status = 404 },
		{ "/v1/articles/ten/next", .status = 404 },
		{ "/v1/articles/11", 404, .json = "{'removed_at':null,'reason':null}" },
		{ "/v1/articles/eleven", .status = 404 },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_what_is_gone(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles/7", 410, .json = "{'type':'/problems/withdrawn','status':410,'removed_at':'2016-02-01T10:00:00Z','reason':'It was \\'wrong\\'','replaced_by':5}" },
		{ "/v1/articles/seven-b", 404, .json = "{'status':404}" },    /* an address that no published version has borne */
		{ "/v1/articles/seven", 410, .json = "{'reason':'*'}" },
		{ "/v1/articles/7/related", 410, .json = "{'replaced_by':5}" },
		{ "/v1/articles/7/next", 410, .json = "{'replaced_by':5}" },
		{ "/v1/articles/7/prev", 410, .json = "{'replaced_by':5}" },
		{ "/v1/articles/8", 410, .json = "{'removed_at':'2016-06-01T12:00:00Z','reason':null,'replaced_by':null}" },
		/* back in the newsroom, but readers had it */
		{ "/v1/articles/9", 410, .json = "{'type':'/problems/withdrawn'}" },
		{ "/v1/articles/nine/related", .status = 410 },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

/* A reason as long as it may be, full of what JSON escapes. */
static void test_a_long_reason(void **state)
{
	struct text lines = TEXT_EMPTY;
	struct reply reply;

	(void)state;
	text_string(&lines, "{'guid':'long','title':'Long','section':'Deep','source':'Wire','published_at':'2015-01-01T00:00:00Z'}\n"
	    "{'guid':'long','title':'Long','source':'Wire','status':'withdrawn','replaced_by':1,'reason':'");
	for (int i = 0; i < 300; i++)
		text_string(&lines, "\\'");
	text_string(&lines, "'}");
	test_server_put(&server, lines.bytes);
	text_done(&lines);
	run_step(server.public, &(struct step){ "/v1/articles/long", 410, .json = "{'removed_at':'*','reason':'*','replaced_by':1}" }, &reply);
	assert_int_equal(strlen(reply_string(&reply, "reason")), 300);
	reply_done(&reply);
}

static void test_parameters(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles/1?related=0", .json = "{'data':{'related':null}}" },
		{ "/v1/articles/1?related=3", .json = "{'data':{'related':['*','*','*']}}" },
		{ "/v1/articles/1", .json = "{'data':{'related':['*','*','*','*']}}" },
		{ "/v1/articles/1?related=1", .json = "{'data':{'related':[{'id':'*','score':'*','origin':'*','reasons':'*','slug':'*','tags':'*'}]}}" },
		{ "/v1/articles/1?fields=id,title", .json = "{'data':{'id':1,'title':'One','body_html':null,'related':null}}" },
		{ "/v1/articles/1?fields=body_text,section.slug,rights.holder,corrections.text",
		  .json = "{'data':{'body_text':'First one.','section':{'slug':'national','name':null},'rights':{'holder':'Wire','notice':null},"
		          "'corrections':[{'text':'Clearer.','at':null}],'id':null}}" },
		/* nothing that is asked for is passed over */
		{ "/v1/articles/1?fields=id,related", .json = "{'data':{'id':1,'title':null,'related':['*','*','*','*']}}" },
		{ "/v1/articles/1?fields=id,related&related=2", .json = "{'data':{'id':1,'related':['*','*']}}" },
		{ "/v1/articles/1?fields=related&related=1", .json = "{'data':{'id':null,'related':[{'title':'*'}]}}" },
		{ "/v1/articles/1?fields=related&related=0", .json = "{'data':{'related':null}}" },
		{ "/v1/articles/1?fields=titel", 400, .json = "{'errors':[{'parameter':'fields','code':'unknown','suggestion':'title'}]}" },
		{ "/v1/articles/1?fields=status", .status = 400 },
		{ "/v1/articles/1?related=21", 400, .json = "{'errors':[{'parameter':'related','code':'out-of-range'}]}" },
		{ "/v1/articles/1?related=-1", .status = 400 },
		{ "/v1/articles/1?related=", .status = 400 },
		{ "/v1/articles/1?related=1&related=2", 400, .json = "{'errors':[{'parameter':'related','code':'repeated'}]}" },
		{ "/v1/articles/1?include=body", 400, .json = "{'errors':[{'parameter':'include','code':'unknown'}]}" },
		{ "/v1/articles/1?limit=3", 400, .json = "{'errors':[{'parameter':'limit','code':'unknown'}]}" },
		/* what is wrong with the request comes before what is not there */
		{ "/v1/articles/77?x=1", .status = 400 },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_neighbours(void **state)
{
	/* newest first: 5 4 3 2 1; 2 and 3 share a time */
	static const struct step steps[] = {
		{ "/v1/articles/1/next", .json = "{'data':{'id':2,'slug':'two','body_html':null,'related':null},'meta':null,'links':null}" },
		{ "/v1/articles/2/next", .json = "{'data':{'id':3}}" },
		{ "/v1/articles/three-now/next", .json = "{'data':{'id':4}}" },
		{ "/v1/articles/4/next", .json = "{'data':{'id':5}}" },
		{ "/v1/articles/5/next", 404, .json = "{'type':'/problems/not-found'}" },
		{ "/v1/articles/5/prev", .json = "{'data':{'id':4}}" },
		{ "/v1/articles/4/prev", .json = "{'data':{'id':3}}" },
		{ "/v1/articles/3/prev", .json = "{'data':{'id':2}}" },
		{ "/v1/articles/2/prev", .json = "{'data':{'id':1}}" },
		{ "/v1/articles/1/prev", 404, .json = "{'type':'/problems/not-found'}" },
		/* under filters, which the article itself need not pass */
		{ "/v1/articles/1/next?section=national", .json = "{'data':{'id':3}}" },
		{ "/v1/articles/3/next?section=national", .json = "{'data':{'id':5}}" },
		{ "/v1/articles/2/next?section=national", .json = "{'data':{'id':3}}" },
		{ "/v1/articles/5/prev?section=sports", .json = "{'data':{'id':4}}" },
		{ "/v1/articles/4/prev?section=sports", .json = "{'data':{'id':2}}" },
		{ "/v1/articles/2/prev?section=sports", .status = 404 },
		{ "/v1/articles/1/next?tag=b", .json = "{'data':{'id':2}}" },
		{ "/v1/articles/2/next?tag=b", .json = "{'data':{'id':5}}" },
		{ "/v1/articles/1/next?tag_all=a,b", .json = "{'data':{'id':2}}" },
		{ "/v1/articles/1/next?source=post&featured=true", .json = "{'data':{'id':4}}" },
		{ "/v1/articles/1/next?lang=en", .json = "{'data':{'id':4}}" },
		{ "/v1/articles/1/next?source=!wire&section=!sports", .json = "{'data':{'id':3}}" },
		{ "/v1/articles/1/next?author=nobody", .status = 404 },
		{ "/v1/articles/1/next?published_after=2016-01-04", .json = "{'data':{'id':4}}" },
		{ "/v1/articles/1/next?published_before=2016-01-02", .status = 404 },
		{ "/v1/articles/5/prev?published_before=2016-01-04T00:00:00Z", .json = "{'data':{'id':3}}" },
		{ "/v1/articles/5/prev?updated_before=2016-01-03T00:00:00Z", .json = "{'data':{'id':2}}" },
		{ "/v1/articles/1/next?fields=id", .json = "{'data':{'id':2,'title':null}}" },
		{ "/v1/articles/2/prev?include=body&fields=id", .json = "{'data':{'id':1,'body_text':'First one.','title':null}}" },
		{ "/v1/articles/1/next?order=oldest", 400, .json = "{'errors':[{'parameter':'order','code':'unknown'}]}" },
		{ "/v1/articles/1/next?limit=2", .status = 400 },
		{ "/v1/articles/1/prev?cursor=x", .status = 400 },
		{ "/v1/articles/1/prev?sectoin=x", 400, .json = "{'errors':[{'parameter':'sectoin','suggestion':'section'}]}" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

/* clang-format on */

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_id_and_slug),
		cmocka_unit_test(test_former_slugs),
		cmocka_unit_test(test_what_is_not_there),
		cmocka_unit_test(test_what_is_gone),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_neighbours),
		cmocka_unit_test(test_a_long_reason),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: MIT */
/* /v1/search, and q and facets on listings: what is typed, every parameter and what is wrong with it, validators, and that nothing shows before its time. */
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
#include "store/search_internal.h"

static const char articles[] =
    "{'guid':'1','title':'Ferry <b>sails</b> again','slug':'ferry','section':'Local','source':'Wire','authors':['Jane Smith'],'tags':['Harbour'],"
    "'summary':'The boat is back.','body_text':'The harbour ferry & its crew left at dawn.','published_at':'2015-06-01T00:00:00Z'}\n"
    "{'guid':'2','title':'Council votes','slug':'council','section':'National','source':'Courier','tags':['Harbour','Budget'],"
    "'body_text':'A ferry was on the agenda.\\n\\nSo was the budget.','published_at':'2016-01-02T00:00:00Z'}\n"
    "{'guid':'3','title':'Music in the park','slug':'music','section':'Local','source':'Courier','lang':'en',"
    "'body_text':'Nobody spoke of boats.','published_at':'2016-01-03T00:00:00Z'}\n"
    "{'guid':'4','title':'Secret ferry plans','section':'Secret','source':'Secret','tags':['Secret'],'body_text':'Xylophone.','status':'draft'}\n"
    "{'guid':'5','title':'Embargoed ferry','section':'Secret','source':'Secret','body_text':'Xylophone.','published_at':'2099-01-01T00:00:00Z'}\n";

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

static void test_found(void **state)
{
	static const struct step steps[] = {
		{ "/v1/search?q=ferry", .json = "{'data':[{'slug':'ferry','highlights':{'title':'<mark>Ferry</mark> &lt;b&gt;sails&lt;/b&gt; again',"
		                                "'body':'The harbour <mark>ferry</mark> &amp; its crew left at dawn.'}},{'slug':'council'}]}" },
		{ "/v1/search?q=ferries&order=newest", .json = "{'data':[{'slug':'council','highlights':{'title':'Council votes',"
		                                               "'body':'A <mark>ferry</mark> was on the agenda. So was the budget.'}},{'slug':'ferry'}]}" },
		{ "/v1/search?q=ferry&order=oldest", .json = "{'data':[{'slug':'ferry'},{'slug':'council'}]}" },
		{ "/v1/search?q=ferry&order=updated", .json = "{'data':[{},{}]}" },
		{ "/v1/search?q=%22harbour%20ferry%22", .json = "{'data':[{'slug':'ferry','highlights':{'body':'The <mark>harbour ferry</mark> &amp; its crew left at dawn.'}}]}" },
		{ "/v1/search?q=ferry%20-council", .json = "{'data':[{'slug':'ferry'}]}" },
		{ "/v1/search?q=title:ferry", .json = "{'data':[{'slug':'ferry'}]}" },
		{ "/v1/search?q=byline:smith", .json = "{'data':[{'slug':'ferry'}]}" },
		{ "/v1/search?q=budg*", .json = "{'data':[{'slug':'council','highlights':{'body':'A ferry was on the agenda. So was the <mark>budget</mark>.'}}]}" },
		{ "/v1/articles?q=ferry", .json = "{'data':[{'slug':'council'},{'slug':'ferry'}]}" },
		{ "/v1/articles?q=ferry&order=relevance", .json = "{'data':[{'slug':'ferry'},{'slug':'council'}]}" },
		{ "/v1/articles?q=ferry&section=local", .json = "{'data':[{'slug':'ferry'}]}" },
		{ "/v1/search?q=ferry&section=!local", .json = "{'data':[{'slug':'council'}]}" },
		{ "/v1/search?q=ferry&tag_all=harbour,budget", .json = "{'data':[{'slug':'council'}]}" },
		{ "/v1/search?q=ferry&source=wire,courier&author=jane-smith", .json = "{'data':[{'slug':'ferry'}]}" },
		{ "/v1/search?q=ferry&section=nowhere", .json = "{'data':[]}" },
		{ "/v1/search?q=ferry&published_after=2016-01-01", .json = "{'data':[{'slug':'council'}]}" },
		{ "/v1/search?q=ferry&published_before=2016-01-01", .json = "{'data':[{'slug':'ferry'}]}" },
		{ "/v1/search?q=ferry&updated_after=2099-01-01", .json = "{'data':[]}" },
		{ "/v1/search?q=ferry&lang=fr", .json = "{'data':[]}" },
		{ "/v1/search?q=ferry&featured=false", .json = "{'data':[{},{}]}" },
		{ "/v1/search?q=ferry&fields=slug&limit=1", .json = "{'data':[{'slug':'ferry','title':null,'highlights':null}]}" },
		{ "/v1/search?q=ferry&include=body&limit=1", .json = "{'data':[{'body_text':'The harbour ferry & its crew left at dawn.'}]}" },
		{ "/v1/search?q=ferry", .method = "HEAD" },
		{ "/v1/search?q=ferry&min_seq=1&count=exact", .json = "{'data':[{},{}],'meta':{'count':{'value':2,'exact':true}}}" },
		/* nothing that is not public, in any form */
		{ "/v1/search?q=xylophone&count=exact&facets=section,tag,source,author,year",
		  .json = "{'data':[],'meta':{'count':{'value':0,'exact':true},'facets':{'section':[],'tag':[],'source':[],'author':[],'year':[]},'did_you_mean':null}}" },
		{ "/v1/search?q=xylophnoe", .json = "{'data':[],'meta':{'did_you_mean':null}}" },
		{ "/v1/search?q=secret*", .json = "{'data':[]}" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_meta(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles?facets=section,source,tag,author,year&count=exact&limit=1",
		  .json = "{'data':[{'slug':'music','highlights':null}],'meta':{'count':{'value':3,'exact':true},'facets_exact':true,'facets':{"
		          "'section':[{'slug':'local','name':'Local','count':2},{'slug':'national','name':'National','count':1}],"
		          "'source':[{'slug':'courier','count':2},{'slug':'wire','count':1}],"
		          "'tag':[{'slug':'harbour','count':2},{'slug':'budget','count':1}],"
		          "'author':[{'slug':'jane-smith','name':'Jane Smith','count':1}],"
		          "'year':[{'slug':'2016','name':'2016','count':2},{'slug':'2015','name':'2015','count':1}]}}}" },
		{ "/v1/search?q=ferry&facets=tag", .json = "{'meta':{'facets':{'tag':[{'slug':'harbour','count':2},{'slug':'budget','count':1}],'section':null},'count':null}}" },
		{ "/v1/search?q=ferry%20*%20%22%20(", .json = "{'data':[{},{}],'meta':{'ignored':['*','\\\" (']}}" },
		{ "/v1/search?q=%F0%9F%98%80", .json = "{'data':[],'meta':{'ignored':['😀']}}" },
		{ "/v1/search?q=ferry%20-", .json = "{'data':[{},{}],'meta':{'ignored':['-'],'partial':null}}" },
		{ "/v1/search?q=councli", .json = "{'data':[],'meta':{'did_you_mean':'Council'}}" },
		{ "/v1/search?q=%22harbuor%20fery%22%20-music", .json = "{'data':[],'meta':{'did_you_mean':'\\\"harbour ferry\\\" -music'}}" },
		{ "/v1/search?q=ferry%20music", .json = "{'data':[],'meta':{'did_you_mean':null}}" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_wrong(void **state)
{
	static const struct step steps[] = {
		{ "/v1/search", 400, .json = "{'errors':[{'parameter':'q','code':'required'}]}" },
		{ "/v1/search?q=", 400, .json = "{'errors':[{'parameter':'q','code':'bad-value'}]}" },
		{ "/v1/search?q=a&q=b", 400, .json = "{'errors':[{'parameter':'q','code':'repeated'}]}" },
		{ "/v1/search?q=a&order=best", 400, .json = "{'errors':[{'parameter':'order'}]}" },
		{ "/v1/articles?order=relevance", 400, .json = "{'errors':[{'parameter':'order','code':'needs-q','suggestion':'newest'}]}" },
		{ "/v1/articles?ids=1&q=a", 400, .json = "{'errors':[{'parameter':'q','code':'not-with-ids'}]}" },
		{ "/v1/articles?ids=1&facets=tag", 400, .json = "{'errors':[{'parameter':'facets','code':'not-with-ids'}]}" },
		{ "/v1/search?q=a&ids=1", 400, .json = "{'errors':[{'parameter':'ids','code':'unknown'}]}" },
		{ "/v1/search?q=a&facets=colour", 400, .json = "{'errors':[{'parameter':'facets'}]}" },
		{ "/v1/search?q=a&facets=sections", 400, .json = "{'errors':[{'parameter':'facets','suggestion':'section'}]}" },
		{ "/v1/search?q=a&cursor=x", 400, .json = "{'errors':[{'parameter':'cursor','code':'damaged'}]}" },
		{ "/v1/search?q=a&status=draft", .status = 403 },
		{ "/v1/search?q=%00", .status = 400 },
		{ "/v1/search?q=a%1F", .status = 400 },
		{ "/v1/search?q=%C3%28", .status = 400 },
		{ "/v1/search?q=a", 405, .method = "POST" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

/* clang-format on */

/* 3,000 characters of any kind are answered; beyond the target's length it is 414. */
static void test_long(void **state)
{
	static const struct {
		const char *piece;
		size_t times;
		long status;
	} rows[] = { { "a", 3000, 200 }, { "a+", 1500, 200 }, { "%22", 1000, 200 }, { "a*+", 1000, 200 }, { "-a+", 1000, 200 }, { "(", 3000, 200 }, { "a.", 1500, 200 },
		{ "title:", 500, 200 }, { "a-", 1500, 200 }, { "a", 5000, 414 } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct text target = TEXT_EMPTY;

		text_string(&target, "/v1/search?q=");
		for (size_t n = 0; n < rows[i].times; n++)
			text_string(&target, rows[i].piece);
		run_steps(&server, &(struct step){ .path = target.bytes, .status = rows[i].status }, 1);
		text_done(&target);
	}
}

static void follow(const char *from, const char *rel, char ret_target[1000])
{
	struct reply reply;
	const char *link;
	char path[40];

	snprintf(path, sizeof path, "links.%s", rel);
	client_get(server.public, from, &reply);
	assert_int_equal(reply.status, 200);
	link = reply_string(&reply, path);
	assert_non_null(link);
	snprintf(ret_target, 1000, "%s", strstr(link, "/v1/"));
	reply_done(&reply);
}

/* Page by page and back, in each order; a cursor of one search is none of another. */
static void test_pages(void **state)
{
	static const char *const orders[] = { "relevance", "newest", "oldest", "updated" };
	char first[1000], second[1000], back[1000], other[1100];

	(void)state;
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		snprintf(first, sizeof first, "/v1/search?q=ferry&limit=1&order=%s", orders[i]);
		follow(first, "next", second);
		follow(second, "prev", back);
		run_steps(&server, &(struct step){ second, .json = "{'data':[{}],'links':{'next':null}}" }, 1);
		run_steps(&server, &(struct step){ back, .json = "{'data':[{}],'links':{'prev':null}}" }, 1);
		snprintf(other, sizeof other, "%s&section=local", second);
		run_steps(&server, &(struct step){ other, 400, .json = "{'errors':[{'parameter':'cursor','code':'other-request'}]}" }, 1);
	}
}

/* A cursor's checksums are no secret: what stands in it is a stranger's. `frame`: index, newest row, hour, weight of "ferry". */
static void test_forged_cursors(void **state)
{
	static const struct {
		const char *frame;
		int64_t id;
		long status;
		const char *code;
	} rows[] = {
		{ "0.3ffffffffff.0.100", 1000, 200, NULL },    /* as one of ours */
		{ "1.3ffffffffff.0.100", 1000, 400, "outdated" },
		{ "0.3ffffffffff.0.100", 0, 400, "damaged" },
		{ "0.3ffffffffff.0.100", INT64_MIN, 400, "damaged" },
		{ "0.3ffffffffff.0.100", INT64_MAX, 400, "damaged" },
		{ "0.ffffffffffffffff.0.100", 1000, 400, "damaged" },
		{ "0.3ffffffffff.1.100", 1000, 400, "damaged" },
		{ "0.3ffffffffff.8000000000000000.100", 1000, 400, "damaged" },
		{ "0.3ffffffffff.0.10000", 1000, 400, "damaged" },
		{ "0.3ffffffffff.0", 1000, 400, "damaged" },
		{ "0.3ffffffffff.0.100.100", 1000, 400, "damaged" },
		{ "0..0.100", 1000, 400, "damaged" },
		{ "", 1000, 400, "damaged" },
		{ NULL, 1000, 400, "damaged" },
	};
	const struct route route = { .method = HTTP_GET, .path = "/v1/search" };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *arena = arena_new();
		struct request_value canonical[] = { { "q", "ferry" } };
		struct request request = { .arena = arena, .route = &route, .canonical = canonical, .n_canonical = 1 };
		const struct cursor cursor = { .time = 5, .id = rows[i].id, .name = rows[i].frame };
		const char *target = arena_printf(arena, "/v1/search?q=ferry&cursor=%s", cursor_write(&request, &cursor));
		const char *json = rows[i].code == NULL ? "{'data':[]}" : arena_printf(arena, "{'errors':[{'parameter':'cursor','code':'%s'}]}", rows[i].code);

		run_steps(&server, &(struct step){ .path = target, .status = rows[i].status, .json = json }, 1);
		arena_free(arena);
	}
}

/* What was cut by the clock says so, and is another answer each time: it is not kept, and no validator names it twice. */
static void test_late(void **state)
{
	const int64_t usual = search_budget_us;
	struct reply reply;
	char etag[2][100];

	(void)state;
	for (int i = 0; i < 2; i++) {
		search_budget_us = -1000000;    /* over before it begins */
		client_get(server.public, "/v1/search?q=ferry&count=exact&fields=slug", &reply);
		search_budget_us = usual;
		assert_string_equal(reply_string(&reply, "data.0.slug"), "council");
		assert_null(reply_member(&reply, "data.1"));
		assert_true(json_is_true(reply_member(&reply, "meta.partial")));
		snprintf(etag[i], sizeof etag[i], "%s", reply_header(&reply, "ETag"));
		reply_done(&reply);
	}
	assert_string_not_equal(etag[0], etag[1]);
	run_steps(&server, &(struct step){ "/v1/search?q=ferry&count=exact&fields=slug", .json = "{'data':[{},{}],'meta':{'partial':null}}" }, 1);
}

/* A kept answer goes with the next version that readers see; what is withdrawn is found no more, nor counted. */
static void test_edits(void **state)
{
	static const struct {
		const char *edit, *json;
	} rows[] = {
		{ "{'guid':'3','title':'Music on the ferry','section':'Local','source':'Courier','body_text':'Boats.'}",
		    "{'data':[{'slug':'music'},{'slug':'council'},{'slug':'ferry'}],'meta':{'count':{'value':3,'exact':true}}}" },
		{ "{'guid':'1','title':'Ferry sails again','section':'Local','source':'Wire','status':'withdrawn'}",
		    "{'data':[{'slug':'music'},{'slug':'council'}],'meta':{'count':{'value':2,'exact':true}}}" },
		{ "{'guid':'2','title':'Council votes','section':'National','source':'Courier','body_text':'Nothing.'}",
		    "{'data':[{'slug':'music'}],'meta':{'count':{'value':1,'exact':true}}}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		test_server_put(&server, rows[i].edit);
		run_steps(&server, &(struct step){ "/v1/articles?q=ferry&count=exact", .json = rows[i].json }, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_meta),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_forged_cursors),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_edits),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: MIT */
/* Sections, tags, sources and authors: names and slugs, counts at every moment, order, beginnings of names, pages both ways. */
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
    "{'guid':'1','title':'One','section':'National','source':'Wire','authors':['Ann Lee','Élodie Roux'],'tags':['C','C#',{'name':'BlackBerry','type':'organisation'}],"
    "'published_at':'2016-01-01T00:00:00Z'}\n"
    "{'guid':'2','title':'Two','section':'NATIONAL','source':'Wire','authors':['ann lee'],'tags':['c','Ünderground','日本'],'published_at':'2016-01-02T00:00:00Z'}\n"
    "{'guid':'3','title':'Three','section':'Sports','source':'Post & Mail','tags':['C++','C#','blackberry','Äpfel'],'published_at':'2016-01-03T00:00:00Z'}\n"
    "{'guid':'4','title':'Four','section':'Hidden','source':'Hidden','authors':['Hidden'],'tags':['Hidden'],'status':'draft'}\n"
    "{'guid':'5','title':'Five','section':'Hidden','source':'Hidden','authors':['Hidden'],'tags':['Hidden'],'published_at':'2099-01-01T00:00:00Z'}\n";

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

static void test_lists(void **state)
{
	static const struct step steps[] = {
		{ "/v1/sections", .json = "{'data':[{'slug':'national','name':'National','count':2,'newest_at':'2016-01-02T00:00:00Z','type':null},"
		                          "{'slug':'sports','name':'Sports','count':1,'newest_at':'2016-01-03T00:00:00Z'}],'meta':{},"
		                          "'links':{'self':'https://news.example/v1/sections','next':null,'prev':null}}" },
		{ "/v1/sources", .json = "{'data':[{'slug':'post-mail','name':'Post & Mail','count':1},{'slug':'wire','name':'Wire','count':2}]}" },
		{ "/v1/authors", .json = "{'data':[{'slug':'ann-lee','name':'Ann Lee','count':2},{'slug':'elodie-roux','name':'Élodie Roux','count':1}]}" },
		/* one identity for each case-folded name, the first spelling wins; slugs that collide are numbered */
		{ "/v1/tags", .json = "{'data':[{'slug':'blackberry','name':'BlackBerry','type':'organisation','count':2},{'slug':'c','name':'C','type':'topic','count':2},"
		                      "{'slug':'c-2','name':'C#','count':2},{'slug':'c-3','name':'C++','count':1},{'name':'Äpfel'},{'slug':'underground','name':'Ünderground'},"
		                      "{'name':'日本','slug':'*','count':1}]}" },
		{ "/v1/tags?order=count&limit=4", .json = "{'data':[{'name':'BlackBerry','count':2},{'name':'C#','count':2},{'name':'C','count':2},{'count':1}]}" },
		{ "/v1/tags?order=name&limit=1", .json = "{'data':[{'name':'BlackBerry'}],'links':{'next':'*','prev':null}}" },
		{ "/v1/tags?q=c", .json = "{'data':[{'name':'C'},{'name':'C#'},{'name':'C++'}]}" },
		{ "/v1/tags?q=C%23", .json = "{'data':[{'name':'C#'}]}" },
		{ "/v1/tags?q=C%2B", .json = "{'data':[{'name':'C++'}]}" },
		{ "/v1/tags?q=BLACK", .json = "{'data':[{'name':'BlackBerry'}]}" },
		{ "/v1/tags?q=%C3%BCnder", .json = "{'data':[{'name':'Ünderground'}]}" },
		{ "/v1/tags?q=u%CC%88nder", .json = "{'data':[{'name':'Ünderground'}]}" },
		{ "/v1/tags?q=%E6%97%A5", .json = "{'data':[{'name':'日本'}]}" },
		{ "/v1/tags?q=lack", .json = "{'data':[]}" },
		{ "/v1/tags?q=%25", .json = "{'data':[]}" },
		{ "/v1/tags?q=_", .json = "{'data':[]}" },
		{ "/v1/tags?q=c&order=count&limit=2", .json = "{'data':[{'name':'C#'},{'name':'C'}],'links':{'next':'*'}}" },
		{ "/v1/tags?q=hidden", .json = "{'data':[]}" },
		{ "/v1/tags?limit=0", 400, .json = "{'errors':[{'parameter':'limit','code':'out-of-range'}]}" },
		{ "/v1/tags?limit=101", 400, .json = "{'errors':[{'parameter':'limit','code':'out-of-range'}]}" },
		{ "/v1/tags?order=nmae", 400, .json = "{'errors':[{'parameter':'order','suggestion':'name'}]}" },
		{ "/v1/tags?q=", 400, .json = "{'errors':[{'parameter':'q','code':'bad-value'}]}" },
		{ "/v1/tags?q=a&q=b", 400, .json = "{'errors':[{'parameter':'q','code':'repeated'}]}" },
		{ "/v1/tags?cursr=x", 400, .json = "{'errors':[{'parameter':'cursr','suggestion':'cursor'}]}" },
		{ "/v1/tags?section=national", 400, .json = "{'errors':[{'parameter':'section','code':'unknown'}]}" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_one(void **state)
{
	static const struct step steps[] = {
		{ "/v1/sections/national", .json = "{'data':{'slug':'national','name':'National','count':2,'newest_at':'2016-01-02T00:00:00Z'}}" },
		{ "/v1/tags/c-2", .json = "{'data':{'slug':'c-2','name':'C#','type':'topic','count':2}}" },
		{ "/v1/sources/post-mail", .json = "{'data':{'name':'Post & Mail'}}" },
		{ "/v1/authors/elodie-roux", .json = "{'data':{'name':'Élodie Roux'}}" },
		{ "/v1/sections/sport", 404, .json = "{'type':'/problems/not-found','detail':'~sport'}" },
		{ "/v1/sections/wire", .status = 404 },
		{ "/v1/sections/hidden", .status = 404 },
		{ "/v1/tags/hidden", .status = 404 },
		{ "/v1/sources/hidden", .status = 404 },
		{ "/v1/authors/hidden", .status = 404 },
		{ "/v1/tags/C", .status = 404 },
		{ "/v1/tags/1", .status = 404 },
		{ "/v1/sections/national?limit=1", 400, .json = "{'errors':[{'parameter':'limit','code':'unknown'}]}" },
		/* languages and marks are filters, not lists of their own */
		{ "/v1/langs", .status = 404 },
		{ "/v1/flags/featured", .status = 404 },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

/* Right in the next answer, whatever the edit was. */
static void test_counts_after_edits(void **state)
{
	static const struct {
		const char *edit, *path, *json;
	} cases[] = {
		{ "{'guid':'2','title':'Two','section':'Sports','source':'Wire','published_at':'2016-01-02T00:00:00Z'}", "/v1/sections",
		  "{'data':[{'slug':'national','count':1,'newest_at':'2016-01-01T00:00:00Z'},{'slug':'sports','count':2,'newest_at':'2016-01-03T00:00:00Z'}]}" },
		{ "", "/v1/authors", "{'data':[{'slug':'ann-lee','count':1},{'slug':'elodie-roux'}]}" },
		{ "", "/v1/tags?q=c", "{'data':[{'name':'C','count':1},{'name':'C#','count':2},{'name':'C++','count':1}]}" },
		{ "", "/v1/tags?q=%E6%97%A5", "{'data':[]}" },
		{ "{'guid':'1','title':'One','section':'National','source':'Wire','status':'withdrawn'}", "/v1/sections", "{'data':[{'slug':'sports','count':2}]}" },
		{ "", "/v1/authors", "{'data':[]}" },
		{ "", "/v1/articles?section=national&count=exact", "{'data':[],'meta':{'count':{'value':0,'exact':true}}}" },
		{ "", "/v1/articles?count=exact&limit=1", "{'meta':{'count':{'value':2,'exact':true}}}" },
		/* a new date moves newest_at */
		{ "{'guid':'3','title':'Three','section':'Sports','source':'Post & Mail','published_at':'2015-01-03T00:00:00Z'}", "/v1/sections/sports",
		  "{'data':{'count':2,'newest_at':'2016-01-02T00:00:00Z'}}" },
		{ "{'guid':'4','title':'Four','section':'Hidden','source':'Hidden','tags':['hidden'],'status':'published','published_at':'2016-02-02T00:00:00Z'}",
		  "/v1/sections", "{'data':[{'name':'Hidden','count':1},{'name':'Sports'}]}" },
		{ "", "/v1/tags/hidden", "{'data':{'name':'Hidden','count':1}}" },
		/* a term that comes back has its old slug and spelling */
		{ "{'guid':'1','title':'One','section':'national','source':'Wire','status':'published','published_at':'2016-01-01T00:00:00Z'}", "/v1/sections/national",
		  "{'data':{'name':'National','slug':'national','count':1}}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (cases[i].edit[0] != '\0')
			test_server_put(&server, cases[i].edit);
		run_steps(&server, &(struct step){ cases[i].path, .json = cases[i].json }, 1);
	}
}

/* clang-format on */

static void append_names(struct text *names, const struct reply *reply)
{
	json_t *item;
	size_t i;

	json_array_foreach(reply_member(reply, "data"), i, item)
		text_printf(names, "%s%s", i > 0 ? " " : "", json_string_value(json_object_get(item, "name")));
}

static void walk(const char *path, const char *rel, struct text *ret_names, char *ret_last, size_t size)
{
	char target[1600];

	snprintf(target, sizeof target, "%s", path);
	for (int pages = 0;; pages++) {
		const char *next;
		struct reply reply;

		assert_true(pages < 100);
		run_step(server.public, &(struct step){ .path = target }, &reply);
		check_conventions("GET", target, &reply);
		text_string(ret_names, pages > 0 ? "|" : "");
		append_names(ret_names, &reply);
		snprintf(ret_last, size, "%s", target);
		next = reply_link(&reply, rel);
		snprintf(target, sizeof target, "%s", next != NULL ? next : "");
		reply_done(&reply);
		if (target[0] == '\0')
			return;
	}
}

/* Eleven sources: S01 has 1 article, S02 has 2, S03 has 3, S04 1, S05 2, and so on. Among equals the latest term comes first. */
static void put_sources(void)
{
	struct text lines = TEXT_EMPTY;

	for (int source = 1; source <= 11; source++)
		for (int n = 0; n <= (source - 1) % 3; n++)
			text_printf(&lines, "{'guid':'s%d','title':'Of %d','section':'Many','source':'S%02d','authors':['Writer %d'],"
			    "'published_at':'2016-01-01T00:00:00Z'}\n", n, source, source, source * 7 % 11);
	test_server_put(&server, lines.bytes);
	text_done(&lines);
}

static void test_pages_both_ways(void **state)
{
	static const struct {
		const char *path, *forward, *backward;
	} cases[] = {
		{ "/v1/sources?q=s&limit=4", "S01 S02 S03 S04|S05 S06 S07 S08|S09 S10 S11", "S09 S10 S11|S05 S06 S07 S08|S01 S02 S03 S04" },
		{ "/v1/sources?q=s&limit=4&order=count", "S09 S06 S03 S11|S08 S05 S02 S10|S07 S04 S01", "S07 S04 S01|S08 S05 S02 S10|S09 S06 S03 S11" },
		{ "/v1/sources?q=s1&limit=1", "S10|S11", "S11|S10" },
		{ "/v1/authors?q=writer%20&limit=6", "Writer 0 Writer 1 Writer 10 Writer 2 Writer 3 Writer 4|Writer 5 Writer 6 Writer 7 Writer 8 Writer 9",
		  "Writer 5 Writer 6 Writer 7 Writer 8 Writer 9|Writer 0 Writer 1 Writer 10 Writer 2 Writer 3 Writer 4" },
	};
	char last[1600], first[1600];

	(void)state;
	put_sources();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct text forward = TEXT_EMPTY, backward = TEXT_EMPTY;

		walk(cases[i].path, "next", &forward, last, sizeof last);
		assert_string_equal(forward.bytes, cases[i].forward);
		walk(last, "prev", &backward, first, sizeof first);
		assert_string_equal(backward.bytes, cases[i].backward);
		text_done(&forward);
		text_done(&backward);
	}
}

/* The last of the list lose their articles: the next page is empty, and leads back. */
static void test_an_empty_page_leads_back(void **state)
{
	static const char *const paths[] = { "/v1/sources?q=s&limit=10", "/v1/sources?q=s&limit=9&order=count" };
	static const char *const withdrawals[] = {
		"{'guid':'s0','title':'Of 11','source':'S11','status':'withdrawn'}\n{'guid':'s1','title':'Of 11','source':'S11','status':'withdrawn'}",
		"{'guid':'s0','title':'Of 1','source':'S01','status':'withdrawn'}",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct reply first, empty, back;

		run_step(server.public, &(struct step){ .path = paths[i] }, &first);
		test_server_put(&server, withdrawals[i]);
		run_step(server.public, &(struct step){ reply_link(&first, "next"), .json = "{'data':[],'links':{'next':null,'prev':'*'}}" }, &empty);
		run_step(server.public, &(struct step){ reply_link(&empty, "prev"), .json = "{'links':{'next':null}}" }, &back);
		assert_true(json_equal(reply_member(&first, "data"), reply_member(&back, "data")));
		reply_done(&first);
		reply_done(&empty);
		reply_done(&back);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_counts_after_edits),
		cmocka_unit_test(test_pages_both_ways),
		cmocka_unit_test(test_an_empty_page_leads_back),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

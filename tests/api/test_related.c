/* SPDX-License-Identifier: MIT */
/* GET /v1/articles/{ref}/related: what comes, in which order, why, and what never does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api_steps.h"

#define STORY                                                                                                                             \
	"The ferry Aurelia ran aground on the Kestrel shoal before dawn on Tuesday with eighty people aboard, and lifeboats took all of them" \
	" ashore within two hours, the coast guard said. Captain Mira Olsen told reporters that a buoy had drifted from its mooring in the" \
	" storm and that the chart in use was two years old. An inquiry by the harbour board begins next week and will hear from the pilots."

/* 1 is asked about. 2, 3: alike. 4: a copy of 1 from another agency. 5: a copy of 2. 6, 7: nothing in common but the section. 8, 9: nothing
 * at all. 10: alike, but a draft; 11: alike, but withdrawn; 12: scheduled. 13: set beside 1 by its editor, though nothing is alike. */
static const char articles[] =
    "{'id':1,'guid':'1','title':'Ferry Aurelia aground on Kestrel shoal','section':'Coast','source':'Harbour Wire','tags':['Ferries','Kestrel'],"
    "'published_at':'2016-05-10T00:00:00Z','body_text':'" STORY "','related_ids':[13,10,1,77,11]}\n"
    "{'id':2,'guid':'2','title':'Inquiry into the Aurelia opens','section':'Coast','source':'Harbour Wire','tags':['Ferries','Kestrel'],"
    "'published_at':'2016-05-17T00:00:00Z','body_text':'Pilots who know the Kestrel shoal told the harbour board on its first day that buoys drift each winter."
    " The Aurelia had no second lookout, one of them said, and the master of the ferry had asked for one in March. The hearing goes on for a week.'}\n"
    "{'id':3,'guid':'3','title':'New ferries for the islands','section':'Business','source':'Ledger','tags':['Ferries'],"
    "'published_at':'2016-05-01T00:00:00Z','body_text':'The islands council ordered two electric vessels from a yard in the north for ninety million crowns.'}\n"
    "{'id':4,'guid':'4','title':'Ferry runs aground','section':'Coast','source':'Second Wire','tags':['Ferries','Kestrel'],"
    "'published_at':'2016-05-10T01:00:00Z','body_text':'" STORY "'}\n"
    "{'id':5,'guid':'5','title':'Aurelia inquiry begins','section':'Coast','source':'Second Wire','tags':['Ferries'],"
    "'published_at':'2016-05-17T01:00:00Z','body_text':'Pilots who know the Kestrel shoal told the harbour board on its first day that buoys drift each winter."
    " The Aurelia had no second lookout, one of them said, and the master of the ferry had asked for one in March. The hearing goes on for a week.'}\n"
    "{'id':6,'guid':'6','title':'Herring prices rise again','section':'Coast','source':'Ledger','published_at':'2016-05-20T00:00:00Z'}\n"
    "{'id':7,'guid':'7','title':'Lighthouse gets fresh coat','section':'Coast','source':'Ledger','published_at':'2016-04-20T00:00:00Z'}\n"
    "{'id':8,'guid':'8','title':'Cup final goes to penalties','section':'Sports','source':'Ledger','tags':['Football'],'published_at':'2016-05-30T00:00:00Z'}\n"
    "{'id':9,'guid':'9','title':'Museum buys painting','section':'Culture','source':'Ledger','tags':['Art'],'published_at':'2016-05-29T00:00:00Z'}\n"
    "{'id':10,'guid':'10','title':'Ferry Aurelia Kestrel draft','section':'Coast','source':'Harbour Wire','tags':['Ferries','Kestrel'],'status':'draft'}\n"
    "{'id':11,'guid':'11','title':'Ferry Aurelia Kestrel withdrawn','section':'Coast','source':'Harbour Wire','tags':['Ferries','Kestrel'],"
    "'published_at':'2016-05-11T00:00:00Z'}\n"
    "{'guid':'11','title':'Ferry Aurelia Kestrel withdrawn','source':'Harbour Wire','status':'withdrawn'}\n"
    "{'id':12,'guid':'12','title':'Ferry Aurelia Kestrel later','section':'Coast','source':'Harbour Wire','tags':['Ferries','Kestrel'],"
    "'published_at':'2099-05-11T00:00:00Z'}\n"
    "{'id':13,'guid':'13','title':'Budget debate enters third day','section':'National','source':'Ledger','tags':['Budget'],'published_at':'2016-05-02T00:00:00Z'}\n";

static struct test_server server;

static int set_up(void **state)
{
	(void)state;
	test_server_start(&server, NULL);
	if (!test_server_try(&server, articles))
		return -1;
	test_server_settle(&server);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

/* clang-format off */

/*
 * The editor's link; then 5 or 2, of which one is enough; then 3, which shares a tag; then the section's newest (6, 7); then the newest
 * of all (8, 9). Never 1, its copy 4, or what is not public.
 */
static void test_order(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles/1/related?limit=20", .ids = "13 2 3 6 7 8 9",
		  .json = "{'meta':null,'data':["
		          "{'id':13,'origin':'editorial','score':'*','reasons':[],'title':'*','url':'*','tags':'*','body_html':null},"
		          "{'id':2,'origin':'computed','score':'*','reasons':'*'},"
		          "{'id':3,'origin':'computed','score':'*','reasons':'*'},"
		          "{'id':6,'origin':'computed','score':0.0,'reasons':[{'type':'section','value':'Coast'}]},"
		          "{'id':7,'origin':'computed','score':0.0,'reasons':[{'type':'section','value':'Coast'}]},"
		          "{'id':8,'origin':'computed','score':0.0,'reasons':[{'type':'section','value':'Sports'}]},"
		          "{'id':9,'origin':'computed','score':0.0,'reasons':[{'type':'section','value':'Culture'}]}]}" },
		{ "/v1/articles/1/related", .ids = "13 2 3 6 7" },
		{ "/v1/articles/ferry-aurelia-aground-on-kestrel-shoal/related", .ids = "13 2 3 6 7" },
		{ "/v1/articles/1/related?limit=1", .ids = "13" },
		{ "/v1/articles/1/related?limit=2", .ids = "13 2" },
		/* the detail has the same ones */
		{ "/v1/articles/1?related=2", .json = "{'data':{'related':[{'id':13,'origin':'editorial'},{'id':2,'origin':'computed'}]}}" },
		/* an article with nothing of its own */
		{ "/v1/articles/9/related?limit=3", .ids = "8 6 5", .json = "{'data':[{'score':0.0},{'score':0.0},{'score':0.0}]}" },
		{ "/v1/articles/6/related?limit=2&section=same", .json = "{'data':['*','*']}" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_parameters(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles/1/related?section=same&limit=20", .ids = "2 6 7" },
		{ "/v1/articles/9/related?section=same", .ids = "" },
		/* the clock stands at noon on 1 June */
		{ "/v1/articles/1/related?max_age=P16D&limit=20", .ids = "2 6 8 9" },
		{ "/v1/articles/1/related?max_age=P2W2D&limit=20", .ids = "2 6 8 9" },
		{ "/v1/articles/1/related?max_age=PT60H&limit=20", .ids = "8" },
		{ "/v1/articles/1/related?max_age=PT59H&limit=20", .ids = "" },
		{ "/v1/articles/1/related?max_age=P1D&section=same", .ids = "" },
		{ "/v1/articles/1/related?exclude=13,3&limit=20", .ids = "2 6 7 8 9" },
		{ "/v1/articles/1/related?exclude=13&exclude=3,6,7,8&limit=20", .ids = "2 9" },
		/* without the one, its copy */
		{ "/v1/articles/1/related?exclude=2&limit=2", .ids = "13 5" },
		{ "/v1/articles/1/related?exclude=1,77,10", .ids = "13 2 3 6 7" },
		{ "/v1/articles/1/related?limit=0", 400, .json = "{'errors':[{'parameter':'limit','code':'out-of-range'}]}" },
		{ "/v1/articles/1/related?limit=21", 400, .json = "{'errors':[{'parameter':'limit','code':'out-of-range'}]}" },
		{ "/v1/articles/1/related?limit=5&limit=5", 400, .json = "{'errors':[{'parameter':'limit','code':'repeated'}]}" },
		{ "/v1/articles/1/related?section=coast", 400, .json = "{'errors':[{'parameter':'section','code':'bad-value'}]}" },
		{ "/v1/articles/1/related?section=sam", 400, .json = "{'errors':[{'parameter':'section','suggestion':'same'}]}" },
		{ "/v1/articles/1/related?max_age=30", 400, .json = "{'errors':[{'parameter':'max_age','code':'bad-value'}]}" },
		{ "/v1/articles/1/related?max_age=P1M", 400, .json = "{'errors':[{'parameter':'max_age'}]}" },
		{ "/v1/articles/1/related?max_age=-P1D", 400, .json = "{'errors':[{'parameter':'max_age'}]}" },
		{ "/v1/articles/1/related?max_age=P999999999999D", 400, .json = "{'errors':[{'parameter':'max_age'}]}" },
		{ "/v1/articles/1/related?max_age=", .status = 400 },
		{ "/v1/articles/1/related?exclude=one", 400, .json = "{'errors':[{'parameter':'exclude','code':'bad-value'}]}" },
		{ "/v1/articles/1/related?exclude=", .status = 400 },
		{ "/v1/articles/1/related?cursor=x", 400, .json = "{'errors':[{'parameter':'cursor','code':'unknown'}]}" },
		{ "/v1/articles/1/related?exlude=1", 400, .json = "{'errors':[{'parameter':'exlude','code':'unknown','suggestion':'exclude'}]}" },
		{ "/v1/articles/12/related", .status = 404 },
		{ "/v1/articles/11/related", .status = 410 },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

/* clang-format on */

static bool has_term(json_t *article, const char *list, const char *name)
{
	json_t *term;
	size_t i;

	json_array_foreach(json_object_get(article, list), i, term)
		if (strcmp(json_string_value(json_object_get(term, "name")), name) == 0)
			return true;
	return false;
}

static const char *name_of(json_t *article, const char *member)
{
	return json_string_value(json_object_get(json_object_get(article, member), "name"));
}

/* Is what a reason says true of both articles? A word of the text stands in title, summary or body of both. */
static bool is_true(json_t *article, json_t *other, const char *type, const char *value)
{
	if (strcmp(type, "tag") == 0)
		return has_term(article, "tags", value) && has_term(other, "tags", value);
	if (strcmp(type, "section") == 0 || strcmp(type, "source") == 0)
		return strcmp(name_of(article, type), value) == 0 && strcmp(name_of(other, type), value) == 0;
	if (strcmp(type, "text") == 0) {
		char *one = json_dumps(article, 0), *two = json_dumps(other, 0);
		const bool in_both = strcasestr(one, value) != NULL && strcasestr(two, value) != NULL;

		free(one);
		free(two);
		return in_both;
	}
	return false;
}

static void test_scores_and_reasons_are_true(void **state)
{
	struct reply list, detail, other;
	double last = 1;
	json_t *item, *reason;
	size_t i, r;

	(void)state;
	run_step(server.public, &(struct step){ .path = "/v1/articles/1?related=0" }, &detail);
	run_step(server.public, &(struct step){ .path = "/v1/articles/1/related?limit=20" }, &list);
	json_array_foreach(reply_member(&list, "data"), i, item) {
		const double score = json_real_value(json_object_get(item, "score"));
		const bool is_editorial = strcmp(json_string_value(json_object_get(item, "origin")), "editorial") == 0;
		char path[60];

		assert_true(score >= 0 && score <= 1 && (is_editorial || score <= last));
		last = is_editorial ? last : score;
		if (score <= 0)
			continue;
		snprintf(path, sizeof path, "/v1/articles/%lld?related=0", (long long)json_integer_value(json_object_get(item, "id")));
		run_step(server.public, &(struct step){ .path = path }, &other);
		json_array_foreach(json_object_get(item, "reasons"), r, reason) {
			const char *type = json_string_value(json_object_get(reason, "type")), *value = json_string_value(json_object_get(reason, "value"));

			if (!is_true(reply_member(&detail, "data"), reply_member(&other, "data"), type, value))
				fail_msg("%s: %s %s is not so", path, type, value);
		}
		assert_true(is_editorial || json_array_size(json_object_get(item, "reasons")) > 0);
		reply_done(&other);
	}
	reply_done(&list);
	reply_done(&detail);
}

/* Editors' links, too, bring no copy of the story itself, nor two of one. */
static void test_editors_links_and_copies(void **state)
{
	(void)state;
	test_server_put(&server,
	    "{'id':20,'guid':'20','title':'Storm over the coast','section':'Weather','source':'Ledger','published_at':'2014-01-01T00:00:00Z','related_ids':[5,2,1,4]}\n"
	    "{'id':21,'guid':'21','title':'Ferry again','section':'Weather','source':'Ledger','published_at':'2014-01-01T00:00:00Z','related_ids':[4,3],"
	    "'body_text':'" STORY "'}");
	run_steps(&server, &(struct step){ "/v1/articles/20/related?limit=2", .ids = "5 1", .json = "{'data':[{'origin':'editorial'},{'origin':'editorial'}]}" }, 1);
	run_steps(&server, &(struct step){ "/v1/articles/21/related?limit=1", .ids = "3", .json = "{'data':[{'origin':'editorial'}]}" }, 1);
}

/* The detail names who else has the story, with enough for a link; what it is called by changes when they do. */
static void test_duplicates(void **state)
{
	static const struct step before[] = {
		{ "/v1/articles/1", .json = "{'data':{'duplicates':[{'id':4,'slug':'ferry-runs-aground','url':'https://news.example/article/ferry-runs-aground',"
		                            "'title':'Ferry runs aground','source':{'slug':'second-wire','name':'Second Wire'},"
		                            "'published_at':'2016-05-10T01:00:00Z','tags':null,'score':null},{'id':21}]}}" },
		{ "/v1/articles/3", .json = "{'data':{'duplicates':[]}}" },
		{ "/v1/articles/4?fields=id,duplicates", .json = "{'data':{'id':4,'related':null,'duplicates':[{'id':1},{'id':21}]}}" },
		{ "/v1/articles/4?fields=duplicates&related=1", .json = "{'data':{'id':null,'duplicates':[{'id':1},{'id':21}]}}" },
		{ "/v1/articles/1?fields=related", .json = "{'data':{'duplicates':null}}" },
		{ "/v1/articles/1?related=0", .json = "{'data':{'duplicates':null}}" },
	};
	struct reply first, second;
	char headers[160];

	(void)state;
	test_server_settle(&server);
	RUN_STEPS(&server, before);
	run_step(server.public, &(struct step){ .path = "/v1/articles/1?fields=duplicates" }, &first);
	snprintf(headers, sizeof headers, "If-None-Match: %s", reply_header(&first, "ETag"));
	run_steps(&server, &(struct step){ "/v1/articles/1?fields=duplicates", 304, .headers = headers }, 1);
	test_server_put(&server, "{'guid':'4','title':'Ferry runs aground','source':'Second Wire','status':'withdrawn'}");
	run_step(server.public, &(struct step){ .path = "/v1/articles/1?fields=duplicates", .headers = headers, .json = "{'data':{'duplicates':[{'id':21}]}}" }, &second);
	assert_string_not_equal(reply_header(&first, "ETag"), reply_header(&second, "ETag"));
	reply_done(&first);
	reply_done(&second);
}

/* Withdrawn now, gone from every list of related articles in the next answer; back again, back. */
static void test_withdrawal_shows_at_once(void **state)
{
	(void)state;
	test_server_put(&server, "{'guid':'2','title':'Inquiry into the Aurelia opens','source':'Harbour Wire','status':'withdrawn'}");
	run_steps(&server, &(struct step){ "/v1/articles/1/related?limit=2", .ids = "13 5" }, 1);
	test_server_put(&server, "{'guid':'13','title':'Budget debate enters third day','source':'Ledger','status':'draft'}");
	run_steps(&server, &(struct step){ "/v1/articles/1?related=1", .json = "{'data':{'related':[{'id':5}]}}" }, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_scores_and_reasons_are_true),
		cmocka_unit_test(test_editors_links_and_copies),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_withdrawal_shows_at_once),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

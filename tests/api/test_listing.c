/* SPDX-License-Identifier: MIT */
/* GET /v1/articles: every filter, alone and together, order, dates, ids, fields, include and count, and everything refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api_steps.h"

/*
 * Six public articles, and four that no reader sees. The site is in Toronto, five hours behind UTC in winter: 2 comes out at midnight
 * there on 1 January, 3 a second before. 4 and 5 share a time.
 */
static const char articles[] =
    "{'id':1,'guid':'1','title':'One','section':'National','source':'The Canadian Press','authors':['Ann Lee'],'lang':'en',"
    "'tags':[{'name':'BlackBerry','type':'organisation'},{'name':'Pakistan','type':'place'}],"
    "'published_at':'2015-12-31T17:20:00Z','body_text':'First text.'}\n"
    "{'id':2,'guid':'2','title':'Two','section':'National','source':'Reuters','lang':'en','featured':true,"
    "'tags':[{'name':'Pakistan','type':'place'}],'published_at':'2016-01-01T05:00:00Z'}\n"
    "{'id':3,'guid':'3','title':'Three','section':'Business','source':'The Canadian Press','authors':['Ann Lee','Bob Ray'],'lang':'fr',"
    "'tags':['BlackBerry','Oil'],'published_at':'2016-01-01T04:59:59Z','image':{'url':'/static/a.png','width':3,'height':2}}\n"
    "{'id':4,'guid':'4','title':'Four','section':'Business','source':'Reuters','lang':'en','tags':['Oil'],"
    "'published_at':'2016-01-02T00:00:00Z','updated_at':'2016-03-01T00:00:00Z'}\n"
    "{'id':5,'guid':'5','title':'Five','section':'Sports','source':'The Canadian Press','lang':'en','featured':true,"
    "'published_at':'2016-01-02T00:00:00Z'}\n"
    "{'id':6,'guid':'6','title':'Six','section':'Sports','source':'Local Wire','authors':['Bob Ray'],'lang':'pt-BR',"
    "'tags':['Oil','Pakistan','BlackBerry'],'published_at':'2016-02-01T00:00:00Z'}\n"
    "{'id':7,'guid':'7','title':'Seven','status':'draft','section':'National','source':'Reuters','tags':['Secret']}\n"
    "{'id':8,'guid':'8','title':'Eight','section':'Upcoming','source':'Reuters','published_at':'2099-01-01T00:00:00Z'}\n"
    "{'id':9,'guid':'9','title':'Nine','section':'National','source':'Reuters','published_at':'2016-01-05T00:00:00Z'}\n"
    "{'id':9,'guid':'9','title':'Nine','section':'National','source':'Reuters','published_at':'2016-01-05T00:00:00Z',"
    "'status':'withdrawn','reason':'wrong','replaced_by':2}\n"
    "{'id':10,'guid':'10','title':'Ten','section':'Buried','source':'Reuters','status':'withdrawn'}\n";

static struct test_server server;

static int set_up(void **state)
{
	static const char *const options[] = { "--timezone=America/Toronto", NULL };

	(void)state;
	test_server_start(&server, options);
	return test_server_try(&server, articles) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

/* Tables are laid out by hand. */
/* clang-format off */

static void test_filters(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles", .ids = "6 5 4 2 3 1", .json = "{'meta':{},'links':{'self':'https://news.example/v1/articles','next':null,'prev':null}}" },
		{ "/v1/articles?section=national", .ids = "2 1" },
		{ "/v1/articles?section=national,sports", .ids = "6 5 2 1" },
		{ "/v1/articles?section=national&section=sports", .ids = "6 5 2 1" },
		{ "/v1/articles?section=national,national", .ids = "2 1" },
		{ "/v1/articles?section=!national", .ids = "6 5 4 3" },
		{ "/v1/articles?section=!national,!sports", .ids = "4 3" },
		{ "/v1/articles?section=!national&section=!sports", .ids = "4 3" },
		{ "/v1/articles?section=%21national", .ids = "6 5 4 3" },
		{ "/v1/articles?section=national,!national", .ids = "" },
		{ "/v1/articles?tag=pakistan", .ids = "6 2 1" },
		{ "/v1/articles?tag=pakistan,oil", .ids = "6 4 2 3 1" },
		{ "/v1/articles?tag=pakistan,!oil", .ids = "2 1" },
		{ "/v1/articles?tag=!oil", .ids = "5 2 1" },
		{ "/v1/articles?source=the-canadian-press", .ids = "5 3 1" },
		{ "/v1/articles?source=reuters,local-wire", .ids = "6 4 2" },
		{ "/v1/articles?source=!reuters", .ids = "6 5 3 1" },
		{ "/v1/articles?author=ann-lee", .ids = "3 1" },
		{ "/v1/articles?author=ann-lee,bob-ray", .ids = "6 3 1" },
		{ "/v1/articles?author=!ann-lee", .ids = "6 5 4 2" },
		{ "/v1/articles?lang=en", .ids = "5 4 2 1" },
		{ "/v1/articles?lang=pt-br,fr", .ids = "6 3" },
		{ "/v1/articles?lang=!en", .ids = "6 3" },
		{ "/v1/articles?tag_all=pakistan,blackberry", .ids = "6 1" },
		{ "/v1/articles?tag_all=pakistan&tag_all=blackberry&tag_all=oil", .ids = "6" },
		{ "/v1/articles?tag_all=pakistan&tag=oil", .ids = "6" },
		{ "/v1/articles?featured=true", .ids = "5 2" },
		{ "/v1/articles?featured=false", .ids = "6 4 3 1" },
		{ "/v1/articles?section=business&source=reuters", .ids = "4" },
		{ "/v1/articles?section=business,sports&tag=oil&author=bob-ray&lang=!fr&featured=false", .ids = "6" },
		{ "/v1/articles?section=national&featured=true&tag=!blackberry", .ids = "2" },
		/* unknown terms */
		{ "/v1/articles?section=nowhere", .ids = "", .json = "{'links':{'next':null,'prev':null}}" },
		{ "/v1/articles?section=nowhere,national", .ids = "2 1" },
		{ "/v1/articles?section=!nowhere", .ids = "6 5 4 2 3 1" },
		{ "/v1/articles?tag_all=oil,nothing", .ids = "" },
		{ "/v1/articles?lang=xx", .ids = "" },
		/* what is not public leaves no trace */
		{ "/v1/articles?tag=secret", .ids = "" },
		{ "/v1/articles?section=upcoming", .ids = "" },
		{ "/v1/articles?section=buried", .ids = "" },
		{ "/v1/articles?status=published", .ids = "6 5 4 2 3 1" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_dates(void **state)
{
	static const struct step steps[] = {
		/* after: inclusive; before: exclusive */
		{ "/v1/articles?published_after=2016-01-02T00:00:00Z", .ids = "6 5 4" },
		{ "/v1/articles?published_after=2016-01-02T00:00:01Z", .ids = "6" },
		{ "/v1/articles?published_before=2016-01-02T00:00:00Z", .ids = "2 3 1" },
		{ "/v1/articles?published_before=2016-01-02T00:00:01Z", .ids = "5 4 2 3 1" },
		{ "/v1/articles?published_after=2016-01-01T04:59:59Z&published_before=2016-01-01T05:00:00Z", .ids = "3" },
		{ "/v1/articles?published_after=2017-01-01&published_before=2015-01-01", .ids = "" },
		/* a plain date is midnight in Toronto */
		{ "/v1/articles?published_after=2016-01-01", .ids = "6 5 4 2" },
		{ "/v1/articles?published_before=2016-01-01", .ids = "3 1" },
		/* an offset, whose plus sign must be encoded */
		{ "/v1/articles?published_after=2016-01-01T00:00:00-05:00", .ids = "6 5 4 2" },
		{ "/v1/articles?published_after=2016-01-01T06:00:00%2B01:00", .ids = "6 5 4 2" },
		{ "/v1/articles?updated_after=2016-03-01T00:00:00Z", .ids = "4" },
		{ "/v1/articles?updated_after=2016-03-01T00:00:01Z", .ids = "" },
		{ "/v1/articles?updated_before=2016-03-01T00:00:00Z", .ids = "6 5 2 3 1" },
		{ "/v1/articles?updated_before=2016-03-02T00:00:00Z&updated_after=2016-02-01T00:00:00Z", .ids = "6 4" },
		{ "/v1/articles?order=updated&published_before=2016-01-02T00:00:01Z", .ids = "4 5 2 3 1" },
		{ "/v1/articles?order=updated&updated_after=2016-01-02T00:00:00Z", .ids = "4 6 5" },
		{ "/v1/articles?order=oldest&published_after=2016-01-01T05:00:00Z", .ids = "2 4 5 6" },
		{ "/v1/articles?order=oldest&published_before=2016-01-02T00:00:00Z", .ids = "1 3 2" },
		{ "/v1/articles?section=business&published_before=2016-01-02T00:00:00Z", .ids = "3" },
		{ "/v1/articles?section=business&order=oldest&published_after=2016-01-02T00:00:00Z", .ids = "4" },
		/* without a zone nobody knows when that is */
		{ "/v1/articles?published_after=2016-01-01T00:00:00", 400, .json = "{'type':'/problems/bad-parameter',"
		  "'errors':[{'parameter':'published_after','code':'bad-value','detail':'~offset'}]}" },
		{ "/v1/articles?published_before=yesterday", 400, .json = "{'errors':[{'parameter':'published_before','code':'bad-value'}]}" },
		{ "/v1/articles?updated_after=2016-02-30", 400, .json = "{'errors':[{'parameter':'updated_after'}]}" },
		{ "/v1/articles?updated_before=1", 400, .json = "{'errors':[{'parameter':'updated_before'}]}" },
		{ "/v1/articles?updated_before=", 400, .json = "{'errors':[{'parameter':'updated_before'}]}" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_order_and_limit(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles?order=newest", .ids = "6 5 4 2 3 1" },
		{ "/v1/articles?order=oldest", .ids = "1 3 2 4 5 6" },
		{ "/v1/articles?order=updated", .ids = "4 6 5 2 3 1" },
		{ "/v1/articles?order=updated&tag=oil", .ids = "4 6 3" },
		{ "/v1/articles?order=oldest&section=sports,business", .ids = "3 4 5 6" },
		{ "/v1/articles?limit=1", .ids = "6", .json = "{'links':{'next':'*','prev':null}}" },
		{ "/v1/articles?limit=6", .ids = "6 5 4 2 3 1", .json = "{'links':{'next':null}}" },
		{ "/v1/articles?limit=100", .ids = "6 5 4 2 3 1" },
		{ "/v1/articles?limit=0", 400, .json = "{'type':'/problems/bad-parameter','errors':[{'parameter':'limit','code':'out-of-range'}]}" },
		{ "/v1/articles?limit=101", 400, .json = "{'errors':[{'parameter':'limit','code':'out-of-range','detail':'~100'}]}" },
		{ "/v1/articles?limit=-1", 400, .json = "{'errors':[{'parameter':'limit','code':'out-of-range'}]}" },
		{ "/v1/articles?limit=99999999999999999999", 400, .json = "{'errors':[{'parameter':'limit','code':'out-of-range'}]}" },
		{ "/v1/articles?limit=ten", 400, .json = "{'errors':[{'parameter':'limit','code':'bad-value'}]}" },
		{ "/v1/articles?limit=1.5", 400, .json = "{'errors':[{'parameter':'limit','code':'bad-value'}]}" },
		{ "/v1/articles?order=newst", 400, .json = "{'errors':[{'parameter':'order','code':'bad-value','suggestion':'newest'}]}" },
		{ "/v1/articles?order=", 400, .json = "{'errors':[{'parameter':'order','code':'bad-value'}]}" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_ids(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles?ids=3,1,2", .ids = "3 1 2", .json = "{'meta':{'missing':null},'links':{'self':'*','next':null,'prev':null}}" },
		{ "/v1/articles?ids=3&ids=1,2", .ids = "3 1 2" },
		/* never public: unknown; public once: gone */
		{ "/v1/articles?ids=9,6,77,7,8,10,5", .ids = "6 5",
		  .json = "{'meta':{'missing':[{'id':9,'status':410},{'id':77,'status':404},{'id':7,'status':404},{'id':8,'status':404},"
		          "{'id':10,'status':404}]}}" },
		{ "/v1/articles?ids=77", .ids = "", .json = "{'meta':{'missing':[{'id':77,'status':404}]}}" },
		{ "/v1/articles?ids=9223372036854775807", .ids = "", .json = "{'meta':{'missing':[{'id':9223372036854775807,'status':404}]}}" },
		/* an id is a number, however it is written */
		{ "/v1/articles?ids=003,0077", .ids = "3", .json = "{'meta':{'missing':[{'id':77,'status':404}]}}" },
		/* with filters, fields, include */
		{ "/v1/articles?ids=6,4,2&section=national,sports", .ids = "6 2" },
		{ "/v1/articles?ids=6,4,2&tag=!pakistan", .ids = "4" },
		{ "/v1/articles?ids=1,2,3&published_after=2016-01-01", .ids = "2" },
		{ "/v1/articles?ids=1&fields=id,title", .json = "{'data':[{'id':1,'title':'One','slug':null,'tags':null}]}" },
		{ "/v1/articles?ids=1&include=body", .json = "{'data':[{'id':1,'body_text':'First text.'}]}" },
		/* refused together */
		{ "/v1/articles?ids=1&order=oldest", 400, .json = "{'type':'/problems/bad-parameter','errors':[{'parameter':'order','code':'not-with-ids'}]}" },
		{ "/v1/articles?ids=1&limit=5&cursor=x&count=exact", 400,
		  .json = "{'errors':[{'parameter':'limit'},{'parameter':'cursor'},{'parameter':'count'}]}" },
		{ "/v1/articles?ids=0", 400, .json = "{'errors':[{'parameter':'ids','code':'out-of-range'}]}" },
		{ "/v1/articles?ids=-1", 400, .json = "{'errors':[{'parameter':'ids','code':'out-of-range'}]}" },
		{ "/v1/articles?ids=1,two", 400, .json = "{'errors':[{'parameter':'ids','code':'bad-value','detail':'~two'}]}" },
		{ "/v1/articles?ids=1,,2", 400, .json = "{'errors':[{'parameter':'ids','code':'bad-value'}]}" },
		{ "/v1/articles?ids=", 400, .json = "{'errors':[{'parameter':'ids','code':'bad-value'}]}" },
		{ "/v1/articles?ids=9223372036854775808", 400, .json = "{'errors':[{'parameter':'ids','code':'out-of-range'}]}" },
	};
	char path[700] = "/v1/articles?ids=1";

	(void)state;
	RUN_STEPS(&server, steps);

	for (int i = 2; i <= 100; i++)
		snprintf(path + strlen(path), sizeof path - strlen(path), ",%d", i);
	run_steps(&server, &(struct step){ path, .ids = "1 2 3 4 5 6" }, 1);
	snprintf(path + strlen(path), sizeof path - strlen(path), ",101");
	run_steps(&server, &(struct step){ path, 400, .json = "{'errors':[{'parameter':'ids','code':'out-of-range','detail':'~100'}]}" }, 1);
}

static void test_fields_and_include(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles?limit=1&fields=id", .json = "{'data':[{'id':6,'title':null,'tags':null,'authors':null,'rev':null}]}" },
		{ "/v1/articles?ids=3&fields=id,title,section.name",
		  .json = "{'data':[{'id':3,'title':'Three','slug':null,'section':{'name':'Business','slug':null}}]}" },
		{ "/v1/articles?ids=3&fields=tags.slug,authors.name",
		  .json = "{'data':[{'tags':[{'slug':'blackberry','name':null,'type':null},{'slug':'oil'}],'authors':[{'name':'Ann Lee','slug':null},{'name':'Bob Ray'}]}]}" },
		{ "/v1/articles?ids=3&fields=image.url,url",
		  .json = "{'data':[{'url':'https://news.example/article/three','image':{'url':'https://news.example/static/a.png','width':null}}]}" },
		{ "/v1/articles?ids=3&fields=section,section.name", .json = "{'data':[{'section':{'name':'Business','slug':'business'}}]}" },
		{ "/v1/articles?ids=1&fields=image,byline,id", .json = "{'data':[{'id':1,'image':null,'byline':null}]}" },
		{ "/v1/articles?ids=1&include=body", .json = "{'data':[{'id':1,'title':'One','tags':'*','body_html':'<p>First text.</p>','body_text':'First text.'}]}" },
		{ "/v1/articles?ids=1&include=body&fields=id,tags.type",
		  .json = "{'data':[{'id':1,'title':null,'body_text':'First text.','tags':[{'type':'organisation'},{'type':'place'}]}]}" },
		{ "/v1/articles?include=body&include=body&ids=2", .json = "{'data':[{'id':2,'body_html':null}]}" },
		{ "/v1/articles?fields=id,titel", 400,
		  .json = "{'type':'/problems/bad-parameter','errors':[{'parameter':'fields','code':'unknown','suggestion':'title','detail':'~titel'}]}" },
		{ "/v1/articles?fields=section.nmae", 400, .json = "{'errors':[{'parameter':'fields','code':'unknown','suggestion':'section.name'}]}" },
		{ "/v1/articles?fields=id,nonsense,slgu", 400, .json = "{'errors':[{'code':'unknown'},{'code':'unknown','suggestion':'slug'}]}" },
		{ "/v1/articles?fields=", 400, .json = "{'errors':[{'parameter':'fields'}]}" },
		{ "/v1/articles?fields=id,,title", 400, .json = "{'errors':[{'parameter':'fields','code':'bad-value'}]}" },
		/* what is never shown cannot be asked for */
		{ "/v1/articles?fields=status", 400, .json = "{'errors':[{'parameter':'fields','code':'unknown'}]}" },
		{ "/v1/articles?fields=related_ids", 400, .json = "{'errors':[{'parameter':'fields','code':'unknown'}]}" },
		{ "/v1/articles?fields=publish_at", 400, .json = "{'errors':[{'parameter':'fields','code':'unknown'}]}" },
		{ "/v1/articles?include=bdy", 400, .json = "{'errors':[{'parameter':'include','code':'bad-value','suggestion':'body'}]}" },
		{ "/v1/articles?include=", 400, .json = "{'errors':[{'parameter':'include'}]}" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_count(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles?count=none&limit=1", .json = "{'meta':{'count':null}}" },
		/* one look-up */
		{ "/v1/articles?count=exact&limit=1", .json = "{'meta':{'count':{'value':6,'exact':true}}}" },
		{ "/v1/articles?count=exact&limit=1&section=national", .json = "{'meta':{'count':{'value':2,'exact':true}}}" },
		{ "/v1/articles?count=exact&limit=1&featured=true", .json = "{'meta':{'count':{'value':2,'exact':true}}}" },
		{ "/v1/articles?count=exact&limit=1&tag_all=oil", .json = "{'meta':{'count':{'value':3,'exact':true}}}" },
		{ "/v1/articles?count=exact&section=nowhere", .json = "{'meta':{'count':{'value':0,'exact':true}}}" },
		{ "/v1/articles?count=exact&section=buried", .json = "{'meta':{'count':{'value':0,'exact':true}}}" },
		/* counted */
		{ "/v1/articles?count=exact&limit=1&section=national,sports", .json = "{'meta':{'count':{'value':4,'exact':true}}}" },
		{ "/v1/articles?count=exact&limit=1&section=national,national", .json = "{'meta':{'count':{'value':2,'exact':true}}}" },
		{ "/v1/articles?count=exact&limit=1&section=!national", .json = "{'meta':{'count':{'value':4,'exact':true}}}" },
		{ "/v1/articles?count=exact&limit=1&section=business&tag=oil&lang=en", .json = "{'meta':{'count':{'value':1,'exact':true}}}" },
		{ "/v1/articles?count=exact&limit=1&published_after=2016-01-02", .json = "{'meta':{'count':{'value':1,'exact':true}}}" },
		{ "/v1/articles?count=exact&limit=1&section=sports&updated_before=2016-02-01T00:00:00Z", .json = "{'meta':{'count':{'value':1,'exact':true}}}" },
		{ "/v1/articles?count=exact&limit=1&tag=oil,pakistan", .json = "{'meta':{'count':{'value':5,'exact':true}}}" },
		{ "/v1/articles?count=exakt", 400, .json = "{'errors':[{'parameter':'count','code':'bad-value','suggestion':'exact'}]}" },
		{ "/v1/articles?count=", 400, .json = "{'errors':[{'parameter':'count'}]}" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_status_needs_a_key(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles?status=draft", 403, .json = "{'type':'/problems/forbidden','errors':[{'parameter':'status','code':'needs-key'}]}" },
		{ "/v1/articles?status=scheduled", 403, .json = "{'type':'/problems/forbidden'}" },
		{ "/v1/articles?status=withdrawn", 403, .json = "{'type':'/problems/forbidden'}" },
		{ "/v1/articles?status=drft", 400, .json = "{'errors':[{'parameter':'status','code':'bad-value','suggestion':'draft'}]}" },
		{ "/v1/articles/1/next?status=draft", 403, .json = "{'type':'/problems/forbidden'}" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_parameters_that_are_refused(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles?limt=5", 400, .json = "{'type':'/problems/bad-parameter','detail':'~limit','errors':[{'parameter':'limt','code':'unknown','suggestion':'limit'}]}" },
		{ "/v1/articles?utm_source=x", 400, .json = "{'errors':[{'parameter':'utm_source','code':'unknown'}]}" },
		{ "/v1/articles?Section=national", 400, .json = "{'errors':[{'parameter':'Section','suggestion':'section'}]}" },
		{ "/v1/articles?limit=5&limit=5", 400, .json = "{'errors':[{'parameter':'limit','code':'repeated'}]}" },
		{ "/v1/articles?order=newest&order=oldest", 400, .json = "{'errors':[{'parameter':'order','code':'repeated'}]}" },
		{ "/v1/articles?published_after=2016-01-01&published_after=2016-01-02", 400, .json = "{'errors':[{'parameter':'published_after','code':'repeated'}]}" },
		{ "/v1/articles?cursor=a&cursor=b", 400, .json = "{'errors':[{'parameter':'cursor','code':'repeated'}]}" },
		{ "/v1/articles?fields=id&fields=title", 400, .json = "{'errors':[{'parameter':'fields','code':'repeated'}]}" },
		{ "/v1/articles?featured=yes", 400, .json = "{'errors':[{'parameter':'featured','code':'bad-value','detail':'~true or false'}]}" },
		{ "/v1/articles?featured=", 400, .json = "{'errors':[{'parameter':'featured'}]}" },
		{ "/v1/articles?section=National", 400, .json = "{'errors':[{'parameter':'section','code':'bad-value','detail':'~National'}]}" },
		{ "/v1/articles?section=", 400, .json = "{'errors':[{'parameter':'section','code':'bad-value'}]}" },
		{ "/v1/articles?section", 400, .json = "{'errors':[{'parameter':'section','code':'bad-value'}]}" },
		{ "/v1/articles?section=national,", 400, .json = "{'errors':[{'parameter':'section','code':'bad-value'}]}" },
		{ "/v1/articles?section=!", 400, .json = "{'errors':[{'parameter':'section','code':'bad-value'}]}" },
		{ "/v1/articles?section=!!national", 400, .json = "{'errors':[{'parameter':'section','code':'bad-value'}]}" },
		{ "/v1/articles?tag_all=!oil", 400, .json = "{'errors':[{'parameter':'tag_all','code':'bad-value'}]}" },
		{ "/v1/articles?tag=a%20b", 400, .json = "{'errors':[{'parameter':'tag','code':'bad-value'}]}" },
		{ "/v1/articles?min_seq=-1", 400, .json = "{'errors':[{'parameter':'min_seq','code':'out-of-range'}]}" },
		{ "/v1/articles?min_seq=x", 400, .json = "{'errors':[{'parameter':'min_seq','code':'bad-value'}]}" },
		/* all of them are listed */
		{ "/v1/articles?limt=5&order=best&featured=1&section=A,B&limit=0", 400,
		  .json = "{'detail':'~5 more','errors':[{'parameter':'limt'},{'parameter':'order'},{'parameter':'featured'},"
		          "{'parameter':'section','detail':'~A'},{'parameter':'section','detail':'~B'},{'parameter':'limit'}]}" },
		/* not here */
		{ "/v1/articles?related=3", 400, .json = "{'errors':[{'parameter':'related','code':'unknown'}]}" },
		/* bad bytes */
		{ "/v1/articles?section=%zz", 400, .json = "{'type':'/problems/invalid'}" },
		{ "/v1/articles?section=a%00b", 400, .json = "{'type':'/problems/invalid'}" },
		{ "/v1/articles?section=%ff", 400, .json = "{'type':'/problems/invalid'}" },
		{ "/v1/articles?=5", 400, .json = "{'type':'/problems/invalid'}" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

/* clang-format on */

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_order_and_limit),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_fields_and_include),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_status_needs_a_key),
		cmocka_unit_test(test_parameters_that_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: MIT */
/*
 * Related articles before and after the background has been there: what lies ready, what is found on the spot, what is worked off after a
 * restart, and the metrics that say how far it has come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api_steps.h"

/* 1 and 2: ferries, in different sections. 3, 4: only the section of 1, newer. */
static const char articles[] =
    "{'id':1,'guid':'1','title':'Ferry Aurelia aground on Kestrel shoal','section':'Coast','source':'Wire','tags':['Ferries'],'published_at':'2016-05-10T00:00:00Z'}\n"
    "{'id':2,'guid':'2','title':'Ferry Aurelia off the Kestrel shoal','section':'National','source':'Ledger','tags':['Ferries'],'published_at':'2016-05-11T00:00:00Z'}\n"
    "{'id':3,'guid':'3','title':'Herring prices rise again','section':'Coast','source':'Ledger','published_at':'2016-05-20T00:00:00Z'}\n"
    "{'id':4,'guid':'4','title':'Lighthouse gets fresh paint','section':'Coast','source':'Ledger','published_at':'2016-05-21T00:00:00Z'}\n"
    "{'id':5,'guid':'5','title':'Budget in draft','section':'Coast','source':'Ledger','status':'draft'}\n";

static struct test_server server;

static int set_up(void **state)
{
	static const char *const no_background[] = { "--related-rate=0", NULL };

	(void)state;
	test_server_start(&server, no_background);
	return test_server_try(&server, articles) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

/* clang-format off */

/* Nothing is ready: the detail shows the section's newest, the page too; /related finds what is alike. */
static const struct step before[] = {
	{ "/v1/articles/1?related=2",
	  .json = "{'data':{'related':[{'id':4,'score':0.0,'origin':'computed','reasons':[{'type':'section','value':'Coast'}]},{'id':3,'score':0.0}]}}" },
	{ "/v1/articles/1?related=20", .json = "{'data':{'related':[{'id':4},{'id':3},{'id':2,'score':0.0,'reasons':[{'type':'section','value':'National'}]}]}}" },
	{ "/v1/articles/1/related?limit=1", .ids = "2" },
	{ "/v1/articles/1/related", .ids = "2 4 3" },
};

static const struct step after[] = {
	{ "/v1/articles/1?related=2", .json = "{'data':{'related':[{'id':2,'origin':'computed','reasons':[{'type':'tag','value':'Ferries'},{'type':'text'}]},{'id':4,'score':0.0}]}}" },
	{ "/v1/articles/1/related", .ids = "2 4 3" },
	{ "/v1/articles/1/related?section=same", .ids = "4 3" },
	{ "/v1/articles/4/related", .ids = "3 1 2" },
};

/* clang-format on */

static void test_left_over_from_the_last_run(void **state)
{
	(void)state;
	RUN_STEPS(&server, before);
	assert_int_equal(test_server_metric(&server, "broadsheet_related_due"), 4);

	server.config.related_rate = 100000;
	test_server_restart(&server);
	test_server_settle(&server);
	assert_true(test_server_metric(&server, "broadsheet_related_computed_total") >= 4);
	RUN_STEPS(&server, after);

	/* Again: nothing to do. */
	server.config.related_rate = 0;
	test_server_restart(&server);
	assert_int_equal(test_server_metric(&server, "broadsheet_related_due"), 0);
	RUN_STEPS(&server, after);
}

/* A new article is woken for, and stands beside the others then. */
static void test_new_article(void **state)
{
	(void)state;
	server.config.related_rate = 100000;
	test_server_restart(&server);
	test_server_put(&server, "{'id':6,'guid':'6','title':'Ferry Aurelia sold','section':'Business','source':'Wire','tags':['Ferries'],'published_at':'2016-05-12T00:00:00Z'}");
	test_server_settle(&server);
	run_steps(&server, &(struct step){ .path = "/v1/articles/2?related=3", .json = "{'data':{'related':[{'id':1},{'id':6},{'id':4,'score':0.0}]}}" }, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_left_over_from_the_last_run),
		cmocka_unit_test(test_new_article),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

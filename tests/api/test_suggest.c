/* SPDX-License-Identifier: MIT */
/* /v1/suggest: what is typed, every parameter and what is wrong with it, and that nothing shows before or after its time. */
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
    "{'guid':'1','title':'Élodie opens “the” museum','slug':'museum','section':'National','source':'Wire','authors':['Jane Smith'],'tags':['Museums'],"
    "'published_at':'2016-01-01T00:00:00Z'}\n"
    "{'guid':'2','title':'Museum closes','slug':'closes','section':'National','source':'Wire','authors':['Jane Smith'],'tags':['Museums'],"
    "'published_at':'2016-01-02T00:00:00Z'}\n"
    "{'guid':'3','title':'Secret museum','section':'Secret','source':'Secret','authors':['Secret'],'tags':['Secret'],'status':'draft'}\n"
    "{'guid':'4','title':'Secret museum','section':'Secret','source':'Secret','authors':['Secret'],'tags':['Secret'],'published_at':'2099-01-01T00:00:00Z'}\n";

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

#define MUSEUMS "{'type':'tag','slug':'museums','name':'Museums','url':'https://news.example/tag/museums'}"
#define CLOSES "{'type':'article','slug':'closes','name':'Museum closes','url':'https://news.example/article/closes'}"
#define MUSEUM "{'type':'article','slug':'museum','name':'Élodie opens “the” museum','url':'https://news.example/article/museum'}"

/* clang-format off */

static void test_typed(void **state)
{
	static const struct step steps[] = {
		{ "/v1/suggest?q=mus", .json = "{'data':[" MUSEUMS "," CLOSES "," MUSEUM "],'meta':{},'links':{'self':'https://news.example/v1/suggest?q=mus','next':null,'prev':null}}" },
		{ "/v1/suggest?q=MUSEUM%20", .json = "{'data':[" CLOSES "," MUSEUM "]}" },
		{ "/v1/suggest?q=mus&limit=1", .json = "{'data':[" MUSEUMS "]}" },
		{ "/v1/suggest?q=mus&limit=2", .json = "{'data':[" MUSEUMS "," CLOSES "]}" },
		{ "/v1/suggest?q=elodie+op", .json = "{'data':[" MUSEUM "]}" },
		{ "/v1/suggest?q=smi", .json = "{'data':[{'type':'author','slug':'jane-smith','name':'Jane Smith','url':'https://news.example/author/jane-smith'}]}" },
		{ "/v1/suggest?q=w", .json = "{'data':[{'type':'source','slug':'wire'}]}" },
		{ "/v1/suggest?q=nat", .json = "{'data':[{'type':'section','slug':'national'}]}" },
		{ "/v1/suggest?q=secret", .json = "{'data':[]}" },
		{ "/v1/suggest?q=mus", .method = "HEAD" },
		{ "/v1/suggest?q=mus&min_seq=1", .json = "{'data':[" MUSEUMS "," CLOSES "," MUSEUM "]}" },
		/* whatever is typed */
		{ "/v1/suggest?q=%22", .json = "{'data':[]}" },
		{ "/v1/suggest?q=%20", .json = "{'data':[]}" },
		{ "/v1/suggest?q=%F0%9F%98%80", .json = "{'data':[]}" },
		{ "/v1/suggest?q=*", .json = "{'data':[]}" },
		{ "/v1/suggest?q=NEAR(a%20b)", .json = "{'data':[]}" },
		{ "/v1/suggest?q=a%22%20OR%20%22museum", .json = "{'data':[]}" },
		{ "/v1/suggest?q=words:museum", .json = "{'data':[]}" },
		{ "/v1/suggest?q=E%CC%81lodie", .json = "{'data':[" MUSEUM "]}" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_wrong(void **state)
{
	static const struct step steps[] = {
		{ "/v1/suggest", 400, .json = "{'errors':[{'parameter':'q','code':'required'}]}" },
		{ "/v1/suggest?limit=5", 400, .json = "{'errors':[{'parameter':'q','code':'required'}]}" },
		{ "/v1/suggest?q=", 400, .json = "{'errors':[{'parameter':'q','code':'bad-value'}]}" },
		{ "/v1/suggest?q=a&q=b", 400, .json = "{'errors':[{'parameter':'q','code':'repeated'}]}" },
		{ "/v1/suggest?q=a&limit=0", 400, .json = "{'errors':[{'parameter':'limit','code':'out-of-range'}]}" },
		{ "/v1/suggest?q=a&limit=21", 400, .json = "{'errors':[{'parameter':'limit','code':'out-of-range'}]}" },
		{ "/v1/suggest?q=a&limit=x", 400, .json = "{'errors':[{'parameter':'limit','code':'bad-value'}]}" },
		{ "/v1/suggest?q=a&limt=5", 400, .json = "{'errors':[{'parameter':'limt','code':'unknown','suggestion':'limit'}]}" },
		{ "/v1/suggest?q=a&cursor=x", 400, .json = "{'errors':[{'parameter':'cursor','code':'unknown'}]}" },
		{ "/v1/suggest?q=%00", .status = 400 },
		{ "/v1/suggest?q=a%01", .status = 400 },
		{ "/v1/suggest?q=%FF", .status = 400 },
		{ "/v1/suggest?q=%C3", .status = 400 },
		{ "/v1/suggest?q=a", 405, .method = "POST" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

/* clang-format on */

static void test_long(void **state)
{
	static const struct {
		size_t length;
		long status;
	} rows[] = { { 199, 200 }, { 200, 200 }, { 201, 400 }, { 3000, 400 }, { 5000, 414 } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct text target = TEXT_EMPTY;

		text_string(&target, "/v1/suggest?q=");
		for (size_t n = 0; n < rows[i].length; n++)
			text_char(&target, 'a');
		run_steps(&server, &(struct step){ .path = target.bytes, .status = rows[i].status }, 1);
		text_done(&target);
	}
}

static void put_tagged(struct text *lines, const char *guid, const char *status, const char *tag, int from, int to)
{
	text_printf(lines, "{'guid':'%s','title':'Stripes','section':'National','source':'Wire','status':'%s','tags':[", guid, status);
	for (int i = from; i < to; i++)
		text_printf(lines, "%s'%s %02d'", i > from ? "," : "", tag, i);
	text_string(lines, "]}\n");
}

/* However many drafts have tags of one beginning, and whatever is larger: readers see neither them nor that they are there. */
static void test_drafts_change_nothing(void **state)
{
	static const struct step step = { "/v1/suggest?q=zeb&limit=3", .json = "{'data':[{'type':'tag','slug':'zebra-00'}]}" };
	struct text lines = TEXT_EMPTY;
	struct reply before, after;

	(void)state;
	put_tagged(&lines, "larger-1", "published", "Large", 0, 40);
	put_tagged(&lines, "larger-2", "published", "Large", 0, 40);
	put_tagged(&lines, "zebra", "published", "Zebra", 0, 1);
	test_server_put(&server, lines.bytes);
	run_step(server.public, &step, &before);
	text_clear(&lines);
	put_tagged(&lines, "draft-1", "draft", "Zeba", 0, 50);
	put_tagged(&lines, "draft-2", "draft", "Zeba", 50, 100);
	test_server_put(&server, lines.bytes);
	for (int i = 0; i < 2; i++) {
		run_step(server.public, &step, &after);
		assert_string_equal(after.body.bytes, before.body.bytes);
		assert_string_equal(reply_header(&after, "ETag"), reply_header(&before, "ETag"));
		reply_done(&after);
		test_server_restart(&server);
	}
	reply_done(&before);
	text_done(&lines);
}

/* A kept answer goes with the next version that readers see. */
static void test_edits(void **state)
{
	static const struct {
		const char *edit, *json;
	} rows[] = {
		{ "{'guid':'3','title':'Secret museum','slug':'secret','section':'National','source':'Wire','status':'published','published_at':'2016-01-03T00:00:00Z'}",
		    "{'data':[" MUSEUMS ",{'slug':'secret'}," CLOSES "," MUSEUM "]}" },
		{ "{'guid':'3','title':'Secret cellar','section':'National','source':'Wire'}", "{'data':[" MUSEUMS "," CLOSES "," MUSEUM "]}" },
		{ "{'guid':'2','title':'Museum closes','section':'National','source':'Wire','tags':['Museums'],'status':'withdrawn'}",
		    "{'data':[" MUSEUMS "," MUSEUM "]}" },
		{ "{'guid':'1','title':'Élodie opens it','section':'National','source':'Wire'}", "{'data':[]}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		test_server_put(&server, rows[i].edit);
		run_steps(&server, &(struct step){ "/v1/suggest?q=mus", .json = rows[i].json }, 1);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_typed),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_drafts_change_nothing),
		cmocka_unit_test(test_edits),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

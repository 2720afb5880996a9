/* SPDX-License-Identifier: MIT */
/* The front page as the editors order it, by a whole server: what leads, what follows, the picks, and that a page is never out of date. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api_steps.h"

enum { ARTICLES = 24 };

static struct test_server server;

static int set_up(void **state)
{
	struct text lines = TEXT_EMPTY;
	bool fine;

	(void)state;
	test_server_start(&server, (const char *const[]){ "--related-rate", "0", NULL });
	for (int i = 1; i <= ARTICLES; i++)
		text_printf(&lines, "{'guid':'%d','title':'Story %d.','section':'%s','source':'Wire','featured':%s,'published_at':'2016-01-%02dT00:00:00Z'}\n", i, i,
		    i % 2 == 0 ? "Even" : "Odd", i == 3 ? "true" : "false", i);
	fine = test_server_try(&server, lines.bytes);
	text_done(&lines);
	return fine ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

static void put(const char *method, const char *target, const char *body)
{
	struct reply reply;

	client_ask(server.writer, method, target, "Content-Type: application/json", body, &reply);
	if (reply.status == 428) {
		reply_done(&reply);
		client_ask(server.writer, method, target, "Content-Type: application/json\nIf-Match: *", body, &reply);
	}
	assert_true(reply.status >= 200 && reply.status < 300);
	reply_done(&reply);
}

static char *page_of(const char *path)
{
	struct reply reply;
	char *page;

	client_get(server.public, path, &reply);
	assert_int_equal(reply.status, 200);
	page = strdup(reply.body.bytes);
	reply_done(&reply);
	return page;
}

/* Numbers of the stories in the order of the page, up to where `end` begins. */
static void assert_stories(const char *page, const char *from, const char *end, const char *expected)
{
	const char *at = from != NULL ? strstr(page, from) : page, *stop = end != NULL && at != NULL ? strstr(at, end) : NULL;
	struct text seen = TEXT_EMPTY;

	assert_non_null(at);
	text_string(&seen, "");
	while ((at = strstr(at, ">Story ")) != NULL && (stop == NULL || at < stop)) {
		text_printf(&seen, "%d ", (int)strtol(at + 7, NULL, 10));
		at += 7;
	}
	if (strcmp(seen.bytes, expected) != 0)
		fail_msg("%s, not %s, in %s", seen.bytes, expected, page);
	text_done(&seen);
}

static void assert_top(const char *expected, const char *label)
{
	char *page = page_of("/"), heading[64];

	snprintf(heading, sizeof heading, "<h2 class=\"label\">%s</h2>", label);
	assert_non_null(strstr(page, heading));
	assert_stories(page, NULL, "<section class=\"block", expected);
	free(page);
}

static void test_top(void **state)
{
	(void)state;
	assert_top("3 24 23 22 21 20 19 18 17 ", "Latest");
	put("PUT", "/v1/collections/front-page", "{\"ids\":[5,24,2]}");
	assert_top("5 24 2 23 22 21 20 19 18 ", "Latest");
	put("PUT", "/v1/collections/front-page", "{\"ids\":[5,24,2,1,9]}");
	assert_top("5 24 2 1 9 23 22 21 20 ", "More stories");
	put("PUT", "/v1/collections/front-page", "{\"ids\":[1,2,3,4,5,6,7,8,9,10,11,12]}");
	assert_top("1 2 3 4 5 6 7 8 9 ", "More stories");
	put("PUT", "/v1/collections/front-page", "{\"ids\":[5]}");
	assert_top("5 24 23 22 21 20 19 18 17 ", "Latest");
	/* nothing that readers may see is in it: as without it */
	test_server_put(&server, "{'guid':'5','title':'Story 5.','source':'Wire','status':'withdrawn'}");
	assert_top("3 24 23 22 21 20 19 18 17 ", "Latest");
	test_server_put(&server, "{'guid':'5','title':'Story 5.','section':'Odd','source':'Wire','status':'published','published_at':'2016-01-05T00:00:00Z'}");
	assert_top("5 24 23 22 21 20 19 18 17 ", "Latest");
	put("DELETE", "/v1/collections/front-page", NULL);
	assert_top("3 24 23 22 21 20 19 18 17 ", "Latest");
}

/* In the editors' order, once each on the page, under the title they gave. */
static void test_picks(void **state)
{
	char *page = page_of("/");

	(void)state;
	assert_null(strstr(page, "editors_picks"));
	free(page);
	put("PUT", "/v1/collections/editors-picks", "{\"title\":\"Chosen & <read>\",\"ids\":[8,24,16,2]}");
	page = page_of("/");
	assert_non_null(strstr(page, "<h2 class=\"block-name\" id=\"section-editors_picks\">Chosen &amp; &lt;read&gt;</h2>"));
	assert_stories(page, "editors_picks", "section-even", "8 16 2 ");
	assert_stories(page, "section-even", "section-odd", "14 12 10 6 4 ");
	free(page);
	put("PUT", "/v1/collections/editors-picks", "{\"ids\":[8]}");
	page = page_of("/");
	assert_non_null(strstr(page, ">Editors’ picks</h2>"));
	free(page);
	put("DELETE", "/v1/collections/editors-picks", NULL);
	page = page_of("/");
	assert_null(strstr(page, "editors_picks"));
	free(page);
}

static void test_navigation_and_sections(void **state)
{
	char *page = page_of("/section/odd");

	(void)state;
	assert_non_null(strstr(page, "<li><a href=\"/section/odd\" aria-current=\"true\">Odd</a></li>"));
	free(page);
	put("PUT", "/v1/sections/odd", "{\"name\":\"Strange & odd\",\"description\":\"All that is <odd>.\",\"hidden\":true}");
	page = page_of("/section/odd");
	assert_null(strstr(page, "<li><a href=\"/section/odd\""));
	assert_non_null(strstr(page, "<h1>Strange &amp; odd</h1>"));
	assert_non_null(strstr(page, "<p class=\"standfirst\">All that is &lt;odd&gt;.</p>"));
	free(page);
	page = page_of("/");
	assert_null(strstr(page, "section-odd"));
	assert_non_null(strstr(page, "<p class=\"kicker\"><a href=\"/section/odd\">Strange &amp; odd</a></p>"));
	free(page);
	put("PUT", "/v1/sections/odd", "{\"name\":\"Odd\",\"position\":1}");
	page = page_of("/article/story-2");
	assert_true(strstr(page, "<li><a href=\"/section/odd\"") < strstr(page, "<li><a href=\"/section/even\""));
	free(page);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_top),
		cmocka_unit_test(test_picks),
		cmocka_unit_test(test_navigation_and_sections),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

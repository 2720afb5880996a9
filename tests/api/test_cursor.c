/* SPDX-License-Identifier: MIT */
/* Cursors of listings and of lists of terms: both ways, under filters and orders, and whatever is not one of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api_steps.h"

enum { ARTICLES = 25 };

static struct test_server server;

/* Article i is published at minute i / 2, so that pairs share a time, and updated in the opposite order; every third is in Sports. */
static bool put_articles(void)
{
	struct text lines = TEXT_EMPTY;
	bool fine;

	for (int i = 1; i <= ARTICLES; i++)
		text_printf(&lines, "{'guid':'%d','title':'Title %d','section':'%s','source':'Wire','tags':['Tag %c','All'],"
		    "'published_at':'2016-01-01T00:%02d:00Z','updated_at':'2016-02-01T00:%02d:00Z'}\n",
		    i, i, i % 3 == 0 ? "Sports" : "National", 'A' + i % 5, i / 2, 59 - i);
	fine = test_server_try(&server, lines.bytes);
	text_done(&lines);
	return fine;
}

static int set_up(void **state)
{
	(void)state;
	test_server_start(&server, NULL);
	return put_articles() ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

static void append_ids(struct text *ids, const struct reply *reply)
{
	json_t *item;
	size_t i;

	json_array_foreach(reply_member(reply, "data"), i, item)
		text_printf(ids, "%s%lld", i > 0 ? " " : "", (long long)json_integer_value(json_object_get(item, "id")));
}

/* From `path` on by `rel` to the end; pages are parted by '|'. `ret_last` gets the target of the last page. */
static void walk(const char *path, const char *rel, struct text *ret_ids, char *ret_last, size_t size)
{
	char target[600];

	snprintf(target, sizeof target, "%s", path);
	for (int pages = 0;; pages++) {
		const char *next;
		struct reply reply;

		assert_true(pages < 100);
		run_step(server.public, &(struct step){ .path = target }, &reply);
		check_conventions("GET", target, &reply);
		text_string(ret_ids, pages > 0 ? "|" : "");
		append_ids(ret_ids, &reply);
		snprintf(ret_last, size, "%s", target);
		next = reply_link(&reply, rel);
		snprintf(target, sizeof target, "%s", next != NULL ? next : "");
		reply_done(&reply);
		if (target[0] == '\0')
			return;
	}
}

static void test_both_ways(void **state)
{
	/* clang-format off */
	static const struct {
		const char *path, *forward, *backward;
	} cases[] = {
		{ "/v1/articles?limit=10", "25 24 23 22 21 20 19 18 17 16|15 14 13 12 11 10 9 8 7 6|5 4 3 2 1",
		  "5 4 3 2 1|15 14 13 12 11 10 9 8 7 6|25 24 23 22 21 20 19 18 17 16" },
		{ "/v1/articles?limit=10&order=oldest", "1 2 3 4 5 6 7 8 9 10|11 12 13 14 15 16 17 18 19 20|21 22 23 24 25",
		  "21 22 23 24 25|11 12 13 14 15 16 17 18 19 20|1 2 3 4 5 6 7 8 9 10" },
		{ "/v1/articles?order=updated&limit=10", "1 2 3 4 5 6 7 8 9 10|11 12 13 14 15 16 17 18 19 20|21 22 23 24 25",
		  "21 22 23 24 25|11 12 13 14 15 16 17 18 19 20|1 2 3 4 5 6 7 8 9 10" },
		{ "/v1/articles?section=sports&limit=3", "24 21 18|15 12 9|6 3", "6 3|15 12 9|24 21 18" },
		{ "/v1/articles?section=!sports&order=oldest&limit=8", "1 2 4 5 7 8 10 11|13 14 16 17 19 20 22 23|25",
		  "25|13 14 16 17 19 20 22 23|1 2 4 5 7 8 10 11" },
		{ "/v1/articles?tag=tag-a,tag-b&limit=4", "25 21 20 16|15 11 10 6|5 1", "5 1|15 11 10 6|25 21 20 16" },
		{ "/v1/articles?tag=tag-a,all&section=sports&limit=5&order=updated", "3 6 9 12 15|18 21 24", "18 21 24|3 6 9 12 15" },
		{ "/v1/articles?published_after=2016-01-01T00:05:00Z&published_before=2016-01-01T00:08:00Z&limit=4", "15 14 13 12|11 10", "11 10|15 14 13 12" },
		{ "/v1/articles?limit=25", "25 24 23 22 21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1",
		  "25 24 23 22 21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1" },
	};
	/* clang-format on */
	char last[600], first[600];

	(void)state;
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

/* The `cursor` of a link, in memory to be freed. */
static char *cursor_of(const char *path, const char *rel)
{
	const char *cursor;
	struct reply reply;
	char *copy;

	run_step(server.public, &(struct step){ .path = path }, &reply);
	assert_non_null(reply_link(&reply, rel));
	cursor = strstr(reply_link(&reply, rel), "cursor=");
	assert_non_null(cursor);
	copy = strndup(cursor + 7, strcspn(cursor + 7, "&"));
	reply_done(&reply);
	return copy;
}

static void expect_bad_cursor(const char *path, const char *cursor, const char *code)
{
	char target[4000], json[200];

	snprintf(target, sizeof target, "%s%ccursor=%s", path, strchr(path, '?') != NULL ? '&' : '?', cursor);
	snprintf(json, sizeof json, "{'type':'/problems/bad-cursor','errors':[{'parameter':'cursor','code':'%s'}]}", code);
	run_steps(&server, &(struct step){ target, 400, .json = json }, 1);
}

static void test_tampered_at_every_byte(void **state)
{
	static const char *const paths[] = { "/v1/articles?limit=5", "/v1/tags?limit=2" };
	static const char *const additions[] = { "A", "AA", "AAA", "AAAA", "=", "==", "%20", "." };

	(void)state;
	for (size_t p = 0; p < 2; p++) {
		char *cursor = cursor_of(paths[p], "next");
		const size_t length = strlen(cursor);
		char longer[1200];

		for (size_t i = 0; i < length; i++) {
			const char was = cursor[i];

			cursor[i] = was == 'A' ? 'B' : 'A';
			expect_bad_cursor(paths[p], cursor, "damaged");
			cursor[i] = was == '_' ? '-' : '_';
			expect_bad_cursor(paths[p], cursor, "damaged");
			cursor[i] = was;
		}
		for (size_t i = 1; i < length; i++) {
			snprintf(longer, sizeof longer, "%.*s", (int)i, cursor);
			expect_bad_cursor(paths[p], longer, "damaged");
		}
		for (size_t i = 0; i < sizeof additions / sizeof additions[0]; i++) {
			snprintf(longer, sizeof longer, "%s%s", cursor, additions[i]);
			expect_bad_cursor(paths[p], longer, "damaged");
		}
		free(cursor);
	}
}

static void test_no_cursor_at_all(void **state)
{
	static const char *const cursors[] = { "A", "AA", "AQ", "!", "*", "%20", "a%20b", "%2B%2F", "====", "-", "%C3%A9", "%F0%9F%93%B0",
		"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "../../etc/passwd", "' OR 1=1", "1", "18446744073709551616" };
	char *longest = calloc(1, 1300);

	(void)state;
	for (size_t i = 0; i < sizeof cursors / sizeof cursors[0]; i++) {
		char encoded[200] = "";

		for (const char *c = cursors[i]; *c != '\0'; c++)
			snprintf(encoded + strlen(encoded), sizeof encoded - strlen(encoded), *c == ' ' || *c == '\'' ? "%%%02X" : "%c", *c);
		expect_bad_cursor("/v1/articles", encoded, "damaged");
		expect_bad_cursor("/v1/sources", encoded, "damaged");
	}
	memset(longest, 'A', 1000);
	expect_bad_cursor("/v1/articles", longest, "damaged");
	memset(longest, 'A', 1200);
	expect_bad_cursor("/v1/tags", longest, "damaged");
	run_steps(&server, &(struct step){ "/v1/articles?cursor=", 400, .json = "{'errors':[{'parameter':'cursor','code':'bad-value'}]}" }, 1);
	snprintf(longest, 1300, "/v1/articles?cursor=%01001d", 0);
	run_steps(&server, &(struct step){ longest, 400, .json = "{'errors':[{'parameter':'cursor','code':'out-of-range'}]}" }, 1);
	free(longest);
}

static void test_of_another_listing(void **state)
{
	static const char *const others[] = { "/v1/articles?section=national&tag=all", "/v1/articles?section=sports", "/v1/articles",
		"/v1/articles?tag=all", "/v1/articles?section=sports&tag=all&order=oldest", "/v1/articles?section=sports&tag=all&featured=false",
		"/v1/articles?section=sports&tag=all&published_after=2016-01-01", "/v1/articles?section=sports&tag=all&lang=en",
		"/v1/articles?section=sports&tag_all=all", "/v1/tags", "/v1/sections?order=count" };
	char *cursor = cursor_of("/v1/articles?section=sports&tag=all&limit=3", "next"), target[400];

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		expect_bad_cursor(others[i], cursor, "other-request");
	/* What only shapes the page may change on the way, and parameters may stand in any order. */
	snprintf(target, sizeof target, "/v1/articles?cursor=%s&tag=all&fields=id&limit=2&count=exact&section=sports&min_seq=1", cursor);
	run_steps(&server, &(struct step){ target, .ids = "15 12", .json = "{'meta':{'count':{'value':8}}}" }, 1);
	snprintf(target, sizeof target, "/v1/articles?section=sports&tag=all&include=body&cursor=%s", cursor);
	run_steps(&server, &(struct step){ target, .ids = "15 12 9 6 3" }, 1);
	free(cursor);

	cursor = cursor_of("/v1/tags?limit=2", "next");
	expect_bad_cursor("/v1/sections", cursor, "other-request");
	expect_bad_cursor("/v1/tags?order=count", cursor, "other-request");
	expect_bad_cursor("/v1/tags?q=tag", cursor, "other-request");
	expect_bad_cursor("/v1/articles", cursor, "other-request");
	free(cursor);
}

static void test_links_keep_the_parameters(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles?tag=!tag-a&limit=2&fields=id,section.name&published_after=2016-01-01T00:00:00%2B00:00",
		  .json = "{'links':{'self':'https://news.example/v1/articles?fields=id,section.name&limit=2&published_after=2016-01-01T00:00:00%2B00:00&tag=!tag-a',"
		          "'next':'~&published_after=2016-01-01T00:00:00%2B00:00&tag=!tag-a&cursor='}}" },
		{ "/v1/articles?section=national&section=sports&limit=1", .json = "{'links':{'next':'~/v1/articles?limit=1&section=national,sports&cursor='}}" },
		{ "/v1/tags?q=tag%20%26&limit=1", .json = "{'data':[],'links':{'self':'https://news.example/v1/tags?limit=1&q=tag%20%26'}}" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

/* What stood behind the cursor is withdrawn: the page is empty, and still leads back. */
static void test_an_empty_page_at_the_end(void **state)
{
	static const struct {
		const char *path, *withdrawn, *seen;
	} cases[] = {
		{ "/v1/articles?section=sports&limit=6", "{'guid':'3','title':'Title 3','source':'Wire','status':'withdrawn'}\n"
		                                         "{'guid':'6','title':'Title 6','source':'Wire','status':'withdrawn'}\n", "24 21 18 15 12 9" },
		{ "/v1/articles?section=sports&limit=4&order=oldest", "{'guid':'21','title':'Title 21','source':'Wire','status':'withdrawn'}\n"
		                                                      "{'guid':'24','title':'Title 24','source':'Wire','status':'withdrawn'}\n", "9 12 15 18" },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *cursor = cursor_of(cases[i].path, "next"), target[400];
		struct reply empty;

		test_server_put(&server, cases[i].withdrawn);
		snprintf(target, sizeof target, "%s&cursor=%s", cases[i].path, cursor);
		run_step(server.public, &(struct step){ target, .ids = "", .json = "{'links':{'next':null,'prev':'*'}}" }, &empty);
		run_steps(&server, &(struct step){ reply_link(&empty, "prev"), .ids = cases[i].seen, .json = "{'links':{'next':null}}" }, 1);
		reply_done(&empty);
		free(cursor);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_tampered_at_every_byte),
		cmocka_unit_test(test_no_cursor_at_all),
		cmocka_unit_test(test_of_another_listing),
		cmocka_unit_test(test_links_keep_the_parameters),
		cmocka_unit_test(test_an_empty_page_at_the_end),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

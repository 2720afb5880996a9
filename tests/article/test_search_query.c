/* SPDX-License-Identifier: MIT */
/* Typed text -> meaning, as a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "search.h"

static void check(const char *typed, const char *meaning, const char *ignored)
{
	struct arena *arena = arena_new();
	struct search_query query;
	struct text written = TEXT_EMPTY, left = TEXT_EMPTY;

	search_parse(typed, arena, &query);
	text_string(&written, "");
	text_string(&left, "");
	search_write(&query, &written);
	for (size_t i = 0; i < query.n_ignored; i++)
		text_printf(&left, "%s%s", i > 0 ? " | " : "", query.ignored[i]);
	if (strcmp(written.bytes, meaning) != 0)
		fail_msg("%s means %s, not %s", typed, written.bytes, meaning);
	if (strcmp(left.bytes, ignored) != 0)
		fail_msg("of %s this is ignored: %s, not %s", typed, left.bytes, ignored);
	text_done(&written);
	text_done(&left);
	arena_free(arena);
}

static void test_meanings(void **state)
{
	static const char *const cases[][3] = {
		{ "bridges", "bridg", "" },
		{ "  Town   COUNCIL ", "town council", "" },
		{ "\"town council\" budget", "\"town council\" budget", "" },
		{ "\xe2\x80\x9ctown council\xe2\x80\x9d", "\"town council\"", "" },
		{ "\xc2\xabtown hall\xc2\xbb", "\"town hall\"", "" },
		{ "\"town council", "\"town council\"", "" },
		{ "town\"council meets\"now", "town \"council meet\" now", "" },
		{ "ferry -strike", "ferri -strike", "" },
		{ "-\"town hall\"", "-\"town hall\"", "" },
		{ "\xe2\x88\x92" "strike", "-strike", "" },
		{ "ferry - strike", "ferri strike", "-" },
		{ "ferry-strike", "\"ferri-strike\"", "" },
		{ "govern*", "govern*", "" },
		{ "running*", "running*", "" },
		{ "govern *", "govern", "*" },
		{ "\"town coun\"*", "\"town coun\"*", "" },
		{ "title:ferry byline:Smith", "title:ferri byline:smith", "" },
		{ "TITLE:ferry", "title:ferri", "" },
		{ "title:\"town hall\"", "title:\"town hall\"", "" },
		{ "-title:ferry", "-title:ferri", "" },
		{ "title:fer*", "title:fer*", "" },
		{ "title: ferry", "titl ferri", "" },
		{ "title:", "titl", "" },
		{ "body:ferry", "\"bodi ferri\"", "" },
		{ "O'Brien don\xe2\x80\x99t", "obrien dont", "" },
		{ "the mayor's plan", "the mayor plan", "" },
		{ "U.S.", "us", "" },
		{ "e-mail", "\"e-mail\"", "" },
		{ "AND OR NOT", "and or not", "" },
		{ "caf\xc3\xa9 CAFE", "cafe cafe", "" },
		{ "\xe5\x8c\x97\xe4\xba\xac", "\"\xe5\x8c\x97 \xe4\xba\xac\"", "" },
		{ "a\xc2\xa0" "b\xe3\x80\x80" "c\x01" "d", "a b c d", "" },
		{ "", "", "" },
		{ "\"", "", "\"" },
		{ "\"\"", "", "\"\"" },
		{ "- * : ( ) \" \xf0\x9f\x98\x80", "", "- | * | : | ( | ) | \" \xf0\x9f\x98\x80" },
		{ "(ferry OR bridge) NEAR/3", "ferri or bridg \"near 3\"", "" },
		{ "{title}:x ^y +z", "\"titl x\" y z", "" },
		{ "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 seventeen \"eight een\"", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
			"seventeen | \"eight een\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check(cases[i][0], cases[i][1], cases[i][2]);
}

/* A phrase of more words than count is cut, and cost stays linear in what is typed. */
static void test_long(void **state)
{
	struct arena *arena = arena_new();
	struct search_query query;
	char typed[12001];

	(void)state;
	for (size_t i = 0; i < 12000; i++)
		typed[i] = i % 2 == 0 ? 'x' : '.';
	typed[12000] = '\0';
	search_parse(typed, arena, &query);
	assert_int_equal(query.n, 1);
	assert_int_equal(query.terms[0].n, SEARCH_PHRASE_MOST);
	for (size_t i = 0; i < 12000; i++)
		typed[i] = i % 2 == 0 ? '7' : '"';
	search_parse(typed, arena, &query);
	assert_int_equal(query.n, SEARCH_TERMS_MOST);
	for (size_t i = 0; i < 12000; i++)
		typed[i] = i % 2 == 0 ? '7' : '.';
	search_parse(typed, arena, &query);
	assert_int_equal(query.n, 1);
	assert_int_equal(query.terms[0].n, SEARCH_PHRASE_MOST);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meanings),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

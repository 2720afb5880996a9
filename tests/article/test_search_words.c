/* SPDX-License-Identifier: MIT */
/* What counts as a word, what it is compared by, and where it stands: a table of (text → words). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "article.h"

/* "stem" each, with + before what is glued by a sign and - by a hyphen; "form" follows in brackets where it differs. */
static char *written(const char *text, bool is_english, struct arena *arena)
{
	struct search_words words;
	struct search_word word;
	struct text all = TEXT_EMPTY;
	char *string;

	search_words_init(&words, text, is_english, arena);
	while (search_words_next(&words, &word)) {
		static const char *const glues[] = { "", "+", "-" };

		text_printf(&all, "%s%s%s", all.length > 0 ? " " : "", glues[word.glue], word.stem);
		if (strcmp(word.stem, word.form) != 0)
			text_printf(&all, "[%s]", word.form);
	}
	string = arena_copy(arena, all.bytes != NULL ? all.bytes : "", all.length);
	text_done(&all);
	return string;
}

static void check(const char *text, bool is_english, const char *expected)
{
	struct arena *arena = arena_new();
	const char *got = written(text, is_english, arena);

	if (strcmp(got, expected) != 0)
		fail_msg("\"%s\" is read as \"%s\", not \"%s\"", text, got, expected);
	arena_free(arena);
}

static void test_words(void **state)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ " ,;\t\n", "" },
		{ "Bridge, closed!", "bridg[bridge] close[closed]" },
		{ "running runs ran", "run[running] run[runs] ran" },
		{ "the Mayor's and the mayors'", "the mayor and the mayor[mayors]" },
		{ "the Mayor\xe2\x80\x99s plan", "the mayor plan" },
		{ "O'Brien, O\xe2\x80\x99" "Brien, obrien", "obrien obrien obrien" },
		{ "don't", "dont" },
		{ "O\xe2\x80\x98" "Brien O\xca\xbc" "Brien O\xe2\x80\xb2" "Brien O\xef\xbc\x87" "Brien", "obrien obrien obrien obrien" },
		{ "\xca\xbc \xca\xbc\xca\xbc a\xca\xbc", "a" },
		{ "\xef\xb7\xba x", "\xd8\xb5\xd9\x84\xd9\x89\xd8\xa7\xd9\x84\xd9\x84\xd9\x87\xd8\xb9\xd9\x84\xd9\x8a\xd9\x87\xd9\x88\xd8\xb3\xd9\x84\xd9\x85 x" },
		{ "'quoted'", "quot[quoted]" },
		{ "U.S. and the u.s", "us and the us" },
		{ "B.B.C.'s", "bbc" },
		{ "at 3 p.m. today", "at 3 pm today" },
		{ "e-mail server\xe2\x80\x91" "access", "e -mail server -access" },
		{ "AC/DC example.com 3.5 a@b", "ac +dc exampl[example] +com 3 +5 a +b" },
		{ "1,000", "1 000" },
		{ "end.Next", "end +next" },
		{ "Caf\xc3\xa9 CAFE\xcc\x81 \xc3\x85rhus stra\xc3\x9f" "e", "cafe cafe arhus strass[strasse]" },
		{ "\xce\x91\xce\xb8\xce\xae\xce\xbd\xce\xb1 \xce\xb1\xce\xb8\xce\xb7\xce\xbd\xce\xb1", "\xce\xb1\xce\xb8\xce\xb7\xce\xbd\xce\xb1 \xce\xb1\xce\xb8\xce\xb7\xce\xbd\xce\xb1" },
		{ "\xe5\x8c\x97\xe4\xba\xac news", "\xe5\x8c\x97 +\xe4\xba\xac news" },
		{ "co\xc2\xad" "operate", "cooper[cooperate]" },
		{ "\xf0\x9f\x98\x80 smile \xf0\x9f\x98\x80", "smile" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check(cases[i][0], true, cases[i][1]);
}

static void test_other_languages(void **state)
{
	(void)state;
	check("les chevaux courants", false, "les chevaux courants");
	assert_true(search_is_english("en"));
	assert_true(search_is_english("en-CA"));
	assert_true(search_is_english(NULL));
	assert_false(search_is_english("fr"));
	assert_false(search_is_english("enm"));
}

/* A page marks what was found where it stands. */
static void test_places(void **state)
{
	static const char text[] = "The Mayor\xe2\x80\x99s U.S. caf\xc3\xa9";
	static const char *const as_written[] = { "The", "Mayor\xe2\x80\x99s", "U.S", "caf\xc3\xa9" };
	struct arena *arena = arena_new();
	struct search_words words;
	struct search_word word;
	size_t n = 0;

	(void)state;
	search_words_init(&words, text, true, arena);
	while (search_words_next(&words, &word)) {
		assert_int_equal(word.length, strlen(as_written[n]));
		assert_memory_equal(word.start, as_written[n], word.length);
		n++;
	}
	assert_int_equal(n, 4);
	arena_free(arena);
}

static void test_long_words(void **state)
{
	struct arena *arena = arena_new();
	char text[1000];
	struct search_words words;
	struct search_word word;

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	search_words_init(&words, text, true, arena);
	assert_true(search_words_next(&words, &word));
	assert_int_equal(strlen(word.form), SEARCH_WORD_LONGEST);
	assert_int_equal(word.length, sizeof text - 1);
	assert_false(search_words_next(&words, &word));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_other_languages),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_long_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

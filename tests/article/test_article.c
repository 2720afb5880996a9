/* SPDX-License-Identifier: MIT */
/* What is derived from an article, the rules that span its fields, and when two say the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "article.h"
#include "test_store.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

static void decode(const char *json, struct arena *arena, struct article *ret_article)
{
	json_t *object = json_loads(json, 0, NULL);
	struct error err;

	if (object == NULL || !article_decode(object, DECODE_IMPORT, arena, ret_article, &err))
		fail_msg("%s: the test's JSON is wrong", json);
	json_decref(object);
}

/* --- derived --- */

static void test_derive(void **state)
{
	static const struct {
		const char *members;
		const char *summary;
		int64_t words, minutes;
		const char *corrected_at;
	} cases[] = {
		{ "", NULL, 0, 0, "" },
		{ ",\"body_text\":\"\"", NULL, 0, 0, "" },
		{ ",\"body_text\":\"One two three, four.\"", "One two three, four.", 4, 1, "" },
		{ ",\"summary\":\"Given.\",\"body_text\":\"One two.\"", "Given.", 2, 1, "" },
		{ ",\"body_html\":\"<h2>Head</h2><p>It's <b>all</b> one.</p>\"", NULL, 4, 1, "" },
		{ ",\"corrections\":[{\"at\":\"2016-01-02\",\"text\":\"b\"},{\"at\":\"2016-03-01\",\"text\":\"c\"},{\"at\":\"2016-01-01\",\"text\":\"a\"}]", NULL, 0, 0,
		    "2016-03-01T00:00:00Z" },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct article article;
		char time[CLOCK_RFC3339_SIZE] = "";

		decode(arena_printf(arena, "{\"title\":\"T\",\"source\":\"S\"%s}", cases[i].members), arena, &article);
		article.word_count = article.reading_minutes = 99;    /* what stood there does not matter */
		article.corrected_at = 5;
		article_derive(&article, arena);
		assert_int_equal(article.word_count, cases[i].words);
		assert_int_equal(article.reading_minutes, cases[i].minutes);
		if (article.corrected_at != TIME_NONE)
			clock_rfc3339(article.corrected_at, time);
		assert_string_equal(time, cases[i].corrected_at);
		if (cases[i].summary != NULL)
			assert_string_equal(article.summary, cases[i].summary);
		else if (article.body_text == NULL)
			assert_null(article.summary);
	}
	arena_free(arena);
}

/* A summary is a whole sentence where one fits, and never longer than it may be. */
static void test_derived_summary(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (int number = 0; number < 50; number++) {
		struct article article;

		test_article(&article, number, arena);
		article.summary = NULL;
		article_derive(&article, arena);
		assert_non_null(article.summary);
		assert_true(strlen(article.summary) <= 240);
		assert_int_equal(strncmp(article.summary, article.body_text, 60), 0);
		assert_true(article.word_count > 80 && article.reading_minutes == 1);
	}
	arena_free(arena);
}

/* --- rules that span fields --- */

static void test_check(void **state)
{
	static const struct { const char *members, *pointer; } cases[] = {
		{ "\"status\":\"draft\"", NULL },
		{ "\"status\":\"withdrawn\"", NULL },
		{ "\"status\":\"published\",\"section\":\"N\"", NULL },
		{ "\"status\":\"published\"", "/section" },
		{ "\"status\":\"scheduled\",\"section\":\"N\",\"publish_at\":\"2030-01-01\"", NULL },
		{ "\"status\":\"scheduled\",\"section\":\"N\"", "/publish_at" },
		{ "\"status\":\"scheduled\",\"publish_at\":\"2030-01-01\"", "/section" },
		{ "\"status\":\"draft\",\"published_at\":\"2016-01-02\",\"expire_at\":\"2016-01-03\"", NULL },
		{ "\"status\":\"draft\",\"published_at\":\"2016-01-02\",\"expire_at\":\"2016-01-02\"", "/expire_at" },
		{ "\"status\":\"draft\",\"published_at\":\"2016-01-02\",\"expire_at\":\"2016-01-01\"", "/expire_at" },
		{ "\"status\":\"draft\",\"expire_at\":\"2016-01-01\"", NULL },
		{ "\"status\":\"scheduled\",\"section\":\"N\",\"publish_at\":\"2030-01-02\",\"expire_at\":\"2030-01-01\"", "/expire_at" },
		{ "\"status\":\"scheduled\",\"section\":\"N\",\"publish_at\":\"2030-01-02\",\"expire_at\":\"2030-01-03\"", NULL },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct article article;
		struct error err = { .code = ERROR_BUSY };
		bool fine;

		decode(arena_printf(arena, "{\"title\":\"T\",\"source\":\"S\",%s}", cases[i].members), arena, &article);
		fine = article_check(&article, &err);
		if (fine != (cases[i].pointer == NULL))
			fail_msg("%s: %s", cases[i].members, fine ? "passed" : err.issues[0].where);
		if (fine) {
			assert_int_equal(err.code, ERROR_NONE);
			continue;
		}
		assert_int_equal(err.code, ERROR_FIELDS);
		assert_int_equal(err.n_issues, 1);
		assert_string_equal(err.issues[0].where, cases[i].pointer);
	}
	arena_free(arena);
}

/* Two rules broken: both are said. */
static void test_check_says_all(void **state)
{
	struct arena *arena = arena_new();
	struct article article;
	struct error err;

	(void)state;
	decode("{\"title\":\"T\",\"source\":\"S\",\"status\":\"scheduled\"}", arena, &article);
	assert_false(article_check(&article, &err));
	assert_int_equal(err.n_issues, 2);
	arena_free(arena);
}

/* An article whose JSON is too long to be read again is not kept: a backslash is two bytes of JSON, and the body stands there twice. */
static void test_check_size(void **state)
{
	struct arena *arena = arena_new();
	struct text json = TEXT_EMPTY;
	struct article article;
	struct error err;
	json_t *object;

	(void)state;
	text_string(&json, "{\"title\":\"T\",\"source\":\"S\",\"section\":\"N\",\"status\":\"published\",\"body_text\":\"");
	for (int i = 0; i < (1 << 20) - 100; i++)
		text_string(&json, "\\\\");
	text_string(&json, "\"}");
	assert_true(json_parse(json.bytes, json.length, &object, &err));
	assert_true(article_decode(object, DECODE_IMPORT, arena, &article, &err));
	assert_false(article_check(&article, &err));
	assert_string_equal(err.issues[0].code, "too-long");
	json_decref(object);
	text_done(&json);
	arena_free(arena);
}

/* --- the same? --- */

static void test_same_content(void **state)
{
	static const char base[] =
	    "{\"id\":1,\"rev\":2,\"slug\":\"s\",\"title\":\"T\",\"source\":\"S\",\"section\":\"N\",\"authors\":[\"A\",\"B\"],\"tags\":[\"x\",\"y\"],\"lang\":\"en\","
	    "\"published_at\":\"2016-01-01\",\"updated_at\":\"2016-01-02\",\"body_text\":\"body\",\"status\":\"published\",\"related_ids\":[1,2]%s}";
	static const struct { const char *members; bool same; } cases[] = {
		{ "", true },
		{ ",\"byline\":null", true },
		{ ",\"byline\":\"\"", true },
		{ ",\"featured\":false", true },
		{ ",\"byline\":\"By A\"", false },
		{ ",\"featured\":true", false },
		{ ",\"guid\":\"g\"", false },
		{ ",\"expire_at\":\"2030-01-01\"", false },
		{ ",\"image\":{\"url\":\"/a.jpg\"}", false },
		{ ",\"rights\":{\"holder\":\"H\"}", false },
		{ ",\"corrections\":[{\"at\":\"2016-01-02\",\"text\":\"t\"}]", false },
		{ ",\"aliases\":[\"old\"]", false },
		{ ",\"reason\":\"r\"", false },
	};
	struct arena *arena = arena_new();
	struct article one, other;

	(void)state;
	decode(arena_printf(arena, base, ""), arena, &one);
	for (size_t i = 0; i < N_OF(cases); i++) {
		decode(arena_printf(arena, base, cases[i].members), arena, &other);
		if (article_same_content(&one, &other) != cases[i].same || article_same_content(&other, &one) != cases[i].same)
			fail_msg("%s", cases[i].members);
	}
	/* Which version it is and when it changed is no content; everything else is, the order of tags too. */
	other = one;
	other.rev = 9;
	other.updated_at = TIME_NONE;
	assert_true(article_same_content(&one, &other));
	other.tags.items = (struct term[]){ one.tags.items[1], one.tags.items[0] };
	assert_false(article_same_content(&one, &other));
	other = one;
	other.related_ids.n = 1;
	assert_false(article_same_content(&one, &other));
	other = one;
	other.status = ARTICLE_DRAFT;
	assert_false(article_same_content(&one, &other));
	arena_free(arena);
}

/* --- terms --- */

static bool note(void *arg, const char *kind, struct term *term)
{
	struct text *seen = arg;

	text_printf(seen, " %s/%s", kind, term->name);
	return strcmp(term->name, "stop") != 0;
}

static void test_each_term(void **state)
{
	static const struct { const char *json, *seen; bool all; } cases[] = {
		{ "{\"title\":\"T\",\"source\":\"S\",\"section\":\"N\",\"authors\":[\"A\",\"B\"],\"tags\":[\"x\",\"y\"]}", " section/N source/S author/A author/B tag/x tag/y", true },
		{ "{\"title\":\"T\",\"source\":\"S\"}", " source/S", true },
		{ "{\"title\":\"T\",\"source\":\"S\",\"authors\":[\"A\",\"stop\"],\"tags\":[\"x\"]}", " source/S author/A author/stop", false },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct text seen = TEXT_EMPTY;
		struct article article;

		decode(cases[i].json, arena, &article);
		assert_int_equal(article_each_term(&article, note, &seen), cases[i].all);
		assert_string_equal(seen.bytes, cases[i].seen);
		text_done(&seen);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_derive),
		cmocka_unit_test(test_derived_summary),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_check_says_all),
		cmocka_unit_test(test_check_size),
		cmocka_unit_test(test_same_content),
		cmocka_unit_test(test_each_term),
	};

	return cmocka_run_group_tests_name("article", tests, NULL, NULL);
}

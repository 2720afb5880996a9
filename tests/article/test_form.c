/* SPDX-License-Identifier: MIT */
/* Small JSON objects by a table: each kind, what is missing, and that all that is wrong is said at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "article.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

struct filled {
	const char *line, *text, *url;
	int64_t integer, time;
	bool boolean;
	struct id_list ids;
	struct string_list lines;
};

static bool read(const char *json, bool required, struct arena *arena, struct filled *ret_filled, struct error *err)
{
	const struct form_field fields[] = {
		{ "line", FORM_LINE, 0, 10, required, &ret_filled->line },
		{ "text", FORM_TEXT, 0, 40, false, &ret_filled->text },
		{ "url", FORM_URL, 0, 40, required, &ret_filled->url },
		{ "integer", FORM_INTEGER, -5, 5, required, &ret_filled->integer },
		{ "boolean", FORM_BOOLEAN, 0, 0, false, &ret_filled->boolean },
		{ "time", FORM_TIME, 0, 0, false, &ret_filled->time },
		{ "ids", FORM_IDS, 0, 3, false, &ret_filled->ids },
		{ "lines", FORM_LINES, 0, 3, false, &ret_filled->lines },
	};
	json_t *object = NULL;
	bool fine;

	*ret_filled = (struct filled){ .integer = 4, .time = 7 };
	fine = json_parse(json, strlen(json), &object, err) && form_read(object, fields, N_OF(fields), arena, err);
	json_decref(object);
	return fine;
}

static void test_each_kind(void **state)
{
	struct arena *arena = arena_new();
	struct filled filled;
	struct error err;

	(void)state;
	assert_true(read("{\"line\":\"  a \\n b \",\"text\":\"one\\r\\n\\r\\n\\r\\ntwo  \",\"url\":\"https://a.example/x\",\"integer\":-5,\"boolean\":true,"
	                 "\"time\":\"1970-01-01T00:01:00Z\",\"ids\":[3,1],\"lines\":[\"x\",\"\",\" y \"]}", true, arena, &filled, &err));
	assert_int_equal(err.code, ERROR_NONE);
	assert_string_equal(filled.line, "a b");
	assert_string_equal(filled.text, "one\n\ntwo");
	assert_string_equal(filled.url, "https://a.example/x");
	assert_int_equal(filled.integer, -5);
	assert_true(filled.boolean);
	assert_int_equal(filled.time, 60);
	assert_true(filled.ids.n == 2 && filled.ids.items[0] == 3 && filled.ids.items[1] == 1);
	assert_int_equal(filled.lines.n, 2);
	assert_string_equal(filled.lines.items[1], "y");
	arena_free(arena);
}

/* What does not come, or comes as null, stays as it was. */
static void test_what_is_not_said(void **state)
{
	static const char *const cases[] = { "{}", "{\"line\":null,\"text\":null,\"url\":null,\"integer\":null,\"boolean\":null,\"time\":null,\"ids\":null,\"lines\":null}" };

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct arena *arena = arena_new();
		struct filled filled;
		struct error err;

		assert_true(read(cases[i], false, arena, &filled, &err));
		assert_true(filled.line == NULL && filled.integer == 4 && filled.time == 7 && filled.ids.n == 0);
		arena_free(arena);
	}
}

static void test_what_is_wrong(void **state)
{
	static const struct {
		const char *json, *pointers;
		bool required;
	} cases[] = {
		{ "{}", "/line /url /integer", true },
		{ "{\"line\":null,\"url\":\"\",\"integer\":null}", "/line /url /integer", true },
		{ "{\"line\":\" \",\"url\":\"https://a.example/\",\"integer\":0}", "/line", true },
		/* missing ones are listed beside wrong ones, and a wrong one once */
		{ "{\"url\":5,\"integer\":\"x\",\"boolean\":1}", "/url /integer /boolean /line", true },
		{ "{\"line\":\"12345678901\",\"text\":7,\"url\":\"javascript:x\",\"integer\":6,\"boolean\":\"true\",\"time\":5,\"ids\":[1,2,3,4],\"lines\":[1]}",
		  "/line /text /url /integer /boolean /time /ids /lines/0", false },
		{ "{\"integer\":1.0,\"time\":\"2016-01-01T00:00:00\",\"ids\":[0],\"lines\":\"x\",\"line\":\"\\u0001\"}", "/integer /time /ids/0 /lines /line", false },
		{ "{\"lien\":\"x\",\"a/b\":1}", "/lien /a~1b", false },
		{ "{\"integer\":-6,\"lines\":[\"a\",\"b\",\"c\",\"d\"]}", "/integer /lines", false },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct arena *arena = arena_new();
		struct text found = TEXT_EMPTY;
		struct filled filled;
		struct error err;

		assert_false(read(cases[i].json, cases[i].required, arena, &filled, &err));
		assert_int_equal(err.code, ERROR_FIELDS);
		for (size_t j = 0; j < err.n_issues; j++)
			text_printf(&found, "%s%s", j > 0 ? " " : "", err.issues[j].where);
		if (strcmp(found.bytes, cases[i].pointers) != 0)
			fail_msg("%s: %s instead of %s", cases[i].json, found.bytes, cases[i].pointers);
		text_done(&found);
		arena_free(arena);
	}
}

static void test_no_object(void **state)
{
	static const char *const cases[] = { "[]", "null", "\"x\"", "7", "", "{", "{\"line\":1,\"line\":2}" };

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct arena *arena = arena_new();
		struct filled filled;
		struct error err;

		assert_false(read(cases[i], false, arena, &filled, &err));
		assert_int_equal(err.code, ERROR_INVALID);
		arena_free(arena);
	}
}

static void test_suggestion(void **state)
{
	struct arena *arena = arena_new();
	struct filled filled;
	struct error err;

	(void)state;
	assert_false(read("{\"lien\":\"x\"}", false, arena, &filled, &err));
	assert_string_equal(err.issues[0].suggestion, "line");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind),
		cmocka_unit_test(test_what_is_not_said),
		cmocka_unit_test(test_what_is_wrong),
		cmocka_unit_test(test_no_object),
		cmocka_unit_test(test_suggestion),
	};

	return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}

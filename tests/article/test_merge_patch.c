/* SPDX-License-Identifier: MIT */
/* RFC 7396 by the cases of its appendix A; and what a patch of an article means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "article.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

static json_t *parse(const char *json)
{
	json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);

	assert_non_null(value);
	return value;
}

static void test_appendix_a(void **state)
{
	static const struct {
		const char *original, *patch, *result;
	} cases[] = {
		{ "{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
		{ "{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}" },
		{ "{\"a\":\"b\"}", "{\"a\":null}", "{}" },
		{ "{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}" },
		{ "{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
		{ "{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}" },
		{ "{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}" },
		{ "{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}" },
		{ "[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]" },
		{ "{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]" },
		{ "{\"a\":\"foo\"}", "null", "null" },
		{ "{\"a\":\"foo\"}", "\"bar\"", "\"bar\"" },
		{ "{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}" },
		{ "[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}" },
		{ "{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		json_t *original = parse(cases[i].original), *patch = parse(cases[i].patch), *result = parse(cases[i].result);
		json_t *untouched = json_deep_copy(original), *patch_untouched = json_deep_copy(patch), *merged = json_merge_patch(original, patch);

		if (!json_equal(merged, result))
			fail_msg("%s by %s", cases[i].original, cases[i].patch);
		assert_true(json_equal(original, untouched) && json_equal(patch, patch_untouched));
		json_decref(original);
		json_decref(patch);
		json_decref(result);
		json_decref(untouched);
		json_decref(patch_untouched);
		json_decref(merged);
	}
}

static void test_without_a_target(void **state)
{
	json_t *patch = parse("{\"a\":1,\"b\":null}"), *merged = json_merge_patch(NULL, patch), *wanted = parse("{\"a\":1}");

	(void)state;
	assert_true(json_equal(merged, wanted));
	json_decref(patch);
	json_decref(merged);
	json_decref(wanted);
}

/* --- articles --- */

static void test_articles(void **state)
{
	static const char known_json[] =
	    "{\"title\":\"T\",\"source\":{\"slug\":\"s\",\"name\":\"S\"},\"section\":{\"slug\":\"a\",\"name\":\"A\"},\"body_text\":\"Text.\",\"status\":\"scheduled\",\"publish_at\":\"2030-01-01T00:00:00Z\"}";
	static const struct {
		const char *patch, *has, *has_not;
	} cases[] = {
		{ "{}", "\"title\":\"T\"", NULL },
		{ "{\"body_text\":\"Other.\"}", "<p>Other.</p>", "Text." },
		{ "{\"body_html\":\"<b>Other.\"}", "\"body_text\":\"Other.\"", "Text." },
		{ "{\"section\":{\"name\":\"B\"}}", "\"section\":{\"name\":\"B\"}", "\"slug\":\"a\"" },
		{ "{\"section\":\"B\"}", "\"section\":{\"name\":\"B\"}", "\"slug\":\"a\"" },
		{ "{\"status\":\"published\"}", "\"status\":\"published\"", "publish_at" },
		{ "{\"status\":\"published\",\"publish_at\":\"2031-01-01T00:00:00Z\"}", "2031-01-01", "2030-01-01" },
		{ "{\"status\":\"draft\"}", "2030-01-01", NULL },
		{ "{\"id\":7,\"rev\":9}", "\"title\":\"T\"", "\"rev\"" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct arena *arena = arena_new();
		struct text json = TEXT_EMPTY;
		struct article known, article;
		struct error err;
		json_t *object = parse(known_json), *patch = parse(cases[i].patch);

		assert_true(article_decode(object, DECODE_WRITE, arena, &known, &err));
		article_derive(&known, arena);
		if (!article_merge_patch(&known, patch, arena, &article, &err))
			fail_msg("%s: %s", cases[i].patch, err.detail);
		article_encode(&article, VIEW_EXPORT, &json);
		if (strstr(json.bytes, cases[i].has) == NULL || (cases[i].has_not != NULL && strstr(json.bytes, cases[i].has_not) != NULL))
			fail_msg("%s: %s", cases[i].patch, json.bytes);
		text_done(&json);
		json_decref(object);
		json_decref(patch);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_appendix_a),
		cmocka_unit_test(test_without_a_target),
		cmocka_unit_test(test_articles),
	};

	return cmocka_run_group_tests_name("merge_patch", tests, NULL, NULL);
}

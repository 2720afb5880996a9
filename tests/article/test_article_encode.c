/* SPDX-License-Identifier: MIT */
/*
 * Article -> JSON: golden bytes for each view, and that nothing is lost on the way there and back. The Big List of Naughty Strings is
 * sent through when it lies in ../shared/data/naughty-strings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "article.h"
#include "test_store.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

#define BASE "\x01"

/* --- golden bytes --- */

static void full_article(struct article *ret_article)
{
	static struct term authors[] = { { .slug = "jane-roe", .name = "Jane Roe" }, { .slug = "li", .name = "Li" } };
	static struct term tags[] = { { .slug = "blackberry", .name = "BlackBerry", .type = "organisation" }, { .slug = "c-2", .name = "C#", .type = "topic" } };
	static struct correction corrections[] = { { TEST_TIME, "correction", "It was \"two\"." }, { TEST_TIME + 1, "update", "More." } };
	static const char *aliases[] = { "old", "older" };
	static int64_t related[] = { 3, 1 };
	struct article article;

	article_init(&article);
	article.id = 812;
	article.rev = 3;
	article.slug = "a-slug";
	article.title = "A \"title\" \\ with caf\u00e9";
	article.summary = "Sum.";
	article.source = (struct term){ .slug = "cp", .name = "The Canadian Press" };
	article.byline = "By Jane";
	article.authors = (struct term_list){ authors, N_OF(authors) };
	article.dateline = "WATERLOO, Ont.";
	article.section = (struct term){ .slug = "national", .name = "National" };
	article.tags = (struct term_list){ tags, N_OF(tags) };
	article.image = (struct image){ "/static/a.jpg", 1200, 800, "alt", "caption", "credit" };
	article.lang = "en";
	article.featured = true;
	article.published_at = TEST_TIME;
	article.updated_at = TEST_TIME + 60;
	article.corrected_at = TEST_TIME + 1;
	article.word_count = 412;
	article.reading_minutes = 2;
	article.body_html = "<p>One &amp; two</p>";
	article.body_text = "One & two\n\nThree";
	article.corrections = (struct correction_list){ corrections, N_OF(corrections) };
	article.aliases = (struct string_list){ aliases, N_OF(aliases) };
	article.guid = "urn:1";
	article.source_url = "https://cp.example/1";
	article.canonical_url = "https://cp.example/c";
	article.rights = (struct rights){ "CP", "(c) CP", "none" };
	article.status = ARTICLE_WITHDRAWN;
	article.was_public = true;
	article.publish_at = TEST_TIME;
	article.expire_at = TEST_TIME + 86400;
	article.related_ids = (struct id_list){ related, N_OF(related) };
	article.removed_at = TEST_TIME + 120;
	article.removal_reason = "mistake";
	article.replaced_by = 900;
	article.erased = true;
	*ret_article = article;
}

#define GOLDEN_TITLE "\"title\":\"A \\\"title\\\" \\\\ with caf\u00e9\""
#define GOLDEN_TERMS                                                                                                                       \
	"\"summary\":\"Sum.\",\"source\":{\"slug\":\"cp\",\"name\":\"The Canadian Press\"},\"byline\":\"By Jane\","                             \
	"\"authors\":[{\"slug\":\"jane-roe\",\"name\":\"Jane Roe\"},{\"slug\":\"li\",\"name\":\"Li\"}],\"dateline\":\"WATERLOO, Ont.\","      \
	"\"section\":{\"slug\":\"national\",\"name\":\"National\"},\"tags\":[{\"slug\":\"blackberry\",\"name\":\"BlackBerry\","               \
	"\"type\":\"organisation\"},{\"slug\":\"c-2\",\"name\":\"C#\",\"type\":\"topic\"}]"
#define GOLDEN_IMAGE "\"width\":1200,\"height\":800,\"alt\":\"alt\",\"caption\":\"caption\",\"credit\":\"credit\"}"
#define GOLDEN_TIMES                                                                                                                       \
	"\"lang\":\"en\",\"featured\":true,\"published_at\":\"2015-12-31T17:20:00Z\",\"updated_at\":\"2015-12-31T17:21:00Z\","                \
	"\"corrected_at\":\"2015-12-31T17:20:01Z\",\"word_count\":412,\"reading_minutes\":2,\"rev\":3"
#define GOLDEN_BODY                                                                                                                        \
	"\"body_html\":\"<p>One &amp; two</p>\",\"body_text\":\"One & two\\n\\nThree\",\"corrections\":[{\"at\":\"2015-12-31T17:20:00Z\","    \
	"\"kind\":\"correction\",\"text\":\"It was \\\"two\\\".\"},{\"at\":\"2015-12-31T17:20:01Z\",\"kind\":\"update\",\"text\":\"More.\"}]," \
	"\"aliases\":[\"old\",\"older\"],\"guid\":\"urn:1\",\"source_url\":\"https://cp.example/1\",\"canonical_url\":\"https://cp.example/c\"," \
	"\"rights\":{\"holder\":\"CP\",\"notice\":\"(c) CP\",\"usage_terms\":\"none\"}"
#define GOLDEN_PRIVATE                                                                                                                     \
	"\"status\":\"withdrawn\",\"publish_at\":\"2015-12-31T17:20:00Z\",\"expire_at\":\"2016-01-01T17:20:00Z\",\"related_ids\":[3,1],"      \
	"\"removed_at\":\"2015-12-31T17:22:00Z\",\"reason\":\"mistake\",\"replaced_by\":900,\"erased\":true"
#define GOLDEN_ITEM                                                                                                                        \
	"{\"id\":812,\"slug\":\"a-slug\",\"url\":\"" BASE "/article/a-slug\"," GOLDEN_TITLE "," GOLDEN_TERMS                                   \
	",\"image\":{\"url\":\"" BASE "/static/a.jpg\"," GOLDEN_IMAGE "," GOLDEN_TIMES

static void test_golden(void **state)
{
	static const struct {
		bool full;
		unsigned view;
		const char *expected;
	} cases[] = {
		{ true, VIEW_ITEM, GOLDEN_ITEM "}" },
		{ true, VIEW_DETAIL, GOLDEN_ITEM "," GOLDEN_BODY "}" },
		{ true, VIEW_PRIVATE, "{" GOLDEN_PRIVATE "}" },
		{ true, VIEW_EXPORT, "{\"id\":812,\"slug\":\"a-slug\"," GOLDEN_TITLE "," GOLDEN_TERMS ",\"image\":{\"url\":\"/static/a.jpg\"," GOLDEN_IMAGE
		                     "," GOLDEN_TIMES "," GOLDEN_BODY "," GOLDEN_PRIVATE "}" },
		{ false, VIEW_ITEM, "{\"id\":1,\"slug\":\"t\",\"url\":\"" BASE "/article/t\",\"title\":\"T\",\"source\":{\"name\":\"S\"},\"authors\":[],\"tags\":[],"
		                    "\"featured\":false,\"word_count\":0,\"reading_minutes\":0,\"rev\":1}" },
		{ false, VIEW_DETAIL, "{\"id\":1,\"slug\":\"t\",\"url\":\"" BASE "/article/t\",\"title\":\"T\",\"source\":{\"name\":\"S\"},\"authors\":[],\"tags\":[],"
		                      "\"featured\":false,\"word_count\":0,\"reading_minutes\":0,\"rev\":1}" },
		{ false, VIEW_PRIVATE, "{\"status\":\"draft\"}" },
		{ false, VIEW_EXPORT, "{\"id\":1,\"slug\":\"t\",\"title\":\"T\",\"source\":{\"name\":\"S\"},\"authors\":[],\"tags\":[],\"featured\":false,"
		                      "\"word_count\":0,\"reading_minutes\":0,\"rev\":1,\"status\":\"draft\"}" },
	};
	struct article full, minimal;

	(void)state;
	full_article(&full);
	article_init(&minimal);
	minimal.id = minimal.rev = 1;
	minimal.slug = "t";
	minimal.title = "T";
	minimal.source.name = "S";
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct text json = TEXT_EMPTY;

		article_encode(cases[i].full ? &full : &minimal, cases[i].view, &json);
		assert_string_equal(json.bytes, cases[i].expected);
		if (cases[i].view == VIEW_PRIVATE || cases[i].view == VIEW_EXPORT)
			assert_null(strchr(json.bytes, CONTROL_BASE_URL));
		assert_null(strstr(json.bytes, ":null"));
		text_done(&json);
	}
}

/* It appends. An image elsewhere has its own address; a published article has none of the private part. */
static void test_appending(void **state)
{
	struct text json = TEXT_EMPTY;
	struct article article;

	(void)state;
	full_article(&article);
	article.image.url = "https://cdn.example/a.jpg";
	text_string(&json, "[");
	article_encode(&article, VIEW_DETAIL, &json);
	assert_int_equal(json.bytes[0], '[');
	assert_non_null(strstr(json.bytes, "\"image\":{\"url\":\"https://cdn.example/a.jpg\""));
	assert_null(strstr(json.bytes, "status"));
	assert_null(strstr(json.bytes, "related_ids"));
	assert_null(strstr(json.bytes, "expire_at"));
	text_done(&json);
}

/* --- there and back --- */

static void encode(const struct article *article, struct text *ret_json)
{
	text_clear(ret_json);
	article_encode(article, VIEW_EXPORT, ret_json);
}

/* What was written is read back, as stored and as an import, and then written the same. */
static void assert_returns(const struct article *article, struct arena *arena)
{
	static const enum decode_mode modes[] = { DECODE_STORED, DECODE_IMPORT };
	struct text first = TEXT_EMPTY, second = TEXT_EMPTY;

	encode(article, &first);
	for (size_t i = 0; i < N_OF(modes); i++) {
		json_t *object = NULL;
		struct article again;
		struct error err;

		if (!json_parse(first.bytes, first.length, &object, &err) || !article_decode(object, modes[i], arena, &again, &err))
			fail_msg("%s: %s %s", first.bytes, err.detail, err.n_issues > 0 ? err.issues[0].where : "");
		if (modes[i] == DECODE_IMPORT)
			article_derive(&again, arena);
		encode(&again, &second);
		assert_string_equal(first.bytes, second.bytes);
		json_decref(object);
	}
	text_done(&first);
	text_done(&second);
}

static void test_there_and_back(void **state)
{
	struct arena *arena = arena_new();
	struct article article;

	(void)state;
	full_article(&article);
	article.body_text = html_to_text(article.body_html, arena);
	article_derive(&article, arena);
	assert_returns(&article, arena);
	for (int number = 0; number < 20; number++) {
		test_article(&article, number, arena);
		article.id = number + 1;
		article.rev = 1;
		assert_returns(&article, arena);
	}
	arena_free(arena);
}

/* Said only where status and times do not say it already. */
static void test_was_public(void **state)
{
	static const struct {
		enum article_status status;
		bool dated, was_public;
		const char *member;
	} cases[] = {
		{ ARTICLE_PUBLISHED, true, true, NULL },
		{ ARTICLE_DRAFT, true, false, NULL },
		{ ARTICLE_DRAFT, true, true, "\"was_public\":true" },
		{ ARTICLE_SCHEDULED, false, true, "\"was_public\":true" },
		{ ARTICLE_WITHDRAWN, true, true, NULL },
		{ ARTICLE_WITHDRAWN, true, false, "\"was_public\":false" },
		{ ARTICLE_WITHDRAWN, false, true, "\"was_public\":true" },
		{ ARTICLE_WITHDRAWN, false, false, NULL },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct arena *arena = arena_new();
		struct text json = TEXT_EMPTY;
		struct article article, again;
		struct error err;
		json_t *object = NULL;

		full_article(&article);
		article.status = cases[i].status;
		article.published_at = cases[i].dated ? TEST_TIME : TIME_NONE;
		article.was_public = cases[i].was_public;
		article_encode(&article, VIEW_ITEM | VIEW_DETAIL | VIEW_PRIVATE, &json);
		assert_null(strstr(json.bytes, "was_public"));
		text_clear(&json);
		article_encode(&article, VIEW_EXPORT, &json);
		if (cases[i].member != NULL)
			assert_non_null(strstr(json.bytes, cases[i].member));
		else
			assert_null(strstr(json.bytes, "was_public"));
		assert_true(json_parse(json.bytes, json.length, &object, &err));
		assert_true(article_decode(object, DECODE_IMPORT, arena, &again, &err));
		if (cases[i].status != ARTICLE_PUBLISHED)
			assert_int_equal(again.was_public, cases[i].was_public);
		/* not for those who write over HTTP to say */
		assert_true(article_decode(object, DECODE_WRITE, arena, &again, &err));
		assert_int_equal(again.was_public, article_is_gone(&again));
		json_decref(object);
		text_done(&json);
		arena_free(arena);
	}
}

/* A string as a field's value: refused with the field named, or kept so that it comes back the same. */
static bool send_through(const char *name, json_t *value, struct arena *arena)
{
	json_t *object = json_pack("{s:s, s:s, s:s}", "title", "T", "source", "S", "status", "draft");
	struct article article;
	struct error err;
	bool fine;

	json_object_set(object, name, value);
	fine = article_decode(object, DECODE_WRITE, arena, &article, &err);
	json_decref(object);
	if (!fine) {
		assert_int_equal(err.code, ERROR_FIELDS);
		assert_int_equal(err.n_issues, 1);
		assert_int_equal(strncmp(err.issues[0].where + 1, name, strlen(name)), 0);
		assert_true(err.issues[0].detail[0] != '\0');
		return false;
	}
	article_derive(&article, arena);
	assert_returns(&article, arena);
	return true;
}

static void test_naughty_strings(void **state)
{
	static const char path[] = "../shared/data/naughty-strings/blns.json";
	static const char *const fields[] = { "title", "body_text", "body_html", "byline", "summary", "guid", "tags", "section", "authors", "dateline" };
	struct arena *arena = arena_new();
	size_t taken = 0, refused = 0, i;
	json_t *strings = json_load_file(path, JSON_ALLOW_NUL, NULL), *string;

	(void)state;
	if (strings == NULL) {
		arena_free(arena);
		print_message("skipped: %s is missing\n", path);
		skip();
	}
	json_array_foreach(strings, i, string) {
		for (size_t f = 0; f < N_OF(fields); f++) {
			const bool is_list = strcmp(fields[f], "tags") == 0 || strcmp(fields[f], "authors") == 0;
			json_t *value = is_list ? json_pack("[O]", string) : json_incref(string);

			if (send_through(fields[f], value, arena))
				taken++;
			else
				refused++;
			json_decref(value);
		}
		arena_reset(arena);
	}
	json_decref(strings);
	arena_free(arena);
	print_message("%zu kept, %zu refused\n", taken, refused);
	assert_true(taken > 4000 && refused < taken / 20);
}

/* --- copies --- */

/* All that full_article() has, in an arena of its own that goes before the copy is looked at. */
static void test_copy(void **state)
{
	struct arena *first = arena_new(), *second = arena_new();
	struct article full, article, copy;
	struct text before = TEXT_EMPTY, after = TEXT_EMPTY;
	json_t *object = NULL;
	struct error err;

	(void)state;
	full_article(&full);
	article_encode(&full, VIEW_EXPORT, &before);
	assert_true(json_parse(before.bytes, before.length, &object, &err) && article_decode(object, DECODE_STORED, first, &article, &err));
	json_decref(object);
	for (const struct article_field *field = article_fields; field->name != NULL; field++)
		if ((field->views & VIEW_EXPORT) != 0 && field->kind != FIELD_SEEN && strstr(before.bytes, field->name) == NULL)
			fail_msg("the article of this test has no %s", field->name);
	article_copy(&article, second, &copy);
	arena_free(first);
	article_encode(&copy, VIEW_EXPORT, &after);
	assert_string_equal(before.bytes, after.bytes);

	article_init(&article);
	article_copy(&article, second, &copy);
	assert_null(copy.title);
	assert_null(copy.tags.items);
	assert_int_equal(copy.published_at, TIME_NONE);
	text_done(&before);
	text_done(&after);
	arena_free(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_appending),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_was_public),
		cmocka_unit_test(test_naughty_strings),
		cmocka_unit_test(test_copy),
	};

	return cmocka_run_group_tests_name("article_encode", tests, NULL, NULL);
}

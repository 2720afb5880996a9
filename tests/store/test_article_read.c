/* SPDX-License-Identifier: MIT */
/* Single articles: found by id and by every slug they had, read as they lie, and loaded back as they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_internal.h"
#include "test_store.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

/* Article 1 under two slugs, article 2 withdrawn. */
static struct store *two_articles(struct arena *arena)
{
	struct store *store = test_store();
	struct article article;

	test_article(&article, 1, arena);
	article.id = article.rev = 1;
	article.slug = "former";
	article.guid = "g-1";
	test_append(store, &article);
	article.rev = 2;
	article.slug = "present";
	article.aliases = (struct string_list){ .items = arena_array(arena, 1, sizeof(char *)), .n = 1 };
	article.aliases.items[0] = "former";
	article.featured = true;
	article.image = (struct image){ .url = "/static/ferry.jpg", .width = 10, .height = 20 };
	test_append(store, &article);
	test_article(&article, 2, arena);
	article.id = 2;
	article.rev = 1;
	article.slug = "gone";
	test_append(store, &article);
	article.rev = 2;
	article.status = ARTICLE_WITHDRAWN;
	article.removed_at = TEST_TIME;
	article.removal_reason = "a \"mix-up\"";
	article.replaced_by = 1;
	test_append(store, &article);
	return store;
}

static void test_find(void **state)
{
	static const struct { const char *ref; int64_t id; } cases[] = {
		{ "1", 1 }, { "present", 1 }, { "former", 1 }, { "2", 2 }, { "gone", 2 },
		{ "3", 0 }, { "0", 0 }, { "01", 0 }, { "-1", 0 }, { "+1", 0 }, { "1 ", 0 }, { " 1", 0 }, { "1.0", 0 }, { "1e0", 0 }, { "", 0 }, { "Present", 0 },
		{ "9223372036854775807", 0 }, { "9223372036854775808", 0 }, { "18446744073709551617", 0 },
		{ "100000000000000000000000000000000000000", 0 }, { "'; DROP TABLE article; --", 0 }, { "pres%", 0 }, { "\x01", 0 },
	};
	struct arena *arena = arena_new();
	struct store *store = two_articles(arena);

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct article_row row = { .id = 0 };
		struct error err;

		if (store_article_find(store, cases[i].ref, arena, &row, &err) != (cases[i].id != 0) || row.id != cases[i].id)
			fail_msg("%s: article %" PRId64, cases[i].ref, row.id);
		if (cases[i].id == 0)
			assert_int_equal(err.code, ERROR_NOT_FOUND);
	}
	arena_free(arena);
	store_close(store);
}

static void test_json_is_appended(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = two_articles(arena);
	struct text json = TEXT_EMPTY;
	struct error err;
	json_t *item;

	(void)state;
	text_string(&json, "[");
	assert_true(store_item(store, 1, &json, &err));
	text_string(&json, ",");
	assert_true(store_document(store, 1, &json, &err));
	text_string(&json, "]");
	assert_false(store_item(store, 7, &json, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_false(store_document(store, 7, &json, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	text_fill(&json, CONTROL_BASE_URL, "https://news.example");
	item = json_loadb(json.bytes, json.length, 0, NULL);
	assert_non_null(item);
	for (size_t i = 0; i < 2; i++) {
		json_t *one = json_array_get(item, i);

		assert_string_equal(json_string_value(json_object_get(one, "url")), "https://news.example/article/present");
		assert_string_equal(json_string_value(json_object_get(json_object_get(one, "image"), "url")), "https://news.example/static/ferry.jpg");
		assert_null(json_object_get(one, "status"));
		assert_int_equal(json_object_get(one, "body_html") != NULL, i == 1);
	}
	json_decref(item);
	text_done(&json);
	arena_free(arena);
	store_close(store);
}

static void test_removal(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = two_articles(arena);
	struct text members = TEXT_EMPTY;
	struct error err;

	(void)state;
	assert_true(store_removal(store, 2, arena, &members, &err));
	assert_string_equal(members.bytes, "\"removed_at\":\"2015-12-31T17:20:00Z\",\"reason\":\"a \\\"mix-up\\\"\",\"replaced_by\":1");
	text_clear(&members);
	assert_true(store_removal(store, 1, arena, &members, &err));
	assert_int_equal(members.length, 0);
	assert_false(store_removal(store, 3, arena, &members, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	text_done(&members);
	arena_free(arena);
	store_close(store);
}

static void test_cache_groups(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = two_articles(arena);
	const char *groups;
	struct error err;

	(void)state;
	assert_true(store_cache_groups(store, 1, arena, &groups, &err));
	assert_string_equal(groups, "section-world source-northern-wire tag-topic-1 tag-place-1 lang-en flag-featured");
	assert_true(store_cache_groups(store, 2, arena, &groups, &err));    /* withdrawn: it is listed nowhere */
	assert_string_equal(groups, "");
	assert_false(store_cache_groups(store, 3, arena, &groups, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	arena_free(arena);
	store_close(store);
}

static void test_guid_and_ids(void **state)
{
	static const struct { const char *source, *guid; int64_t id; } cases[] = {
		{ "Northern Wire", "g-1", 1 }, { "NORTHERN wire", "g-1", 1 }, { "Northern Wire", "G-1", 0 }, { "Northern Wire", "", 0 }, { "Staff", "g-1", 0 },
		{ "northern-wire", "g-1", 0 },
	};
	struct arena *arena = arena_new();
	struct store *store = two_articles(arena), *empty = test_store();

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct article asked;
		int64_t id = 0;

		article_init(&asked);
		asked.source.name = cases[i].source;
		store_resolve_terms(store, &asked, arena);
		assert_int_equal(store_id_by_guid(store, asked.source.id, cases[i].guid, &id), cases[i].id != 0);
		assert_int_equal(id, cases[i].id);
	}
	assert_int_equal(store_next_id(store), 3);
	assert_int_equal(store_next_id(empty), 1);
	arena_free(arena);
	store_close(store);
	store_close(empty);
}

/* The export's walk meets every article, whatever its status, and loads what was handed in. */
static void test_walk(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct article article, wanted;
	struct model model;
	struct error err;
	int64_t after = 0;
	size_t n = 0;

	(void)state;
	model_init(&model, store, 12);
	for (int step = 0; step < 150; step++)
		model_step(&model);
	while (store_article_next(store, after, arena, &article, &err)) {
		const struct model_article *known = &model.articles[n++];

		assert_int_equal(article.id, known->id);
		assert_int_equal(article.rev, known->rev);
		assert_int_equal(article.status, known->status);
		model_build(&model, known, arena, &wanted);
		store_resolve_terms(store, &wanted, arena);
		wanted.publish_at = article.publish_at;
		assert_true(article_same_content(&wanted, &article));
		after = article.id;
		arena_reset(arena);
	}
	assert_int_equal(err.code, ERROR_NONE);
	assert_int_equal(n, model.n);
	assert_false(store_article_load(store, 1000, arena, &article, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	arena_free(arena);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_json_is_appended),
		cmocka_unit_test(test_removal),
		cmocka_unit_test(test_cache_groups),
		cmocka_unit_test(test_guid_and_ids),
		cmocka_unit_test(test_walk),
	};

	return cmocka_run_group_tests_name("article_read", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Lists of what is not published, against brute force: random filters and statuses over a random newsroom, walked forward and back; that a migration
 * fills the tables just as apply keeps them; and that words find the same whether they are kept or read anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "search.h"
#include "store/store_internal.h"
#include "test_store.h"

enum { STEPS = 400, QUERIES = 1500 };

static struct store *store;
static struct arena *arena;
static struct model model;
static int64_t sort_at[MODEL_ARTICLES + 1];    /* by id */

static void step(void)
{
	const struct model_article *article = model_step(&model);

	sort_at[article->id] = article->published_at != TIME_NONE ? article->published_at :
	    article->status == ARTICLE_SCHEDULED ? model.now + 86400 : article->updated_at;
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	store = test_store();
	model_init(&model, store, 5);
	for (int i = 0; i < STEPS; i++)
		step();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(store);
	arena_free(arena);
	return 0;
}

/* --- by brute force --- */

static int up(const void *one, const void *other)
{
	const struct list_key *a = one, *b = other;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static int down(const void *one, const void *other)
{
	return up(other, one);
}

static size_t expected(const struct list_query *query, struct list_key *ret_keys)
{
	size_t n = 0;

	for (size_t i = 0; i < model.n; i++) {
		struct model_article article = model.articles[i];

		article.published_at = sort_at[article.id];
		if ((query->statuses & LIST_STATUS(article.status)) != 0 && model_passes(&article, query))
			ret_keys[n++] = (struct list_key){ query->order == LIST_UPDATED ? article.updated_at : article.published_at, article.id };
	}
	if (n > 0)
		qsort(ret_keys, n, sizeof *ret_keys, query->order == LIST_OLDEST ? up : down);
	return n;
}

static void page_of(const struct list_query *query, struct list_page *ret_page)
{
	struct error err;

	if (!store_list(store, query, arena, ret_page, &err))
		fail_msg("%s", err.detail);
}

static void assert_keys(const struct list_page *page, const struct list_key *keys)
{
	for (size_t i = 0; i < page->n; i++) {
		assert_int_equal(page->rows[i].key.id, keys[i].id);
		assert_int_equal(page->rows[i].key.time, keys[i].time);
		assert_int_equal(page->rows[i].is_public, model.articles[keys[i].id - 1].status == ARTICLE_PUBLISHED);
	}
}

/* To the end, and back to the front. */
static void walk(struct list_query query, const struct list_key *keys, size_t n)
{
	struct list_page page;
	size_t at = 0;

	do {
		page_of(&query, &page);
		assert_int_equal(page.n, n - at < query.limit ? n - at : query.limit);
		assert_keys(&page, keys + at);
		at += page.n;
		assert_int_equal(page.more_after, at < n);
		assert_int_equal(page.more_before, at > page.n && n > 0);
		query.has_from = true;
		query.from = page.after;
	} while (page.more_after);
	query.backward = true;
	for (at -= page.n; page.more_before; at -= page.n) {
		query.from = page.before;
		page_of(&query, &page);
		if (at < query.limit)
			return;    /* filled from the front */
		assert_int_equal(page.n, query.limit);
		assert_keys(&page, keys + at - page.n);
	}
}

static void test_random_queries(void **state)
{
	struct test_random random = { 17 };

	(void)state;
	for (int i = 0; i < QUERIES; i++) {
		struct list_key keys[MODEL_ARTICLES];
		struct list_count count;
		struct list_query query;
		struct error err;
		size_t n;

		model_query(&random, &query, arena);
		query.statuses = 1 + (unsigned)test_random(&random, LIST_STATUSES_ALL);
		query.limit = 1 + test_random(&random, 12);
		n = expected(&query, keys);
		walk(query, keys, n);
		assert_true(store_count(store, &query, MODEL_ARTICLES, &count, &err));
		assert_int_equal(count.n, n);
		assert_true(count.exact);
		arena_reset(arena);
		step();
	}
	assert_int_equal(test_findings(store), 0);
}

/* --- the migration --- */

static char *newsroom_dump(void)
{
	static const char sql[] =
	    "SELECT (SELECT coalesce(group_concat(article_id || ' ' || status || ' ' || sort_at || ' ' || updated_at, char(10)), '')"
	    "          FROM (SELECT * FROM newsroom_article ORDER BY article_id))"
	    "    || char(10) || (SELECT coalesce(group_concat(term_id || ' ' || status || ' ' || sort_at || ' ' || article_id || ' ' || updated_at, char(10)), '')"
	    "          FROM (SELECT * FROM newsroom_term ORDER BY term_id, article_id))";

	return test_text(store, sql);
}

static void test_migration_fills_them(void **state)
{
	const struct embedded_file *file = embedded_migrations;
	char *kept = newsroom_dump(), *filled;

	(void)state;
	while (strstr(file->path, "_newsroom.sql") == NULL)
		file++;
	test_execute(store, "DELETE FROM newsroom_words");
	test_execute(store, "DELETE FROM newsroom_term");
	test_execute(store, "DELETE FROM newsroom_article");
	test_execute(store, strstr((const char *)file->bytes, "INSERT INTO newsroom_article"));
	filled = newsroom_dump();
	assert_true(strlen(kept) > 1000);
	assert_string_equal(filled, kept);
	free(kept);
	free(filled);
}

/* --- words --- */

static size_t n_found(const char *typed, struct list_key *ret_keys)
{
	struct search_query words;
	struct list_query query;
	struct list_page page;

	search_parse(typed, arena, &words);
	list_query_init(&query);
	query.statuses = LIST_STATUSES_ALL & ~LIST_STATUS(ARTICLE_PUBLISHED);
	query.words = &words;
	query.limit = MODEL_ARTICLES;
	page_of(&query, &page);
	for (size_t i = 0; i < page.n; i++)
		ret_keys[i] = page.rows[i].key;
	return page.n;
}

/* The migration has left none: they are read from the documents. Then the articles are written once more. */
static void test_words(void **state)
{
	struct list_key anew[MODEL_ARTICLES], kept[MODEL_ARTICLES];
	struct arena *building = arena_new();
	size_t found = 0;

	(void)state;
	assert_int_equal(test_number(store, "SELECT count(*) FROM newsroom_words"), 0);
	for (size_t i = 0; i < model.n; i++) {
		struct model_article *article = &model.articles[i];
		const char *title = arena_printf(building, "\"%s\"", test_title(article->title, building));
		const size_t n = n_found(title, anew);
		bool is_there = false;
		struct article built;

		if (article->status == ARTICLE_PUBLISHED)
			continue;
		for (size_t k = 0; k < n; k++)
			is_there = is_there || anew[k].id == article->id;
		assert_true(is_there);
		found += n;
		article->rev++;
		model_build(&model, article, building, &built);
		built.publish_at = article->status == ARTICLE_SCHEDULED ? sort_at[article->id] : TIME_NONE;
		test_append(store, &built);
		assert_int_equal(n_found(title, kept), n);
		assert_memory_equal(kept, anew, n * sizeof *kept);
	}
	assert_true(found > 0);
	assert_true(test_number(store, "SELECT count(*) FROM newsroom_words") > 0);
	assert_int_equal(n_found("nowhereatall", kept), 0);
	assert_int_equal(test_findings(store), 0);
	arena_free(building);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_queries),
		cmocka_unit_test(test_migration_fills_them),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("newsroom_read", tests, set_up, tear_down);
}

/* SPDX-License-Identifier: MIT */
/*
 * Listings against brute force: random filters over a random newsroom, walked forward and back in pages of every size. And that each
 * statement behind them walks an index and sorts nothing.
 */
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

/* --- random queries --- */

static const char *some_slug(struct test_random *random, const char *kind)
{
	const char *slugs[64], *its_kind, *slug;
	size_t n = 0;

	for (size_t i = 0; model_term(i, &its_kind, &slug); i++)
		if (strcmp(its_kind, kind) == 0)
			slugs[n++] = slug;
	slugs[n++] = "unheard-of";
	return slugs[test_random(random, n)];
}

static void add_filter(struct test_random *random, struct list_query *query, struct arena *arena)
{
	static const char *const kinds[] = { "section", "tag", "tag", "source", "author", "lang", "flag" };
	struct term_filter *filter = &query->filters[query->n_filters++];

	filter->kind = kinds[test_random(random, N_OF(kinds))];
	filter->any = arena_array(arena, 4, sizeof *filter->any);
	filter->none = arena_array(arena, 4, sizeof *filter->none);
	filter->n_any = test_random(random, 4);
	filter->n_none = test_random(random, 3) == 0 ? 1 + test_random(random, 2) : 0;
	for (size_t i = 0; i < filter->n_any; i++)
		filter->any[i] = some_slug(random, filter->kind);
	for (size_t i = 0; i < filter->n_none; i++)
		filter->none[i] = some_slug(random, filter->kind);
}

static int64_t some_time(struct test_random *random)
{
	return TEST_TIME - 1800 * (int64_t)test_random(random, 60);
}

static void random_query(struct test_random *random, struct list_query *query, struct arena *arena)
{
	list_query_init(query);
	query->order = (enum list_order)test_random(random, 3);
	for (uint64_t n = test_random(random, 4); n > 0; n--)
		add_filter(random, query, arena);
	if (test_random(random, 4) == 0)
		query->published_after = some_time(random);
	if (test_random(random, 4) == 0)
		query->published_before = some_time(random);
	if (test_random(random, 6) == 0)
		query->updated_after = some_time(random);
	if (test_random(random, 6) == 0)
		query->updated_before = TEST_TIME + (int64_t)test_random(random, 200);
}

static void page_of(struct store *store, const struct list_query *query, struct arena *arena, struct list_page *ret_page)
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
	}
}

/* --- walks --- */

static void walk_forward(struct store *store, struct list_query query, size_t limit, const struct list_key *keys, size_t n, struct arena *arena)
{
	struct list_page page;
	size_t at = 0;

	query.limit = limit;
	do {
		const size_t expected = n - at < limit ? n - at : limit;

		page_of(store, &query, arena, &page);
		assert_int_equal(page.n, expected);
		assert_keys(&page, keys + at);
		at += page.n;
		assert_int_equal(page.more_after, at < n);
		if (page.n > 0) {
			assert_int_equal(page.more_before, at > page.n);
			query.has_from = true;
			query.from = page.rows[page.n - 1].key;
		}
	} while (page.n > 0);
	assert_int_equal(at, n);
}

/* From behind the last row back to the front. A short page is filled from the front. */
static void walk_backward(struct store *store, struct list_query query, size_t limit, const struct list_key *keys, size_t n, struct arena *arena)
{
	struct list_page page;
	size_t at = n;

	query.limit = limit;
	query.backward = true;
	if (n == 0)
		return;
	query.has_from = true;
	query.from = keys[n - 1];
	for (at = n - 1; at > 0; at -= page.n) {
		page_of(store, &query, arena, &page);
		if (at < limit) {
			assert_int_equal(page.n, n < limit ? n : limit);
			assert_keys(&page, keys);
			assert_false(page.more_before);
			assert_int_equal(page.more_after, n > limit);
			return;
		}
		assert_int_equal(page.n, limit);
		assert_keys(&page, keys + at - limit);
		assert_int_equal(page.more_before, at > limit);
		assert_true(page.more_after);
		query.from = page.rows[0].key;
	}
}

static void assert_count(struct store *store, const struct list_query *query, size_t n)
{
	static const int64_t mosts[] = { 0, 1, 7, 10000 };
	struct error err;

	for (size_t i = 0; i < N_OF(mosts); i++) {
		int64_t counted = -1;
		bool exact;

		assert_true(store_count(store, query, mosts[i], &counted, &exact, &err));
		if (exact) {
			assert_int_equal(counted, n);
		} else {
			assert_int_equal(counted, mosts[i]);
			assert_true((int64_t)n > mosts[i]);
		}
	}
}

static void assert_passes(const struct model *model, const struct list_query *query)
{
	struct error err;

	for (size_t i = 0; i < model->n; i++) {
		const struct model_article *article = &model->articles[i];
		const struct article_row row = { .id = article->id, .published_at = article->published_at, .updated_at = article->updated_at };

		if (article->status == ARTICLE_PUBLISHED)
			assert_int_equal(store_passes(model->store, query, &row, &err), model_passes(article, query));
	}
}

static void test_against_brute_force(void **state)
{
	static const size_t limits[] = { 1, 2, 3, 7, 20, 100 };
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct test_random random = { 4711 };
	struct list_key keys[MODEL_ARTICLES];
	struct list_query query;
	struct model model;
	size_t rows = 0;

	(void)state;
	model_init(&model, store, 9);
	for (int i = 0; i < 300; i++) {
		size_t n;

		model_step(&model);
		random_query(&random, &query, arena);
		n = model_list(&model, &query, keys);
		rows += n;
		for (size_t l = 0; l < N_OF(limits); l++) {
			walk_forward(store, query, limits[l], keys, n, arena);
			walk_backward(store, query, limits[l], keys, n, arena);
		}
		assert_count(store, &query, n);
		if (i % 10 == 0)
			assert_passes(&model, &query);
		arena_reset(arena);
	}
	assert_true(rows > 1000);    /* or the queries were too narrow to prove anything */
	arena_free(arena);
	store_close(store);
}

/* An article that stays in the list is met exactly once by a walk, whatever happens to others meanwhile. */
static void test_walks_amid_writes(void **state)
{
	const char *sections[] = { "section-1", "section-2", "section-3" };

	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct store *store = test_store();
		struct arena *arena = arena_new();
		struct list_query query;
		struct list_page page;
		struct model model, before;
		int met[MODEL_ARTICLES + 1] = { 0 };
		bool moved[MODEL_ARTICLES + 1] = { false };

		model_init(&model, store, seed);
		for (int i = 0; i < 150; i++)
			model_step(&model);
		list_query_init(&query);
		query.order = (enum list_order)(seed % 3);
		query.limit = 3;
		if (seed % 2 == 0) {
			query.filters[0] = (struct term_filter){ .kind = "section", .any = sections, .n_any = N_OF(sections) };
			query.n_filters = 1;
		}
		before = model;
		do {
			page_of(store, &query, arena, &page);
			for (size_t i = 0; i < page.n; i++)
				met[page.rows[i].key.id]++;
			if (page.n > 0) {
				query.has_from = true;
				query.from = page.rows[page.n - 1].key;
			}
			for (int i = 0; i < 2; i++)
				moved[model_step(&model)->id] = true;
		} while (page.n > 0);
		for (size_t i = 0; i < before.n; i++) {
			const struct model_article *article = &before.articles[i];
			const bool listed = article->status == ARTICLE_PUBLISHED && model_passes(article, &query);

			if (!moved[article->id])
				assert_int_equal(met[article->id], listed);
		}
		arena_free(arena);
		store_close(store);
	}
}

/* --- edges --- */

static void test_edges(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();
	const char *same[64], *one[] = { "topic-1" };
	struct list_query query;
	struct list_page page;
	struct article article;

	(void)state;
	list_query_init(&query);
	page_of(store, &query, arena, &page);
	assert_int_equal(page.n, 0);
	assert_false(page.more_before || page.more_after);
	assert_count(store, &query, 0);

	for (int i = 1; i <= 7; i++) {
		test_article(&article, i, arena);
		article.id = i;
		article.rev = 1;
		article.slug = arena_printf(arena, "story-%d", i);
		test_append(store, &article);
	}
	/* As many times the same term as a filter may name. */
	for (size_t i = 0; i < N_OF(same); i++)
		same[i] = one[0];
	query.filters[0] = (struct term_filter){ .kind = "tag", .any = same, .n_any = N_OF(same) };
	query.n_filters = 1;
	page_of(store, &query, arena, &page);
	assert_int_equal(page.n, 1);
	assert_count(store, &query, 1);

	/* As many filters as a query may have. */
	for (query.n_filters = 0; query.n_filters < LIST_FILTERS_MOST; query.n_filters++)
		query.filters[query.n_filters] = (struct term_filter){ .kind = "tag", .any = one, .n_any = 1 };
	page_of(store, &query, arena, &page);
	assert_int_equal(page.n, 1);
	assert_count(store, &query, 1);

	/* Keys beyond both ends. */
	list_query_init(&query);
	query.has_from = true;
	query.from = (struct list_key){ INT64_MIN, INT64_MIN };
	page_of(store, &query, arena, &page);
	assert_int_equal(page.n, 0);
	query.from = (struct list_key){ INT64_MAX, INT64_MAX };
	page_of(store, &query, arena, &page);
	assert_int_equal(page.n, 7);
	arena_free(arena);
	store_close(store);
}

/* --- a read past its time fails; it never gives a page with holes --- */

static void test_overdue_read(void **state)
{
	const char *path = (test_folder(), test_folder_path("a.db"));
	struct store *writer = test_store_at(path, STORE_WRITE), *reader;
	struct arena *arena = arena_new();
	struct test_random random = { 3 };
	struct list_key keys[MODEL_ARTICLES];
	struct model model;
	int refused = 0;

	(void)state;
	model_init(&model, writer, 3);
	for (int i = 0; i < 200; i++)
		model_step(&model);
	reader = test_store_at(path, STORE_READ);
	for (int i = 0; i < 300; i++) {
		struct list_query query;
		struct list_page page;
		struct error err;
		int64_t counted;
		bool exact;
		size_t n;

		random_query(&random, &query, arena);
		query.limit = 100;
		n = model_list(&model, &query, keys);
		assert_true(store_read_begin(reader, &err));
		reader->read_deadline_us = 1;
		if (store_list(reader, &query, arena, &page, &err)) {
			assert_int_equal(page.n, n);
			assert_keys(&page, keys);
		} else {
			assert_int_equal(err.code, ERROR_BUSY);
			refused++;
		}
		if (store_count(reader, &query, 10000, &counted, &exact, &err))
			assert_int_equal(counted, n);
		store_read_end(reader);
		arena_reset(arena);
	}
	assert_true(refused > 0);
	arena_free(arena);
	store_close(reader);
	store_close(writer);
	test_folder_remove();
}

/* --- plans --- */

struct seen {
	const char *sql[64];
	size_t n;
};

static int see(unsigned event, void *arg, void *handle, void *text)
{
	struct seen *seen = arg;
	const char *sql = sqlite3_sql(handle);

	(void)event, (void)text;
	for (size_t i = 0; i < seen->n; i++)
		if (strcmp(seen->sql[i], sql) == 0)
			return 0;
	assert_true(seen->n < N_OF(seen->sql));
	seen->sql[seen->n++] = strdup(sql);
	return 0;
}

static void assert_plan(struct store *store, const char *sql)
{
	struct text explain = TEXT_EMPTY;
	sqlite3_stmt *plan;

	text_printf(&explain, "EXPLAIN QUERY PLAN %s", sql);
	assert_int_equal(sqlite3_prepare_v2(store->db, explain.bytes, -1, &plan, NULL), SQLITE_OK);
	while (sqlite3_step(plan) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(plan, 3);

		if (strncmp(line, "SEARCH ", 7) != 0 || strstr(line, "B-TREE") != NULL)
			fail_msg("%s: %s", sql, line);
	}
	sqlite3_finalize(plan);
	text_done(&explain);
}

static void test_plans(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct test_random random = { 1 };
	struct seen seen = { .n = 0 };
	struct model model;
	struct error err;
	size_t walks = 0;

	(void)state;
	model_init(&model, store, 2);
	for (int i = 0; i < 60; i++)
		model_step(&model);
	assert_int_equal(sqlite3_trace_v2(store->db, SQLITE_TRACE_STMT, see, &seen), SQLITE_OK);
	for (int i = 0; i < 200; i++) {
		struct list_query query;
		struct list_page page;
		int64_t n;
		bool exact;

		random_query(&random, &query, arena);
		query.backward = query.has_from = i % 2 == 0;
		query.from = (struct list_key){ TEST_TIME - 36000, 10 };
		page_of(store, &query, arena, &page);
		assert_true(store_count(store, &query, 10, &n, &exact, &err));
	}
	sqlite3_trace_v2(store->db, 0, NULL, NULL);
	for (size_t i = 0; i < seen.n; i++) {
		assert_plan(store, seen.sql[i]);
		walks += strstr(seen.sql[i], "ORDER BY") != NULL;
		free((void *)(uintptr_t)seen.sql[i]);
	}
	assert_int_equal(walks, 8);    /* all that walk_sql() has */
	arena_free(arena);
	store_close(store);
}

/* --- the same cost at any depth --- */

static int count_steps(void *arg)
{
	++*(int64_t *)arg;
	return 0;
}

static int64_t steps_of(struct store *store, const struct list_query *query, struct arena *arena)
{
	struct list_page page;
	int64_t steps = 0;

	sqlite3_progress_handler(store->db, 1, count_steps, &steps);
	page_of(store, query, arena, &page);
	sqlite3_progress_handler(store->db, 0, NULL, NULL);
	assert_int_equal(page.n, query->limit);
	return steps;
}

static bool fill(struct store *store, void *arg, struct error *err)
{
	struct arena *arena = arena_new();
	bool fine = true;

	for (int i = 1; fine && i <= 2000; i++) {
		const struct article_version version = { .at = TEST_TIME, .by = "test", .article = arg };
		struct article *article = arg;
		int64_t seq;

		test_article(article, i, arena);
		article->id = i;
		article->rev = 1;
		article->slug = arena_printf(arena, "story-%d", i);
		article->body_text = article->summary = article->body_html = NULL;
		fine = local_log()->append(local_log(), store, &version, &seq, err);
		arena_reset(arena);
	}
	arena_free(arena);
	return fine;
}

static void test_depth_costs_nothing(void **state)
{
	const char *sections[] = { "national", "world" };
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct article article;
	struct error err;

	(void)state;
	assert_true(store_transaction(store, fill, &article, &err));
	for (int i = 0; i < 12; i++) {
		struct list_query query;
		int64_t front, deep;

		list_query_init(&query);
		query.order = (enum list_order)(i % 3);
		query.backward = i / 3 % 2 == 1;
		query.has_from = true;
		if (i >= 6) {
			query.filters[0] = (struct term_filter){ .kind = "section", .any = sections, .n_any = N_OF(sections) };
			query.n_filters = 1;
		}
		query.from.time = (query.order == LIST_OLDEST) != query.backward ? INT64_MIN : INT64_MAX;
		front = steps_of(store, &query, arena);
		query.from.time = TEST_TIME - 3600 * 1000;    /* the middle */
		deep = steps_of(store, &query, arena);
		if (deep > front + front / 4 + 100)
			fail_msg("query %d: %" PRId64 " steps at the front, %" PRId64 " in the middle", i, front, deep);
	}
	arena_free(arena);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_brute_force),
		cmocka_unit_test(test_walks_amid_writes),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_overdue_read),
		cmocka_unit_test(test_plans),
		cmocka_unit_test(test_depth_costs_nothing),
	};

	return cmocka_run_group_tests_name("list_read", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Listings against brute force: random filters over a random newsroom, walked forward and back in pages of every size, amid writes, and
 * cut off. What they cost is tested in test_list_read_cost.c.
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
	query.from.time = query.from.id = query.order == LIST_OLDEST ? INT64_MAX : INT64_MIN;    /* beyond the last */
	page_of(store, &query, arena, &page);
	assert_int_equal(page.n, n < limit ? n : limit);
	assert_keys(&page, keys + n - page.n);
	assert_int_equal(page.more_before, n > limit);
	assert_false(page.more_after);
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
		struct list_count count = { .n = -1 };

		assert_true(store_count(store, query, mosts[i], &count, &err));
		if (count.exact) {
			assert_int_equal(count.n, n);
		} else {
			assert_int_equal(count.n, mosts[i]);
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
	for (int i = 0; i < 200; i++) {
		size_t n;

		model_step(&model);
		model_query(&random, &query, arena);
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
	assert_true(rows > 500);    /* or the queries were too narrow to prove anything */
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

/* --- a read that is cut off fails; it never gives a page with holes --- */

static int now_and_then(void *arg)
{
	return test_random(arg, 400) == 0;
}

/* Either what the model says, or ERROR_BUSY. Returns whether it was cut off. */
static bool right_or_busy(const struct model *model, struct store *reader, const struct list_query *query, struct arena *arena)
{
	struct list_key keys[MODEL_ARTICLES];
	const size_t n = model_list(model, query, keys);
	struct list_page page;
	struct error err = { .code = ERROR_NONE };
	struct list_count count;
	bool fine = store_list(reader, query, arena, &page, &err);

	if (fine) {
		assert_int_equal(page.n, n);
		assert_keys(&page, keys);
		fine = store_count(reader, query, 10000, &count, &err);
		if (fine)
			assert_int_equal(count.n, n);
	}
	if (!fine)
		assert_int_equal(err.code, ERROR_BUSY);
	return !fine;
}

static void test_interrupted_reads(void **state)
{
	const char *path = (test_folder(), test_folder_path("a.db"));
	struct store *writer = test_store_at(path, STORE_WRITE), *overdue, *reader;
	struct arena *arena = arena_new();
	struct test_random random = { 3 }, luck = { 17 };
	struct model model;
	int late = 0, cut = 0;

	(void)state;
	model_init(&model, writer, 3);
	for (int i = 0; i < 200; i++)
		model_step(&model);
	overdue = test_store_at(path, STORE_READ);
	reader = test_store_at(path, STORE_READ);
	sqlite3_progress_handler(reader->db, 1, now_and_then, &luck);
	for (int i = 0; i < 500; i++) {
		struct list_query query;
		struct error err;

		model_query(&random, &query, arena);
		query.limit = 100;
		assert_true(store_read_begin(overdue, &err));
		overdue->read_deadline_us = 1;
		late += right_or_busy(&model, overdue, &query, arena);
		store_read_end(overdue);
		cut += right_or_busy(&model, reader, &query, arena);
		arena_reset(arena);
	}
	assert_true(late > 0 && cut > 100 && cut < 500);
	arena_free(arena);
	store_close(reader);
	store_close(overdue);
	store_close(writer);
	test_folder_remove();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_brute_force),
		cmocka_unit_test(test_walks_amid_writes),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_interrupted_reads),
	};

	return cmocka_run_group_tests_name("list_read", tests, NULL, NULL);
}

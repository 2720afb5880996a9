/* SPDX-License-Identifier: MIT */
/* Lists of terms in both orders, both ways, with a prefix, against a recount over a random newsroom; and what a deep page costs. */
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

/* What a list must give: slug, count and newest, in order. */
struct expected {
	const char *slug;
	char folded[32];
	int64_t count, newest_at;
	int64_t id;
};

static int by_name(const void *one, const void *other)
{
	return strcmp(((const struct expected *)one)->folded, ((const struct expected *)other)->folded);
}

static int by_count(const void *one, const void *other)
{
	const struct expected *a = one, *b = other;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return a->id > b->id ? -1 : a->id < b->id;
}

static size_t expect(const struct model *model, const char *kind, const char *prefix, bool counted, struct expected *ret_terms)
{
	const char *its_kind, *slug;
	size_t n = 0;

	for (size_t t = 0; model_term(t, &its_kind, &slug); t++) {
		struct expected *term = &ret_terms[n];
		int64_t ignored;
		struct error err;

		*term = (struct expected){ .slug = slug, .newest_at = INT64_MIN };
		snprintf(term->folded, sizeof term->folded, "%s", slug);
		if (strchr(slug, '-') != NULL)
			*strchr(term->folded, '-') = ' ';
		if (strcmp(kind, its_kind) != 0 || strncmp(term->folded, prefix, strlen(prefix)) != 0)
			continue;
		for (size_t i = 0; i < model->n; i++) {
			const struct model_article *article = &model->articles[i];

			if (article->status != ARTICLE_PUBLISHED || !model_has_term(article, kind, slug))
				continue;
			term->count++;
			if (article->published_at > term->newest_at)
				term->newest_at = article->published_at;
		}
		if (term->count == 0)
			continue;
		assert_true(store_term_id(model->store, kind, slug, &term->id, &ignored, &err));
		n++;
	}
	if (n > 0)
		qsort(ret_terms, n, sizeof *ret_terms, counted ? by_count : by_name);
	return n;
}

static void page_of(struct store *store, const struct term_query *query, struct arena *arena, struct term_page *ret_page)
{
	struct error err;

	if (!store_terms(store, query, arena, ret_page, &err))
		fail_msg("%s", err.detail);
}

static void assert_rows(const struct term_page *page, const struct expected *terms)
{
	for (size_t i = 0; i < page->n; i++) {
		assert_string_equal(page->rows[i].slug, terms[i].slug);
		assert_string_equal(page->rows[i].folded, terms[i].folded);
		assert_int_equal(page->rows[i].count, terms[i].count);
		assert_int_equal(page->rows[i].newest_at, terms[i].newest_at);
		assert_int_equal(page->rows[i].id, terms[i].id);
	}
}

static void go_on(struct term_query *query, const struct term_row *row)
{
	query->has_from = true;
	query->from_count = row->count;
	query->from_id = row->id;
	query->from_name = row->folded;
}

static void walk(struct store *store, struct term_query query, const struct expected *terms, size_t n, struct arena *arena)
{
	struct term_page page;
	size_t at = 0;

	do {
		page_of(store, &query, arena, &page);
		assert_int_equal(page.n, n - at < query.limit ? n - at : query.limit);
		assert_rows(&page, terms + at);
		at += page.n;
		assert_int_equal(page.more_after, at < n);
		if (page.n > 0) {
			assert_int_equal(page.more_before, at > page.n);
			go_on(&query, &page.rows[page.n - 1]);
		}
	} while (page.n > 0);
	assert_int_equal(at, n);

	/* And back, from the last row on. */
	query.backward = true;
	for (at = n > 0 ? n - 1 : 0; at > 0; at -= page.n) {
		page_of(store, &query, arena, &page);
		if (at < query.limit) {
			assert_int_equal(page.n, n < query.limit ? n : query.limit);
			assert_rows(&page, terms);
			assert_false(page.more_before);
			break;
		}
		assert_int_equal(page.n, query.limit);
		assert_rows(&page, terms + at - page.n);
		assert_int_equal(page.more_before, at > page.n);
		assert_true(page.more_after);
		go_on(&query, &page.rows[0]);
	}
}

static void test_against_recount(void **state)
{
	static const char *const kinds[] = { "section", "source", "author", "tag" };
	static const char *const prefixes[] = { "", "t", "tag 1", "tag 11", "section 3", "zebra" };
	static const size_t limits[] = { 1, 2, 5, 100 };
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct expected terms[64];
	struct model model;

	(void)state;
	model_init(&model, store, 31);
	for (int step = 0; step < 150; step++) {
		model_step(&model);
		if (step % 15 != 0)
			continue;
		for (size_t i = 0; i < N_OF(kinds) * N_OF(prefixes) * N_OF(limits) * 2; i++) {
			const struct term_query query = {
				.kind = kinds[i / 2 % N_OF(kinds)],
				.prefix = prefixes[i / 2 / N_OF(kinds) % N_OF(prefixes)],
				.limit = limits[i / 2 / N_OF(kinds) / N_OF(prefixes)],
				.by_count = i % 2 == 1,
			};

			walk(store, query, terms, expect(&model, query.kind, query.prefix, query.by_count, terms), arena);
		}
		arena_reset(arena);
	}
	arena_free(arena);
	store_close(store);
}

static void test_one_term(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct article article;
	struct term_row row;
	struct term_page page;
	struct error err;
	const struct term_query all = { .kind = "tag", .limit = 10 };

	(void)state;
	test_article(&article, 1, arena);
	test_import(store, &article);
	assert_true(store_term(store, "tag", "place-1", arena, &row, &err));
	assert_string_equal(row.name, "Place 1");
	assert_string_equal(row.type, "place");
	assert_int_equal(row.count, 1);
	assert_int_equal(row.newest_at, article.published_at);
	assert_false(store_term(store, "tag", "never", arena, &row, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_false(store_term(store, "section", "place-1", arena, &row, &err));

	/* A term that only a draft has is not known. */
	test_article(&article, 2, arena);
	article.status = ARTICLE_DRAFT;
	test_import(store, &article);
	assert_false(store_term(store, "tag", "place-2", arena, &row, &err));
	page_of(store, &all, arena, &page);
	assert_int_equal(page.n, 2);
	arena_free(arena);
	store_close(store);
}

static void test_prefix_in_any_script(void **state)
{
	static const struct { const char *prefix; size_t n; } cases[] = { { "é", 2 }, { "É", 2 }, { "E\u0301", 2 }, { "東", 1 }, { "%", 1 }, { "_", 0 }, { "", 4 } };
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct article article;
	struct term tags[] = { { .name = "Éclair", .type = "topic" }, { .name = "étude", .type = "topic" }, { .name = "東京", .type = "topic" },
		{ .name = "% of votes", .type = "topic" } };

	(void)state;
	test_article(&article, 1, arena);
	article.tags = (struct term_list){ .items = tags, .n = N_OF(tags) };
	test_import(store, &article);
	for (size_t i = 0; i < N_OF(cases); i++) {
		const struct term_query query = { .kind = "tag", .prefix = cases[i].prefix, .limit = 10, .by_count = i % 2 == 1 };
		struct term_page page;

		page_of(store, &query, arena, &page);
		if (page.n != cases[i].n)
			fail_msg("prefix %s: %zu found", cases[i].prefix, page.n);
	}
	arena_free(arena);
	store_close(store);
}

/* --- what it costs --- */

static int count_steps(void *arg)
{
	++*(int64_t *)arg;
	return 0;
}

static int64_t steps_of(struct store *store, const struct term_query *query, struct arena *arena)
{
	struct term_page page;
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

	(void)arg;
	for (int i = 0; fine && i < 60; i++) {
		struct article article;
		const struct version version = { .at = TEST_TIME, .by = "test", .article = &article };
		int64_t seq;

		test_article(&article, i, arena);
		article.id = i + 1;
		article.rev = 1;
		article.slug = arena_printf(arena, "story-%d", i);
		article.tags.n = 50;
		article.tags.items = arena_array(arena, article.tags.n, sizeof *article.tags.items);
		for (int t = 0; t < 50; t++)
			article.tags.items[t] = (struct term){ .name = arena_printf(arena, "tag %04d", t < 10 ? t : i * 40 + t), .type = "topic" };
		fine = local_log()->append(local_log(), store, &version, &seq, err);
		arena_reset(arena);
	}
	arena_free(arena);
	return fine;
}

static void test_depth_costs_nothing(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct term_row middle;
	struct error err;

	(void)state;
	assert_true(store_transaction(store, fill, NULL, &err));
	assert_true(store_term(store, "tag", "tag-1200", arena, &middle, &err));
	for (int i = 0; i < 4; i++) {
		struct term_query query = { .kind = "tag", .limit = 20, .by_count = i % 2 == 1, .backward = i / 2 == 1 };
		int64_t front = steps_of(store, &query, arena), deep;

		go_on(&query, &middle);
		deep = steps_of(store, &query, arena);
		if (deep > 3 * front)
			fail_msg("query %d: %" PRId64 " steps at the front, %" PRId64 " in the middle", i, front, deep);
	}
	arena_free(arena);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_recount),
		cmocka_unit_test(test_one_term),
		cmocka_unit_test(test_prefix_in_any_script),
		cmocka_unit_test(test_depth_costs_nothing),
	};

	return cmocka_run_group_tests_name("term_read", tests, NULL, NULL);
}

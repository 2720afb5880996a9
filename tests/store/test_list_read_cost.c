/* SPDX-License-Identifier: MIT */
/* What listings cost: each statement walks an index and sorts nothing, a deep page costs what the first does, the rarest filter drives. */
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
		struct list_count count;

		model_query(&random, &query, arena);
		query.backward = query.has_from = i % 2 == 0;
		query.from = (struct list_key){ TEST_TIME - 36000, 10 };
		page_of(store, &query, arena, &page);
		assert_true(store_count(store, &query, 10, &count, &err));
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
		const struct version version = { .at = TEST_TIME, .by = "test", .article = arg };
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

/* The rarest parameter drives, wherever it stands among the filters. */
static void test_rarest_drives(void **state)
{
	const char *sections[] = { "national", "world", "business" }, *rare[] = { "rare" };
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct term tag = { .name = "rare", .type = "topic" };
	struct article article;
	struct error err;

	(void)state;
	assert_true(store_transaction(store, fill, &article, &err));
	test_article(&article, 1000, arena);
	article.id = 2001;
	article.rev = 1;
	article.slug = "rare";
	article.tags = (struct term_list){ &tag, 1 };
	test_append(store, &article);
	for (size_t i = 0; i < 2; i++) {
		struct list_query query;

		list_query_init(&query);
		query.filters[i] = (struct term_filter){ .kind = "section", .any = sections, .n_any = N_OF(sections) };
		query.filters[1 - i] = (struct term_filter){ .kind = "tag", .any = rare, .n_any = 1 };
		query.n_filters = 2;
		query.limit = 1;
		assert_true(steps_of(store, &query, arena) < 300);
	}
	arena_free(arena);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plans),
		cmocka_unit_test(test_depth_costs_nothing),
		cmocka_unit_test(test_rarest_drives),
	};

	return cmocka_run_group_tests_name("list_read_cost", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * How SQLite goes about every statement that answers readers: it searches an index, scans no table and sorts nothing. Statements are seen as they
 * run, so none can be forgotten here that a read makes use of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "related_archive.h"
#include "store/store_internal.h"
#include "test_store.h"
#include "webhook_store.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

static struct store *store;
static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	store = archive_store(arena);
	test_work_off_related(store);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(store);
	arena_free(arena);
	return 0;
}

/* --- plans --- */

/* The first step of the statement's plan that is neither a search of an index nor a part made of such; NULL when there is none. To free(). */
static char *bad_step(const char *sql)
{
	static const char *const good[] = { "SEARCH ", "CORRELATED SCALAR SUBQUERY", "SCALAR SUBQUERY",
		"SCAN suggest_word VIRTUAL TABLE INDEX 192:M1" };    /* FTS5's word for: by rowid, downwards, what matches */
	struct text explain = TEXT_EMPTY;
	sqlite3_stmt *plan;
	char *bad = NULL;

	text_printf(&explain, "EXPLAIN QUERY PLAN %s", sql);
	assert_int_equal(sqlite3_prepare_v2(store->db, explain.bytes, -1, &plan, NULL), SQLITE_OK);
	while (bad == NULL && sqlite3_step(plan) == SQLITE_ROW) {
		const char *step = (const char *)sqlite3_column_text(plan, 3);
		bool fine = false;

		for (size_t i = 0; i < N_OF(good); i++)
			fine |= strncmp(step, good[i], strlen(good[i])) == 0;
		if (!fine || strstr(step, "AUTOMATIC") != NULL)
			bad = strdup(step);
	}
	sqlite3_finalize(plan);
	text_done(&explain);
	return bad;
}

/* What runs while it is watched. */
static struct {
	char *sql[64];
	size_t n;
} seen;

static int see(unsigned event, void *arg, void *handle, void *text)
{
	const char *sql = sqlite3_sql(handle);

	(void)event, (void)arg, (void)text;
	for (size_t i = 0; i < seen.n; i++)
		if (strcmp(seen.sql[i], sql) == 0)
			return 0;
	assert_true(seen.n < N_OF(seen.sql));
	seen.sql[seen.n++] = strdup(sql);
	return 0;
}

static void watch(void)
{
	seen.n = 0;
	assert_int_equal(sqlite3_trace_v2(store->db, SQLITE_TRACE_STMT, see, NULL), SQLITE_OK);
}

/* Judges what has been seen since; how many statements walk in an order. */
static size_t judge(const char *what)
{
	size_t n_walks = 0;

	sqlite3_trace_v2(store->db, 0, NULL, NULL);
	if (seen.n == 0)
		fail_msg("%s asks nothing of SQLite", what);
	for (size_t i = 0; i < seen.n; i++) {
		char *bad = bad_step(seen.sql[i]);

		if (bad != NULL)
			fail_msg("%s: %s: %s", what, seen.sql[i], bad);
		n_walks += strstr(seen.sql[i], "ORDER BY") != NULL;
		free(seen.sql[i]);
	}
	return n_walks;
}

/* Would a bad plan be noticed? */
static void test_control(void **state)
{
	static const char *const rows[][2] = {
		{ "SELECT item FROM article WHERE rev = 1", "SCAN article" },
		{ "SELECT item FROM article WHERE status = 'published' AND published_at > 1 ORDER BY slug", "USE TEMP B-TREE" },
		{ "SELECT term_id FROM article_term WHERE term_id = 1 ORDER BY updated_at, published_at DESC", "USE TEMP B-TREE" },
		{ "SELECT count(*) FROM article_term", "SCAN article_term" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		char *bad = bad_step(rows[i][0]);

		if (bad == NULL || strstr(bad, rows[i][1]) == NULL)
			fail_msg("%s: %s", rows[i][0], bad != NULL ? bad : "nothing is wrong");
		free(bad);
	}
}

/* --- listings --- */

static const char *sections[] = { "national", "sports" }, *tags[] = { "ice" };

static const struct filter {
	const char *what;
	struct term_filter filters[2];
	size_t n;
	bool has_dates;
} filters[] = {
	{ .what = "all", .n = 0 },
	{ .what = "one term", .filters = { { .kind = "section", .any = sections, .n_any = 1 } }, .n = 1 },
	{ .what = "any of two", .filters = { { .kind = "section", .any = sections, .n_any = 2 } }, .n = 1 },
	{ .what = "two parameters", .filters = { { .kind = "section", .any = sections, .n_any = 2 }, { .kind = "tag", .any = tags, .n_any = 1 } }, .n = 2 },
	{ .what = "none of", .filters = { { .kind = "section", .none = sections, .n_none = 2 } }, .n = 1 },
	{ .what = "all, with dates", .n = 0, .has_dates = true },
	{ .what = "one term, with dates", .filters = { { .kind = "section", .any = sections, .n_any = 1 } }, .n = 1, .has_dates = true },
};

/* Terms that the archive has, of each kind that is asked for. */
static void choose_terms(void)
{
	sections[0] = test_text(store, "SELECT slug FROM term WHERE kind = 'section' ORDER BY slug LIMIT 1");
	sections[1] = test_text(store, "SELECT slug FROM term WHERE kind = 'section' ORDER BY slug DESC LIMIT 1");
	tags[0] = test_text(store, "SELECT slug FROM term WHERE kind = 'tag' ORDER BY slug LIMIT 1");
}

static void forget_terms(void)
{
	free((void *)(uintptr_t)sections[0]);
	free((void *)(uintptr_t)sections[1]);
	free((void *)(uintptr_t)tags[0]);
}

/* Every order, both ways, from the front and from a place within, under each kind of filter; of what is published, and of all. */
static void test_listings(void **state)
{
	(void)state;
	choose_terms();
	for (size_t f = 0; f < N_OF(filters); f++)
		for (int i = 0; i < 24; i++) {
			const char *what = arena_printf(arena, "%s%s by %s, %s, %s", filters[f].what, i / 12 == 1 ? ", published or not," : "", list_order_names[i % 3],
			    i / 3 % 2 == 1 ? "backward" : "forward", i / 6 % 2 == 1 ? "from within" : "from the front");
			struct list_query query;
			struct list_page page;
			struct error err;
			struct list_count count;

			list_query_init(&query);
			query.order = (enum list_order)(i % 3);
			query.backward = i / 3 % 2 == 1;
			query.has_from = i / 6 % 2 == 1;
			query.statuses = i / 12 == 1 ? LIST_STATUSES_ALL : 0;
			query.from = (struct list_key){ TEST_TIME, 5 };
			query.limit = 2;
			query.n_filters = filters[f].n;
			memcpy(query.filters, filters[f].filters, sizeof filters[f].filters);
			if (filters[f].has_dates) {
				query.published_after = query.updated_after = TEST_TIME - 100000000;
				query.published_before = query.updated_before = TEST_TIME + 100000000;
			}
			watch();
			if (!store_list(store, &query, arena, &page, &err))
				fail_msg("%s: %s", what, err.detail);
			if (judge(what) == 0)
				fail_msg("%s: no walk was seen", what);
			if (query.order == LIST_NEWEST && !query.has_from && !query.backward) {
				watch();
				assert_true(store_count(store, &query, 10, &count, &err));
				judge(what);
			}
		}
	forget_terms();
}

static void test_lists_of_terms(void **state)
{
	static const char *const kinds[] = { "section", "tag", "source", "author" };

	(void)state;
	for (int i = 0; i < 16; i++) {
		struct term_query query = {
			.kind = kinds[i / 4], .by_count = i % 2 == 1, .backward = i / 2 % 2 == 1, .has_from = i / 2 % 2 == 1, .from_count = 1, .from_id = 3, .from_name = "m", .limit = 2,
		};
		struct term_page page;
		struct error err;

		watch();
		assert_true(store_terms(store, &query, arena, &page, &err));
		assert_true(judge(arena_printf(arena, "%ss by %s", query.kind, query.by_count ? "count" : "name")) > 0);
	}
}

/* --- single reads --- */

static void read_item(struct error *err)
{
	struct text json = TEXT_EMPTY;

	store_item(store, 1, &json, err);
	text_done(&json);
}

static void read_document(struct error *err)
{
	struct text json = TEXT_EMPTY;

	store_document(store, 1, &json, err);
	text_done(&json);
}

static void find_by_id(struct error *err)
{
	struct article_row row;

	store_article_find(store, "1", arena, &row, err);
}

static void find_by_slug(struct error *err)
{
	struct article_row row;
	char *slug = test_text(store, "SELECT slug FROM article WHERE article_id = 1");

	store_article_find(store, slug, arena, &row, err);
	free(slug);
}

static void read_cache_groups(struct error *err)
{
	const char *groups;

	store_cache_groups(store, 1, arena, &groups, err);
}

static void read_term(struct error *err)
{
	struct term_row row;
	char *slug = test_text(store, "SELECT slug FROM term WHERE kind = 'section' LIMIT 1");

	store_term(store, "section", slug, arena, &row, err);
	free(slug);
}

static void read_term_generation(struct error *err)
{
	int64_t seq;

	store_term_generation(store, "section", "national", &seq, err);
}

static void read_mark(struct error *err)
{
	uint64_t mark;

	store_mark(store, 3, &mark, err);
}

static void read_public_seq(struct error *err)
{
	err->code = ERROR_NONE;
	store_public_seq(store);
}

static void read_related(bool same_section, struct error *err)
{
	const struct related_query query = { .id = 1, .limit = RELATED_MOST, .same_section = same_section, .newest_from = TIME_NONE };
	struct related_answer answer;
	struct related_sources sources;
	struct text json = TEXT_EMPTY;

	if (store_related_kept(store, 1, arena, &answer, err))
		store_related_write(store, &query, &answer, arena, &json, &sources, err);
	text_done(&json);
}

static void read_related_of_any(struct error *err)
{
	read_related(false, err);
}

static void read_related_of_section(struct error *err)
{
	read_related(true, err);
}

static void read_suggestions(struct error *err)
{
	struct suggestion *rows;
	size_t n;

	store_suggest(store, "the ice ho", 10, arena, &rows, &n, err);
}

static void read_removal(struct error *err)
{
	struct text members = TEXT_EMPTY;

	store_removal(store, 1, arena, &members, err);
	text_done(&members);
}

static void read_changes(struct error *err)
{
	const struct list_query query = { .limit = 10, .examined_most = 10 };
	struct change_page page;

	store_changes(store, &query, 3, arena, &page, err);
}

static void read_versions(struct error *err)
{
	struct version_pair pairs[10];
	size_t n;

	store_versions_between(store, 3, 1000, pairs, N_OF(pairs), &n, err);
}

static void read_removals(struct error *err)
{
	struct removal_row rows[10];
	size_t n;

	store_removals(store, NULL, NULL, N_OF(rows), rows, &n, err);
}

static bool look_at_page(void *arg, int64_t page)
{
	(void)arg, (void)page;
	return true;
}

static void read_sitemap_pages(struct error *err)
{
	store_sitemap_pages(store, 10000, look_at_page, NULL, err);
}

static void read_due(struct error *err)
{
	struct related_due due[10];

	err->code = ERROR_NONE;
	store_related_due(store, due, 10, err);
}

static void test_single_reads(void **state)
{
	static const struct {
		const char *what;
		void (*read)(struct error *err);
	} rows[] = {
		{ "an item", read_item },
		{ "a document", read_document },
		{ "an article by id", find_by_id },
		{ "an article by slug", find_by_slug },
		{ "the terms of an article", read_cache_groups },
		{ "a term", read_term },
		{ "the generation of a term", read_term_generation },
		{ "the log's mark", read_mark },
		{ "the public seq", read_public_seq },
		{ "related articles", read_related_of_any },
		{ "related articles of the section", read_related_of_section },
		{ "suggestions", read_suggestions },
		{ "why an article is gone", read_removal },
		{ "changes", read_changes },
		{ "versions of which a hub has not been told", read_versions },
		{ "removals", read_removals },
		{ "pages of the sitemap", read_sitemap_pages },
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		watch();
		rows[i].read(&err);
		if (err.code != ERROR_NONE)
			fail_msg("%s: %s", rows[i].what, err.detail);
		judge(rows[i].what);
	}
}

/* The queue is read from its end, along its index: a scan of that, but of no more rows than are wanted, and nothing is sorted. */
static void test_queue(void **state)
{
	struct error err;
	char *bad;

	(void)state;
	watch();
	read_due(&err);
	sqlite3_trace_v2(store->db, 0, NULL, NULL);
	assert_int_equal(seen.n, 1);
	bad = bad_step(seen.sql[0]);
	assert_string_equal(bad, "SCAN related_due USING INDEX related_due_order");
	free(bad);
	free(seen.sql[0]);
}

static bool visit_none(void *arg, int64_t id, struct error *err)
{
	(void)arg, (void)id, (void)err;
	return true;
}

/* An import asks this for each article: the drafts of a source, which have no time either, must not be walked for it. */
static void test_scheduled_of_a_source(void **state)
{
	sqlite3_stmt *plan;
	struct text explain = TEXT_EMPTY;
	struct error err;
	bool is_seen = false;

	(void)state;
	watch();
	assert_true(store_ids_by_time(store, 1, TEST_TIME, true, visit_none, NULL, &err));
	sqlite3_trace_v2(store->db, 0, NULL, NULL);
	for (size_t i = 0; i < seen.n; i++) {
		if (strstr(seen.sql[i], "scheduled") == NULL)
			continue;
		text_clear(&explain);
		text_printf(&explain, "EXPLAIN QUERY PLAN %s", seen.sql[i]);
		assert_int_equal(sqlite3_prepare_v2(store->db, explain.bytes, -1, &plan, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(plan), SQLITE_ROW);
		is_seen |= strstr((const char *)sqlite3_column_text(plan, 3), "INDEX article_scheduled") != NULL;
		sqlite3_finalize(plan);
	}
	for (size_t i = 0; i < seen.n; i++)
		free(seen.sql[i]);
	text_done(&explain);
	assert_true(is_seen);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scheduled_of_a_source),
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_listings),
		cmocka_unit_test(test_lists_of_terms),
		cmocka_unit_test(test_single_reads),
		cmocka_unit_test(test_queue),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

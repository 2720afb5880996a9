/* SPDX-License-Identifier: MIT */
/*
 * Related articles: editors' links first, then what is alike, then the newest; copies folded; the same answer twice; and bounded work
 * where everything shares everything.
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

/* --- a small archive --- */

struct told {
	int64_t id;
	const char *title, *section, *source, *tag;
	const char *body;
	int64_t age_days;
	enum article_status status;
};

static const char wire_story[] =
    "The harbour ferry will run again from Monday, the town council said. Its engine was replaced over the winter, at a cost that the council "
    "put at two million crowns. The boat had been out of service since a fire in November, in which nobody was hurt.";

static const struct told archive[] = {
	{ 1, "Ferry returns after fire", "Local", "Wire", "ferry", wire_story, 10, ARTICLE_PUBLISHED },
	{ 2, "Harbour ferry is back", "Local", "Staff", "ferry", wire_story, 9, ARTICLE_PUBLISHED },    /* the same wire story */
	{ 3, "Ferry engine inspected", "Local", "Staff", "ferry", "Inspectors found the new ferry engine in good order on Tuesday afternoon.", 8, ARTICLE_PUBLISHED },
	{ 4, "Ferry fares to rise", "Business", "Wire", "ferry", "Fares go up by a tenth in spring, the director of the line said on air.", 40, ARTICLE_PUBLISHED },
	{ 5, "A draft on the ferry", "Local", "Wire", "ferry", "Nobody may read that the ferry will be sold to an island far away.", 1, ARTICLE_DRAFT },
	{ 6, "Withdrawn ferry story", "Local", "Wire", "ferry", "It was wrong from the first line about the ferry to the last one.", 1, ARTICLE_WITHDRAWN },
	{ 7, "Orchard prize awarded", "Local", "Staff", "orchards", "Apples from the hills won the prize of the valley this autumn again.", 2, ARTICLE_PUBLISHED },
	{ 8, "Goalkeeper signs", "Sports", "Wire", "handball", "She will keep the goal of the champions for three more seasons, they said.", 1, ARTICLE_PUBLISHED },
	{ 9, "Champions lose", "Sports", "Wire", "handball", "They lost by one goal in the last minute of a match that had everything.", 3, ARTICLE_PUBLISHED },
	{ 10, "Library opens late", "Local", "Staff", "library", "Readers may stay until midnight from next month on, every day but Sunday.", 5, ARTICLE_PUBLISHED },
};

static void build(const struct told *told, struct arena *arena, struct article *ret_article)
{
	article_init(ret_article);
	ret_article->id = told->id;
	ret_article->rev = 1;
	ret_article->slug = arena_printf(arena, "story-%" PRId64, told->id);
	ret_article->title = told->title;
	ret_article->section.name = told->section;
	ret_article->source.name = told->source;
	ret_article->tags.n = 1;
	ret_article->tags.items = arena_array(arena, 1, sizeof *ret_article->tags.items);
	ret_article->tags.items[0] = (struct term){ .name = told->tag, .type = "topic" };
	ret_article->body_text = told->body;
	ret_article->body_html = html_from_text(told->body, arena);
	ret_article->status = told->status;
	ret_article->published_at = told->status == ARTICLE_DRAFT ? TIME_NONE : TEST_TIME - 86400 * told->age_days;
	ret_article->updated_at = TEST_TIME - 86400 * told->age_days;
}

static struct store *small_archive(struct arena *arena)
{
	struct store *store = test_store();

	for (size_t i = 0; i < N_OF(archive); i++) {
		struct article article;

		build(&archive[i], arena, &article);
		test_append(store, &article);
	}
	return store;
}

/* Editors set these beside article 1. */
static void link_to(struct store *store, const int64_t *ids, size_t n, int64_t rev, struct arena *arena)
{
	struct article article;

	build(&archive[0], arena, &article);
	article.rev = rev;
	article.related_ids.items = arena_array(arena, n, sizeof *ids);
	article.related_ids.n = n;
	for (size_t i = 0; i < n; i++)
		article.related_ids.items[i] = ids[i];
	test_append(store, &article);
}

static size_t related(struct store *store, const struct related_query *query, struct arena *arena, struct related_row **ret_rows)
{
	struct error err;
	size_t n;

	if (!store_related(store, query, arena, ret_rows, &n, &err))
		fail_msg("%s", err.detail);
	assert_true(n <= query->limit);
	for (size_t i = 0; i < n; i++) {
		const struct related_row *row = &(*ret_rows)[i];

		assert_true(row->id != query->id && row->score >= 0 && row->score <= 1);
		assert_true(row->n_reasons <= RELATED_REASONS_MOST);
		if (!row->editorial)
			assert_true(row->n_reasons > 0);
		for (size_t k = 0; k < i; k++)
			assert_true((*ret_rows)[k].id != row->id);
	}
	return n;
}

static bool has_reason(const struct related_row *row, const char *type, const char *value)
{
	for (size_t i = 0; i < row->n_reasons; i++)
		if (strcmp(row->reasons[i].type, type) == 0 && strcmp(row->reasons[i].value, value) == 0)
			return true;
	return false;
}

static void assert_ids(struct store *store, const struct related_query *query, const char *expected)
{
	struct arena *arena = arena_new();
	struct text ids = TEXT_EMPTY;
	struct related_row *rows;
	const size_t n = related(store, query, arena, &rows);

	for (size_t i = 0; i < n; i++)
		text_printf(&ids, "%s%" PRId64, i > 0 ? " " : "", rows[i].id);
	assert_string_equal(n > 0 ? ids.bytes : "", expected);
	text_done(&ids);
	arena_free(arena);
}

/* --- what comes, and why --- */

static void test_order_and_reasons(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = small_archive(arena);
	const struct related_query query = { .id = 3, .limit = 20, .newest_from = TIME_NONE };
	struct related_row *rows;
	size_t n;

	(void)state;
	n = related(store, &query, arena, &rows);
	/* One of the two copies, the other ferry story, then the section's newest with no score, then the newest of all. */
	assert_int_equal(n, 6);
	assert_true((rows[0].id == 1 || rows[0].id == 2) && rows[1].id == 4);
	assert_true(rows[0].score > rows[1].score && rows[1].score > 0);
	assert_true(has_reason(&rows[0], "tag", "ferry") && has_reason(&rows[0], "section", "Local"));
	assert_true(has_reason(&rows[1], "tag", "ferry") && !has_reason(&rows[1], "section", "Local"));
	for (size_t i = 2; i < n; i++) {
		assert_true(rows[i].score == 0 && !rows[i].editorial);
		assert_int_equal(rows[i].n_reasons, 1);
		assert_string_equal(rows[i].reasons[0].type, "section");
	}
	assert_int_equal(rows[2].id, 7);
	assert_int_equal(rows[3].id, 10);
	assert_string_equal(rows[2].reasons[0].value, "Local");
	assert_int_equal(rows[4].id, 8);
	assert_string_equal(rows[4].reasons[0].value, "Sports");
	assert_int_equal(rows[5].id, 9);
	arena_free(arena);
	store_close(store);
}

static void test_copies_are_folded(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = small_archive(arena);
	const struct related_query of_a_copy = { .id = 1, .limit = 20, .newest_from = TIME_NONE };

	(void)state;
	/* The other copy is not like it: it is it. */
	assert_ids(store, &of_a_copy, "3 4 7 10 8 9");
	arena_free(arena);
	store_close(store);
}

static void test_editors_links(void **state)
{
	static const int64_t links[] = { 8, 5, 6, 99, 1, 8, 10 };
	struct arena *arena = arena_new();
	struct store *store = small_archive(arena);
	const struct related_query all = { .id = 1, .limit = 20, .newest_from = TIME_NONE }, two = { .id = 1, .limit = 1, .newest_from = TIME_NONE };
	struct related_row *rows;

	(void)state;
	link_to(store, links, N_OF(links), 2, arena);
	/* In the order given, without the draft, the withdrawn, the missing, itself and the one named twice. */
	assert_ids(store, &all, "8 10 3 4 7 9");
	assert_ids(store, &two, "8");
	related(store, &all, arena, &rows);
	assert_true(rows[0].editorial && rows[1].editorial && !rows[2].editorial);
	arena_free(arena);
	store_close(store);
}

static void test_conditions(void **state)
{
	static const int64_t out[] = { 3, 7 };
	static const struct {
		struct related_query query;
		const char *expected;
	} cases[] = {
		{ { .id = 1, .limit = 2, .newest_from = TIME_NONE }, "3 4" },
		{ { .id = 1, .limit = 20, .newest_from = TIME_NONE, .same_section = true }, "3 7 10" },
		{ { .id = 1, .limit = 20, .newest_from = TEST_TIME - 86400 * 6 }, "7 10 8 9" },
		{ { .id = 1, .limit = 20, .newest_from = TEST_TIME - 86400 * 8 }, "3 7 10 8 9" },
		{ { .id = 1, .limit = 20, .newest_from = TEST_TIME }, "" },
		{ { .id = 1, .limit = 20, .newest_from = TIME_NONE, .exclude = out, .n_exclude = N_OF(out) }, "4 10 8 9" },
		{ { .id = 8, .limit = 20, .newest_from = TIME_NONE, .same_section = true }, "9" },
	};
	struct arena *arena = arena_new();
	struct store *store = small_archive(arena);

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++)
		assert_ids(store, &cases[i].query, cases[i].expected);
	arena_free(arena);
	store_close(store);
}

static void test_missing_and_alone(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = test_store();
	const struct related_query query = { .id = 1, .limit = 5, .newest_from = TIME_NONE };
	struct related_row *rows = NULL;
	struct article article;
	struct error err;
	size_t n = 7;

	(void)state;
	assert_false(store_related(store, &query, arena, &rows, &n, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_int_equal(n, 7);
	build(&archive[0], arena, &article);
	test_append(store, &article);
	assert_ids(store, &query, "");
	arena_free(arena);
	store_close(store);
}

/* Random newsrooms: never a hidden one, never itself, never one twice; twice asked, twice the same. */
static void test_random_newsrooms(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = test_store();
	struct model model;

	(void)state;
	model_init(&model, store, 21);
	for (int step = 0; step < 200; step++)
		model_step(&model);
	for (size_t i = 0; i < model.n; i++) {
		const struct related_query query = { .id = model.articles[i].id, .limit = 10, .newest_from = TIME_NONE };
		struct related_row *rows, *again;
		const size_t n = related(store, &query, arena, &rows);

		assert_int_equal(related(store, &query, arena, &again), n);
		for (size_t k = 0; k < n; k++) {
			assert_int_equal(model.articles[rows[k].id - 1].status, ARTICLE_PUBLISHED);
			assert_int_equal(rows[k].id, again[k].id);
			assert_true(rows[k].score == again[k].score);
		}
		arena_reset(arena);
	}
	arena_free(arena);
	store_close(store);
}

/* --- bounded work --- */

static int count_steps(void *arg)
{
	++*(int64_t *)arg;
	return 0;
}

struct crowd {
	int first, last;
};

/* Articles that share every tag and most words: the worst that an archive can be. */
static bool crowd_in(struct store *store, void *arg, struct error *err)
{
	const struct crowd *crowd = arg;
	struct arena *arena = arena_new();
	bool fine = true;

	for (int i = crowd->first; fine && i <= crowd->last; i++) {
		struct article article;
		const struct article_version version = { .at = TEST_TIME, .by = "test", .article = &article };
		int64_t seq;

		test_article(&article, i % 7 * 30, arena);
		article.id = i;
		article.rev = 1;
		article.slug = arena_printf(arena, "story-%d", i);
		article.section.name = "National";
		article.published_at = TEST_TIME - i;
		article.body_text = arena_printf(arena, "Harbour council ferry orchard library bridge railway museum foundry sawmill, said speaker %d to speaker %d.", i,
		    i + 1);
		article.tags.n = 4;
		article.tags.items = arena_array(arena, article.tags.n, sizeof *article.tags.items);
		for (size_t t = 0; t < article.tags.n; t++)
			article.tags.items[t] = (struct term){ .name = arena_printf(arena, "shared %zu", t), .type = "topic" };
		fine = local_log()->append(local_log(), store, &version, &seq, err);
		arena_reset(arena);
	}
	arena_free(arena);
	return fine;
}

static int64_t steps_of(struct store *store, int64_t id, struct arena *arena)
{
	const struct related_query query = { .id = id, .limit = RELATED_MOST, .newest_from = TIME_NONE };
	struct related_row *rows;
	int64_t steps = 0;

	sqlite3_progress_handler(store->db, 1, count_steps, &steps);
	related(store, &query, arena, &rows);
	sqlite3_progress_handler(store->db, 0, NULL, NULL);
	arena_reset(arena);
	return steps;
}

static void test_bounded_work(void **state)
{
	struct crowd first = { 1, 1000 }, rest = { 1001, 3000 };
	struct store *store = test_store();
	struct arena *arena = arena_new();
	int64_t at_1000, at_3000;
	struct error err;

	(void)state;
	assert_true(store_transaction(store, crowd_in, &first, &err));
	at_1000 = steps_of(store, 500, arena);
	assert_true(store_transaction(store, crowd_in, &rest, &err));
	at_3000 = steps_of(store, 500, arena);
	print_message("%" PRId64 " steps among 1,000 articles, %" PRId64 " among 3,000\n", at_1000, at_3000);
	/* 3,000 postings of words, 200 of each of four tags, at about eight steps each, and some look-ups. */
	assert_true(at_3000 < 32000);
	assert_true(at_3000 < at_1000 * 5 / 4);
	arena_free(arena);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_reasons),
		cmocka_unit_test(test_copies_are_folded),
		cmocka_unit_test(test_editors_links),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_missing_and_alone),
		cmocka_unit_test(test_random_newsrooms),
		cmocka_unit_test(test_bounded_work),
	};

	return cmocka_run_group_tests_name("related_read", tests, NULL, NULL);
}

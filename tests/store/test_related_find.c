/* SPDX-License-Identifier: MIT */
/*
 * What is alike: editors' links first, then the best, with true reasons; copies are one story; the same twice; and bounded work where
 * everything shares everything.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "related_archive.h"
#include "store/store_internal.h"

static size_t find(struct store *store, int64_t id, struct arena *arena, struct related_row **ret_rows)
{
	struct related_found found;
	struct error err;

	if (!store_related_find(store, id, arena, &found, &err))
		fail_msg("%s", err.detail);
	for (size_t i = 0; i < found.n; i++) {
		const struct related_row *row = &found.rows[i];

		assert_true(row->id != id && row->score <= RELATED_SCORE_MOST && row->story <= RELATED_KEPT);
		assert_true(row->n_reasons <= RELATED_REASONS_MOST);
		if (row->story == 0)
			assert_int_equal(row->n_reasons, 0);
		else if (!row->editorial)
			assert_true(row->n_reasons > 0);
		for (size_t k = 0; k < i; k++)
			assert_true(found.rows[k].id != row->id);
	}
	*ret_rows = found.rows;
	return found.n;
}

static bool has_reason(const struct related_row *row, const char *type, const char *value)
{
	for (size_t i = 0; i < row->n_reasons; i++)
		if (strcmp(row->reasons[i].type, type) == 0 && strcmp(row->reasons[i].value, value) == 0)
			return true;
	return false;
}

/* --- what comes, and why --- */

static void test_order_and_reasons(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);
	struct related_row *rows;

	(void)state;
	/* Both copies of the one ferry story, then the other. Nothing for being new alone. */
	assert_int_equal(find(store, 3, arena, &rows), 3);
	assert_true(rows[0].id + rows[1].id == 3 && rows[2].id == 4);
	assert_int_equal(rows[0].story, rows[1].story);
	assert_int_not_equal(rows[0].story, rows[2].story);
	assert_true(rows[0].score >= rows[1].score && rows[1].score > rows[2].score && rows[2].score > 0);
	assert_true(has_reason(&rows[0], "tag", "ferry") && has_reason(&rows[0], "section", "Local"));
	assert_true(has_reason(&rows[2], "tag", "ferry") && !has_reason(&rows[2], "section", "Local"));
	arena_free(arena);
	store_close(store);
}

static void test_own_copies(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);
	struct related_row *rows;
	const size_t n = find(store, 1, arena, &rows);

	(void)state;
	/* The other copy is not like it: it is it. */
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(rows[i].story == 0, rows[i].id == 2);
	arena_free(arena);
	store_close(store);
}

static void test_editors_links(void **state)
{
	static const int64_t links[] = { 8, 5, 6, 99, 1, 8, 10 };
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);
	struct related_row *rows;

	(void)state;
	archive_link(store, links, sizeof links / sizeof links[0], 2, arena);
	/* In the order given, without the draft, the withdrawn, the missing, itself and the one named twice. */
	assert_true(find(store, 1, arena, &rows) >= 4);
	assert_true(rows[0].id == 8 && rows[0].editorial && rows[1].id == 10 && rows[1].editorial && !rows[2].editorial);
	arena_free(arena);
	store_close(store);
}

/* Words count wherever in the text they stand, and the reason is one that both write alike. */
static void test_whole_text(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);
	struct text body = TEXT_EMPTY;
	struct related_row *rows;
	struct article article;
	size_t n, i = 0;

	(void)state;
	for (int f = 0; f < 40; f++)
		text_printf(&body, "Filler%c%c is all. ", 'a' + f / 26, 'a' + f % 26);
	text_string(&body, "At the end a zebra was inspected, zebras being rare.");
	archive_article(7, arena, &article);
	article.rev = 2;
	article.body_text = body.bytes;
	article.tags.n = 0;
	test_append(store, &article);
	archive_article(9, arena, &article);
	article.rev = 2;
	article.tags.n = 0;
	article.body_text = "Nobody had seen that zebra, which an inspection found.";
	test_append(store, &article);
	n = find(store, 9, arena, &rows);
	while (i < n && rows[i].id != 7)
		i++;
	assert_true(i < n && has_reason(&rows[i], "text", "zebra"));
	text_done(&body);
	arena_free(arena);
	store_close(store);
}

/* Stories are told apart by sketches that lie ready as well as by the texts themselves. */
static void test_kept_sketches(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);
	struct related_row *rows, *again;
	size_t n;

	(void)state;
	n = find(store, 3, arena, &rows);
	test_work_off_related(store);
	test_execute(store, "UPDATE article_document SET document = json_set(replace(document, char(1), ''), '$.body_text', '') WHERE article_id IN (1, 2)");
	assert_int_equal(find(store, 3, arena, &again), n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(rows[i].story, again[i].story);
	/* One that was kept for a former version does not count. */
	test_execute(store, "UPDATE article_related SET seq = seq - 100");
	assert_int_equal(find(store, 3, arena, &again), n);
	assert_int_not_equal(again[0].story, again[1].story);
	arena_free(arena);
	store_close(store);
}

static void test_missing_and_alone(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = test_store();
	struct related_found found = { .n = 7 };
	struct related_row *rows;
	struct article article;
	struct error err;

	(void)state;
	assert_false(store_related_find(store, 1, arena, &found, &err));
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_int_equal(found.n, 7);
	archive_article(1, arena, &article);
	test_append(store, &article);
	assert_int_equal(find(store, 1, arena, &rows), 0);
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
		struct related_row *rows, *again;
		const size_t n = find(store, model.articles[i].id, arena, &rows);

		assert_int_equal(find(store, model.articles[i].id, arena, &again), n);
		for (size_t k = 0; k < n; k++) {
			assert_int_equal(model.articles[rows[k].id - 1].status, ARTICLE_PUBLISHED);
			assert_int_equal(rows[k].id, again[k].id);
			assert_int_equal(rows[k].score, again[k].score);
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
		const struct version version = { .at = TEST_TIME, .by = "test", .article = &article };
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
	struct related_row *rows;
	int64_t steps = 0;

	sqlite3_progress_handler(store->db, 1, count_steps, &steps);
	find(store, id, arena, &rows);
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
	/* Some thousands of postings at about eight steps each, and look-ups of 160 candidates and their tags. */
	assert_true(at_3000 < 60000);
	assert_true(at_3000 < at_1000 * 5 / 4);
	arena_free(arena);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_reasons),
		cmocka_unit_test(test_own_copies),
		cmocka_unit_test(test_editors_links),
		cmocka_unit_test(test_whole_text),
		cmocka_unit_test(test_kept_sketches),
		cmocka_unit_test(test_missing_and_alone),
		cmocka_unit_test(test_random_newsrooms),
		cmocka_unit_test(test_bounded_work),
	};

	return cmocka_run_group_tests_name("related_find", tests, NULL, NULL);
}

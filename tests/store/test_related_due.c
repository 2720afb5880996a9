/* SPDX-License-Identifier: MIT */
/*
 * The queue of answers to compute: who is in it and when, what is kept of what has been computed, whom a new article concerns, and that
 * nothing is lost between computing and keeping.
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

static const char due_count[] = "SELECT count(*) FROM related_due";

static bool is_due(struct store *store, int64_t id)
{
	struct text sql = TEXT_EMPTY;
	bool due;

	text_printf(&sql, "SELECT count(*) FROM related_due WHERE article_id = %" PRId64, id);
	due = test_number(store, sql.bytes) > 0;
	text_done(&sql);
	return due;
}

static void edit(struct store *store, int number, int64_t rev, const char *title, enum article_status status, struct arena *arena)
{
	struct article article;

	archive_article(number, arena, &article);
	article.rev = rev;
	article.title = title != NULL ? title : article.title;
	article.status = status;
	test_append(store, &article);
}

/* Computes one, without keeping it. */
static struct related_result compute(struct store *store, int64_t id, struct arena *arena)
{
	struct related_due due[ARCHIVE_ARTICLES];
	struct related_result result = { .is_found = true };
	struct error err;
	const size_t n = store_related_due(store, due, ARCHIVE_ARTICLES, &err);

	for (size_t i = 0; i < n; i++)
		if (due[i].article_id == id)
			result.due = due[i];
	assert_int_equal(result.due.article_id, id);
	assert_true(store_related_compute(store, id, arena, &result.answer, &err));
	return result;
}

static void keep(struct store *store, struct related_result *results, size_t n)
{
	struct error err;

	if (!store_related_keep(store, results, n, &err))
		fail_msg("%s", err.detail);
}

/* --- who is due --- */

static void test_public_ones_are_due(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);
	struct related_due due[ARCHIVE_ARTICLES];
	struct error err;

	(void)state;
	/* All but the draft and the withdrawn one, the latest first. */
	assert_int_equal(store_related_due(store, due, ARCHIVE_ARTICLES, &err), 8);
	assert_int_equal(due[0].article_id, 10);
	assert_int_equal(due[7].article_id, 1);
	for (size_t i = 0; i < 8; i++)
		assert_true(due[i].spreads && due[i].article_id != 5 && due[i].article_id != 6);
	assert_int_equal(store_related_due(store, due, 3, &err), 3);
	assert_true(test_work_off_related(store) >= 8);
	assert_int_equal(store_related_due(store, due, ARCHIVE_ARTICLES, &err), 0);
	assert_int_equal(err.code, ERROR_NONE);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_related"), 8);
	assert_int_equal(test_findings(store), 0);
	arena_free(arena);
	store_close(store);
}

static void test_status_changes(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);

	(void)state;
	test_work_off_related(store);
	edit(store, 8, 2, NULL, ARTICLE_WITHDRAWN, arena);
	assert_false(is_due(store, 8));
	assert_true(test_digest(store, 8) == 0);
	edit(store, 8, 3, NULL, ARTICLE_PUBLISHED, arena);
	assert_true(is_due(store, 8));
	edit(store, 8, 4, NULL, ARTICLE_DRAFT, arena);
	assert_false(is_due(store, 8));
	edit(store, 5, 2, NULL, ARTICLE_DRAFT, arena);
	assert_int_equal(test_number(store, due_count), 0);
	arena_free(arena);
	store_close(store);
}

/* The same answer again is not written; an edit that changes it is; the digest says which. */
static void test_edits(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);
	struct related_result result;
	uint64_t digest;

	(void)state;
	test_work_off_related(store);
	digest = test_digest(store, 9);
	test_execute(store, "INSERT INTO related_due (article_id, seq, spreads) VALUES (9, 1, 0)");
	test_execute(store, "UPDATE article_related SET seq = seq + 1000 WHERE article_id = 9");
	result = compute(store, 9, arena);
	keep(store, &result, 1);
	assert_false(result.is_changed);
	assert_true(test_digest(store, 9) == digest && result.answer.digest == digest);
	assert_int_equal(test_number(store, "SELECT seq > 1000 FROM article_related WHERE article_id = 9"), 1);

	edit(store, 9, 2, "Champions of handball: goalkeeper signs for the ferry line", ARTICLE_PUBLISHED, arena);
	result = compute(store, 9, arena);
	keep(store, &result, 1);
	assert_true(result.is_changed);
	assert_true(test_digest(store, 9) == result.answer.digest && result.answer.digest != digest);
	arena_free(arena);
	store_close(store);
}

/* --- whom it concerns --- */

/* A new ferry story: those on ferries are due, those on handball are not; and what is due for that spreads no further. */
static void test_spreads_once(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);
	struct related_result result;
	struct article article;
	int64_t left;

	(void)state;
	test_work_off_related(store);
	archive_article(3, arena, &article);
	article.id = 11;
	article.slug = "story-11";
	article.title = "Ferry engine fails inspection";
	article.body_text = "The engine of the ferry was found to have a crack on the second day of tests.";
	test_append(store, &article);
	result = compute(store, 11, arena);
	keep(store, &result, 1);
	assert_true(is_due(store, 3) && is_due(store, 1) && is_due(store, 4));
	assert_false(is_due(store, 8) || is_due(store, 9) || is_due(store, 11));
	assert_int_equal(test_number(store, "SELECT count(*) FROM related_due WHERE spreads = 1"), 0);
	result = compute(store, 3, arena);
	keep(store, &result, 1);
	assert_true(result.is_changed);
	left = test_number(store, due_count);
	assert_int_equal(test_work_off_related(store), left);
	arena_free(arena);
	store_close(store);
}

/* Moved to another subject: those that it stood beside are due as well. */
static void test_spreads_to_former(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);
	struct related_result result;
	struct article article;

	(void)state;
	test_work_off_related(store);
	archive_article(8, arena, &article);
	article.rev = 2;
	article.title = "Ferry fares and the engine";
	article.tags.items[0].name = "ferry";
	test_append(store, &article);
	result = compute(store, 8, arena);
	keep(store, &result, 1);
	assert_true(is_due(store, 9));
	assert_true(is_due(store, 3) && is_due(store, 4));
	arena_free(arena);
	store_close(store);
}

/* An archive that comes in at once is computed once. */
static void test_archive_once(void **state)
{
	struct store *store = test_store();
	struct model model;
	int64_t published;

	(void)state;
	model_init(&model, store, 8);
	for (int step = 0; step < 150; step++)
		model_step(&model);
	published = test_number(store, "SELECT count(*) FROM article WHERE status = 'published'");
	assert_int_equal(test_number(store, due_count), published);
	assert_int_equal(test_work_off_related(store), published);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_related"), published);
	store_close(store);
}

/* --- between computing and keeping --- */

/* Computed, and lost before it was kept: still due. */
static void test_lost_before_keeping(void **state)
{
	const char *path = (test_folder(), test_folder_path("a.db"));
	struct arena *arena = arena_new();
	struct store *store = test_store_at(path, STORE_WRITE);
	struct article article;
	int64_t due;

	(void)state;
	archive_article(1, arena, &article);
	test_append(store, &article);
	due = test_number(store, due_count);
	compute(store, 1, arena);
	store_close(store);
	store = test_store_at(path, STORE_WRITE);
	assert_int_equal(test_number(store, due_count), due);
	assert_true(test_digest(store, 1) == 0);
	assert_true(test_work_off_related(store) > 0);
	assert_true(test_digest(store, 1) != 0);
	store_close(store);
	test_folder_remove();
	arena_free(arena);
}

/* Edited, hidden or computed meanwhile: what comes late is not kept. */
static void test_late_results(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);
	struct related_result edited, hidden, twice;
	uint64_t digest;

	(void)state;
	edited = compute(store, 3, arena);
	hidden = compute(store, 4, arena);
	twice = compute(store, 7, arena);
	edit(store, 3, 2, "Library of apples", ARTICLE_PUBLISHED, arena);
	edit(store, 4, 2, NULL, ARTICLE_WITHDRAWN, arena);
	keep(store, &edited, 1);
	keep(store, &hidden, 1);
	assert_false(edited.is_changed || hidden.is_changed);
	assert_true(test_digest(store, 3) == 0 && test_digest(store, 4) == 0);
	assert_true(is_due(store, 3));
	assert_false(is_due(store, 4));

	keep(store, &twice, 1);
	digest = test_digest(store, 7);
	assert_true(digest != 0);
	twice.answer.digest++;
	keep(store, &twice, 1);
	assert_true(test_digest(store, 7) == digest);
	assert_int_equal(test_findings(store), 0);
	arena_free(arena);
	store_close(store);
}

/* One that was computed before another of its batch was even written is due again. */
static void test_batch_in_any_order(void **state)
{
	for (int order = 0; order < 2; order++) {
		struct arena *arena = arena_new();
		struct store *store = archive_store(arena);
		struct related_result batch[2], early;
		struct article article;

		(void)state;
		test_work_off_related(store);
		test_execute(store, "INSERT INTO related_due (article_id, seq, spreads) VALUES (3, 1, 0)");
		early = compute(store, 3, arena);
		archive_article(3, arena, &article);
		article.id = 11;
		article.slug = "story-11";
		article.body_text = "The engine of the ferry was found to have a crack on the second day of tests.";
		test_append(store, &article);
		batch[order] = compute(store, 11, arena);
		batch[1 - order] = early;
		keep(store, batch, 2);
		assert_true(is_due(store, 3));
		arena_free(arena);
		store_close(store);
	}
}

/* What cannot be computed does not stay at the head of the queue for ever. */
static void test_not_found(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);
	struct related_result result = compute(store, 7, arena);

	(void)state;
	result.is_found = false;
	keep(store, &result, 1);
	assert_false(is_due(store, 7) || result.is_changed);
	assert_true(test_digest(store, 7) == 0);
	arena_free(arena);
	store_close(store);
}

/* --- an older database --- */

static void test_migration(void **state)
{
	struct store *store = NULL;
	struct arena *arena = arena_new();
	struct model model;
	struct error err;
	char *before, *after;

	(void)state;
	assert_true(store_open(":memory:", STORE_WRITE, &store, &err));
	assert_true(store_migrate(store, NULL, NULL, &err));
	model_init(&model, store, 9);
	for (int step = 0; step < 100; step++)
		model_step(&model);
	test_execute(store, "UPDATE article SET section_id = NULL WHERE status <> 'published'");
	test_execute(store, "UPDATE related_due SET spreads = 0");
	before = test_dump(store);

	/* As it was before. */
	test_execute(store, "DROP TABLE article_related; DROP TABLE related_due; DROP INDEX article_section_unpublished; ALTER TABLE article DROP COLUMN section_id; PRAGMA user_version = 2");
	for (const struct embedded_file *file = embedded_migrations; file->path != NULL; file++)
		if (strcmp(file->path, "0003_related.sql") == 0) {
			char *sql = strndup((const char *)file->bytes, file->length);

			test_execute(store, sql);
			free(sql);
		}
	after = test_dump(store);
	assert_string_equal(before, after);
	free(before);
	free(after);
	arena_free(arena);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_public_ones_are_due),
		cmocka_unit_test(test_status_changes),
		cmocka_unit_test(test_edits),
		cmocka_unit_test(test_spreads_once),
		cmocka_unit_test(test_spreads_to_former),
		cmocka_unit_test(test_archive_once),
		cmocka_unit_test(test_lost_before_keeping),
		cmocka_unit_test(test_late_results),
		cmocka_unit_test(test_batch_in_any_order),
		cmocka_unit_test(test_not_found),
		cmocka_unit_test(test_migration),
	};

	return cmocka_run_group_tests_name("related_due", tests, NULL, NULL);
}

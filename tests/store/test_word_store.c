/* SPDX-License-Identifier: MIT */
/*
 * The vocabulary, the vectors and the index of words: which words an article has, in how many published ones each stands after whatever happens to
 * them, and that they can be made anew from the articles.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "related_archive.h"
#include "store/store_internal.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

/* How many articles hold the word, by the vocabulary; -1 for one that is not in it. */
static int64_t n_of(struct store *store, const char *word)
{
	char sql[120];

	snprintf(sql, sizeof sql, "SELECT coalesce((SELECT n FROM word WHERE word = '%s'), -1)", word);
	return test_number(store, sql);
}

/* In how many articles' telling words it is. */
static int64_t telling_of(struct store *store, const char *word)
{
	char sql[200];

	snprintf(sql, sizeof sql, "SELECT count(*) FROM article_words WHERE article_words MATCH coalesce((SELECT word_id FROM word WHERE word = '%s'), 0)", word);
	return test_number(store, sql);
}

static void article_with(struct article *article, int64_t id, int64_t rev, const char *title, const char *summary, const char *body, struct arena *arena)
{
	archive_article(1, arena, article);
	article->id = id;
	article->rev = rev;
	article->slug = arena_printf(arena, "words-%d", (int)id);
	article->title = title;
	article->summary = summary;
	article->body_text = body;
	article->body_html = html_from_text(body, arena);
}

/* Stems of title, standfirst and body, each article once, folded; common words are counted and tell nothing. */
static void test_counts(void **state)
{
	static const struct {
		const char *word;
		int64_t n, telling;
	} rows[] = {
		{ "ferri", 2, 2 }, { "engin", 2, 2 }, { "quebec", 1, 1 }, { "inspect", 1, 1 }, { "library", -1, 0 }, { "the", 2, 0 }, { "of", 1, 0 }, { "zebra", 1, 1 },
	};
	struct arena *arena = arena_new();
	struct store *store = test_store();
	struct article article;

	(void)state;
	article_with(&article, 1, 1, "The ferries of Québec", "Engines inspected", "A ferry, two ferries.\n\nFar below, a zebra.", arena);
	test_append(store, &article);
	article_with(&article, 2, 1, "Ferry", NULL, "The engine’s noise.", arena);
	test_append(store, &article);
	for (size_t i = 0; i < N_OF(rows); i++) {
		if (n_of(store, rows[i].word) != rows[i].n || telling_of(store, rows[i].word) != rows[i].telling)
			fail_msg("%s: %d, telling %d", rows[i].word, (int)n_of(store, rows[i].word), (int)telling_of(store, rows[i].word));
	}

	/* An edit takes out what is gone, a withdrawal all. */
	article_with(&article, 1, 2, "The train of Québec", NULL, "A zebra.", arena);
	test_append(store, &article);
	assert_true(n_of(store, "ferri") == 1 && telling_of(store, "ferri") == 1 && n_of(store, "train") == 1 && n_of(store, "zebra") == 1);
	article.rev = 3;
	article.status = ARTICLE_WITHDRAWN;
	test_append(store, &article);
	assert_true(n_of(store, "zebra") == 0 && telling_of(store, "zebra") == 0 && n_of(store, "the") == 1);
	assert_int_equal(test_findings(store), 0);
	arena_free(arena);
	store_close(store);
}

/* French is not stemmed as English is. */
static void test_other_language(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = test_store();
	struct article article;

	(void)state;
	article_with(&article, 1, 1, "Les ferries", NULL, "Élections", arena);
	article.lang = "fr";
	test_append(store, &article);
	assert_true(n_of(store, "ferries") == 1 && n_of(store, "elections") == 1 && n_of(store, "ferri") == -1);
	arena_free(arena);
	store_close(store);
}

/* Of a long text the index has only so many, those of the title among them; the vector has all. */
static void test_long_text(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = test_store();
	struct text body = TEXT_EMPTY;
	struct article article;

	(void)state;
	for (int i = 0; i < 3000; i++)
		text_printf(&body, "w%dx ", i);
	article_with(&article, 1, 1, "Zebra crossing", NULL, body.bytes, arena);
	test_append(store, &article);
	assert_true(telling_of(store, "zebra") == 1 && telling_of(store, "w0x") == 1 && telling_of(store, "w2999x") == 0);
	assert_true(n_of(store, "w2999x") == 1);
	assert_int_equal(test_number(store, "SELECT count(*) FROM word WHERE n = 1"), 3002);
	assert_int_equal(test_findings(store), 0);
	text_done(&body);
	arena_free(arena);
	store_close(store);
}

/* --- transactions --- */

struct batch {
	struct arena *arena;
	bool fails;
};

/* One article three times in one transaction, and another that fails alone. */
static bool many_versions(struct store *store, void *arg, struct error *err)
{
	const struct batch *batch = arg;
	struct article article;

	for (int64_t rev = 1; rev <= 3; rev++) {
		const struct version version = { .at = TEST_TIME, .by = "test", .article = &article };
		int64_t seq;

		article_with(&article, 1, rev, rev == 2 ? "Zebra" : "Ferry", NULL, "Harbour", batch->arena);
		if (!local_log()->append(local_log(), store, &version, &seq, err))
			return false;
	}
	return !batch->fails || error_set(err, ERROR_INVALID, "as asked");
}

static bool outer(struct store *store, void *arg, struct error *err)
{
	struct batch *batch = arg;
	struct error ignored;

	batch->fails = true;
	assert_false(store_transaction(store, many_versions, batch, &ignored));
	batch->fails = false;
	return many_versions(store, batch, err);
}

static void test_versions_of_one_transaction(void **state)
{
	struct batch batch = { .arena = arena_new() };
	struct store *store = test_store();
	struct error err;

	(void)state;
	assert_true(store_transaction(store, outer, &batch, &err));
	assert_true(n_of(store, "ferri") == 1 && n_of(store, "harbour") == 1 && n_of(store, "zebra") == 0);
	assert_true(telling_of(store, "ferri") == 1 && telling_of(store, "zebra") == 0);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_vector"), 1);
	assert_int_equal(test_findings(store), 0);
	arena_free(batch.arena);
	store_close(store);
}

/* --- made anew --- */

static bool put_all(struct store *store, void *arg, struct error *err)
{
	struct arena *arena = arena_new();
	struct article_words words;
	struct article article;
	int64_t id = 0;
	bool fine = true;

	(void)arg;
	while (fine && store_article_next(store, id, arena, &article, err)) {
		id = article.id;
		article_read_words(&article, arena, &words);
		fine = store_words_put(store, &article, &words, /* is_new= */ false, err);
		arena_reset(arena);
	}
	arena_free(arena);
	return fine && err->code == ERROR_NONE;
}

static char *words_of(struct store *store)
{
	return test_text(store, "SELECT group_concat(word || ' ' || n || ' ' || (SELECT count(*) FROM article_words WHERE article_words MATCH word_id))"
	                        " FROM (SELECT * FROM word WHERE n > 0 ORDER BY word)");
}

/* Again, where they are already, and after they have been emptied as a migration does: the same words, and nothing for check to find. */
static void test_made_anew(void **state)
{
	struct store *store = test_store();
	char *before, *again, *anew;
	struct model model;
	struct error err;

	(void)state;
	model_init(&model, store, 12);
	for (int step = 0; step < 120; step++)
		model_step(&model);
	before = words_of(store);
	assert_true(store_transaction(store, put_all, NULL, &err));
	again = words_of(store);
	assert_string_equal(before, again);
	assert_int_equal(test_findings(store), 0);

	test_execute(store, "DROP TABLE article_vector; PRAGMA user_version = 6; DELETE FROM related_due");
	for (const struct embedded_file *file = embedded_migrations; file->path != NULL; file++)
		if (strcmp(file->path, "0007_article_vector.sql") == 0) {
			char *sql = strndup((const char *)file->bytes, file->length);

			test_execute(store, sql);
			free(sql);
		}
	assert_int_equal(test_number(store, "SELECT value FROM state WHERE name = 'indexes_due'"), 1);
	assert_int_equal(test_number(store, "SELECT count(*) FROM related_due"), test_number(store, "SELECT count(*) FROM article WHERE status = 'published'"));
	assert_int_equal(test_number(store, "SELECT count(*) FROM word"), 0);
	assert_true(test_findings(store) > 0);
	store_words_forget(store);
	assert_true(store_transaction(store, put_all, NULL, &err));
	test_execute(store, "UPDATE state SET value = 0 WHERE name = 'indexes_due'");
	anew = words_of(store);
	assert_string_equal(before, anew);
	assert_int_equal(test_findings(store), 0);
	free(before);
	free(again);
	free(anew);
	store_close(store);
}

/* --- rarity --- */

/* What is remembered of rarities does not outlive a version that readers see. */
static void test_rarity_is_of_now(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = test_store();
	double articles, first, again;
	struct article article;
	struct error err;
	int64_t id;

	(void)state;
	article_with(&article, 1, 1, "Zebra", NULL, "Harbour", arena);
	test_append(store, &article);
	id = test_number(store, "SELECT word_id FROM word WHERE word = 'zebra'");
	assert_true(store_rarities_begin(store, &articles, &err) && store_word_rarity(store, id, &first, &err));
	assert_true(articles > 0.9 && articles < 1.1 && first > 0.69 && first < 0.70);
	article_with(&article, 2, 1, "Orchard", NULL, "Harbour", arena);
	test_append(store, &article);
	assert_true(store_rarities_begin(store, &articles, &err) && store_word_rarity(store, id, &again, &err));
	assert_true(articles > 1.9 && again > 1.09 && again < 1.10);
	/* Ids that share a slot, and one of no word. */
	assert_true(store_word_rarity(store, id + 65536, &again, &err));
	assert_true(again < 0.001);
	assert_true(store_word_rarity(store, id, &again, &err));
	assert_true(again > 1.09 && again < 1.10);
	arena_free(arena);
	store_close(store);
}

static void test_count_of_a_word(void **state)
{
	static const struct {
		const char *stem;
		int64_t n;
	} rows[] = { { "harbour", 2 }, { "zebra", 1 }, { "orchard", 1 }, { "zebras", 0 }, { "gone", 0 }, { "", 0 } };
	struct arena *arena = arena_new();
	struct store *store = test_store();
	struct article article;
	struct error err;
	int64_t n;

	(void)state;
	article_with(&article, 1, 1, "Zebras", NULL, "Harbour harbour", arena);
	test_append(store, &article);
	article_with(&article, 2, 1, "Orchard", NULL, "Harbour", arena);
	test_append(store, &article);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_true(store_word_count(store, rows[i].stem, &n, &err));
		if (n != rows[i].n)
			fail_msg("%s: %d", rows[i].stem, (int)n);
	}
	arena_free(arena);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_other_language),
		cmocka_unit_test(test_long_text),
		cmocka_unit_test(test_versions_of_one_transaction),
		cmocka_unit_test(test_made_anew),
		cmocka_unit_test(test_rarity_is_of_now),
		cmocka_unit_test(test_count_of_a_word),
	};

	return cmocka_run_group_tests_name("word_store", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Applying versions: random newsrooms against a model that looks at every article, so that no table can hold anything of an old
 * version; and the same log gives the same bytes.
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

/* --- what must be true after every step --- */

static void assert_article(const struct model *model, const struct model_article *article)
{
	struct arena *arena = arena_new();
	struct article wanted, kept;
	struct article_row row;
	struct error err;

	assert_true(store_article_find(model->store, arena_printf(arena, "%" PRId64, article->id), arena, &row, &err));
	assert_int_equal(row.status, article->status);
	assert_int_equal(row.was_public, article->was_public);
	assert_int_equal(row.rev, article->rev);
	assert_int_equal(row.seq, article->seq);
	assert_int_equal(row.published_at, article->published_at);
	assert_int_equal(row.updated_at, article->updated_at);
	assert_string_equal(row.slug, arena_printf(arena, "story-%" PRId64 "-%u", article->id, article->slugs));

	model_build(model, article, arena, &wanted);
	assert_true(store_article_load(model->store, article->id, arena, &kept, &err));
	wanted.publish_at = kept.publish_at;    /* the clock has gone on since */
	store_resolve_terms(model->store, &wanted, arena);
	assert_true(article_same_content(&wanted, &kept));
	for (unsigned i = 1; i <= article->slugs; i++) {
		int64_t id = 0;

		assert_true(store_id_by_slug(model->store, arena_printf(arena, "story-%" PRId64 "-%u", article->id, i), &id));
		assert_int_equal(id, article->id);
	}
	arena_free(arena);
}

/* Counts of every term, and every row of the listings, against a recount over the model. */
static void assert_listings(const struct model *model)
{
	struct store *store = model->store;
	const char *kind, *slug;
	int64_t rows = 0, published = 0;
	struct error err;

	for (size_t t = 0; model_term(t, &kind, &slug); t++) {
		int64_t n = 0, id, count = 0;

		for (size_t i = 0; i < model->n; i++)
			n += model->articles[i].status == ARTICLE_PUBLISHED && model_has_term(&model->articles[i], kind, slug);
		if (!store_term_id(store, kind, slug, &id, &count, &err))
			assert_int_equal(err.code, ERROR_NOT_FOUND);
		if (n != count)
			fail_msg("%s %s: %" PRId64 " counted, %" PRId64 " kept", kind, slug, n, count);
		rows += n;
	}
	for (size_t i = 0; i < model->n; i++)
		published += model->articles[i].status == ARTICLE_PUBLISHED;
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_term"), rows);
	assert_int_equal(test_number(store, "SELECT coalesce(max(n), 0) FROM article_count WHERE kind = 'all'"), published);
	assert_int_equal(store_public_seq(store), model->public_seq);
}

/* Each row of article_term is one that the model knows, with the article's times. */
static void assert_rows(const struct model *model)
{
	sqlite3_stmt *rows;

	assert_int_equal(sqlite3_prepare_v2(model->store->db,
	                     "SELECT article_id, kind, slug, published_at, updated_at FROM article_term JOIN term USING (term_id)", -1, &rows, NULL),
	    SQLITE_OK);
	while (sqlite3_step(rows) == SQLITE_ROW) {
		const struct model_article *article = &model->articles[sqlite3_column_int64(rows, 0) - 1];

		assert_int_equal(article->status, ARTICLE_PUBLISHED);
		assert_true(model_has_term(article, (const char *)sqlite3_column_text(rows, 1), (const char *)sqlite3_column_text(rows, 2)));
		assert_int_equal(sqlite3_column_int64(rows, 3), article->published_at);
		assert_int_equal(sqlite3_column_int64(rows, 4), article->updated_at);
	}
	sqlite3_finalize(rows);
}

static void assert_text(struct store *store, const char *sql, const char *wanted)
{
	char *text = test_text(store, sql);

	assert_string_equal(text, wanted);
	free(text);
}

static void assert_hex(struct store *store, const char *sql, const struct text *wanted)
{
	struct text hex = TEXT_EMPTY;

	for (size_t i = 0; i < wanted->length; i++)
		text_printf(&hex, "%02X", (unsigned)(unsigned char)wanted->bytes[i]);
	assert_text(store, sql, hex.bytes);
	text_done(&hex);
}

struct held {
	struct store *store;
	int64_t id, n_telling;
};

/* Each number of a text of numbers is in the index with the article. */
static bool assert_in_index(void *arg, int64_t word_id, struct error *err)
{
	struct held *held = arg;
	char sql[160];

	(void)err;
	snprintf(sql, sizeof sql, "SELECT count(*) FROM article_words WHERE article_words MATCH %" PRId64 " AND rowid = %" PRId64, word_id, held->id);
	assert_int_equal(test_number(held->store, sql), 1);
	held->n_telling++;
	return true;
}

/* The vector and the index hold the words of each published article, and of no other; counts are those of the vectors. */
static void assert_words(const struct model *model)
{
	struct arena *arena = arena_new();
	int64_t published = 0, telling = 0;

	for (size_t i = 0; i < model->n; i++) {
		struct held held = { .store = model->store, .id = model->articles[i].id };
		struct text ids = TEXT_EMPTY, vector = TEXT_EMPTY;
		struct article_words words;
		struct article article;
		struct error err;
		char sql[160];

		if (model->articles[i].status != ARTICLE_PUBLISHED)
			continue;
		model_build(model, &model->articles[i], arena, &article);
		article_read_words(&article, arena, &words);
		assert_true(store_words_of(model->store, &words, &ids, &vector, &err));
		snprintf(sql, sizeof sql, "SELECT word_ids FROM article_vector WHERE article_id = %" PRId64, article.id);
		assert_text(model->store, sql, ids.bytes);
		snprintf(sql, sizeof sql, "SELECT hex(vector) FROM article_vector WHERE article_id = %" PRId64, article.id);
		assert_hex(model->store, sql, &vector);
		assert_true(ids_each(ids.bytes, assert_in_index, &held, &err));
		published++;
		telling += held.n_telling;
		text_done(&ids);
		text_done(&vector);
	}
	assert_int_equal(test_number(model->store, "SELECT count(*) FROM article_vector"), published);
	assert_int_equal(test_number(model->store, "SELECT sum((SELECT count(*) FROM article_words WHERE article_words MATCH word_id)) FROM word"), telling);
	assert_int_equal(test_findings(model->store), 0);
	arena_free(arena);
}

static void test_random_newsrooms(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct store *store = test_store();
		struct model model;

		model_init(&model, store, seed);
		for (int step = 0; step < 120; step++) {
			assert_article(&model, model_step(&model));
			assert_listings(&model);
			assert_rows(&model);
		}
		for (size_t i = 0; i < model.n; i++)
			assert_article(&model, &model.articles[i]);
		assert_words(&model);
		assert_int_equal(test_findings(store), 0);
		store_close(store);
	}
}

/* --- the same log gives the same bytes --- */

static bool apply_line(struct store *store, void *arg, struct error *err)
{
	const struct version *version = arg;
	int64_t seq;

	return store_version_append(store, version, &seq, err) && store_apply(store, version, err);
}

/* Reads the log of one store and applies it to another, all in one transaction as a replica that catches up would. */
static bool replay(struct store *store, void *arg, struct error *err)
{
	struct store *from = arg;
	sqlite3_stmt *log;
	bool fine = true;

	assert_int_equal(sqlite3_prepare_v2(from->db, "SELECT seq, at, by, doc FROM article_version ORDER BY seq", -1, &log, NULL), SQLITE_OK);
	while (fine && sqlite3_step(log) == SQLITE_ROW) {
		struct arena *arena = arena_new();
		struct article article;
		struct version version = { .seq = sqlite3_column_int64(log, 0), .at = sqlite3_column_int64(log, 1), .article = &article };
		json_t *object = NULL;

		version.by = (const char *)sqlite3_column_text(log, 2);
		fine = json_parse((const char *)sqlite3_column_text(log, 3), (size_t)sqlite3_column_bytes(log, 3), &object, err) &&
		    article_decode(object, DECODE_STORED, arena, &article, err) && apply_line(store, &version, err);
		json_decref(object);
		arena_free(arena);
	}
	sqlite3_finalize(log);
	return fine;
}

static void test_same_log_same_bytes(void **state)
{
	struct store *first = test_store(), *second = test_store();
	struct model model;
	struct error err;
	char *one, *other;

	(void)state;
	model_init(&model, first, 77);
	for (int step = 0; step < 250; step++)
		model_step(&model);
	if (!store_transaction(second, replay, first, &err))
		fail_msg("%s", err.detail);
	one = test_dump(first);
	other = test_dump(second);
	assert_true(strlen(one) > 100000);
	assert_string_equal(one, other);
	assert_int_equal(test_findings(second), 0);
	free(one);
	free(other);
	store_close(first);
	store_close(second);
}

/* --- what readers have seen stays known --- */

static void test_was_public(void **state)
{
	static const struct {
		const char *what;
		enum article_status statuses[4];
		size_t n;
		bool dated, was_public, elsewhere;    /* elsewhere: the version says so */
	} cases[] = {
		{ "a draft", { ARTICLE_DRAFT }, 1, false, false, false },
		{ "a draft withdrawn", { ARTICLE_DRAFT, ARTICLE_WITHDRAWN }, 2, false, false, false },
		{ "a dated draft withdrawn", { ARTICLE_DRAFT, ARTICLE_WITHDRAWN }, 2, true, false, false },
		{ "scheduled", { ARTICLE_SCHEDULED }, 1, false, false, false },
		{ "scheduled, taken back", { ARTICLE_SCHEDULED, ARTICLE_DRAFT }, 2, false, false, false },
		{ "published", { ARTICLE_PUBLISHED }, 1, true, true, false },
		{ "withdrawn", { ARTICLE_PUBLISHED, ARTICLE_WITHDRAWN }, 2, true, true, false },
		{ "a draft again", { ARTICLE_PUBLISHED, ARTICLE_DRAFT }, 2, true, true, false },
		{ "a draft again, withdrawn", { ARTICLE_PUBLISHED, ARTICLE_DRAFT, ARTICLE_WITHDRAWN }, 3, true, true, false },
		{ "came withdrawn from elsewhere, once published", { ARTICLE_WITHDRAWN }, 1, true, true, true },
		{ "came as a draft from elsewhere, once published", { ARTICLE_DRAFT }, 1, true, true, true },
		{ "came withdrawn and dated, never published", { ARTICLE_WITHDRAWN }, 1, true, false, false },
		{ "came withdrawn, never published", { ARTICLE_WITHDRAWN }, 1, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct store *store = test_store();
		struct arena *arena = arena_new();
		struct article article;
		struct article_row row;
		struct error err;
		int64_t public_before = 0;

		test_article(&article, 1, arena);
		article.id = 1;
		article.slug = "one";
		for (size_t step = 0; step < cases[i].n; step++) {
			bool shows = cases[i].statuses[step] == ARTICLE_PUBLISHED || (step > 0 && cases[i].statuses[step - 1] == ARTICLE_PUBLISHED);
			int64_t seq;

			article.rev++;
			article.status = cases[i].statuses[step];
			article.was_public = cases[i].elsewhere;
			if (!cases[i].dated)
				article.published_at = TIME_NONE;
			seq = test_append(store, &article);
			if (shows)
				public_before = seq;
			assert_int_equal(store_public_seq(store), public_before);
		}
		assert_true(store_article_find(store, "one", arena, &row, &err));
		if (row.was_public != cases[i].was_public)
			fail_msg("%s: was_public is %d", cases[i].what, row.was_public);
		assert_int_equal(test_findings(store), 0);
		arena_free(arena);
		store_close(store);
	}
}

/* --- terms --- */

static void test_terms(void **state)
{
	/* In this order; the slug and the name that the tag has afterwards. */
	static const struct {
		const char *name, *wish, *slug, *kept_name;
	} cases[] = {
		{ "C", NULL, "c", "C" },
		{ "C#", NULL, "c-2", "C#" },
		{ "c", NULL, "c", "C" },
		{ "c#", "never-mind", "c-2", "C#" },
		{ "Straße", NULL, "strasse", "Straße" },
		{ "STRASSE", NULL, "strasse", "Straße" },
		{ "Caf\u00e9", NULL, "cafe", "Caf\u00e9" },
		{ "CAFE\u0301", NULL, "cafe", "Caf\u00e9" },
		{ "Cafe", NULL, "cafe-2", "Cafe" },
		{ "With a wish", "my-slug", "my-slug", "With a wish" },
		{ "Another with it", "my-slug", "my-slug-2", "Another with it" },
		{ "2015", NULL, "tag-2015", "2015" },
		{ "!!!", NULL, "tag", "!!!" },
		{ "???", NULL, "tag-2", "???" },
	};
	struct store *store = test_store();
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct term tag = { .name = cases[i].name, .slug = cases[i].wish, .type = "topic" };
		struct article article, kept;
		struct error err;

		test_article(&article, (int)i, arena);
		article.id = (int64_t)i + 1;
		article.rev = 1;
		article.slug = arena_printf(arena, "story-%zu", i);
		article.tags = (struct term_list){ .items = &tag, .n = 1 };
		test_append(store, &article);
		assert_ptr_equal(tag.name, cases[i].name);    /* the caller's article is its own */
		assert_true(store_article_load(store, article.id, arena, &kept, &err));
		assert_string_equal(kept.tags.items[0].slug, cases[i].slug);
		assert_string_equal(kept.tags.items[0].name, cases[i].kept_name);
	}
	assert_int_equal(test_findings(store), 0);
	arena_free(arena);
	store_close(store);
}

static void test_slugs_stay_reserved(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct article article;
	struct article_row row;
	struct error err;

	(void)state;
	test_article(&article, 1, arena);
	article.id = article.rev = 1;
	article.slug = "first";
	test_append(store, &article);
	article.rev = 2;
	article.slug = "second";
	test_append(store, &article);
	assert_true(store_article_find(store, "first", arena, &row, &err));
	assert_int_equal(row.id, 1);
	assert_string_equal(row.slug, "second");

	/* Another that names the same slug does not take it away. */
	test_article(&article, 2, arena);
	article.id = 2;
	article.rev = 1;
	article.slug = "third";
	article.aliases = (struct string_list){ .items = (const char *[]){ "first" }, .n = 1 };
	test_append(store, &article);
	assert_true(store_article_find(store, "first", arena, &row, &err));
	assert_int_equal(row.id, 1);
	arena_free(arena);
	store_close(store);
}

/* A failure in the middle of a version leaves nothing of it behind. */
static void test_failing_version(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct article article;
	struct error err;
	char *before, *after;

	(void)state;
	test_article(&article, 1, arena);
	article.id = article.rev = 1;
	article.slug = "first";
	article.guid = "g";
	test_append(store, &article);
	before = test_dump(store);
	article.id = 2;
	article.slug = "second";
	article.tags.items[0].name = "Never heard of";
	{
		struct version version = { .seq = 2, .at = TEST_TIME, .by = "test", .article = &article };

		assert_false(store_transaction(store, apply_line, &version, &err));    /* (source, guid) is taken */
		assert_int_equal(err.code, ERROR_CONFLICT);
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
		cmocka_unit_test(test_random_newsrooms),
		cmocka_unit_test(test_same_log_same_bytes),
		cmocka_unit_test(test_was_public),
		cmocka_unit_test(test_terms),
		cmocka_unit_test(test_slugs_stay_reserved),
		cmocka_unit_test(test_failing_version),
	};

	return cmocka_run_group_tests_name("article_apply", tests, NULL, NULL);
}

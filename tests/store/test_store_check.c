/* SPDX-License-Identifier: MIT */
/* `check` finds nothing in a sound database, and something for each way of breaking one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "related_archive.h"
#include "store/store_internal.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

static void test_check_finds(void **state)
{
	static const char *const harm[] = {
		"UPDATE article_count SET n = n + 1 WHERE kind = 'all'",
		"UPDATE article_count SET n = n + 1 WHERE (kind, ref_id) IN (SELECT kind, ref_id FROM article_count WHERE kind = 'tag' LIMIT 1)",
		"DELETE FROM article_count WHERE kind = 'section'",
		"DELETE FROM article_term WHERE (term_id, published_at, article_id) IN (SELECT term_id, published_at, article_id FROM article_term LIMIT 1)",
		"UPDATE article_term SET updated_at = updated_at + 1 WHERE article_id = (SELECT max(article_id) FROM article_term)",
		"UPDATE article_term SET published_at = published_at + 1 WHERE article_id = (SELECT max(article_id) FROM article_term)",
		"UPDATE article SET status = 'draft' WHERE article_id = (SELECT max(article_id) FROM article_term)",
		"UPDATE article SET rev = rev + 1 WHERE article_id = 1",
		"UPDATE article SET rev = rev - 1 WHERE article_id = (SELECT ref FROM article_version WHERE rev > 1 LIMIT 1)",
		"UPDATE article SET slug = 'nowhere' WHERE article_id = 1",
		"DELETE FROM article_slug WHERE slug = (SELECT slug FROM article WHERE article_id = 1)",
		"DELETE FROM article_version WHERE seq = 5",
		"DELETE FROM article_document WHERE article_id = 1",
		"UPDATE article_document SET document = substr(document, 2) WHERE article_id = 1",
		"UPDATE article_document SET private = '{' WHERE article_id = 2",
		"UPDATE word SET n = n + 1 WHERE word_id = 1",
		"INSERT INTO article_words (article_words, rowid, word_ids) SELECT 'delete', article_id, word_ids FROM article_vector LIMIT 1",
		"UPDATE word SET n = 0 WHERE n > 1",
		"DELETE FROM word WHERE word_id = (SELECT max(word_id) FROM word)",
		"DELETE FROM article_vector WHERE article_id = (SELECT min(article_id) FROM article_vector)",
		"UPDATE article_vector SET article_id = (SELECT article_id FROM article WHERE status <> 'published') WHERE article_id = (SELECT min(article_id) FROM article_vector)",
		"UPDATE article_vector SET vector = substr(vector, 1, length(vector) - 1) WHERE article_id = (SELECT min(article_id) FROM article_vector)",
		"UPDATE article_vector SET vector = substr(vector, 1, length(vector) - 2) WHERE article_id = (SELECT min(article_id) FROM article_vector)",
		"UPDATE article_vector SET word_ids = '' WHERE article_id = (SELECT min(article_id) FROM article_vector)",
		"UPDATE article SET section_id = section_id + 1 WHERE article_id = (SELECT max(article_id) FROM article_term)",
		"UPDATE article_related SET digest = digest + 1 WHERE article_id = (SELECT min(article_id) FROM article_term)",
		"UPDATE article_related SET answer = substr(answer, 1, length(answer) - 1) WHERE article_id = (SELECT min(article_id) FROM article_term)",
		"UPDATE article_related SET article_id = (SELECT article_id FROM article WHERE status <> 'published') WHERE article_id = (SELECT min(article_id) FROM article_term)",
		"UPDATE related_due SET article_id = (SELECT article_id FROM article WHERE status <> 'published')",
		"DELETE FROM related_due",
		"DELETE FROM suggest_title WHERE article_id = (SELECT max(article_id) FROM suggest_title)",
		"UPDATE suggest_title SET published_at = published_at + 60 WHERE article_id = (SELECT max(article_id) FROM suggest_title)",
		"UPDATE suggest_title SET words = 'otherwise' WHERE article_id = (SELECT max(article_id) FROM suggest_title)",
		"INSERT INTO suggest_word (rowid, words) SELECT 7, words FROM suggest_title",
		"DELETE FROM suggest_term WHERE term_id = (SELECT min(ref_id) FROM article_count WHERE kind = 'section' AND n > 0)",
		("INSERT INTO term (kind, slug, name, folded) VALUES ('tag', 'nobody-s', 'Nobody’s', 'nobody’s');"
		 "INSERT INTO suggest_term (start, term_id) SELECT 'nobodys', max(term_id) FROM term"),
	};

	(void)state;
	for (size_t i = 0; i < N_OF(harm); i++) {
		struct store *store = test_store();
		struct model model;

		model_init(&model, store, 5);
		for (int step = 0; step < 60; step++)
			model_step(&model);
		test_work_off_related(store);
		test_execute(store, "INSERT INTO related_due SELECT max(article_id), 1, 0 FROM article_related;"
		                    "DELETE FROM article_related WHERE article_id = (SELECT article_id FROM related_due)");
		assert_int_equal(test_findings(store), 0);
		test_execute(store, harm[i]);
		if (sqlite3_changes(store->db) == 0)
			fail_msg("%s: changes nothing", harm[i]);
		if (test_findings(store) == 0)
			fail_msg("%s: nothing was found", harm[i]);
		store_close(store);
	}
}

static void test_check_foreign_key(void **state)
{
	struct store *store = test_store();
	struct model model;

	(void)state;
	model_init(&model, store, 5);
	for (int step = 0; step < 20; step++)
		model_step(&model);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
	test_execute(store, "DELETE FROM term WHERE term_id = 1");
	assert_true(test_findings(store) > 0);
	store_close(store);
}

/* An article would never go, and one that goes never come back to what was planned. */
static void test_check_schedule(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct article article;

	(void)state;
	test_article(&article, 1, arena);
	article.expire_at = article.published_at + 4000000000;
	test_import(store, &article);
	assert_int_equal(test_findings(store), 0);
	test_execute(store, "DELETE FROM schedule");
	assert_int_equal(sqlite3_changes(store->db), 1);
	assert_true(test_findings(store) > 0);
	arena_free(arena);
	store_close(store);
}

static void test_sizes(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct store_sizes sizes;
	struct article article;
	struct error err;

	(void)state;
	assert_true(store_sizes(store, &sizes, &err));
	assert_int_equal(sizes.articles + sizes.published + sizes.versions, 0);
	test_article(&article, 1, arena);
	test_import(store, &article);
	test_article(&article, 2, arena);
	article.status = ARTICLE_DRAFT;
	test_import(store, &article);
	assert_true(store_sizes(store, &sizes, &err));
	assert_int_equal(sizes.articles, 2);
	assert_int_equal(sizes.published, 1);
	assert_int_equal(sizes.versions, 2);
	assert_int_equal(sizes.database_bytes % 512, 0);
	assert_true(sizes.database_bytes > 4096);
	assert_string_equal(store_engine(), sqlite3_libversion());
	arena_free(arena);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check_finds),
		cmocka_unit_test(test_check_foreign_key),
		cmocka_unit_test(test_check_schedule),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests_name("store_check", tests, NULL, NULL);
}

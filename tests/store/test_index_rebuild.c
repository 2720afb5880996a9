/* SPDX-License-Identifier: MIT */
/* What is made from words, made anew: the same as what apply has kept, after edits of every kind, after a migration, and after being broken off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store/store_internal.h"
#include "test_store.h"

/* Everything, by articles and words and not by numbers, which may be others. */
static char *indexes_of(struct store *store)
{
	static const char *const queries[] = {
		"SELECT group_concat(term || ' ' || article_id || ' ' || col || ' ' || offset, ';') FROM"
		" (SELECT * FROM search_posting JOIN search_row ON search_id = doc ORDER BY term, article_id, col, offset)",
		"SELECT group_concat(article_id || ' ' || updated_at || ' ' || hex(facets) || ' ' || (search_id & 7), ';') FROM (SELECT * FROM search_row ORDER BY article_id)",
		"SELECT group_concat(word || ' ' || n || ' ' || (SELECT count(*) FROM article_words WHERE article_words MATCH word_id), ';')"
		" FROM (SELECT * FROM word WHERE n > 0 ORDER BY word)",
		"SELECT group_concat(article_id || ' ' || published_at || ' ' || words, ';') FROM (SELECT * FROM suggest_title ORDER BY article_id)",
		"SELECT group_concat(start || ' ' || term_id, ';') FROM (SELECT * FROM suggest_term ORDER BY start, term_id)",
	};
	struct text all = TEXT_EMPTY;

	for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
		char *part = test_text(store, queries[i]);

		text_printf(&all, "%s\n", part != NULL ? part : "");
		free(part);
	}
	return text_take(&all);
}

static bool is_due(struct store *store)
{
	struct error err;
	bool due;

	assert_true(store_indexes_due(store, &due, &err));
	return due;
}

static struct store *newsroom(struct model *model)
{
	struct store *store = test_store();

	model_init(model, store, 21);
	for (int step = 0; step < 200; step++)
		model_step(model);
	return store;
}

struct told {
	int64_t n, all;
};

static void tell(void *arg, int64_t n, int64_t all)
{
	*(struct told *)arg = (struct told){ n, all };
}

static void test_same_as_kept(void **state)
{
	struct model model;
	struct store *store = newsroom(&model);
	struct told told = { 0 };
	struct error err;
	char *kept = indexes_of(store), *anew;

	(void)state;
	assert_false(is_due(store));
	assert_int_equal(test_findings(store), 0);
	assert_true(store_rebuild_indexes(store, tell, &told, &err));
	anew = indexes_of(store);
	assert_string_equal(kept, anew);
	assert_int_equal(told.n, told.all);
	assert_int_equal(told.all, test_number(store, "SELECT count(*) FROM article WHERE status = 'published'"));
	assert_int_equal(test_findings(store), 0);

	/* And goes on from there. */
	for (int step = 0; step < 50; step++)
		model_step(&model);
	assert_int_equal(test_findings(store), 0);
	free(kept);
	free(anew);
	store_close(store);
}

/* Words that another program would have read otherwise, or a migration that has emptied the tables. */
static void test_due(void **state)
{
	struct model model;
	struct store *store = newsroom(&model);
	struct error err;

	(void)state;
	assert_true(store_indexes_begin(store, &err));
	assert_false(is_due(store));
	test_execute(store, "UPDATE state SET value = value + 1 WHERE name = 'words_digest'");
	assert_true(is_due(store));
	assert_true(store_rebuild_indexes(store, NULL, NULL, &err));
	assert_false(is_due(store));

	test_execute(store, "INSERT INTO state (name, value) VALUES ('indexes_due', 1) ON CONFLICT DO UPDATE SET value = 1");
	assert_true(is_due(store));
	assert_true(test_findings(store) > 0);
	assert_true(store_rebuild_indexes(store, NULL, NULL, &err));
	assert_false(is_due(store));
	assert_int_equal(test_findings(store), 0);
	store_close(store);
}

/* In the middle something fails: it is due still, and the next attempt makes all of it. */
static void test_broken_off(void **state)
{
	struct model model;
	struct store *store = newsroom(&model);
	struct error err;
	char *kept = indexes_of(store), *anew;

	(void)state;
	test_execute(store, "ALTER TABLE article_vector RENAME TO hidden");
	test_execute(store, "CREATE TABLE article_vector (article_id INTEGER PRIMARY KEY CHECK (article_id < 20), word_ids TEXT, vector BLOB)");
	assert_false(store_rebuild_indexes(store, NULL, NULL, &err));
	assert_true(is_due(store));
	test_execute(store, "DROP TABLE article_vector");
	test_execute(store, "ALTER TABLE hidden RENAME TO article_vector");
	assert_true(store_rebuild_indexes(store, NULL, NULL, &err));
	assert_false(is_due(store));
	anew = indexes_of(store);
	assert_string_equal(kept, anew);
	assert_int_equal(test_findings(store), 0);
	free(kept);
	free(anew);
	store_close(store);
}

/* In one piece it holds what it held in many, and goes on from there. */
static void test_merged(void **state)
{
	struct model model;
	struct store *store = newsroom(&model);
	struct error err;
	char *kept = indexes_of(store), *merged;

	(void)state;
	assert_true(test_number(store, "SELECT count(DISTINCT segid) FROM article_search_idx") > 1);
	assert_true(store_search_merge(store, &err));
	assert_int_equal(test_number(store, "SELECT count(DISTINCT segid) FROM article_search_idx"), 1);
	merged = indexes_of(store);
	assert_string_equal(kept, merged);
	for (int step = 0; step < 50; step++)
		model_step(&model);
	assert_int_equal(test_findings(store), 0);
	free(kept);
	free(merged);
	store_close(store);
}

/* Each kind of damage is found. */
static void test_found_by_check(void **state)
{
	static const char *const damage[] = {
		"INSERT INTO article_search (rowid, body) VALUES (5, 'stray')",
		"INSERT INTO article_search (article_search, rowid, body) SELECT 'delete', min(doc), term FROM search_posting WHERE col = 'body'",
		"DELETE FROM search_row WHERE search_id = (SELECT min(search_id) FROM search_row)",
		"UPDATE search_row SET search_id = search_id + 8 WHERE search_id = (SELECT max(search_id) FROM search_row)",
		"UPDATE search_row SET updated_at = updated_at + 1 WHERE search_id = (SELECT max(search_id) FROM search_row)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof damage / sizeof damage[0]; i++) {
		struct model model;
		struct store *store = newsroom(&model);

		test_execute(store, damage[i]);
		if (test_findings(store) == 0)
			fail_msg("not found: %s", damage[i]);
		store_close(store);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_as_kept),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_broken_off),
		cmocka_unit_test(test_merged),
		cmocka_unit_test(test_found_by_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

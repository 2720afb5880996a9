/* SPDX-License-Identifier: MIT */
/* The log of one machine: append and apply together or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "shared_log.h"
#include "test_store.h"

struct appending {
	struct article *article;
	int64_t seq;
};

static bool append(struct store *store, void *arg, struct error *err)
{
	struct appending *appending = arg;
	const struct version version = { .at = TEST_TIME, .by = "test", .article = appending->article };

	return local_log()->append(local_log(), store, &version, &appending->seq, err);
}

static void test_numbers(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct article article;
	struct appending appending = { .article = &article };
	struct article_row row;
	struct error err;

	(void)state;
	test_article(&article, 1, arena);
	article.slug = "one";
	article.id = 1;
	for (article.rev = 1; article.rev <= 3; article.rev++) {
		assert_true(store_transaction(store, append, &appending, &err));
		assert_int_equal(appending.seq, article.rev);
		assert_true(store_article_find(store, "one", arena, &row, &err));
		assert_int_equal(row.seq, appending.seq);
		assert_int_equal(store_public_seq(store), appending.seq);
	}
	assert_int_equal(test_findings(store), 0);
	arena_free(arena);
	store_close(store);
}

static void test_conflict(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct article article;
	struct appending appending = { .article = &article };
	struct error err;
	char *before, *after;

	(void)state;
	test_article(&article, 1, arena);
	article.slug = "one";
	article.id = article.rev = 1;
	assert_true(store_transaction(store, append, &appending, &err));
	before = test_dump(store);
	article.title = "Too late";
	appending.seq = -1;
	assert_false(store_transaction(store, append, &appending, &err));    /* the same rev: someone was quicker */
	assert_int_equal(err.code, ERROR_CONFLICT);
	assert_int_equal(appending.seq, -1);
	after = test_dump(store);
	assert_string_equal(before, after);
	free(before);
	free(after);
	arena_free(arena);
	store_close(store);
}

/* A version that cannot be applied is not in the log either. */
static void test_both_or_neither(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct article article;
	struct appending appending = { .article = &article };
	struct error err;

	(void)state;
	test_article(&article, 1, arena);
	article.slug = "one";
	article.id = article.rev = 1;
	test_execute(store, "ALTER TABLE word RENAME TO hidden");
	assert_false(store_transaction(store, append, &appending, &err));
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_version"), 0);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article"), 0);
	assert_int_equal(test_number(store, "SELECT count(*) FROM term"), 0);
	test_execute(store, "ALTER TABLE hidden RENAME TO word");
	assert_true(store_transaction(store, append, &appending, &err));
	assert_int_equal(appending.seq, 1);
	assert_int_equal(test_findings(store), 0);
	arena_free(arena);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_conflict),
		cmocka_unit_test(test_both_or_neither),
	};

	return cmocka_run_group_tests_name("local_log", tests, NULL, NULL);
}

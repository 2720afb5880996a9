/* SPDX-License-Identifier: MIT */
/* The log: seq ascends, a version comes once, and what is written is what was given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store/store_internal.h"
#include "test_store.h"

struct numbers {
	int64_t id, rev, seq;
	int64_t ret_seq;
	enum article_status status;
};

static bool append(struct store *store, void *arg, struct error *err)
{
	struct numbers *numbers = arg;
	struct arena *arena = arena_new();
	struct article article;
	const struct version version = { .seq = numbers->seq, .at = TEST_TIME, .by = "test", .article = &article };
	bool fine;

	test_article(&article, (int)numbers->id, arena);
	article.id = numbers->id;
	article.rev = numbers->rev;
	article.slug = arena_printf(arena, "story-%d", (int)numbers->id);
	article.status = numbers->status;
	fine = store_version_append(store, &version, &numbers->ret_seq, err);
	arena_free(arena);
	return fine;
}

static void test_numbering(void **state)
{
	static const struct {
		int64_t id, rev, seq, expected;    /* 0: refused */
	} cases[] = {
		{ 1, 1, 0, 1 }, { 2, 1, 0, 2 }, { 1, 2, 0, 3 },
		{ 1, 2, 0, 0 },     /* this rev is there already: a lost update */
		{ 1, 1, 0, 0 },
		{ 1, 3, 0, 4 },     /* a refused one takes no number */
		{ 3, 1, 4, 0 },     /* this seq is taken */
		{ 3, 1, 10, 10 },   /* a replica appends what the shared log numbered */
		{ 3, 2, 0, 11 },
		{ 9, 7, 0, 12 },    /* imported with the rev it had */
	};
	struct store *store = test_store();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct numbers numbers = { cases[i].id, cases[i].rev, cases[i].seq, -1, ARTICLE_PUBLISHED };
		struct error err;
		const bool fine = store_transaction(store, append, &numbers, &err);

		assert_int_equal(fine, cases[i].expected != 0);
		assert_int_equal(numbers.ret_seq, fine ? cases[i].expected : -1);    /* outputs are untouched on failure */
		if (!fine)
			assert_int_equal(err.code, ERROR_CONFLICT);
	}
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_version"), 7);
	store_close(store);
}

static void test_what_is_written(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct numbers put = { 1, 1, 0, 0, ARTICLE_PUBLISHED }, withdraw = { 1, 2, 0, 0, ARTICLE_WITHDRAWN };
	struct text expected = TEXT_EMPTY;
	struct article article;
	struct error err;
	char *doc;

	(void)state;
	assert_true(store_transaction(store, append, &put, &err));
	assert_true(store_transaction(store, append, &withdraw, &err));
	test_article(&article, 1, arena);
	article.id = article.rev = 1;
	article.slug = "story-1";
	article_encode(&article, VIEW_EXPORT, &expected);
	doc = test_text(store, "SELECT doc FROM article_version WHERE seq = 1");
	assert_string_equal(doc, expected.bytes);
	assert_null(strchr(doc, CONTROL_BASE_URL));
	free(doc);
	doc = test_text(store, "SELECT group_concat(kind || ' ' || op || ' ' || at || ' ' || by, ', ') FROM article_version ORDER BY seq");
	assert_string_equal(doc, "article put 1451582400 test, article withdraw 1451582400 test");
	free(doc);
	text_done(&expected);
	arena_free(arena);
	store_close(store);
}

static void test_public_seq_of_an_empty_store(void **state)
{
	struct store *store = test_store();

	(void)state;
	assert_int_equal(store_public_seq(store), 0);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbering),
		cmocka_unit_test(test_what_is_written),
		cmocka_unit_test(test_public_seq_of_an_empty_store),
	};

	return cmocka_run_group_tests_name("version_store", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The rows of the schedule: who has one, in what order they come, where a look goes on; and that they follow from the log alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "store/store_internal.h"
#include "test_store.h"

enum { MOMENT = 1500000000 };

static int64_t revs[10];

static void put(struct store *store, int64_t id, enum article_status status, int64_t publish_at, int64_t expire_at)
{
	struct arena *arena = arena_new();
	struct article article;

	test_article(&article, (int)id, arena);
	article.id = id;
	article.rev = ++revs[id];
	article.slug = arena_printf(arena, "story-%d", (int)id);
	article.status = status;
	article.publish_at = publish_at;
	article.expire_at = expire_at;
	if (status != ARTICLE_PUBLISHED)
		article.published_at = TIME_NONE;
	test_append(store, &article);
	arena_free(arena);
}

static int clear(void **state)
{
	(void)state;
	memset(revs, 0, sizeof revs);
	return 0;
}

static int64_t next_after(struct store *store, int64_t after)
{
	struct error err;
	int64_t at = 0;

	assert_true(store_schedule_next(store, after, &at, &err));
	return at;
}

static void test_who_has_a_row(void **state)
{
	static const struct {
		enum article_status status;
		int64_t publish_at, expire_at, at;    /* TIME_NONE: no row */
	} cases[] = {
		{ ARTICLE_DRAFT, MOMENT, MOMENT + 9, TIME_NONE },
		{ ARTICLE_SCHEDULED, MOMENT, TIME_NONE, MOMENT },
		{ ARTICLE_SCHEDULED, MOMENT + 1, MOMENT + 9, MOMENT + 1 },    /* it has to come out first */
		{ ARTICLE_PUBLISHED, TIME_NONE, TIME_NONE, TIME_NONE },
		{ ARTICLE_PUBLISHED, TIME_NONE, MOMENT + 2, MOMENT + 2 },
		{ ARTICLE_PUBLISHED, TIME_NONE, MOMENT + 3, MOMENT + 3 },
		{ ARTICLE_WITHDRAWN, TIME_NONE, MOMENT + 3, TIME_NONE },
		{ ARTICLE_SCHEDULED, 0, TIME_NONE, 0 },
		{ ARTICLE_SCHEDULED, -5, TIME_NONE, -5 },    /* before 1970 */
	};
	struct store *store = test_store();

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		put(store, 1, cases[i].status, cases[i].publish_at, cases[i].expire_at);
		assert_int_equal(next_after(store, TIME_NONE), cases[i].at);
		assert_int_equal(test_number(store, "SELECT count(*) FROM schedule"), cases[i].at != TIME_NONE);
	}
	(void)state;
	assert_int_equal(test_findings(store), 0);
	store_close(store);
}

static void expect_due(struct store *store, int64_t now, struct list_key behind, size_t most, const char *wanted)
{
	struct list_key due[10];
	struct text found = TEXT_EMPTY;
	struct error err;
	size_t n = 99;

	assert_true(store_schedule_due(store, now, behind, due, most, &n, &err));
	for (size_t i = 0; i < n; i++)
		text_printf(&found, "%s%lld@%lld", i > 0 ? " " : "", (long long)due[i].id, (long long)(due[i].time - MOMENT));
	assert_string_equal(found.length > 0 ? found.bytes : "", wanted);
	text_done(&found);
}

static void test_what_is_due(void **state)
{
	static const struct list_key front = { TIME_NONE, 0 };
	struct store *store = test_store();

	(void)state;
	expect_due(store, INT64_MAX, front, 10, "");
	put(store, 1, ARTICLE_SCHEDULED, MOMENT + 5, TIME_NONE);
	put(store, 2, ARTICLE_SCHEDULED, MOMENT + 3, TIME_NONE);
	put(store, 3, ARTICLE_PUBLISHED, TIME_NONE, MOMENT + 5);
	put(store, 4, ARTICLE_SCHEDULED, MOMENT + 3, TIME_NONE);
	put(store, 5, ARTICLE_SCHEDULED, MOMENT + 6, TIME_NONE);
	expect_due(store, MOMENT + 2, front, 10, "");
	expect_due(store, MOMENT + 3, front, 10, "2@3 4@3");
	expect_due(store, MOMENT + 5, front, 10, "2@3 4@3 1@5 3@5");
	expect_due(store, MOMENT + 9, front, 3, "2@3 4@3 1@5");
	expect_due(store, MOMENT + 9, (struct list_key){ MOMENT + 5, 1 }, 3, "3@5 5@6");
	expect_due(store, MOMENT + 9, (struct list_key){ MOMENT + 6, 5 }, 3, "");
	assert_int_equal(next_after(store, TIME_NONE), MOMENT + 3);
	assert_int_equal(next_after(store, MOMENT + 3), MOMENT + 5);
	assert_int_equal(next_after(store, MOMENT + 6), TIME_NONE);
	store_close(store);
}

/* --- from the log alone --- */

static bool replay(struct store *store, void *arg, struct error *err)
{
	struct store *from = arg;
	sqlite3_stmt *log;
	bool fine = true;

	assert_int_equal(sqlite3_prepare_v2(from->db, "SELECT seq, at, doc FROM article_version ORDER BY seq", -1, &log, NULL), SQLITE_OK);
	while (fine && sqlite3_step(log) == SQLITE_ROW) {
		struct arena *arena = arena_new();
		struct article article;
		const struct version version = { .seq = sqlite3_column_int64(log, 0), .at = sqlite3_column_int64(log, 1), .by = "test", .article = &article };
		json_t *object = NULL;
		int64_t seq;

		fine = json_parse((const char *)sqlite3_column_text(log, 2), (size_t)sqlite3_column_bytes(log, 2), &object, err) &&
		    article_decode(object, DECODE_STORED, arena, &article, err) && store_version_append(store, &version, &seq, err) && store_apply(store, &version, err);
		json_decref(object);
		arena_free(arena);
	}
	sqlite3_finalize(log);
	return fine;
}

static void test_the_same_on_every_node(void **state)
{
	struct store *store = test_store(), *other = test_store();
	struct test_random random = { 8 };
	struct error err;
	char *one, *two;

	(void)state;
	for (int i = 0; i < 200; i++)
		put(store, 1 + (int64_t)test_random(&random, 9), (enum article_status)test_random(&random, 4), MOMENT + (int64_t)test_random(&random, 50),
		    test_random(&random, 2) == 0 ? TIME_NONE : MOMENT + 60 + (int64_t)test_random(&random, 50));
	if (!store_transaction(other, replay, store, &err))
		fail_msg("%s", err.detail);
	one = test_text(store, "SELECT group_concat(article_id || '@' || at) FROM (SELECT * FROM schedule ORDER BY article_id)");
	two = test_text(other, "SELECT group_concat(article_id || '@' || at) FROM (SELECT * FROM schedule ORDER BY article_id)");
	assert_non_null(one);
	assert_string_equal(one, two);
	free(one);
	free(two);
	store_close(store);
	store_close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_who_has_a_row, clear),
		cmocka_unit_test_setup(test_what_is_due, clear),
		cmocka_unit_test_setup(test_the_same_on_every_node, clear),
	};

	return cmocka_run_group_tests_name("schedule_store", tests, NULL, NULL);
}

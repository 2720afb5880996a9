/* SPDX-License-Identifier: MIT */
/*
 * Lists of related articles: an answer that lies ready gives the same as one that is computed; conditions, filling up, what is
 * withdrawn, stories of which one is given out; and what a list was made from.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "related_archive.h"
#include "store/store_internal.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

/* The list as JSON, of the answer that is kept or of one computed. */
static char *list(struct store *store, const struct related_query *query, bool kept, struct related_sources *ret_sources, struct arena *arena)
{
	struct related_answer answer;
	struct text json = TEXT_EMPTY;
	struct error err;
	bool fine = kept ? store_related_kept(store, query->id, arena, &answer, &err)
	                 : store_related_compute(store, query->id, arena, &answer, &err);

	if (!fine || !store_related_write(store, query, &answer, arena, &json, ret_sources, &err))
		fail_msg("%s", err.detail);
	return text_take(&json);
}

static json_t *parse(const char *json)
{
	char *clean = strdup(json);
	json_t *rows;

	for (char *c = clean; *c != '\0'; c++)
		if (*c == CONTROL_BASE_URL)
			*c = '~';
	rows = json_loads(clean, JSON_REJECT_DUPLICATES, NULL);
	free(clean);
	assert_non_null(rows);
	return rows;
}

/* "3 4 7!": ids in order, with ! those that are there for being new alone. */
static void assert_list(struct store *store, const struct related_query *query, bool kept, const char *expected)
{
	struct arena *arena = arena_new();
	struct related_sources sources;
	struct text ids = TEXT_EMPTY;
	char *json = list(store, query, kept, &sources, arena);
	json_t *rows = parse(json), *row;
	size_t i;

	json_array_foreach(rows, i, row)
		text_printf(&ids, "%s%" JSON_INTEGER_FORMAT "%s", i > 0 ? " " : "", json_integer_value(json_object_get(row, "id")),
		    json_real_value(json_object_get(row, "score")) > 0 || strcmp(json_string_value(json_object_get(row, "origin")), "editorial") == 0 ? "" : "!");
	assert_string_equal(ids.length > 0 ? ids.bytes : "", expected);
	json_decref(rows);
	text_done(&ids);
	free(json);
	arena_free(arena);
}

static struct related_query of(int64_t id, size_t limit)
{
	return (struct related_query){ .id = id, .limit = limit, .newest_from = TIME_NONE };
}

static void test_conditions(void **state)
{
	static const int64_t out[] = { 3, 7 }, first[] = { 2 };
	static const struct {
		struct related_query query;
		const char *expected;
	} cases[] = {
		{ { .id = 1, .limit = 20, .newest_from = TIME_NONE }, "3 4 7! 10! 8! 9!" },
		{ { .id = 3, .limit = 20, .newest_from = TIME_NONE }, "2 4 7! 10! 8! 9!" },
		{ { .id = 1, .limit = 2, .newest_from = TIME_NONE }, "3 4" },
		{ { .id = 1, .limit = 3, .newest_from = TIME_NONE }, "3 4 7!" },
		{ { .id = 1, .limit = 20, .newest_from = TIME_NONE, .same_section = true }, "3 7! 10!" },
		{ { .id = 1, .limit = 20, .newest_from = TEST_TIME - 86400 * 6 }, "7! 10! 8! 9!" },
		{ { .id = 1, .limit = 20, .newest_from = TEST_TIME - 86400 * 8 }, "3 7! 10! 8! 9!" },
		{ { .id = 1, .limit = 20, .newest_from = TEST_TIME }, "" },
		{ { .id = 1, .limit = 20, .newest_from = TIME_NONE, .exclude = out, .n_exclude = N_OF(out) }, "4 10! 8! 9!" },
		/* without the one, its copy; and no copy comes for being new */
		{ { .id = 3, .limit = 20, .newest_from = TIME_NONE, .exclude = first, .n_exclude = 1 }, "1 4 7! 10! 8! 9!" },
		{ { .id = 8, .limit = 20, .newest_from = TIME_NONE, .same_section = true }, "9" },
	};
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++)
		assert_list(store, &cases[i].query, false, cases[i].expected);
	test_work_off_related(store);
	for (size_t i = 0; i < N_OF(cases); i++)
		assert_list(store, &cases[i].query, true, cases[i].expected);
	arena_free(arena);
	store_close(store);
}

/* Before anything is computed: the newest, no text having been read. */
static void test_nothing_kept(void **state)
{
	const struct related_query two = of(1, 2), all = of(1, 20);
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);
	struct related_sources sources;

	(void)state;
	assert_list(store, &two, true, "7! 10!");
	assert_list(store, &all, true, "7! 10! 3! 2! 8! 9! 4!");
	free(list(store, &two, true, &sources, arena));
	assert_string_equal(sources.section, "local");
	assert_false(sources.all);
	free(list(store, &all, true, &sources, arena));
	assert_true(sources.section != NULL && sources.all);
	arena_free(arena);
	store_close(store);
}

static void withdraw(struct store *store, int number, struct arena *arena)
{
	struct article article;

	archive_article(number, arena, &article);
	article.rev = 2;
	article.status = ARTICLE_WITHDRAWN;
	article.removed_at = TEST_TIME;
	test_append(store, &article);
}

/* Gone from every list at once, with nothing computed anew; its copy takes its place; and what it was looked at for is said. */
static void test_withdrawn_member(void **state)
{
	const struct related_query two = of(3, 2), one = of(3, 1);
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);
	struct related_sources sources;

	(void)state;
	test_work_off_related(store);
	assert_list(store, &two, true, "2 4");
	free(list(store, &one, true, &sources, arena));
	assert_int_equal(sources.n, 1);
	withdraw(store, 2, arena);
	assert_list(store, &two, true, "1 4");
	free(list(store, &one, true, &sources, arena));
	assert_int_equal(sources.n, 2);
	assert_true(sources.articles[0].id == 2 && sources.articles[0].seq == 0);
	assert_true(sources.articles[1].id == 1 && sources.articles[1].seq == 1);
	assert_true(sources.section == NULL && !sources.all);
	withdraw(store, 1, arena);
	assert_list(store, &two, true, "4 7!");
	arena_free(arena);
	store_close(store);
}

/* An item that has changed is read as it is now. */
static void test_item_of_now(void **state)
{
	const struct related_query one = of(3, 1);
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);
	struct related_sources sources;
	struct article article;
	char *json;

	(void)state;
	test_work_off_related(store);
	archive_article(2, arena, &article);
	article.rev = 2;
	article.title = "Another headline";
	test_append(store, &article);
	json = list(store, &one, true, &sources, arena);
	assert_non_null(strstr(json, "\"Another headline\""));
	free(json);
	arena_free(arena);
	store_close(store);
}

static void test_whole_rows(void **state)
{
	const struct related_query one = of(3, 1), six = of(3, 6);
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);
	struct related_sources sources;
	struct text item = TEXT_EMPTY;
	struct error err;
	json_t *rows, *reason;
	char *json;

	(void)state;
	test_work_off_related(store);
	json = list(store, &one, true, &sources, arena);
	assert_true(store_item(store, 2, &item, &err));
	assert_memory_equal(json + 1, item.bytes, item.length - 1);
	assert_memory_equal(json + item.length, ",\"score\":0.", 11);
	assert_non_null(strstr(json, ",\"origin\":\"computed\",\"reasons\":[{\"type\":\"tag\",\"value\":\"ferry\"},"));
	assert_string_equal(json + strlen(json) - 4, "}]}]");
	free(json);
	/* Filled up: of the article's section, then each of its own. */
	json = list(store, &six, true, &sources, arena);
	rows = parse(json);
	reason = json_array_get(json_object_get(json_array_get(rows, 2), "reasons"), 0);
	assert_string_equal(json_string_value(json_object_get(reason, "value")), "Local");
	reason = json_array_get(json_object_get(json_array_get(rows, 4), "reasons"), 0);
	assert_string_equal(json_string_value(json_object_get(reason, "value")), "Sports");
	json_decref(rows);
	free(json);
	text_done(&item);
	arena_free(arena);
	store_close(store);
}

static void test_damaged_answer(void **state)
{
	const struct related_query six = of(3, 6);
	struct arena *arena = arena_new();
	struct store *store = archive_store(arena);
	struct related_answer answer;
	struct related_sources sources;
	struct text json = TEXT_EMPTY;
	struct error err;

	(void)state;
	test_work_off_related(store);
	test_execute(store, "UPDATE article_related SET answer = x'01ff' WHERE article_id = 3");
	assert_true(store_related_kept(store, 3, arena, &answer, &err));
	assert_false(store_related_write(store, &six, &answer, arena, &json, &sources, &err));
	assert_int_equal(err.code, ERROR_INTERNAL);
	text_done(&json);
	arena_free(arena);
	store_close(store);
}

/* Random newsrooms: what is kept gives what is computed, byte by byte. */
static void test_kept_is_computed(void **state)
{
	struct arena *arena = arena_new();
	struct store *store = test_store();
	struct model model;

	(void)state;
	model_init(&model, store, 22);
	for (int step = 0; step < 300; step++) {
		model_step(&model);
		if (step % 50 == 0)
			test_work_off_related(store);
	}
	/* Some lists went stale by what happened to third articles: ask for all of them. */
	test_execute(store, "INSERT OR IGNORE INTO related_due SELECT article_id, seq, 0 FROM article WHERE status = 'published'");
	test_work_off_related(store);
	for (size_t i = 0; i < model.n; i++) {
		struct related_query query = of(model.articles[i].id, 1 + i % RELATED_MOST);
		struct related_sources one, other;
		char *kept, *computed;

		if (model.articles[i].status != ARTICLE_PUBLISHED)
			continue;
		query.same_section = i % 3 == 0;
		query.newest_from = i % 2 == 0 ? model.articles[i].published_at - 86400 * 30 : TIME_NONE;
		kept = list(store, &query, true, &one, arena);
		computed = list(store, &query, false, &other, arena);
		assert_string_equal(kept, computed);
		assert_int_equal(one.n, other.n);
		free(kept);
		free(computed);
		arena_reset(arena);
	}
	assert_int_equal(test_findings(store), 0);
	arena_free(arena);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_nothing_kept),
		cmocka_unit_test(test_withdrawn_member),
		cmocka_unit_test(test_item_of_now),
		cmocka_unit_test(test_whole_rows),
		cmocka_unit_test(test_damaged_answer),
		cmocka_unit_test(test_kept_is_computed),
	};

	return cmocka_run_group_tests_name("related_read", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Batches: a result a line, in order; a bad line fails alone; what is the store's own trouble undoes all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "publish.h"
#include "test_store.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

#define GOOD(title) "{\"title\":\"" title "\",\"source\":\"S\",\"section\":\"N\",\"published_at\":\"2015-01-01\"}"

/* The lines lie in an exact block without a NUL, so that a byte read too far is found by the sanitizers. */
static bool batch(struct store *store, const char *lines, size_t length, struct text *ret_results, struct error *ret_err)
{
	struct publisher publisher = { .store = store, .log = local_log() };
	char *copy = malloc(length > 0 ? length : 1);
	bool fine;

	memcpy(copy, lines, length);
	fine = publish_batch(&publisher, copy, length, &(size_t){ 0 }, ret_results, ret_err);
	free(copy);
	return fine;
}

/* Calls `check` for each line of results, parsed. Returns how many. */
static size_t each_result(const struct text *results, void (*check)(json_t *result, size_t index, const void *arg), const void *arg)
{
	size_t n = 0;

	for (const char *line = results->length > 0 ? results->bytes : ""; *line != '\0';) {
		const char *end = strchr(line, '\n');
		json_t *result;

		assert_non_null(end);
		result = json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(result);
		check(result, n++, arg);
		json_decref(result);
		line = end + 1;
	}
	return n;
}

struct expected {
	int line, status;
	const char *outcome;          /* or a part of the detail */
};

static void check_result(json_t *result, size_t index, const void *arg)
{
	const struct expected *expected = (const struct expected *)arg + index;
	const bool fine = expected->status < 300;
	const char *says = json_string_value(json_object_get(result, fine ? "outcome" : "detail"));

	if (json_integer_value(json_object_get(result, "line")) != expected->line ||
	    json_integer_value(json_object_get(result, "status")) != expected->status || says == NULL || strstr(says, expected->outcome) == NULL)
		fail_msg("result %zu: %s", index, json_dumps(result, 0));
	assert_int_equal(json_object_get(result, "id") != NULL, fine);
}

static void test_lines(void **state)
{
	static const char lines[] =
	    GOOD("One") "\n"
	    "\n"
	    "not JSON\n"
	    GOOD("One") "\r\n"
	    " \t\r\n"
	    "{\"title\":\"Two\"}\n"
	    "[]\n"
	    "{\"title\":\"Three\",\"source\":\"S\"}\n"
	    "{\"title\":\"Four\",\"source\":\"S\",\"section\":\"N\",\"titel\":1}\n"
	    "{\"title\":\"One\",\"source\":\"S\",\"section\":\"N\",\"published_at\":\"2015-01-01\",\"byline\":\"x\"}\n"
	    "{\"title\":\"a\",\"title\":\"b\"}\n"
	    "\xff\xfe\n"
	    "{\"title\":\"\xff\"}\n"
	    GOOD("Five");    /* no line end */
	static const struct expected expected[] = {
		{ 1, 201, "created" }, { 3, 400, "column 3" }, { 4, 200, "unchanged" }, { 6, 422, "/source" }, { 7, 400, "object" }, { 8, 422, "/section" },
		{ 9, 422, "title?" }, { 10, 200, "updated" }, { 11, 400, "duplicate" }, { 12, 400, "" }, { 13, 400, "" }, { 14, 201, "created" },
	};
	struct store *store = test_store();
	struct text results = TEXT_EMPTY;
	struct error err;

	(void)state;
	assert_true(batch(store, lines, sizeof lines - 1, &results, &err));
	assert_int_equal(each_result(&results, check_result, expected), N_OF(expected));
	assert_int_equal(test_number(store, "SELECT count(*) FROM article"), 2);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_version"), 3);
	assert_int_equal(test_findings(store), 0);
	text_done(&results);
	store_close(store);
}

static void test_nothing(void **state)
{
	static const char *const cases[] = { "", "\n", "   ", " \n\t\n\r\n", "\r" };
	struct store *store = test_store();
	struct error err;

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct text results = TEXT_EMPTY;

		assert_true(batch(store, cases[i], strlen(cases[i]), &results, &err));
		assert_int_equal(results.length, 0);
		text_done(&results);
	}
	store_close(store);
}

static void check_binary(json_t *result, size_t index, const void *arg)
{
	(void)index, (void)arg;
	assert_int_equal(json_integer_value(json_object_get(result, "status")), 400);
}

/* Bytes of any kind: each line gets a result that is JSON, and nothing is kept. */
static void test_binary(void **state)
{
	struct store *store = test_store();
	struct test_random random = { 6 };
	struct text results = TEXT_EMPTY;
	char bytes[20000];
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)test_random(&random, 256);
	assert_true(batch(store, bytes, sizeof bytes, &results, &err));
	assert_true(each_result(&results, check_binary, NULL) > 50);
	assert_true(text_is_utf8(results.bytes, results.length));
	assert_int_equal(test_number(store, "SELECT count(*) FROM article"), 0);
	text_done(&results);
	store_close(store);
}

/* A body that would become more than a store keeps: the line is refused, the others are not held up. */
static void test_swollen_line(void **state)
{
	static const struct expected expected[] = { { 1, 201, "created" }, { 2, 422, "body" }, { 3, 422, "body" }, { 4, 201, "created" } };
	struct store *store = test_store();
	struct text lines = TEXT_EMPTY, results = TEXT_EMPTY;
	struct error err;

	(void)state;
	text_string(&lines, GOOD("One") "\n{\"title\":\"Quotes\",\"source\":\"S\",\"section\":\"N\",\"body_text\":\"");
	for (int i = 0; i < 1000000; i++)
		text_string(&lines, "\\\"");
	text_string(&lines, "\"}\n{\"title\":\"Backslashes\",\"source\":\"S\",\"section\":\"N\",\"body_text\":\"");
	for (int i = 0; i < 1048000; i++)
		text_string(&lines, "\\\\");
	text_string(&lines, "\"}\n" GOOD("Two") "\n");
	if (!batch(store, lines.bytes, lines.length, &results, &err))
		fail_msg("%s", err.detail);
	assert_int_equal(each_result(&results, check_result, expected), N_OF(expected));
	assert_int_equal(test_findings(store), 0);
	text_done(&lines);
	text_done(&results);
	store_close(store);
}

static void test_too_many_lines(void **state)
{
	struct store *store = test_store();
	struct text lines = TEXT_EMPTY, results = TEXT_EMPTY;
	struct error err;

	(void)state;
	text_string(&lines, GOOD("One") "\n");
	for (int i = 1; i < BATCH_LINES_MOST; i++)
		text_string(&lines, "\n");
	assert_true(batch(store, lines.bytes, lines.length, &results, &err));
	text_string(&lines, GOOD("Two"));
	assert_false(batch(store, lines.bytes, lines.length, &results, &err));
	assert_int_equal(err.code, ERROR_TOO_LARGE);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article"), 1);    /* refused as a whole */
	text_done(&lines);
	text_done(&results);
	store_close(store);
}

/* A log that breaks at the third append: nothing of the batch is kept, and the caller is told at which line. */
static int appends;

static bool breaking_append(struct shared_log *log, struct store *store, const struct version *version, int64_t *ret_seq, struct error *err)
{
	(void)log;
	if (++appends == 3)
		return error_set(err, ERROR_STORAGE_FULL, "the disk is full");
	return local_log()->append(local_log(), store, version, ret_seq, err);
}

static void test_trouble(void **state)
{
	static const char lines[] = GOOD("One") "\nrubbish\n" GOOD("Two") "\n" GOOD("Three") "\n" GOOD("Four") "\n";
	struct shared_log log = { .append = breaking_append };
	struct store *store = test_store();
	struct publisher publisher = { .store = store, .log = &log };
	struct text results = TEXT_EMPTY;
	char *before = test_dump(store), *after;
	struct error err;

	(void)state;
	assert_false(publish_batch(&publisher, lines, sizeof lines - 1, &(size_t){ 0 }, &results, &err));
	assert_int_equal(err.code, ERROR_STORAGE_FULL);
	assert_non_null(strstr(err.detail, "line 4"));
	after = test_dump(store);
	assert_string_equal(before, after);
	free(before);
	free(after);
	/* And then it goes on as if nothing had been. */
	text_clear(&results);
	assert_true(publish_batch(&publisher, lines, sizeof lines - 1, &(size_t){ 0 }, &results, &err));
	assert_int_equal(test_number(store, "SELECT count(*) FROM article"), 4);
	text_done(&results);
	store_close(store);
}

/* A log that has written everything when it finds that it does not like an article. */
static bool late_append(struct shared_log *log, struct store *store, const struct version *version, int64_t *ret_seq, struct error *err)
{
	(void)log;
	if (!local_log()->append(local_log(), store, version, ret_seq, err))
		return false;
	return strncmp(version->article->title, "Bad", 3) != 0 || error_set(err, ERROR_CONFLICT, "too late");
}

static int64_t stopped(void)
{
	return TEST_TIME;
}

enum { GROUPED = 350 };

static bool is_bad(int number)
{
	return number == 1 || number == 150 || number == 151 || number == GROUPED;
}

static void write_grouped(bool with_bad, struct text *ret_lines)
{
	for (int i = 1; i <= GROUPED; i++) {
		if (i % 90 == 0)
			text_string(ret_lines, "{\"title\":\"No section\",\"source\":\"S\"}\n");
		else if (!is_bad(i) || with_bad)
			text_printf(ret_lines, "{\"title\":\"%s %d\",\"source\":\"S\",\"section\":\"N%d\",\"tags\":[\"t%d\"],\"published_at\":\"%d-01-01\"}\n",
			    is_bad(i) ? "Bad" : "Good", i, i % 7, i, 1500 + i);
	}
}

static void check_grouped(json_t *result, size_t index, const void *arg)
{
	const int number = (int)index + 1, status = number % 90 == 0 ? 422 : is_bad(number) ? 409 : 201;

	(void)arg;
	assert_int_equal(json_integer_value(json_object_get(result, "line")), number);
	assert_int_equal(json_integer_value(json_object_get(result, "status")), status);
}

/* There are no savepoints at first; yet one that fails halfway is undone alone, and leaves what would be without it. */
static void test_failure_halfway(void **state)
{
	struct shared_log log = { .append = late_append };
	struct store *store = test_store(), *without = test_store();
	struct publisher publisher = { .store = store, .log = &log }, other = { .store = without, .log = local_log() };
	struct text lines = TEXT_EMPTY, good = TEXT_EMPTY, results = TEXT_EMPTY, ignored = TEXT_EMPTY;
	char *one, *two;
	struct error err;

	(void)state;
	clock_replace(stopped);
	write_grouped(true, &lines);
	write_grouped(false, &good);
	if (!publish_batch(&publisher, lines.bytes, lines.length, &(size_t){ 0 }, &results, &err) || !publish_batch(&other, good.bytes, good.length, &(size_t){ 0 }, &ignored, &err))
		fail_msg("%s", err.detail);
	assert_int_equal(each_result(&results, check_grouped, NULL), GROUPED);
	assert_int_equal(test_findings(store), 0);
	one = test_dump(store);
	two = test_dump(without);
	assert_string_equal(one, two);
	clock_replace(NULL);
	free(one);
	free(two);
	text_done(&lines);
	text_done(&good);
	text_done(&results);
	text_done(&ignored);
	store_close(store);
	store_close(without);
}

/* --- articles that are decoded already --- */

enum { ITEMS = 30 };

/* Each of ten articles three times. What the importer has refused before stands among them. */
static void make_items(struct publish_item *items, struct arena *arena)
{
	for (int i = 0; i < ITEMS; i++) {
		items[i] = (struct publish_item){ .line = (size_t)i + 100 };
		test_article(&items[i].article, i % 10, arena);
	}
	items[7].refused = "not valid UTF-8";
	items[25].article.section = (struct term){ 0 };
}

static void test_articles(void **state)
{
	struct store *store = test_store();
	struct publisher publisher = { .store = store, .log = local_log() };
	struct arena *arena = arena_new();
	struct publish_item items[ITEMS];
	struct error err;

	(void)state;
	make_items(items, arena);
	if (!publish_articles(&publisher, items, ITEMS, arena, &err))
		fail_msg("%s", err.detail);
	for (int i = 0; i < ITEMS; i++) {
		if (i == 7 || i == 25)
			continue;
		assert_null(items[i].refused);
		assert_int_equal(items[i].result.outcome, i < 10 || i == 17 ? PUBLISH_CREATED : PUBLISH_UNCHANGED);
		assert_int_equal(items[i].result.id, i % 10 == 7 ? 10 : i % 10 < 7 ? i % 10 + 1 : i % 10);
	}
	assert_string_equal(items[7].refused, "not valid UTF-8");
	assert_non_null(strstr(items[25].refused, "/section"));
	assert_int_equal(test_number(store, "SELECT count(*) FROM article"), 10);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_version"), 10);
	assert_int_equal(test_findings(store), 0);
	arena_free(arena);
	store_close(store);
}

static void test_trouble_with_articles(void **state)
{
	struct shared_log log = { .append = breaking_append };
	struct store *store = test_store();
	struct publisher publisher = { .store = store, .log = &log };
	struct arena *arena = arena_new();
	struct publish_item items[ITEMS];
	char *before = test_dump(store), *after;
	struct error err;

	(void)state;
	appends = 0;
	make_items(items, arena);
	assert_false(publish_articles(&publisher, items, ITEMS, arena, &err));
	assert_int_equal(err.code, ERROR_STORAGE_FULL);
	assert_non_null(strstr(err.detail, "line 102"));
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
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_binary),
		cmocka_unit_test(test_swollen_line),
		cmocka_unit_test(test_too_many_lines),
		cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_failure_halfway),
		cmocka_unit_test(test_articles),
		cmocka_unit_test(test_trouble_with_articles),
	};

	return cmocka_run_group_tests_name("publish_batch", tests, NULL, NULL);
}

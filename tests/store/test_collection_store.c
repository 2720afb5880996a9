/* SPDX-License-Identifier: MIT */
/* Collections in the store: order, hidden members, what raises a generation and what does not, removal, and that undoing leaves nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/store_internal.h"
#include "test_store.h"

struct put {
	struct publisher *publisher;
	struct record record;
	bool fails;
};

static bool put_one(struct publisher *publisher, void *arg, struct error *err)
{
	struct put *put = arg;

	return publish_record(publisher, &put->record, "test", err) && (!put->fails || error_set(err, ERROR_CONFLICT, "undone"));
}

static int64_t put(struct store *store, int64_t ref, const char *json, bool is_removed, bool fails)
{
	struct publisher publisher = { .store = store, .log = local_log() };
	struct put put = { .record = { .kind = "collection", .ref = ref, .is_removed = is_removed, .json = json }, .fails = fails };
	struct error err;

	if (publish_together(&publisher, put_one, &put, &err) == fails)
		fail_msg("%s: %s", json, err.detail);
	return put.record.ref;
}

static int64_t article(struct store *store, int number, enum article_status status)
{
	struct arena *arena = arena_new();
	struct article article;
	int64_t id;

	test_article(&article, number, arena);
	article.status = status;
	if (status == ARTICLE_DRAFT)
		article.published_at = TIME_NONE;
	id = test_import(store, &article).id;
	arena_free(arena);
	return id;
}

static bool note(void *arg, int64_t id, const char *status, const char *json, size_t length, struct error *err)
{
	(void)err;
	assert_int_equal(json[0], '{');
	assert_int_equal(json[length - 1], '}');
	text_printf(arg, "%d%s ", (int)id, strcmp(status, "published") == 0 ? "" : "*");
	return true;
}

static void assert_members(struct store *store, int64_t id, bool with_hidden, size_t limit, const char *expected)
{
	struct collection_query query = { .collection_id = id, .limit = limit, .with_hidden = with_hidden };
	struct error err;

	for (int i = 0; i < 2; i++) {
		struct text seen = TEXT_EMPTY;

		query.with_documents = i == 1;
		text_string(&seen, "");
		assert_true(store_collection_items(store, &query, note, &seen, &err));
		assert_string_equal(seen.bytes, expected);
		text_done(&seen);
	}
}

static struct collection_row row_of(struct store *store, const char *name)
{
	static struct arena *arena;
	struct collection_row row;
	struct error err;

	arena_free(arena);
	arena = arena_new();
	err.code = ERROR_NONE;
	assert_true(store_collection(store, name, arena, &row, &err));
	return row;
}

static void three(struct store *store)
{
	assert_int_equal(article(store, 1, ARTICLE_PUBLISHED), 1);
	assert_int_equal(article(store, 2, ARTICLE_DRAFT), 2);
	assert_int_equal(article(store, 3, ARTICLE_PUBLISHED), 3);
}

static void test_members(void **state)
{
	struct store *store = test_store();
	int64_t id, all, shown;
	struct error err;

	(void)state;
	three(store);
	id = put(store, 0, "{\"name\":\"front\",\"title\":\"Front\",\"ids\":[3,2,1]}", false, false);
	assert_members(store, id, true, 10, "3 2* 1 ");
	assert_members(store, id, false, 10, "3 1 ");
	assert_members(store, id, false, 1, "3 ");
	assert_true(store_collection_count(store, id, &all, &shown, &err));
	assert_int_equal(all, 3);
	assert_int_equal(shown, 2);
	put(store, id, "{\"name\":\"front\",\"ids\":[1]}", false, false);
	assert_members(store, id, true, 10, "1 ");
	assert_null(row_of(store, "front").title);
	assert_int_equal(row_of(store, "front").rev, 2);
	assert_true(row_of(store, "other").is_removed);
	assert_int_equal(test_findings(store), 0);
	store_close(store);
}

/* Only what readers see raises it, and public_rev with it. */
static void test_generation(void **state)
{
	static const struct {
		const char *json;
		int64_t public_rev;
	} cases[] = {
		{ "{\"name\":\"front\",\"ids\":[3,1]}", 1 },
		{ "{\"name\":\"front\",\"ids\":[3,2,1]}", 1 },
		{ "{\"name\":\"front\",\"ids\":[2,3,1]}", 1 },
		{ "{\"name\":\"front\",\"ids\":[1,3,2]}", 4 },
		{ "{\"name\":\"front\",\"title\":\"Now\",\"ids\":[1,3,2]}", 5 },
		{ "{\"name\":\"front\",\"title\":\"Now\",\"ids\":[1,3]}", 5 },
		{ "{\"name\":\"front\",\"title\":\"Now\",\"ids\":[2]}", 7 },
		{ "{\"name\":\"front\",\"title\":\"Secret\",\"ids\":[2]}", 7 },
	};
	struct store *store = test_store();
	int64_t id = 0;

	(void)state;
	three(store);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct collection_row before = row_of(store, "front");
		const int64_t seq = before.seq, public_seq = store_public_seq(store);
		struct collection_row after;

		id = put(store, id, cases[i].json, false, false);
		after = row_of(store, "front");
		assert_int_equal(after.rev, i + 1);
		assert_int_equal(after.public_rev, cases[i].public_rev);
		assert_true((after.seq > seq) == (after.public_rev == after.rev));
		assert_true((store_public_seq(store) > public_seq) == (after.public_rev == after.rev));
		assert_int_equal(test_findings(store), 0);
	}
	store_close(store);
}

static void test_members_raise_it(void **state)
{
	struct store *store = test_store();
	int64_t seq;
	struct article edited;
	struct arena *arena = arena_new();

	(void)state;
	three(store);
	put(store, 0, "{\"name\":\"front\",\"ids\":[1,2]}", false, false);
	seq = row_of(store, "front").seq;
	test_article(&edited, 3, arena);
	edited.byline = "No member";
	test_import(store, &edited);
	assert_int_equal(row_of(store, "front").seq, seq);
	test_article(&edited, 1, arena);
	edited.byline = "A member";
	test_import(store, &edited);
	assert_true(row_of(store, "front").seq > seq);
	assert_int_equal(row_of(store, "front").seq, store_public_seq(store));
	assert_int_equal(test_findings(store), 0);
	arena_free(arena);
	store_close(store);
}

static void test_removal(void **state)
{
	struct store *store = test_store();
	int64_t id, seq;

	(void)state;
	three(store);
	id = put(store, 0, "{\"name\":\"front\",\"ids\":[1,2]}", false, false);
	seq = row_of(store, "front").seq;
	put(store, id, "{\"name\":\"front\",\"ids\":[]}", true, false);
	assert_true(row_of(store, "front").is_removed);
	assert_true(row_of(store, "front").seq > seq);
	assert_int_equal(test_number(store, "SELECT count(*) FROM collection_item"), 0);
	put(store, id, "{\"name\":\"front\",\"ids\":[3]}", false, false);
	assert_int_equal(row_of(store, "front").rev, 3);
	assert_false(row_of(store, "front").is_removed);
	assert_int_equal(test_findings(store), 0);
	store_close(store);
}

static void test_undone(void **state)
{
	struct store *store = test_store();
	char *before, *after;
	int64_t id;

	(void)state;
	three(store);
	id = put(store, 0, "{\"name\":\"front\",\"ids\":[1,2]}", false, false);
	before = test_dump(store);
	put(store, id, "{\"name\":\"front\",\"ids\":[3,1]}", false, true);
	put(store, 0, "{\"name\":\"more\",\"ids\":[3,77]}", false, true);
	after = test_dump(store);
	assert_string_equal(before, after);
	free(before);
	free(after);
	store_close(store);
}

static void test_check_finds(void **state)
{
	static const char *const harm[] = {
		"UPDATE collection SET rev = rev + 1",
		"UPDATE collection SET public_rev = rev + 1",
		"UPDATE collection SET seq = 1",
		"UPDATE collection SET seq = 1000000",
		"UPDATE collection SET removed = 1",
		"DELETE FROM article_version WHERE kind = 'collection'",
	};

	(void)state;
	for (size_t i = 0; i < sizeof harm / sizeof harm[0]; i++) {
		struct store *store = test_store();

		three(store);
		put(store, 0, "{\"name\":\"front\",\"ids\":[3,2]}", false, false);
		assert_int_equal(test_findings(store), 0);
		test_execute(store, harm[i]);
		if (test_findings(store) == 0)
			fail_msg("%s: nothing was found", harm[i]);
		store_close(store);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_generation),
		cmocka_unit_test(test_members_raise_it),
		cmocka_unit_test(test_removal),
		cmocka_unit_test(test_undone),
		cmocka_unit_test(test_check_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Sections in the store: names and former names, the walk over the articles of a renamed one, the navigation, and that undoing leaves nothing. */
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
	struct record record;
	bool fails;
};

static bool put_one(struct publisher *publisher, void *arg, struct error *err)
{
	struct put *put = arg;

	return publish_record(publisher, &put->record, "test", err) && (!put->fails || error_set(err, ERROR_CONFLICT, "undone"));
}

static void put(struct store *store, const char *slug, const char *json, bool fails)
{
	struct publisher publisher = { .store = store, .log = local_log() };
	struct put put = { .record = { .kind = "section", .json = json }, .fails = fails };
	struct error err;

	err.code = ERROR_NONE;
	assert_true(store_section_ref(store, slug, &put.record.ref, &err));
	if (publish_together(&publisher, put_one, &put, &err) == fails)
		fail_msg("%s: %s", json, err.detail);
}

static bool rename_some(struct publisher *publisher, void *arg, struct error *err)
{
	return publish_rename(publisher, 0, *(const size_t *)arg, err);
}

/* Works the rest off in steps of so many. Returns how many steps it took. */
static int work_off(struct store *store, size_t most)
{
	struct publisher publisher = { .store = store, .log = local_log() };
	struct error err;
	bool due = true;
	int steps = 0;

	err.code = ERROR_NONE;
	while (assert_true(store_rename_due(store, &due, &err)), due) {
		assert_true(publish_together(&publisher, rename_some, &most, &err));
		assert_true(steps++ < 100);
	}
	return steps;
}

static void write_article(struct store *store, int number, const char *section, enum article_status status)
{
	struct arena *arena = arena_new();
	struct article article;

	test_article(&article, number, arena);
	article.section = (struct term){ .name = section };
	article.status = status;
	if (status == ARTICLE_DRAFT)
		article.published_at = TIME_NONE;
	test_import(store, &article);
	arena_free(arena);
}

static int64_t named(struct store *store, const char *name)
{
	struct statement *count;
	static const char sql[] = "SELECT count(*) FROM article WHERE json_extract(replace(item, char(1), ''), '$.section.name') = ?1";
	struct error err;
	int64_t n;

	count = store_statement(store, sql);
	statement_bind_text(count, 1, name);
	assert_true(statement_row(count, &err));
	n = statement_integer(count, 0);
	statement_done(count);
	return n;
}

/* Published and not, each gets one version, in steps; what an editor wrote meanwhile gets none. */
static void test_rename(void **state)
{
	struct store *store = test_store();
	char *before, *after;

	(void)state;
	for (int i = 1; i <= 12; i++)
		write_article(store, i, i % 6 == 0 ? "Sports" : "National", i % 4 == 0 ? ARTICLE_DRAFT : ARTICLE_PUBLISHED);
	put(store, "national", "{\"slug\":\"national\",\"name\":\"Country\"}", false);
	assert_int_equal(named(store, "National"), 10);
	assert_int_equal(test_findings(store), 0);
	write_article(store, 1, "Country", ARTICLE_PUBLISHED);
	assert_int_equal(named(store, "Country"), 1);
	assert_true(work_off(store, 3) > 3);
	assert_int_equal(named(store, "Country"), 10);
	assert_int_equal(named(store, "Sports"), 2);
	assert_int_equal(test_number(store, "SELECT max(rev) FROM article"), 2);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_version WHERE kind = 'article'"), 22);
	assert_int_equal(test_findings(store), 0);
	before = test_text(store, "SELECT count(*) || ' ' || max(seq) FROM article_version");
	assert_int_equal(work_off(store, 3), 0);
	after = test_text(store, "SELECT count(*) || ' ' || max(seq) FROM article_version");
	assert_string_equal(before, after);
	free(before);
	free(after);
	store_close(store);
}

/* A second name before the first one is everywhere: all come to the last. */
static void test_renamed_twice(void **state)
{
	struct store *store = test_store();
	struct publisher publisher = { .store = store, .log = local_log() };
	size_t most = 2;
	struct error err;

	(void)state;
	for (int i = 1; i <= 8; i++)
		write_article(store, i, "National", ARTICLE_PUBLISHED);
	put(store, "national", "{\"slug\":\"national\",\"name\":\"Country\"}", false);
	assert_true(publish_together(&publisher, rename_some, &most, &err));
	assert_int_equal(named(store, "Country"), 2);
	put(store, "national", "{\"slug\":\"national\",\"name\":\"Nation\"}", false);
	work_off(store, 3);
	assert_int_equal(named(store, "Nation"), 8);
	put(store, "national", "{\"slug\":\"national\",\"name\":\"National\"}", false);
	work_off(store, 100);
	assert_int_equal(named(store, "National"), 8);
	assert_int_equal(test_number(store, "SELECT count(*) FROM term_alias"), 2);
	assert_int_equal(test_number(store, "SELECT count(*) FROM term WHERE kind = 'section'"), 1);
	assert_int_equal(test_findings(store), 0);
	store_close(store);
}

static void test_names(void **state)
{
	static const struct {
		const char *name, *slug;
	} cases[] = { { "Country", "national" }, { "COUNTRY", "national" }, { "National", "national" }, { "sports", "sports" }, { "Arts", NULL } };
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct error err;

	(void)state;
	write_article(store, 1, "National", ARTICLE_PUBLISHED);
	write_article(store, 2, "Sports", ARTICLE_PUBLISHED);
	put(store, "national", "{\"slug\":\"national\",\"name\":\"Country\"}", false);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *slug = "?";

		err.code = ERROR_NONE;
		assert_true(store_section_named(store, cases[i].name, arena, &slug, &err));
		if (cases[i].slug == NULL)
			assert_null(slug);
		else
			assert_string_equal(slug, cases[i].slug);
	}
	arena_free(arena);
	store_close(store);
}

static void test_navigation(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct term_page page;
	struct text seen = TEXT_EMPTY;
	struct error err;

	(void)state;
	for (int i = 1; i <= 10; i++)
		write_article(store, i, i <= 1 ? "A" : i <= 3 ? "B" : i <= 6 ? "C" : "D", ARTICLE_PUBLISHED);
	write_article(store, 11, "Unseen", ARTICLE_DRAFT);
	put(store, "a", "{\"slug\":\"a\",\"name\":\"A\",\"position\":4}", false);
	put(store, "b", "{\"slug\":\"b\",\"name\":\"B\",\"position\":2,\"hidden\":true}", false);
	put(store, "unseen", "{\"slug\":\"unseen\",\"name\":\"Unseen\",\"position\":1}", false);
	put(store, "new", "{\"slug\":\"new\",\"name\":\"New\",\"position\":1}", false);
	assert_true(store_navigation(store, 10, arena, &page, &err));
	for (size_t i = 0; i < page.n; i++)
		text_printf(&seen, "%s ", page.rows[i].slug);
	assert_string_equal(seen.bytes, "a d c ");
	assert_true(store_navigation(store, 2, arena, &page, &err));
	assert_int_equal(page.n, 2);
	assert_int_equal(test_findings(store), 0);
	text_done(&seen);
	arena_free(arena);
	store_close(store);
}

static void test_undone(void **state)
{
	struct store *store = test_store();
	char *before, *after;

	(void)state;
	write_article(store, 1, "National", ARTICLE_PUBLISHED);
	before = test_dump(store);
	put(store, "national", "{\"slug\":\"national\",\"name\":\"Country\",\"position\":4}", true);
	put(store, "more", "{\"slug\":\"more\",\"name\":\"More\"}", true);
	after = test_dump(store);
	assert_string_equal(before, after);
	free(before);
	free(after);
	/* and nothing is remembered of it */
	write_article(store, 2, "Country", ARTICLE_PUBLISHED);
	write_article(store, 3, "National", ARTICLE_PUBLISHED);
	assert_int_equal(test_number(store, "SELECT count(*) FROM term WHERE kind = 'section'"), 2);
	assert_int_equal(test_findings(store), 0);
	store_close(store);
}

static void test_check_finds(void **state)
{
	static const char *const harm[] = {
		"UPDATE section SET rev = rev + 1",
		"INSERT INTO term_alias (kind, folded, term_id) SELECT kind, folded, 1 FROM term WHERE kind = 'section'",
		"UPDATE term SET name = 'Another' WHERE kind = 'section'",
		"DELETE FROM section_rename",
	};

	(void)state;
	for (size_t i = 0; i < sizeof harm / sizeof harm[0]; i++) {
		struct store *store = test_store();

		write_article(store, 1, "National", ARTICLE_PUBLISHED);
		put(store, "national", "{\"slug\":\"national\",\"name\":\"Country\"}", false);
		if (i < 3)
			work_off(store, 10);
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
		cmocka_unit_test(test_rename),
		cmocka_unit_test(test_renamed_twice),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_navigation),
		cmocka_unit_test(test_undone),
		cmocka_unit_test(test_check_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

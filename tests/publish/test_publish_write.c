/* SPDX-License-Identifier: MIT */
/* Writing single articles, below HTTP: who comes second, what is refused and leaves nothing, what a withdrawal and an erasure keep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "publish.h"
#include "test_store.h"

enum { MOMENT = 1500000000 };

static int64_t moment;

static int64_t now(void)
{
	return moment;
}

static struct store *store;
static struct publisher publisher;
static struct arena *arena;
static struct writing writing;
static struct error err;

static int set_up(void **state)
{
	(void)state;
	moment = MOMENT;
	clock_replace(now);
	store = test_store();
	publisher = (struct publisher){ .store = store, .log = local_log() };
	arena = arena_new();
	writing = (struct writing){ .by = "jane", .arena = arena };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(test_findings(store), 0);
	arena_free(arena);
	store_close(store);
	clock_replace(NULL);
	return 0;
}

/* What an editor sends: not a published article with times, unless the test says so. */
static struct article sent(const char *title)
{
	struct article article;

	article_init(&article);
	article.title = title;
	article.source.name = "Wire";
	article.section.name = "News";
	article.status = ARTICLE_UNSAID;
	article.body_text = "Some text.";
	article.body_html = "<p>Some text.</p>";
	return article;
}

enum what { CREATE, REPLACE, WITHDRAW };

struct call {
	enum what what;
	const struct article *article;
	enum publish_conflict conflict;
	int64_t id, rev;
	struct withdrawal withdrawal;
	struct publish_result result;
};

static bool run(struct publisher *to, void *arg, struct error *ret_err)
{
	struct call *call = arg;

	if (call->what == CREATE)
		return publish_create(to, &writing, call->article, call->conflict, &call->result, ret_err);
	if (call->what == REPLACE)
		return publish_replace(to, &writing, call->id, call->rev, call->article, &call->result, ret_err);
	return publish_withdraw(to, &writing, call->id, call->rev, &call->withdrawal, &call->result, ret_err);
}

static bool do_call(struct call *call)
{
	return publish_together(&publisher, run, call, &err);
}

static int64_t create(const struct article *article)
{
	struct call call = { .what = CREATE, .article = article };

	if (!do_call(&call))
		fail_msg("%s", err.detail);
	assert_int_equal(call.result.outcome, PUBLISH_CREATED);
	return call.result.id;
}

static void expect_refused(struct call call, enum error_code code, const char *pointer)
{
	char *before = test_dump(store), *after;

	assert_false(do_call(&call));
	assert_int_equal(err.code, code);
	assert_true(pointer == NULL || (err.n_issues > 0 && strcmp(err.issues[0].where, pointer) == 0));
	after = test_dump(store);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

/* --- */

static void test_who_comes_second(void **state)
{
	struct article first = sent("First"), second = sent("Second");
	const int64_t id = create(&first);
	struct call call = { .what = REPLACE, .article = &second, .id = id, .rev = 1 };

	(void)state;
	assert_true(do_call(&call));
	assert_int_equal(call.result.outcome, PUBLISH_UPDATED);
	expect_refused(call, ERROR_STALE, NULL);
	expect_refused((struct call){ .what = WITHDRAW, .id = id, .rev = 1 }, ERROR_STALE, NULL);
	expect_refused((struct call){ .what = REPLACE, .article = &second, .id = 99, .rev = 1 }, ERROR_NOT_FOUND, NULL);
	expect_refused((struct call){ .what = WITHDRAW, .id = 99 }, ERROR_NOT_FOUND, NULL);
	call.rev = 2;
	assert_true(do_call(&call));
	assert_int_equal(call.result.outcome, PUBLISH_UNCHANGED);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_version"), 2);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_version WHERE by = 'jane'"), 2);
}

/* Whatever is refused late has looked up terms and slugs: none of it stays. */
static void test_refused(void **state)
{
	struct article known = sent("Known"), article = sent("New");
	int64_t id;

	(void)state;
	known.guid = "g";
	id = create(&known);
	article.source.name = "A new source";
	article.tags = (struct term_list){ .items = &(struct term){ .name = "A new tag", .type = "topic" }, .n = 1 };
	article.status = ARTICLE_PUBLISHED;
	article.section = (struct term){ 0 };
	expect_refused((struct call){ .what = CREATE, .article = &article }, ERROR_FIELDS, "/section");
	expect_refused((struct call){ .what = REPLACE, .article = &article, .id = id, .rev = 1 }, ERROR_FIELDS, "/section");
	article.section.name = "News";
	article.slug = "known";
	expect_refused((struct call){ .what = CREATE, .article = &article }, ERROR_FIELDS, "/slug");
	assert_string_equal(err.issues[0].suggestion, "known-2");
	article.slug = NULL;
	article.published_at = MOMENT - 10;
	article.expire_at = MOMENT - 20;
	expect_refused((struct call){ .what = CREATE, .article = &article }, ERROR_FIELDS, "/expire_at");
	expect_refused((struct call){ .what = CREATE, .article = &known }, ERROR_CONFLICT, NULL);
	assert_non_null(strstr(err.members, "\"id\":1"));
	expect_refused((struct call){ .what = WITHDRAW, .id = id, .withdrawal = { .replaced_by = 77 } }, ERROR_FIELDS, "/replaced_by");
	expect_refused((struct call){ .what = WITHDRAW, .id = id, .withdrawal = { .replaced_by = id } }, ERROR_FIELDS, "/replaced_by");
}

/* Time does not run backwards in an article, whatever the clock does. */
static void test_updated_at_never_falls(void **state)
{
	struct article article = sent("Timed");
	const int64_t id = create(&article);
	struct call call = { .what = REPLACE, .article = &article, .id = id };
	struct article kept;

	(void)state;
	for (int i = 0; i < 6; i++) {
		moment = MOMENT + (i % 2 == 0 ? -1000 : 10 * i);
		article.byline = i % 2 == 0 ? "one" : "other";
		call.rev = i + 1;
		assert_true(do_call(&call));
		assert_true(store_article_load(store, id, arena, &kept, &err));
		assert_int_equal(kept.updated_at, MOMENT + (i % 2 == 0 ? (i > 0 ? 10 * (i - 1) : 0) : 10 * i));
	}
	call = (struct call){ .what = WITHDRAW, .id = id };
	moment = MOMENT - 5000;
	assert_true(do_call(&call));
	assert_true(store_article_load(store, id, arena, &kept, &err));
	assert_int_equal(kept.updated_at, MOMENT + 50);
}

static void test_a_withdrawal_keeps_the_text(void **state)
{
	struct article article = sent("Withdrawn"), kept;
	struct call call = { .what = WITHDRAW, .withdrawal = { .reason = "r" } };

	(void)state;
	article.status = ARTICLE_PUBLISHED;
	call.id = create(&article);
	assert_true(do_call(&call));
	assert_true(store_article_load(store, call.id, arena, &kept, &err));
	assert_int_equal(kept.status, ARTICLE_WITHDRAWN);
	assert_string_equal(kept.body_text, "Some text.");
	assert_string_equal(kept.removal_reason, "r");
	assert_int_equal(kept.removed_at, MOMENT);
	assert_true(kept.was_public);
	moment += 100;
	call.withdrawal.reason = NULL;
	assert_true(do_call(&call));
	assert_int_equal(call.result.outcome, PUBLISH_UNCHANGED);
}

/* Numbers, address, former addresses and origin stay; every version is blank; those of others are not touched. */
static void test_an_erasure(void **state)
{
	struct article article = sent("Private matter"), other = sent("Another matter"), kept;
	struct call call = { .what = REPLACE, .article = &article };

	(void)state;
	article.guid = "g";
	article.status = other.status = ARTICLE_PUBLISHED;
	article.byline = "Private byline";
	call.id = create(&article);
	create(&other);
	article.slug = "elsewhere";
	article.summary = "Private summary";
	for (call.rev = 1; call.rev < 4; call.rev++) {
		article.byline = call.rev % 2 == 0 ? "Private byline" : "Another private byline";
		assert_true(do_call(&call));
	}
	call = (struct call){ .what = WITHDRAW, .id = call.id, .withdrawal = { .erases = true, .reason = "By order" } };
	assert_true(do_call(&call));
	assert_int_equal(call.result.outcome, PUBLISH_UPDATED);
	assert_true(store_article_load(store, call.id, arena, &kept, &err));
	assert_true(kept.erased && kept.was_public && kept.rev == 5);
	assert_string_equal(kept.slug, "elsewhere");
	assert_string_equal(kept.guid, "g");
	assert_int_equal(kept.aliases.n, 1);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_version WHERE ref = 1"
	                                    " AND (replace(doc, 'private-matter', '') LIKE '%private%' OR doc LIKE '%some text%')"), 0);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_version WHERE ref = 1 AND doc NOT LIKE '%\"title\":\"Erased\"%'"), 0);
	assert_int_equal(test_number(store, "SELECT count(*) FROM article_version WHERE ref = 2 AND doc LIKE '%some text%'"), 1);
	assert_true(store_version_load(store, call.id, 1, arena, &kept, &err));
	assert_null(kept.body_text);
	/* for good */
	expect_refused((struct call){ .what = REPLACE, .article = &article, .id = call.id, .rev = 5 }, ERROR_CONFLICT, NULL);
	assert_true(do_call(&call));
	assert_int_equal(call.result.outcome, PUBLISH_UNCHANGED);
}

/* One that is called so is not taken for one that has been. */
static void test_an_article_called_erased(void **state)
{
	struct article article, kept;
	struct call call = { .what = WITHDRAW };

	(void)state;
	article_init(&article);
	article.title = "Erased";
	article.source.name = "Wire";
	article.body_text = "Private.";
	article.body_html = "<p>Private.</p>";
	call.id = create(&article);
	article.body_text = article.body_html = NULL;
	assert_true(do_call(&(struct call){ .what = REPLACE, .article = &article, .id = call.id, .rev = 1 }));
	assert_true(do_call(&call));
	call.withdrawal.erases = true;
	assert_true(do_call(&call));
	assert_int_equal(call.result.outcome, PUBLISH_UPDATED);
	assert_true(store_version_load(store, call.id, 1, arena, &kept, &err));
	assert_null(kept.body_text);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_who_comes_second),
		TEST(test_refused),
		TEST(test_updated_at_never_falls),
		TEST(test_a_withdrawal_keeps_the_text),
		TEST(test_an_erasure),
		TEST(test_an_article_called_erased),
	};

	return cmocka_run_group_tests_name("publish_write", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * Importing one article: created, updated, unchanged; who it is; slugs, ids, times, status. The clock stands at NOW.
 */
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

enum { NOW = TEST_TIME + 86400 };    /* 2016-01-01T17:20:00Z */

static int64_t now = NOW;

static int64_t stopped(void)
{
	return now;
}

static int setup(void **state)
{
	now = NOW;
	clock_replace(stopped);
	*state = test_store();
	return 0;
}

static int teardown(void **state)
{
	clock_replace(NULL);
	assert_int_equal(test_findings(*state), 0);    /* after every test */
	store_close(*state);
	return 0;
}

static char *exported(struct store *store, int64_t id)
{
	struct arena *arena = arena_new();
	struct text line = TEXT_EMPTY;
	struct article article;
	struct error err;

	if (!store_article_load(store, id, arena, &article, &err))
		fail_msg("article %" PRId64 ": %s", id, err.detail);
	article_encode(&article, VIEW_EXPORT, &line);
	arena_free(arena);
	return text_take(&line);
}

static void assert_holds(struct store *store, int64_t id, const char *part)
{
	char *line = exported(store, id);

	if (strstr(line, part) == NULL)
		fail_msg("%s\nholds no %s", line, part);
	free(line);
}

static void assert_lacks(struct store *store, int64_t id, const char *part)
{
	char *line = exported(store, id);

	if (strstr(line, part) != NULL)
		fail_msg("%s\nholds %s", line, part);
	free(line);
}

/* --- a table of imports into one store --- */

struct step {
	const char *members;          /* of the JSON, besides source "S" and section "N" where it names none */
	enum publish_outcome outcome;
	int64_t id;
	const char *holds;            /* in the export line afterwards; may be NULL */
};

static void follow(struct store *store, const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena *arena = arena_new();
		const char *source = strstr(steps[i].members, "\"source\"") == NULL ? ",\"source\":\"S\"" : "";
		const char *section = strstr(steps[i].members, "\"section\"") == NULL ? ",\"section\":\"N\"" : "";
		struct publish_result result = test_import_json(store, arena_printf(arena, "{%s%s%s}", steps[i].members, source, section));

		if (result.outcome != steps[i].outcome || result.id != steps[i].id)
			fail_msg("step %zu, %s: %s %" PRId64, i, steps[i].members, publish_outcome_names[result.outcome], result.id);
		if (steps[i].holds != NULL)
			assert_holds(store, steps[i].id, steps[i].holds);
		arena_free(arena);
	}
}

#define CREATED PUBLISH_CREATED
#define UPDATED PUBLISH_UPDATED
#define UNCHANGED PUBLISH_UNCHANGED

static void test_by_guid(void **state)
{
	static const struct step steps[] = {
		{ "\"title\":\"One\",\"guid\":\"g\",\"body_text\":\"a\"", CREATED, 1, "\"rev\":1" },
		{ "\"title\":\"One\",\"guid\":\"g\",\"body_text\":\"a\"", UNCHANGED, 1, "\"rev\":1" },
		{ "\"title\":\"Two\",\"guid\":\"g\",\"body_text\":\"a\"", UPDATED, 1, "\"slug\":\"one\",\"title\":\"Two\"" },    /* the slug does not follow */
		{ "\"title\":\"Two\",\"guid\":\"g\",\"body_text\":\"b\"", UPDATED, 1, "\"rev\":3" },
		{ "\"title\":\"Two\",\"guid\":\"g\",\"body_text\":\"b\"", UNCHANGED, 1, "\"rev\":3" },
		{ "\"title\":\"Two\",\"guid\":\"g\",\"body_text\":\"b\",\"source\":\"s\"", UNCHANGED, 1, "\"name\":\"S\"" },    /* the same source */
		{ "\"title\":\"Two\",\"guid\":\"g\",\"body_text\":\"b\",\"source\":\"Other\"", CREATED, 2, "\"slug\":\"two\"" },
		{ "\"title\":\"Two\",\"guid\":\"G\",\"body_text\":\"b\"", CREATED, 3, "\"slug\":\"two-2\"" },
		{ "\"title\":\"Two\",\"guid\":\"g\",\"summary\":\"s\",\"tags\":[\"t\"]", UPDATED, 1, "\"body_text\":\"b\"" },    /* a list leaves bodies out */
		{ "\"title\":\"Two\",\"guid\":\"g\",\"summary\":\"s\"", UPDATED, 1, "\"tags\":[]" },    /* but not tags */
	};

	follow(*state, steps, N_OF(steps));
	assert_int_equal(test_number(*state, "SELECT count(*) FROM article_version"), 7);
}

/* What readers get over the API has no guid in lists: taken in again it changes nothing, and the guid is still known. */
static void test_guid_is_kept(void **state)
{
	static const struct step steps[] = {
		{ "\"title\":\"One\",\"guid\":\"g\",\"published_at\":\"2015-01-01\",\"body_text\":\"a\",\"source_url\":\"https://a.example/\"", CREATED, 1, NULL },
		{ "\"title\":\"One\",\"published_at\":\"2015-01-01\"", UNCHANGED, 1, "\"guid\":\"g\"" },
		{ "\"title\":\"One\",\"guid\":\"g\",\"published_at\":\"2015-01-01\",\"body_text\":\"a\"", UNCHANGED, 1, NULL },
		{ "\"title\":\"Two\",\"published_at\":\"2015-01-01\"", CREATED, 2, NULL },
		{ "\"title\":\"Two\",\"guid\":\"h\",\"published_at\":\"2015-01-01\"", UPDATED, 2, "\"guid\":\"h\"" },    /* adopted */
		{ "\"title\":\"Two\",\"guid\":\"i\",\"published_at\":\"2015-01-01\"", CREATED, 3, "\"slug\":\"two-2\"" },    /* another one */
	};

	follow(*state, steps, N_OF(steps));
}

static void test_by_slug_and_time(void **state)
{
#define AT(time) "\"published_at\":\"" time "\""
	static const struct step steps[] = {
		{ "\"title\":\"Weather\"," AT("2015-01-01"), CREATED, 1, "\"slug\":\"weather\"" },
		{ "\"title\":\"Weather\"," AT("2015-01-01"), UNCHANGED, 1, NULL },
		{ "\"title\":\"Weather\"," AT("2015-01-02"), CREATED, 2, "\"slug\":\"weather-2\"" },
		{ "\"title\":\"Weather\"," AT("2015-01-03"), CREATED, 3, "\"slug\":\"weather-3\"" },
		{ "\"title\":\"Weather\"," AT("2015-01-02"), UNCHANGED, 2, NULL },
		{ "\"title\":\"WEATHER!\"," AT("2015-01-02"), UPDATED, 2, "\"slug\":\"weather-2\",\"title\":\"WEATHER!\"" },
		{ "\"title\":\"Weather\"," AT("2015-01-01") ",\"source\":\"Other\"", CREATED, 4, "\"slug\":\"weather-4\"" },
		{ "\"title\":\"Weather\"," AT("2015-01-01") ",\"body_text\":\"rain\"", UPDATED, 1, "\"rev\":2" },
		{ "\"title\":\"Weather\",\"body_text\":\"rain\"", UNCHANGED, 1, AT("2015-01-01T00:00:00Z") },    /* no time: the first of the name */
		{ "\"title\":\"A new title\",\"slug\":\"weather-3\"," AT("2015-01-03"), UPDATED, 3, "\"slug\":\"weather-3\"" },
		{ "\"title\":\"???\"", CREATED, 5, "\"slug\":\"article\"" },
		{ "\"title\":\"2015\"", CREATED, 6, "\"slug\":\"article-2015\"" },
	};

	follow(*state, steps, N_OF(steps));
}

static void test_slugs(void **state)
{
	static const struct step steps[] = {
		{ "\"title\":\"One\",\"guid\":\"1\",\"slug\":\"wish\"", CREATED, 1, "\"slug\":\"wish\"" },
		{ "\"title\":\"Two\",\"guid\":\"2\",\"slug\":\"wish\"", CREATED, 2, "\"slug\":\"wish-2\"" },
		/* A new slug makes the former one an alias, which stays reserved. */
		{ "\"title\":\"One\",\"guid\":\"1\",\"slug\":\"other\"", UPDATED, 1, "\"aliases\":[\"wish\"]" },
		{ "\"title\":\"One\",\"guid\":\"1\",\"slug\":\"third\"", UPDATED, 1, "\"aliases\":[\"wish\",\"other\"]" },
		{ "\"title\":\"Three\",\"guid\":\"3\",\"slug\":\"other\"", CREATED, 3, "\"slug\":\"other-2\"" },
		{ "\"title\":\"One\",\"guid\":\"1\"", UNCHANGED, 1, NULL },
		/* Back to a former one: it is no alias then. */
		{ "\"title\":\"One\",\"guid\":\"1\",\"slug\":\"wish\"", UPDATED, 1, "\"aliases\":[\"other\",\"third\"]" },
		/* Aliases that it brings along, unless another has them. */
		{ "\"title\":\"Four\",\"guid\":\"4\",\"aliases\":[\"old-four\",\"third\",\"old-four\",\"four\"]", CREATED, 4, "\"aliases\":[\"old-four\"]" },
		{ "\"title\":\"Old four\",\"guid\":\"5\"", CREATED, 5, "\"slug\":\"old-four-2\"" },
		{ "\"title\":\"Four\",\"guid\":\"4\",\"aliases\":[\"more\"]", UPDATED, 4, "\"aliases\":[\"old-four\",\"more\"]" },
	};

	follow(*state, steps, N_OF(steps));
}

/* A wish as long as a slug may be, taken already: what makes it unique must not make it too long to be read back. */
static void test_long_slugs(void **state)
{
	struct arena *arena = arena_new();
	char slug[SLUG_LONGEST + 9];

	memset(slug, 'a', sizeof slug - 1);
	slug[sizeof slug - 1] = '\0';
	assert_true(slug_is_valid(slug));
	for (int i = 1; i <= 12; i++) {
		char *line;

		test_import_json(*state, arena_printf(arena,
		                             "{\"title\":\"T\",\"source\":\"S\",\"section\":\"N\",\"guid\":\"%d\",\"slug\":\"%s\","
		                             "\"tags\":[{\"name\":\"tag %d\",\"slug\":\"%s\"}]}", i, slug, i, slug));
		line = exported(*state, i);    /* fails when it cannot be read */
		free(line);
	}
	arena_free(arena);
}

static void test_ids(void **state)
{
	static const struct step steps[] = {
		{ "\"title\":\"a\"", CREATED, 1, NULL },
		{ "\"title\":\"b\",\"id\":10,\"rev\":4", CREATED, 10, "\"rev\":4" },    /* beyond all: kept */
		{ "\"title\":\"c\",\"id\":10,\"rev\":4", CREATED, 11, "\"rev\":1" },    /* not beyond: a new one, and a new history */
		{ "\"title\":\"d\",\"id\":5", CREATED, 12, "\"rev\":1" },
		{ "\"title\":\"e\"", CREATED, 13, NULL },
		{ "\"title\":\"b\",\"id\":10,\"rev\":4", UNCHANGED, 10, "\"rev\":4" },
		{ "\"title\":\"b\",\"id\":10,\"rev\":4,\"byline\":\"x\"", UPDATED, 10, "\"rev\":5" },
		{ "\"title\":\"b\",\"id\":99,\"rev\":77,\"byline\":\"y\"", UPDATED, 10, "\"rev\":6" },    /* a known one keeps its id */
		{ "\"title\":\"f\",\"id\":20", CREATED, 20, "\"rev\":1" },
		/* Beyond what leaves room for others. */
		{ "\"title\":\"g\",\"id\":9007199254740991", CREATED, 21, NULL },
		{ "\"title\":\"h\"", CREATED, 22, NULL },
		{ "\"title\":\"i\",\"id\":30,\"rev\":9007199254740991", CREATED, 30, NULL },
		{ "\"title\":\"i\",\"byline\":\"z\"", UPDATED, 30, NULL },
	};

	follow(*state, steps, N_OF(steps));
}

static void test_times(void **state)
{
	static const struct step steps[] = {
		{ "\"title\":\"a\"", CREATED, 1, "\"published_at\":\"2016-01-01T17:20:00Z\",\"updated_at\":\"2016-01-01T17:20:00Z\"" },
		{ "\"title\":\"b\"," AT("2015-01-01"), CREATED, 2, "\"published_at\":\"2015-01-01T00:00:00Z\",\"updated_at\":\"2015-01-01T00:00:00Z\"" },
		{ "\"title\":\"c\"," AT("2015-01-01") ",\"updated_at\":\"2015-01-02\"", CREATED, 3, "\"updated_at\":\"2015-01-02T00:00:00Z\"" },
		/* Changed: its own time if that is later, otherwise now. */
		{ "\"title\":\"c\"," AT("2015-01-01") ",\"updated_at\":\"2015-01-03\",\"byline\":\"x\"", UPDATED, 3, "\"updated_at\":\"2015-01-03T00:00:00Z\"" },
		{ "\"title\":\"c\"," AT("2015-01-01") ",\"updated_at\":\"2015-01-02\",\"byline\":\"y\"", UPDATED, 3, "\"updated_at\":\"2016-01-01T17:20:00Z\"" },
		{ "\"title\":\"b\"," AT("2015-01-01") ",\"byline\":\"x\"", UPDATED, 2, "\"updated_at\":\"2016-01-01T17:20:00Z\"" },
		/* Nothing but the time of change: no version. */
		{ "\"title\":\"b\"," AT("2015-01-01") ",\"byline\":\"x\",\"updated_at\":\"2016-01-01T18:00:00Z\"", UNCHANGED, 2, NULL },
		/* A re-date. */
		{ "\"title\":\"d\",\"guid\":\"d\"," AT("2015-01-01"), CREATED, 4, NULL },
		{ "\"title\":\"d\",\"guid\":\"d\"," AT("2015-05-01"), UPDATED, 4, "\"published_at\":\"2015-05-01T00:00:00Z\"" },
		{ "\"title\":\"d\",\"guid\":\"d\"", UNCHANGED, 4, NULL },
	};

	follow(*state, steps, N_OF(steps));
}

static void test_scheduled(void **state)
{
	static const struct step before[] = {
		{ "\"title\":\"a\",\"guid\":\"a\"," AT("2016-06-01"), CREATED, 1, "\"status\":\"scheduled\",\"publish_at\":\"2016-06-01T00:00:00Z\"" },
		{ "\"title\":\"a\",\"guid\":\"a\"," AT("2016-06-01"), UNCHANGED, 1, NULL },
		{ "\"title\":\"a\",\"guid\":\"a\",\"status\":\"published\"," AT("2016-06-01"), UNCHANGED, 1, NULL },
		{ "\"title\":\"a\",\"guid\":\"a\"," AT("2016-07-01"), UPDATED, 1, "\"publish_at\":\"2016-07-01T00:00:00Z\"" },
		{ "\"title\":\"b\"," AT("2016-06-01"), CREATED, 2, NULL },
		{ "\"title\":\"b\"," AT("2016-06-01"), UNCHANGED, 2, NULL },
		{ "\"title\":\"c\",\"status\":\"scheduled\",\"publish_at\":\"2016-06-01\"", CREATED, 3, "\"status\":\"scheduled\"" },
		{ "\"title\":\"c\",\"status\":\"scheduled\",\"publish_at\":\"2016-06-01\"", UNCHANGED, 3, NULL },
		{ "\"title\":\"d\",\"status\":\"draft\"," AT("2016-06-01"), CREATED, 4, "\"status\":\"draft\"" },
	};
	/* Its time has come, and a feed brings it: it is out. */
	static const struct step after[] = {
		{ "\"title\":\"a\",\"guid\":\"a\"," AT("2016-07-01"), UPDATED, 1, "\"status\":\"published\"" },
		{ "\"title\":\"a\",\"guid\":\"a\"," AT("2016-07-01"), UNCHANGED, 1, "\"published_at\":\"2016-07-01T00:00:00Z\"" },
	};

	follow(*state, before, N_OF(before));
	assert_lacks(*state, 1, "published_at");
	assert_int_equal(test_number(*state, "SELECT count(*) FROM article_term"), 0);
	assert_int_equal(store_public_seq(*state), 0);
	now += 365 * 86400;
	follow(*state, after, N_OF(after));
	assert_true(store_public_seq(*state) > 0);
}

static void test_withdrawn(void **state)
{
	static const struct step steps[] = {
		{ "\"title\":\"a\",\"guid\":\"a\"", CREATED, 1, "\"status\":\"published\"" },
		{ "\"title\":\"a\",\"guid\":\"a\",\"status\":\"withdrawn\",\"reason\":\"mistake\"", UPDATED, 1,
		    "\"removed_at\":\"2016-01-01T17:20:00Z\",\"reason\":\"mistake\"" },
	};
	static const struct step later[] = {
		/* A feed brings it again, unchanged or with another text: it stays withdrawn. */
		{ "\"title\":\"a\",\"guid\":\"a\"", UNCHANGED, 1, "\"status\":\"withdrawn\"" },
		{ "\"title\":\"a\",\"guid\":\"a\",\"byline\":\"x\"", UPDATED, 1, "\"status\":\"withdrawn\",\"removed_at\":\"2016-01-01T17:20:00Z\"" },
		/* The same file again, later: nothing has changed. */
		{ "\"title\":\"a\",\"guid\":\"a\",\"byline\":\"x\",\"status\":\"withdrawn\",\"reason\":\"mistake\"", UNCHANGED, 1, NULL },
		{ "\"title\":\"a\",\"guid\":\"a\",\"byline\":\"x\",\"status\":\"withdrawn\"", UPDATED, 1, "\"removed_at\":\"2016-01-01T17:20:00Z\"}" },
		/* Said in so many words, it comes back, and nothing of the removal stays. */
		{ "\"title\":\"a\",\"guid\":\"a\",\"status\":\"published\"", UPDATED, 1, "\"status\":\"published\"}" },
	};

	follow(*state, steps, N_OF(steps));
	assert_int_equal(test_number(*state, "SELECT count(*) FROM article_term"), 0);
	now += 3600;
	follow(*state, later, N_OF(later));
	assert_lacks(*state, 1, "reason");
	assert_lacks(*state, 1, "removed_at");
}

/* Whether readers have seen an article is remembered, and believed of one that comes from elsewhere. */
static void test_was_public(void **state)
{
	static const struct step steps[] = {
		{ "\"title\":\"a\",\"guid\":\"a\"", CREATED, 1, "\"status\":\"published\"}" },
		{ "\"title\":\"a\",\"guid\":\"a\",\"status\":\"draft\"", UPDATED, 1, "\"status\":\"draft\",\"was_public\":true}" },
		{ "\"title\":\"a\",\"guid\":\"a\",\"status\":\"draft\",\"was_public\":false", UNCHANGED, 1, "\"was_public\":true}" },
		{ "\"title\":\"b\",\"guid\":\"b\",\"status\":\"draft\"", CREATED, 2, "\"status\":\"draft\"}" },
		{ "\"title\":\"b\",\"guid\":\"b\",\"status\":\"draft\",\"was_public\":true", UPDATED, 2, "\"status\":\"draft\",\"was_public\":true}" },
		{ "\"title\":\"c\",\"guid\":\"c\",\"status\":\"draft\",\"was_public\":true", CREATED, 3, "\"status\":\"draft\",\"was_public\":true}" },
		{ "\"title\":\"d\",\"guid\":\"d\",\"status\":\"draft\",\"published_at\":\"2015-01-01\"", CREATED, 4, "\"status\":\"draft\"}" },
		{ "\"title\":\"d\",\"guid\":\"d\",\"status\":\"withdrawn\",\"published_at\":\"2015-01-01\"", UPDATED, 4, "\"was_public\":false" },
		{ "\"title\":\"e\",\"guid\":\"e\",\"status\":\"withdrawn\",\"published_at\":\"2015-01-01\",\"was_public\":false", CREATED, 5,
		    "\"was_public\":false" },
	};

	follow(*state, steps, N_OF(steps));
	assert_int_equal(test_number(*state, "SELECT sum(was_public << article_id) FROM article"), 2 + 4 + 8);
}

static void test_refused(void **state)
{
	static const struct { const char *json, *pointer; } cases[] = {
		{ "{\"title\":\"a\",\"source\":\"S\"}", "/section" },
		{ "{\"title\":\"a\",\"source\":\"S\",\"section\":\"N\"," AT("2015-01-01") ",\"expire_at\":\"2014-01-01\"}", "/expire_at" },
		{ "{\"title\":\"a\",\"source\":\"S\",\"section\":\"N\",\"status\":\"scheduled\"}", "/publish_at" },
	};
	struct arena *arena = arena_new();

	for (size_t i = 0; i < N_OF(cases); i++) {
		json_t *object = json_loads(cases[i].json, 0, NULL);
		struct article article;
		struct error err;

		assert_true(article_decode(object, DECODE_IMPORT, arena, &article, &err));
		assert_true(test_import_fails(*state, &article, &err));
		assert_int_equal(err.code, ERROR_FIELDS);
		assert_string_equal(err.issues[0].where, cases[i].pointer);
		json_decref(object);
	}
	assert_int_equal(test_number(*state, "SELECT count(*) FROM article"), 0);
	assert_int_equal(test_number(*state, "SELECT count(*) FROM term"), 0);
	arena_free(arena);
}

/* Terms are known by their folded name: another spelling of a tag is no change. */
static void test_spellings(void **state)
{
	static const struct step steps[] = {
		{ "\"title\":\"a\",\"tags\":[\"BlackBerry\"],\"section\":\"National\",\"authors\":[\"Jane Roe\"]", CREATED, 1, NULL },
		{ "\"title\":\"a\",\"tags\":[\"blackberry\"],\"section\":\"NATIONAL\",\"authors\":[\"JANE ROE\"],\"source\":\"s\"", UNCHANGED, 1,
		    "\"tags\":[{\"slug\":\"blackberry\",\"name\":\"BlackBerry\",\"type\":\"topic\"}]" },
		{ "\"title\":\"b\",\"tags\":[{\"name\":\"BLACKBERRY\",\"type\":\"organisation\",\"slug\":\"bb\"}]", CREATED, 2,
		    "\"tags\":[{\"slug\":\"blackberry\",\"name\":\"BlackBerry\",\"type\":\"topic\"}]" },
	};

	follow(*state, steps, N_OF(steps));
}

/* --- together --- */

static int64_t told_seq;
static int told;

static void committed(void *arg, int64_t public_seq)
{
	assert_string_equal(arg, "mine");
	told_seq = public_seq;
	told++;
}

struct group {
	const struct article *articles;
	size_t n;
	bool fails;
};

static bool import_group(struct publisher *publisher, void *arg, struct error *err)
{
	const struct group *group = arg;
	struct arena *arena = arena_new();

	for (size_t i = 0; i < group->n; i++) {
		struct publish_result result = { .id = -5 };

		if (!publish_import(publisher, &group->articles[i], arena, &result, err))
			assert_int_equal(result.id, -5);    /* untouched; the others go on */
	}
	assert_int_equal(told, 0);
	arena_free(arena);
	return !group->fails || error_set(err, ERROR_STORAGE_FULL, "as planned");
}

static void test_together(void **state)
{
	char mine[] = "mine";
	struct publisher publisher = { .store = *state, .log = local_log(), .committed = committed, .arg = mine };
	struct arena *arena = arena_new();
	struct article articles[3];
	struct group group = { articles, N_OF(articles), true };
	struct error err;

	for (int i = 0; i < 3; i++)
		test_article(&articles[i], i, arena);
	articles[1].section.name = NULL;    /* cannot be kept */

	told = 0;
	assert_false(publish_together(&publisher, import_group, &group, &err));
	assert_int_equal(err.code, ERROR_STORAGE_FULL);
	assert_int_equal(told, 0);
	assert_int_equal(test_number(*state, "SELECT count(*) FROM article_version"), 0);

	group.fails = false;
	assert_true(publish_together(&publisher, import_group, &group, &err));
	assert_int_equal(told, 1);
	assert_int_equal(told_seq, 2);
	assert_int_equal(test_number(*state, "SELECT count(*) FROM article"), 2);
	arena_free(arena);
}

/* --- export, import, export --- */

static void export_all(struct store *store, struct text *ret_lines)
{
	struct arena *arena = arena_new();
	struct article article;
	struct error err;
	int64_t id = 0;

	while (store_article_next(store, id, arena, &article, &err)) {
		article_encode(&article, VIEW_EXPORT, ret_lines);
		text_char(ret_lines, '\n');
		id = article.id;
		arena_reset(arena);
	}
	assert_int_equal(err.code, ERROR_NONE);
	arena_free(arena);
}

static void test_export_and_import(void **state)
{
	struct store *other = test_store();
	struct publisher publisher = { .store = other, .log = local_log() };
	struct text first = TEXT_EMPTY, second = TEXT_EMPTY, results = TEXT_EMPTY;
	struct model model;
	struct error err;

	model_init(&model, *state, 8);
	for (int step = 0; step < 200; step++)
		model_step(&model);
	export_all(*state, &first);
	assert_true(publish_batch(&publisher, first.bytes, first.length, &(size_t){ 0 }, &results, &err));
	assert_null(strstr(results.bytes, "detail"));
	export_all(other, &second);
	assert_string_equal(first.bytes, second.bytes);

	/* And once more into the same: nothing changes. */
	text_clear(&results);
	assert_true(publish_batch(&publisher, first.bytes, first.length, &(size_t){ 0 }, &results, &err));
	assert_null(strstr(results.bytes, "created"));
	assert_null(strstr(results.bytes, "updated"));
	assert_int_equal(test_findings(other), 0);
	text_done(&first);
	text_done(&second);
	text_done(&results);
	store_close(other);
}

#define with_store(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_store(test_by_guid),
		with_store(test_guid_is_kept),
		with_store(test_by_slug_and_time),
		with_store(test_slugs),
		with_store(test_long_slugs),
		with_store(test_ids),
		with_store(test_times),
		with_store(test_scheduled),
		with_store(test_withdrawn),
		with_store(test_was_public),
		with_store(test_refused),
		with_store(test_spellings),
		with_store(test_together),
		with_store(test_export_and_import),
	};

	return cmocka_run_group_tests_name("publish", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* "Did you mean …?", as a table of (typed → meant), and over words that differ in their beginnings alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "store/store_internal.h"
#include "test_store.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void put(struct store *store, const char *guid, const char *title, const char *body, const char *status)
{
	const char *json = arena_printf(arena,
	    "{\"guid\":\"%s\",\"title\":\"%s\",\"section\":\"National\",\"source\":\"Wire\",\"status\":\"%s\","
	    "\"published_at\":\"2016-01-01T00:00:00Z\",\"body_text\":\"%s\"}",
	    guid, title, status, body);

	test_import_json(store, json);
}

static const char *meant(struct store *store, const char *typed)
{
	const char *word;
	struct error err;

	if (!store_nearest_word(store, typed, arena, &word, &err))
		fail_msg("%s: %s", typed, err.detail);
	return word != NULL ? word : "";
}

static void test_meant(void **state)
{
	static const struct {
		const char *typed, *meant;
	} rows[] = {
		{ "govrnor", "governor" },
		{ "Govenor", "governor" },
		{ "gouvernor", "governor" },
		{ "ogvernor", "governor" },
		{ "overnor", "governor" },
		{ "hovernor", "governor" },
		{ "ggovernor", "governor" },
		{ "gvoernor", "governor" },
		{ "gvernor", "governor" },
		{ "gavernor", "governor" },
		{ "musem", "museum" },
		{ "blakcberry", "BlackBerry" },
		{ "pakstan", "Pakistan" },
		{ "pakistn's", "Pakistan" },
		{ "harbor", "harbour" },
		{ "quebeck", "Québec" },
		{ "Quebbec", "Québec" },
		{ "brigdes", "bridges" },
		{ "polticis", "politics" },
		{ "politicaly", "political" },
		{ "hatbour", "harbour" },
		/* nothing near, or too short, or no word */
		{ "xylophone", "" },
		{ "mus", "" },
		{ "brg", "" },
		{ "2015x", "" },
		{ "", "" },
		{ "😀", "" },
		{ "\"*", "" },
		{ "secrte", "" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "" },
	};
	struct store *store = test_store();

	(void)state;
	put(store, "1", "Governor opens museum of Québec", "The governor crossed the bridges of the harbour. Museum doors open in the museum. A political matter of politics.", "published");
	put(store, "2", "BlackBerry stays in Pakistan", "Pakistan’s harbour is where BlackBerry stays, by the bridges.", "published");
	put(store, "3", "Bridget meets Harcourt", "Bridget waits.", "published");
	put(store, "4", "Secrets", "A secret.", "draft");
	for (size_t i = 0; i < N_OF(rows); i++)
		if (strcmp(meant(store, rows[i].typed), rows[i].meant) != 0)
			fail_msg("\"%s\" is taken for \"%s\", not for \"%s\"", rows[i].typed, meant(store, rows[i].typed), rows[i].meant);
	store_close(store);
}

/* What is gone is no longer meant. */
static void test_withdrawn(void **state)
{
	struct store *store = test_store();

	(void)state;
	put(store, "1", "Secrets of the lighthouse", "A lighthouse.", "published");
	assert_string_equal(meant(store, "lighthuose"), "lighthouse");
	test_import_json(store, "{\"guid\":\"1\",\"title\":\"x\",\"section\":\"National\",\"source\":\"Wire\",\"status\":\"withdrawn\"}");
	assert_string_equal(meant(store, "lighthuose"), "");
	store_close(store);
}

/* Nor does it stand in the way of what is still there, however many of it are nearer. */
static void test_withdrawn_in_the_way(void **state)
{
	struct store *store = test_store();

	(void)state;
	put(store, "1", "Lighthousa lighthousb lighthousc lighthousd lighthousf", "Lighthousg lighthoush", "published");
	put(store, "2", "The lightboules", "A lightboule.", "published");
	assert_string_equal(meant(store, "lighthous"), "Lighthousa");
	test_import_json(store, "{\"guid\":\"1\",\"title\":\"x\",\"section\":\"National\",\"source\":\"Wire\",\"status\":\"withdrawn\"}");
	assert_string_equal(meant(store, "lighthous"), "lightboule");
	store_close(store);
}

/* The stem noted beside a word is that of the language in which it came first. */
static void test_other_language(void **state)
{
	struct store *store = test_store();

	(void)state;
	put(store, "1", "Monuments", "All the monuments.", "published");
	test_import_json(store, "{\"guid\":\"2\",\"title\":\"Les monuments\",\"lang\":\"fr\",\"section\":\"National\",\"source\":\"Wire\","
	                        "\"published_at\":\"2016-01-02T00:00:00Z\",\"body_text\":\"Des monuments.\"}");
	test_import_json(store, "{\"guid\":\"1\",\"title\":\"x\",\"section\":\"National\",\"source\":\"Wire\",\"status\":\"withdrawn\"}");
	assert_string_equal(meant(store, "monumnets"), "monuments");
	store_close(store);
}

/* Of texts as long as books nothing is kept but the word. */
static void test_memory(void **state)
{
	struct store *store = test_store();
	struct text body = TEXT_EMPTY;
	struct error err;
	const char *word;
	size_t before;

	(void)state;
	for (int i = 0; i < 40000; i++)
		text_printf(&body, "Word%d ", i % 1000);
	text_string(&body, "Lighthouse");
	for (int i = 0; i < 4; i++)
		put(store, arena_printf(arena, "%d", i), "Lighthouse", body.bytes, "published");
	before = arena_used(arena);
	assert_true(store_nearest_word(store, "lighthuose", arena, &word, &err));
	assert_string_equal(word, "Lighthouse");
	assert_true(arena_used(arena) - before < 16384);
	text_done(&body);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meant),
		cmocka_unit_test(test_withdrawn),
		cmocka_unit_test(test_withdrawn_in_the_way),
		cmocka_unit_test(test_other_language),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("word_nearest", tests, set_up, tear_down);
}

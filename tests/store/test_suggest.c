/* SPDX-License-Identifier: MIT */
/*
 * Suggestions: what is typed and what it may become, as a table; against a look at every title and name of a random newsroom; and what a
 * common beginning costs in a large archive.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
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

/* "tag:ice-hockey article:…", as they are suggested. */
static const char *suggested(struct store *store, const char *typed, size_t limit)
{
	struct suggestion *rows;
	const char *all = "";
	struct error err;
	size_t n;

	if (!store_suggest(store, typed, limit, arena, &rows, &n, &err))
		fail_msg("%s: %s", typed, err.detail);
	for (size_t i = 0; i < n; i++)
		all = arena_printf(arena, "%s%s%s:%s", all, i > 0 ? " " : "", rows[i].type, rows[i].slug);
	return all;
}

static void expect(struct store *store, const char *typed, size_t limit, const char *wanted)
{
	const char *got = suggested(store, typed, limit);

	if (strcmp(got, wanted) != 0)
		fail_msg("\"%s\": %s\ninstead of %s", typed, got, wanted);
}

static const char *const articles[] = {
	"{'guid':'1','title':'Élodie Roux opens museum','slug':'roux','section':'Arts','source':'Harbour Wire','authors':['Jane Smith'],"
	"'tags':['Museums','C#','O’Brien Hall'],'status':'published','published_at':'2016-01-01T00:00:00Z'}",
	"{'guid':'2','title':'Governor opens the new bridge','slug':'bridge','section':'Local','source':'Harbour Wire','authors':['Jane Smith'],"
	"'tags':['Bridges'],'status':'published','published_at':'2016-01-03T00:00:00Z'}",
	"{'guid':'3','title':'The government \\\"falls\\\"','slug':'falls','section':'Politics','source':'Post','authors':['Smithson Lee'],"
	"'tags':['日本','Government'],'status':'published','published_at':'2016-01-02T00:00:00Z'}",
	"{'guid':'4','title':'Governor opens the new bridge','slug':'copy','section':'Local','source':'Post','status':'published',"
	"'published_at':'2016-01-02T12:00:00Z'}",
	"{'guid':'5','title':'Governor hides','slug':'hides','section':'Hidden','source':'Hidden','authors':['Hidden'],'tags':['Hidden'],'status':'draft'}",
	"{'guid':'6','title':'One two three four five six seven eight nine ten eleven twelve thirteen','slug':'long','section':'Local','source':'Post',"
	"'status':'published','published_at':'1902-01-01T00:00:00Z'}",
};

static struct store *store_of_articles(void)
{
	struct store *store = test_store();

	for (size_t i = 0; i < N_OF(articles); i++) {
		char *json = arena_string(arena, articles[i]);

		for (char *c = json; *c != '\0'; c++)
			if (*c == '\'')
				*c = '"';
		test_import_json(store, json);
	}
	return store;
}

static void test_typed(void **state)
{
	static const struct {
		const char *typed, *suggested;
	} rows[] = {
		{ "elo", "article:roux" },
		{ "ÉLODIE R", "article:roux" },
		{ "e\xcc\x81lo", "article:roux" },
		{ "rou", "article:roux" },
		{ "roux opens", "article:roux" },
		{ "elodie opens", "" },
		{ "o'br", "tag:obrien-hall" },
		{ "obrien h", "tag:obrien-hall" },
		{ "smith", "author:jane-smith author:smithson-lee" },
		{ "smith ", "author:jane-smith" },
		{ "smiths", "author:smithson-lee" },
		{ "jane smith", "author:jane-smith" },
		{ "smith jane", "" },
		{ "har", "source:harbour-wire" },
		{ "wir", "source:harbour-wire" },
		{ "loc", "section:local" },
		{ "c#", "tag:c" },
		{ "日", "tag:日本" },
		{ "gov", "tag:government article:bridge article:falls" },
		{ "govern", "tag:government article:bridge article:falls" },
		{ "governo", "article:bridge" },
		{ "the ", "article:bridge article:falls" },
		{ "the n", "article:bridge" },
		{ "the new bridge", "article:bridge" },
		{ "the new bridge ", "article:bridge" },
		{ "the new bridge of", "" },
		{ "bri", "tag:bridges article:bridge" },
		{ "\"falls", "article:falls" },
		{ "twelve", "article:long" },
		{ "thirteen", "" },
		{ "hid", "" },
		{ "governor h", "" },
		{ "", "" },
		{ " ", "" },
		{ "-\"*^(){}:", "" },
		{ "😀", "" },
		{ "AND", "" },
		{ "NEAR(", "" },
		{ "zzz", "" },
	};
	struct store *store = store_of_articles();
	char *slug = test_text(store, "SELECT slug FROM term WHERE name = '日本'");

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++)
		expect(store, rows[i].typed, 10, strcmp(rows[i].typed, "日") == 0 ? arena_printf(arena, "tag:%s", slug) : rows[i].suggested);
	expect(store, "g", 1, "tag:government");
	expect(store, "g", 2, "tag:government article:bridge");
	expect(store, "o", 2, "tag:obrien-hall article:bridge");
	expect(store, "smith", 1, "author:jane-smith");
	free(slug);
	assert_int_equal(test_findings(store), 0);
	store_close(store);
}

/* The name is JSON as it stands in the answer. */
static void test_names(void **state)
{
	struct store *store = store_of_articles();
	struct suggestion *rows;
	struct error err;
	size_t n;

	(void)state;
	assert_true(store_suggest(store, "the gov", 5, arena, &rows, &n, &err));
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].name, "\"The government \\\"falls\\\"\"");
	assert_true(store_suggest(store, "C#", 5, arena, &rows, &n, &err));
	assert_string_equal(rows[0].name, "\"C#\"");
	store_close(store);
}

static void test_edits(void **state)
{
	static const struct {
		const char *edit, *typed, *suggested;
	} rows[] = {
		{ "{'guid':'2','title':'Mayor closes it','source':'Harbour Wire','section':'Local'}", "new bridge", "article:copy" },
		{ "", "mayor", "article:bridge" },
		{ "", "govern", "tag:government article:copy article:falls" },
		{ "{'guid':'3','title':'The government \\\"falls\\\"','source':'Post','section':'Politics','published_at':'2017-01-01T00:00:00Z'}", "govern",
		  "article:falls article:copy" },
		{ "{'guid':'3','source':'Post','title':'The government','status':'withdrawn'}", "govern", "article:copy" },
		{ "{'guid':'5','source':'Hidden','section':'Hidden','title':'Governor hides','status':'published','published_at':'2018-01-01T00:00:00Z'}", "gover",
		  "article:hides article:copy" },
		{ "", "hidd", "section:hidden source:hidden" },
		{ "{'guid':'5','source':'Hidden','title':'Governor hides','status':'draft'}", "gover", "article:copy" },
		{ "", "hidd", "" },
	};
	struct store *store = store_of_articles();

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		char *json = arena_string(arena, rows[i].edit);

		for (char *c = json; *c != '\0'; c++)
			if (*c == '\'')
				*c = '"';
		if (json[0] != '\0')
			test_import_json(store, json);
		expect(store, rows[i].typed, 10, rows[i].suggested);
		assert_int_equal(test_findings(store), 0);
	}
	store_close(store);
}

/* --- against a look at everything --- */

static size_t slugs_wanted(const struct model *model, const char *word, const char **ret_slugs)
{
	const struct model_article *best[MODEL_ARTICLES];
	size_t n = 0;

	for (size_t i = 0; i < model->n; i++) {
		const struct model_article *article = &model->articles[i];
		const char *words = suggest_words(test_title(article->title, arena), SUGGEST_TITLE_WORDS_MOST, arena);
		size_t at = n;

		if (article->status != ARTICLE_PUBLISHED || strstr(arena_printf(arena, " %s", words), arena_printf(arena, " %s", word)) == NULL)
			continue;
		for (; at > 0 && suggest_place(best[at - 1]->published_at, best[at - 1]->id) < suggest_place(article->published_at, article->id); at--)
			best[at] = best[at - 1];
		best[at] = article;
		n++;
	}
	for (size_t i = 0; i < n; i++)
		ret_slugs[i] = arena_printf(arena, "story-%" PRId64, best[i]->id);
	return n;
}

/* Titles of the random newsroom, each beginning of one's first word and of its last, at every step. */
static void test_random_newsroom(void **state)
{
	struct store *store = test_store();
	struct model model;

	(void)state;
	model_init(&model, store, 11);
	for (int round = 0; round < 300; round++) {
		const struct model_article *article = model_step(&model);
		const char *words = suggest_words(test_title(article->title, arena), SUGGEST_TITLE_WORDS_MOST, arena), *last = strrchr(words, ' ');
		const char *slugs[MODEL_ARTICLES];
		const char *typed = round % 2 == 0 || last == NULL ? words : last + 1;
		struct suggestion *rows;
		struct error err;
		size_t n, n_wanted, seen = 0;

		typed = arena_copy(arena, typed, 1 + (size_t)round % strlen(typed));
		n_wanted = slugs_wanted(&model, typed, slugs);
		assert_true(store_suggest(store, typed, SUGGESTIONS_MOST, arena, &rows, &n, &err));
		for (size_t i = 0; i < n; i++) {
			if (strcmp(rows[i].type, "article") != 0)
				continue;
			/* Like titles are told once: what is there comes in the order wanted. */
			while (seen < n_wanted && strncmp(rows[i].slug, slugs[seen], strlen(slugs[seen])) != 0)
				seen++;
			if (seen == n_wanted)
				fail_msg("\"%s\": %s is not wanted, or not here", typed, rows[i].slug);
		}
		if (n_wanted > 0 && n < SUGGESTIONS_MOST && seen == 0 && (n == 0 || strncmp(rows[n - 1].slug, slugs[0], strlen(slugs[0])) != 0))
			fail_msg("\"%s\": %s is lacking", typed, slugs[0]);
	}
	assert_int_equal(test_findings(store), 0);
	store_close(store);
}

/* --- many names, many titles --- */

static bool put_many(struct store *store, void *arg, struct error *err)
{
	(void)arg;
	for (int i = 0; i < 3000; i++) {
		struct article article;
		struct publish_result result;

		(void)result;
		test_article(&article, i, arena);
		article.title = arena_printf(arena, "%s of the %s number %d", i % 3 == 0 ? "Story" : "Stone", i % 100 == 7 ? "storied" : "plain", i);
		article.section = (struct term){ .name = "Stories" };
		article.tags = (struct term_list){ .items = arena_array(arena, 1, sizeof(struct term)), .n = 1 };
		article.tags.items[0] = (struct term){ .name = arena_printf(arena, "Stanza %d", i % 600) };
		article.id = i + 1;
		article.rev = 1;
		article.slug = arena_printf(arena, "s-%d", i + 1);
		article.published_at = TEST_TIME + 60 * i;
		store_resolve_terms(store, &article, arena);
		{
			struct version version = { .at = TEST_TIME, .by = "test", .article = &article };

			if (!store_version_append(store, &version, &version.seq, err) || !store_apply(store, &version, err))
				return false;
		}
	}
	return true;
}

/* However many begin so, the largest and the newest are found. */
static void test_many(void **state)
{
	struct store *store = test_store();
	struct error err;

	(void)state;
	assert_true(store_transaction(store, put_many, NULL, &err));
	assert_int_equal(strncmp(suggested(store, "s", 4), "section:stories ", 16), 0);
	expect(store, "sto", 2, "section:stories article:s-3000");
	expect(store, "stor", 3, "section:stories article:s-2998 article:s-2995");
	expect(store, "storied", 2, "article:s-2908 article:s-2808");
	expect(store, "story of the storied", 2, "article:s-2908 article:s-2608");
	expect(store, "number 17 ", 3, "article:s-18");
	expect(store, "number 17", 3, "article:s-1800 article:s-1799 article:s-1798");
	expect(store, "stanza 599", 3, "tag:stanza-599");
	store_close(store);
}

/* Names stand in the index as long as they have a published article. */
static void test_names_come_and_go(void **state)
{
	static const struct {
		const char *line;
		int64_t starts;
	} rows[] = {
		{ "{'guid':'1','title':'A','section':'Local News','source':'Wire','authors':['Jane Smith'],'tags':['Ice'],'status':'draft'}", 0 },
		{ "{'guid':'1','title':'A','section':'Local News','source':'Wire','authors':['Jane Smith'],'tags':['Ice'],'status':'published'}", 6 },
		{ "{'guid':'2','title':'B','section':'Local News','source':'Wire','tags':['Art'],'status':'published'}", 7 },
		{ "{'guid':'1','title':'A','section':'Sport','source':'Wire','tags':['Art'],'status':'published'}", 5 },
		{ "{'guid':'2','title':'B','section':'Local News','source':'Wire','tags':['Ice'],'status':'withdrawn'}", 3 },
		{ "{'guid':'1','title':'A','section':'Sport','source':'Wire','tags':['Ice'],'status':'draft'}", 0 },
		{ "{'guid':'1','title':'A','section':'Sport','source':'Wire','tags':['Ice'],'status':'published'}", 3 },
	};
	struct store *store = test_store();

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		char *json = arena_string(arena, rows[i].line);

		for (char *c = json; *c != '\0'; c++)
			if (*c == '\'')
				*c = '"';
		test_import_json(store, json);
		if (test_number(store, "SELECT count(*) FROM suggest_term") != rows[i].starts)
			fail_msg("%s: %d", json, (int)test_number(store, "SELECT count(*) FROM suggest_term"));
		assert_int_equal(test_findings(store), 0);
	}
	store_close(store);
}

/* What an older database lacks is put in by the same hands. */
static void test_put_in_anew(void **state)
{
	struct store *store = store_of_articles();
	struct error err;
	int64_t last = 0;
	char *before, *after;

	(void)state;
	before = test_dump(store);
	test_execute(store, "DELETE FROM suggest_term");
	assert_true(store_suggest_terms(store, 0, 4, &last, &err));
	assert_int_equal(last, 4);
	while (last > 0)
		assert_true(store_suggest_terms(store, last, 4, &last, &err));
	after = test_dump(store);
	assert_string_equal(before, after);
	free(before);
	free(after);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_typed),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_edits),
		cmocka_unit_test(test_random_newsroom),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_names_come_and_go),
		cmocka_unit_test(test_put_in_anew),
	};

	return cmocka_run_group_tests_name("suggest", tests, set_up, tear_down);
}

/* SPDX-License-Identifier: MIT */
/*
 * Search against brute force: random filters over a random newsroom in every order, both ways, with counts and facets; queries as a table over
 * a few articles; rankings that stay as they are while others write; and what is beyond the bounds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "store/search_internal.h"
#include "test_store.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

static void search(struct store *store, const struct search_request *request, struct arena *arena, struct search_found *ret_found)
{
	struct error err;

	if (!store_search(store, request, arena, ret_found, &err))
		fail_msg("%s", err.detail);
}

/* --- filters, against a listing by brute force --- */

/* Those of one second may stand in another order than in a listing, and a moment beside their time. */
static void assert_hits(const struct search_found *found, enum search_order order, const struct list_key *keys)
{
	for (size_t i = 0; i < found->n; i++) {
		const int64_t time = order == SEARCH_UPDATED ? found->hits[i].rank : search_id_time(found->hits[i].id);

		assert_in_range(time - keys[i].time + 2, 0, order == SEARCH_UPDATED ? 2 : 12);
	}
}

/* Each of them once. */
static void assert_all(const int64_t *ids, const struct list_key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t times = 0;

		for (size_t k = 0; k < n; k++)
			times += ids[k] == keys[i].id;
		assert_int_equal(times, 1);
	}
}

static void go_on(struct search_request *request, const struct search_found *found, bool backward)
{
	const struct search_hit *hit = &found->hits[backward ? 0 : found->n - 1];

	request->has_from = true;
	request->backward = backward;
	request->from = (struct search_key){ hit->rank, hit->id };
	request->frame = found->frame;
}

static void walk(struct store *store, struct search_request request, const struct list_key *keys, size_t n, struct arena *arena)
{
	const size_t limit = request.filters->limit;
	int64_t ids[MODEL_ARTICLES];
	struct search_found found;
	size_t at = 0;

	for (;;) {
		search(store, &request, arena, &found);
		assert_int_equal(found.n, n - at < limit ? n - at : limit);
		for (size_t i = 0; i < found.n; i++)
			ids[at + i] = found.hits[i].article_id;
		assert_hits(&found, request.order, keys + at);
		assert_int_equal(found.count, n);
		assert_true(found.count_is_exact);
		assert_false(found.is_partial);
		at += found.n;
		assert_int_equal(found.more_after, at < n);
		assert_int_equal(found.more_before, at > found.n);
		if (!found.more_after)
			break;
		go_on(&request, &found, false);
	}
	assert_all(ids, keys, n);
	while (found.more_before) {
		at -= found.n;
		go_on(&request, &found, true);
		search(store, &request, arena, &found);
		assert_int_equal(found.n, at < limit ? at : limit);
		for (size_t i = 0; i < found.n; i++)
			assert_int_equal(found.hits[i].article_id, ids[at - found.n + i]);
		assert_true(found.more_after);
	}
}

static int64_t facet_count(const struct search_found *found, const char *kind, const char *slug)
{
	for (size_t f = 0; f < found->n_facets; f++)
		for (size_t i = 0; strcmp(found->facets[f].kind, kind) == 0 && i < found->facets[f].n; i++)
			if (strcmp(found->facets[f].rows[i].slug, slug) == 0)
				return found->facets[f].rows[i].count;
	return 0;
}

static void assert_facets(const struct model *model, const struct list_query *query, const struct search_found *found)
{
	const char *kind, *slug;

	for (size_t t = 0; model_term(t, &kind, &slug); t++) {
		int64_t n = 0;

		if (strcmp(kind, "lang") == 0 || strcmp(kind, "flag") == 0)
			continue;
		for (size_t i = 0; i < model->n; i++)
			n += model->articles[i].status == ARTICLE_PUBLISHED && model_passes(&model->articles[i], query) && model_has_term(&model->articles[i], kind, slug);
		assert_int_equal(facet_count(found, kind, slug), n);
	}
}

static void check_filters(const struct model *model, struct test_random *random, struct arena *arena)
{
	static const struct {
		enum search_order search;
		enum list_order list;
	} orders[] = { { SEARCH_NEWEST, LIST_NEWEST }, { SEARCH_OLDEST, LIST_OLDEST }, { SEARCH_UPDATED, LIST_UPDATED } };
	struct list_key keys[MODEL_ARTICLES];
	struct list_query query;
	struct search_found found;

	model_query(random, &query, arena);
	for (size_t i = 0; i < N_OF(orders); i++) {
		struct search_request request = { .filters = &query, .order = orders[i].search, .wants_count = true,
			.facets = FACET_SECTION | FACET_SOURCE | FACET_AUTHOR | FACET_TAG | FACET_YEAR };
		size_t n;

		query.order = orders[i].list;
		query.limit = 1 + test_random(random, 7);
		n = model_list(model, &query, keys);
		walk(model->store, request, keys, n, arena);
		search(model->store, &request, arena, &found);
		assert_int_equal(found.n_facets, 5);
		assert_facets(model, &query, &found);
	}
}

static void test_filters(void **state)
{
	struct store *store = test_store();
	struct test_random random = { 17 };
	struct model model;

	(void)state;
	model_init(&model, store, 5);
	for (int step = 0; step < 400; step++) {
		struct arena *arena = arena_new();

		model_step(&model);
		if (step % 4 == 0)
			check_filters(&model, &random, arena);
		arena_free(arena);
	}
	assert_int_equal(test_findings(store), 0);
	store_close(store);
}

/* --- what is typed, over a few articles --- */

/* The first letter of a title names the article. */
static const char *const library[] = {
	"{\"title\":\"A bridge over the Tarn\",\"summary\":\"The town council votes on a new crossing.\",\"body_text\":\"Councillors argued until midnight. The old bridges will close.\","
	"\"byline\":\"By Jane Smith\",\"source\":\"Wire\",\"section\":\"Local\",\"published_at\":\"2020-01-01T00:00:00Z\",\"guid\":\"a\"}",
	"{\"title\":\"Brian O\\u2019Brien wins the caf\\u00e9 race\",\"body_text\":\"He ran through the town. The council of elders cheered. An e-mail said so.\","
	"\"source\":\"Wire\",\"section\":\"Sport\",\"published_at\":\"2020-01-02T00:00:00Z\",\"guid\":\"b\"}",
	"{\"title\":\"Council email leaked\",\"body_text\":\"The U.S. consul was running late; a runner told the council. Strikes follow.\","
	"\"source\":\"Courier\",\"section\":\"Local\",\"published_at\":\"2020-01-03T00:00:00Z\",\"guid\":\"c\",\"byline\":\"Smith of the Courier\"}",
	"{\"title\":\"Des chevaux courants\",\"body_text\":\"Les ponts de la ville. \\u5317\\u4eac \\u65b0\\u95fb.\",\"lang\":\"fr\","
	"\"source\":\"Courier\",\"section\":\"Monde\",\"published_at\":\"2021-01-04T00:00:00Z\",\"guid\":\"d\",\"authors\":[\"Zo\\u00e9 Bridge\"]}",
};

static struct store *library_store(void)
{
	struct store *store = test_store();

	for (size_t i = 0; i < N_OF(library); i++)
		test_import_json(store, library[i]);
	return store;
}

static void title_letters(struct store *store, const struct search_found *found, char *ret_letters)
{
	for (size_t i = 0; i < found->n; i++) {
		char sql[100], *title;

		snprintf(sql, sizeof sql, "SELECT json_extract(replace(item, char(1), ''), '$.title') FROM article WHERE article_id = %" PRId64,
		    found->hits[i].article_id);
		title = test_text(store, sql);
		ret_letters[i] = title[0];
		free(title);
	}
	ret_letters[found->n] = '\0';
}

static void search_typed(struct store *store, const char *typed, enum search_order order, char *ret_letters, struct search_found *ret_found, struct arena *arena)
{
	struct search_query query;
	struct list_query filters;
	struct search_request request = { .query = &query, .filters = &filters, .order = order, .wants_count = true };

	list_query_init(&filters);
	filters.limit = 20;
	search_parse(typed, arena, &query);
	request.frame.hour = 1600000000;
	search(store, &request, arena, ret_found);
	title_letters(store, ret_found, ret_letters);
}

/* In the order of time, the oldest first. */
static void test_typed(void **state)
{
	static const struct {
		const char *typed, *found;
	} cases[] = {
		{ "bridge", "AD" },             /* D by its author's name */
		{ "BRIDGES", "A" },             /* which D, in French, does not have */
		{ "council", "ABC" },
		{ "town council", "AB" },
		{ "\"town council\"", "A" },
		{ "\"council town\"", "" },
		{ "\"council of elders\"", "B" },
		{ "council -town", "C" },
		{ "council -\"town council\"", "BC" },
		{ "-council", "D" },
		{ "-council -chevaux", "" },
		{ "runner", "C" },
		{ "run", "C" },                 /* runner is another stem; ran is no form of it either */
		{ "runn*", "C" },
		{ "running*", "C" },
		{ "runs*", "" },
		{ "counci*", "ABC" },
		{ "councillor*", "A" },
		{ "councillors*", "A" },
		{ "cheer*", "B" },
		{ "title:council", "C" },
		{ "title:bridge", "A" },
		{ "title:bridg*", "A" },
		{ "title:town", "" },
		{ "byline:smith", "AC" },
		{ "byline:bridge", "D" },
		{ "-byline:smith council", "B" },
		{ "smith", "AC" },
		{ "cafe", "B" },
		{ "CAF\xc3\x89", "B" },
		{ "obrien", "B" },
		{ "o'brien", "B" },
		{ "email", "BC" },
		{ "e-mail", "BC" },
		{ "us", "C" },
		{ "U.S.", "C" },
		{ "chevaux", "D" },
		{ "cheval", "" },
		{ "ponts", "D" },
		{ "courants", "D" },
		{ "\xe5\x8c\x97\xe4\xba\xac", "D" },
		{ "\xe4\xba\xac\xe5\x8c\x97", "" },
		{ "\xe4\xba\xac", "D" },
		{ "strike", "C" },
		{ "the", "ABC" },
		{ "nothing at all of this", "" },
		{ "\"\"", "" },
		{ "*", "" },
		{ "\xf0\x9f\x98\x80", "" },
		{ "_", "" },
		{ "_1", "" },
		{ "=bridges", "A" },
		{ "\"town\" NEAR council", "" },
	};
	struct store *store = library_store();

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct arena *arena = arena_new();
		struct search_found found;
		char letters[21];

		search_typed(store, cases[i].typed, SEARCH_OLDEST, letters, &found, arena);
		if (strcmp(letters, cases[i].found) != 0)
			fail_msg("%s finds %s, not %s", cases[i].typed, letters, cases[i].found);
		assert_int_equal(found.count, strlen(cases[i].found));
		arena_free(arena);
	}
	store_close(store);
}

/* In the title before in the standfirst before in the text; newer before older where all else is equal. */
static void test_ranking(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct search_found found;
	char letters[21];

	(void)state;
	for (int i = 0; i < 40; i++)    /* so that words are worth something */
		test_import_json(store, arena_printf(arena, "{\"title\":\"Xylophones %d\",\"body_text\":\"Music in the park.\",\"source\":\"S\",\"section\":\"T\",\"published_at\":"
		    "\"2019-01-01T00:00:%02dZ\",\"guid\":\"x%d\"}", i, i, i));
	test_import_json(store, "{\"title\":\"Text\",\"body_text\":\"A ferry sails.\",\"summary\":\"Of ships.\",\"source\":\"S\",\"section\":\"T\",\"published_at\":\"2020-01-01T00:00:00Z\"}");
	test_import_json(store, "{\"title\":\"Newer\",\"body_text\":\"A ferry sails.\",\"summary\":\"Of ships.\",\"source\":\"S\",\"section\":\"T\",\"published_at\":\"2020-08-01T00:00:00Z\"}");
	test_import_json(store, "{\"title\":\"Standfirst\",\"body_text\":\"It sails.\",\"summary\":\"Of a ferry.\",\"source\":\"S\",\"section\":\"T\",\"published_at\":\"2020-01-01T00:00:00Z\"}");
	test_import_json(store, "{\"title\":\"Ferry sails\",\"body_text\":\"It sails.\",\"summary\":\"Of ships.\",\"source\":\"S\",\"section\":\"T\",\"published_at\":\"2020-01-01T00:00:00Z\"}");
	search_typed(store, "ferry", SEARCH_RELEVANCE, letters, &found, arena);
	assert_string_equal(letters, "FSNT");
	arena_free(arena);
	store_close(store);
}

/* --- a walk while others write --- */

static void publish_more(struct store *store, int *number, struct arena *arena)
{
	struct article article;

	test_article(&article, (*number)++, arena);
	article.guid = arena_printf(arena, "more-%d", *number);
	test_import(store, &article);
}

/* What was there when the walk began comes once, whatever comes meanwhile, and in the order in which it would have come. */
static void test_walk_amid_writes(void **state)
{
	enum { FIRST = 60 };
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct search_query query;
	struct list_query filters;
	struct search_request request = { .query = &query, .filters = &filters, .order = SEARCH_RELEVANCE };
	struct search_found all, page;
	int number = 0;
	size_t at = 0;

	(void)state;
	while (number < FIRST)
		publish_more(store, &number, arena);
	search_parse("the", arena, &query);
	list_query_init(&filters);
	request.frame.hour = 1600000000;
	filters.limit = 100;
	search(store, &request, arena, &all);
	assert_true(all.n > 20);
	filters.limit = 7;
	do {
		search(store, &request, arena, &page);
		for (size_t i = 0; i < page.n; i++)
			if (page.hits[i].article_id <= FIRST)    /* what came later may come too, if it is dated back */
				assert_int_equal(page.hits[i].article_id, all.hits[at++].article_id);
		publish_more(store, &number, arena);
		if (page.n > 0)
			go_on(&request, &page, false);
	} while (page.more_after);
	assert_int_equal(at, all.n);
	arena_free(arena);
	store_close(store);
}

/* --- beyond the bounds --- */

enum { MANY = 9000, EVERY = 3 };

/* Rows for the index alone, which is all that a search reads: a third of them hold the word "third", a year's worth apart in two halves. */
static void fill_index(struct store *store)
{
	test_execute(store, "INSERT INTO term (term_id, kind, slug, name, folded) VALUES (1, 'section', 'even', 'Even', 'even'), (2, 'section', 'odd', 'Odd', 'odd')");
	test_execute(store, "INSERT INTO article_count (kind, ref_id, n, seq) VALUES ('all', 0, 9000, 1)");
	test_execute(store, "WITH RECURSIVE number (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM number WHERE i < 8999)"
	                    " INSERT INTO article_search (rowid, body, marks)"
	                    " SELECT ((1262304000 + i * 7000 + (1 << 36)) << 3) + 3, iif(i % 3 = 0, 'third word', 'word'), iif(i % 2 = 0, '_ _1', '_ _2') FROM number");
	test_execute(store, "WITH RECURSIVE number (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM number WHERE i < 8999)"
	                    " INSERT INTO search_row (search_id, article_id, updated_at, facets)"
	                    " SELECT ((1262304000 + i * 7000 + (1 << 36)) << 3) + 3, i + 1, 1262304000 + i * 7000, iif(i % 2 = 0, x'04', x'08') FROM number");
}

static void assert_near(int64_t value, int64_t expected, int64_t per_cent)
{
	assert_in_range(value, expected - expected * per_cent / 100, expected + expected * per_cent / 100);
}

static void test_estimates(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct search_query query;
	struct list_query filters;
	struct search_request request = { .query = &query, .filters = &filters, .order = SEARCH_RELEVANCE, .wants_count = true, .facets = FACET_SECTION | FACET_YEAR };
	struct search_found found;

	(void)state;
	fill_index(store);
	list_query_init(&filters);
	filters.limit = 10;
	request.frame.hour = 1600000000;

	/* As many as are ranked: exact. */
	search_parse("third", arena, &query);
	search(store, &request, arena, &found);
	assert_true(found.count_is_exact);
	assert_false(found.is_partial);
	assert_int_equal(found.count, MANY / EVERY);
	assert_int_equal(facet_count(&found, "section", "even"), MANY / EVERY / 2);

	/* More: the newest are ranked, and all are estimated, the years that lie behind too. */
	search_parse("word", arena, &query);
	search(store, &request, arena, &found);
	assert_false(found.count_is_exact);
	assert_true(found.is_partial);
	assert_int_equal(found.n, 10);
	assert_near(found.count, MANY, 3);
	assert_near(facet_count(&found, "section", "even"), MANY / 2, 5);
	assert_near(facet_count(&found, "year", "2010"), 365 * 86400 / 7000, 8);
	assert_near(facet_count(&found, "year", "2011"), 365 * 86400 / 7000, 8);

	/* In the order of time there is no bound. */
	request.order = SEARCH_OLDEST;
	search(store, &request, arena, &found);
	assert_false(found.is_partial);
	assert_int_equal(found.hits[0].article_id, 1);
	arena_free(arena);
	store_close(store);
}

/* Pages that had to stop before they found anything say where they go on, and in the end all is found. */
static void test_far_behind(void **state)
{
	enum { OLDEST = 100 };
	struct store *store = test_store();
	struct arena *arena = arena_new();
	struct search_query query;
	struct list_query filters;
	struct search_request request = { .query = &query, .filters = &filters, .order = SEARCH_NEWEST };
	struct search_found found;
	size_t n = 0, pages = 0;

	(void)state;
	fill_index(store);
	list_query_init(&filters);
	filters.limit = 30;
	filters.updated_before = 1262304000 + OLDEST * 7000;
	search_parse("word", arena, &query);
	do {
		search(store, &request, arena, &found);
		for (size_t i = 0; i < found.n; i++)
			assert_int_equal(found.hits[i].article_id, OLDEST - n - i);
		n += found.n;
		pages++;
		assert_int_equal(found.is_partial, found.n == 0);
		request.has_from = true;
		request.from = found.after;
	} while (found.more_after);
	assert_int_equal(n, OLDEST);
	assert_in_range(pages, 5, 8);
	arena_free(arena);
	store_close(store);
}

/* --- rows of the index --- */

/* Hundreds of one second, as archives that know only the day have them, keep rows of their own, near their time. */
static void test_articles_of_one_second(void **state)
{
	struct store *store = test_store();
	struct arena *arena = arena_new();

	(void)state;
	for (int i = 0; i < 300; i++)
		test_import_json(store, arena_printf(arena, "{\"title\":\"T %d\",\"body_text\":\"One.\",\"source\":\"S\",\"section\":\"T\",\"published_at\":\"2020-01-01T00:00:00Z\",\"guid\":\"g%d\"}",
		    i, i));
	assert_int_equal(test_number(store, "SELECT count(*) FROM search_row"), 300);
	assert_in_range(search_id_time(test_number(store, "SELECT max(search_id) FROM search_row")) - 1577836800, 0, 1200);
	assert_int_equal(search_id_time(test_number(store, "SELECT min(search_id) FROM search_row")), 1577836800);
	assert_int_equal(test_findings(store), 0);
	arena_free(arena);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_typed),
		cmocka_unit_test(test_ranking),
		cmocka_unit_test(test_walk_amid_writes),
		cmocka_unit_test(test_estimates),
		cmocka_unit_test(test_far_behind),
		cmocka_unit_test(test_articles_of_one_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

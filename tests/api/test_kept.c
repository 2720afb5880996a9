/* SPDX-License-Identifier: MIT */
/*
 * Kept replies as a client meets them: what is answered without a look into the store, what a write makes stale and what it leaves good, how
 * much is kept, in which codings. That no answer is ever wrong is test_law.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>

#include <brotli/decode.h>
#include <poll.h>
#include <zlib.h>

#include "api_steps.h"
#include "clock.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))
#define STATEMENTS "broadsheet_store_statements_total"
#define HITS "broadsheet_cache_hits_total"
#define FILLS "broadsheet_cache_fills_total"
#define EVICTIONS "broadsheet_cache_evictions_total"

#define HARBOUR "'body_text':'The harbour bridge was closed on Monday after a freighter struck the northern pier, and engineers inspected the damaged steel.'"
#define STEEL "'body_text':'Engineers measured the harbour bridge and its damaged northern pier, and said that the steel might bear traffic before summer.'"
#define RINK "'body_text':'The skating rink opened with a tournament of youth teams, and the arena sold every seat before the first whistle of the evening.'"
#define TEAMS "'body_text':'Forty youth teams came to the skating rink for the tournament, which goes on until Sunday evening.'"

static const char articles[] =
    "{'guid':'1','title':'Bridge closed','slug':'bridge','section':'National','source':'Courier','tags':['Harbour'],'authors':['Ann Lee'],"
    "'published_at':'2016-01-01T00:00:00Z'," HARBOUR "}\n"
    "{'guid':'2','title':'Engineers look at bridge','section':'National','source':'Courier','published_at':'2016-01-02T00:00:00Z'," STEEL "}\n"
    "{'guid':'3','title':'Rink opened','section':'Sports','source':'Wire','tags':['Ice'],'featured':true,'published_at':'2016-01-03T00:00:00Z'," RINK "}\n"
    "{'guid':'4','title':'Youth tournament','section':'Sports','source':'Wire','published_at':'2016-01-04T00:00:00Z'," TEAMS "}\n"
    "{'guid':'5','title':'Museum','section':'Culture','source':'Wire','tags':['Art'],'lang':'fr','published_at':'2016-01-05T00:00:00Z'}";

/* Every kind of public GET. */
static const char *const every_kind[] = {
	"/v1/articles", "/v1/articles?section=national", "/v1/articles?count=exact&limit=2&order=oldest", "/v1/articles?ids=3,1,99", "/v1/articles?section=nowhere",
	"/v1/articles/1", "/v1/articles/bridge", "/v1/articles/1?related=0", "/v1/articles/1?fields=id,title", "/v1/articles/1/related",
	"/v1/articles/1/related?max_age=P900D", "/v1/articles/2/next", "/v1/articles/2/prev?section=national", "/v1/suggest?q=h",
	"/v1/search?q=bridge&facets=section,tag,source,author,year&count=exact", "/v1/search?q=nowheer", "/v1/articles?q=bridge&order=newest",
	"/v1/articles?facets=tag&count=exact", "/v1/sections", "/v1/sections/national", "/v1/tags",
	"/v1/tags/harbour", "/v1/sources", "/v1/sources/wire", "/v1/authors", "/v1/authors/ann-lee", "/", "/section/national", "/tag/harbour", "/source/wire",
	"/author/ann-lee", "/article/bridge", "/search", "/search?q=bridge", "/search?q=nowhere&section=sports", "/desk", "/static/site.css", "/static/site.js", "/robots.txt", "/favicon.ico",
};

static struct test_server server;

static int set_up(void **state)
{
	(void)state;
	test_server_start(&server, NULL);
	test_server_put(&server, articles);
	test_server_settle(&server);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

/* Anew, with nothing kept, and no background that would ask the store of its own accord. */
static void begin(int64_t cache_bytes, int64_t related_rate)
{
	server.config.cache_bytes = cache_bytes;
	server.config.related_rate = related_rate;
	test_server_restart(&server);
}

static void ask(const char *method, const char *path, const char *headers, long status, struct reply *ret_reply)
{
	client_ask(server.public, method, path, headers, NULL, ret_reply);
	if (ret_reply->status != status)
		fail_msg("%s %s: %ld instead of %ld", method, path, ret_reply->status, status);
}

static void ask_and_forget(const char *method, const char *path, const char *headers, long status)
{
	struct reply reply;

	ask(method, path, headers, status, &reply);
	reply_done(&reply);
}

/* "If-None-Match: " with what is there now. */
static const char *if_none_match(const char *path, const char *accept_encoding)
{
	static char field[2][200];
	static int turn;
	struct reply reply;

	ask("GET", path, accept_encoding, 200, &reply);
	turn = !turn;
	snprintf(field[turn], sizeof field[turn], "If-None-Match: %s", reply_header(&reply, "ETag"));
	reply_done(&reply);
	return field[turn];
}

/* --- nothing is asked of the store --- */

static void test_hits_ask_nothing(void **state)
{
	static const char *const fields[] = { NULL, "Accept-Encoding: gzip", "Accept-Encoding: br", "Accept-Encoding: br;q=0.5, gzip" };

	(void)state;
	begin(64 << 20, /* related_rate= */ 0);
	for (size_t i = 0; i < N_OF(every_kind); i++) {
		const char *path = every_kind[i], *unchanged;
		const int64_t at_first = test_server_counter(STATEMENTS);
		int64_t statements, hits, fills;

		unchanged = if_none_match(path, NULL);
		statements = test_server_counter(STATEMENTS);
		hits = test_server_counter(HITS);
		fills = test_server_counter(FILLS);
		if (statements == at_first && strncmp(path, "/v1/", 4) == 0)
			fail_msg("%s: nobody counts statements", path);
		for (size_t f = 0; f < N_OF(fields); f++)
			ask_and_forget("GET", path, fields[f], 200);
		ask_and_forget("HEAD", path, NULL, 200);
		ask_and_forget("GET", path, unchanged, 304);
		ask_and_forget("HEAD", path, unchanged, 304);
		ask_and_forget("GET", path, "If-None-Match: *", 304);
		if (test_server_counter(STATEMENTS) != statements)
			fail_msg("%s: %d statements for hits", path, (int)(test_server_counter(STATEMENTS) - statements));
		assert_int_equal(test_server_counter(HITS) - hits, N_OF(fields) + 4);
		assert_int_equal(test_server_counter(FILLS) - fills, 0);
	}
}

/* Another order, defaults spelt out, repeats, the absolute form: the same reply, and at the second time as quickly as the first spelling. */
static void test_other_spellings(void **state)
{
	static const char *const spellings[][3] = {
		{ "/v1/articles?section=national&tag=harbour", "/v1/articles?tag=harbour&section=national", "/v1/articles?tag=harbour,harbour&order=newest&section=national&limit=20" },
		{ "/v1/articles?section=national,sports", "/v1/articles?section=sports&section=national", "/v1/articles?section=sports,national,sports&count=none" },
		{ "/v1/articles/1", "/v1/articles/%31", "/v1/articles/1?related=5" },
		{ "/section/national", "/section/national?utm_source=x&cursor=", "/section/national?fbclid=1" },
		{ "/v1/tags/harbour", "/v1/tags/h%61rbour", "http://elsewhere.example/v1/tags/harbour" },
	};

	(void)state;
	begin(64 << 20, /* related_rate= */ 0);
	for (size_t i = 0; i < N_OF(spellings); i++) {
		struct reply first, other;
		int64_t fills, statements;

		ask("GET", spellings[i][0], NULL, 200, &first);
		fills = test_server_counter(FILLS);
		statements = test_server_counter(STATEMENTS);
		for (size_t s = 0; s < 6; s++) {
			ask("GET", spellings[i][s % 3], NULL, 200, &other);
			assert_string_equal(other.body.bytes, first.body.bytes);
			assert_string_equal(reply_header(&other, "ETag"), reply_header(&first, "ETag"));
			reply_done(&other);
		}
		reply_done(&first);
		assert_int_equal(test_server_counter(FILLS), fills);
		assert_int_equal(test_server_counter(STATEMENTS), statements);
	}
}

/* Nothing of it is kept, or answered from what is. */
static void test_what_is_not_kept(void **state)
{
	static const struct {
		const char *path, *headers;
		long status;
	} rows[] = {
		{ "/v1/articles/999", NULL, 404 },
		{ "/v1/sections/nowhere", NULL, 404 },
		{ "/section/nowhere", NULL, 404 },
		{ "/v1/articles?limit=0", NULL, 400 },
		{ "/v1/articles?status=draft", NULL, 403 },
		{ "/article/1", NULL, 308 },
		{ "/v1/articles/", NULL, 308 },
		{ "/v1/articles", "Authorization: Basic eDp4", 200 },
		{ "/templates/page.html", NULL, 404 },
	};

	(void)state;
	begin(64 << 20, /* related_rate= */ 0);
	ask_and_forget("GET", "/v1/articles", NULL, 200);
	for (size_t i = 0; i < N_OF(rows); i++) {
		const int64_t hits = test_server_counter(HITS), fills = test_server_counter(FILLS);

		ask_and_forget("GET", rows[i].path, rows[i].headers, rows[i].status);
		ask_and_forget("GET", rows[i].path, rows[i].headers, rows[i].status);
		if (test_server_counter(HITS) != hits || test_server_counter(FILLS) != fills)
			fail_msg("%s is kept", rows[i].path);
	}
}

/* The validator outlives the body. */
static void test_304_without_a_body(void **state)
{
	static char fields[N_OF(every_kind)][200];

	(void)state;
	for (int round = 0; round < 2; round++) {
		int64_t statements, evictions;

		begin(round == 0 ? 0 : 48 << 10, /* related_rate= */ 0);
		evictions = test_server_counter(EVICTIONS);
		for (size_t i = 0; i < N_OF(every_kind); i++)
			snprintf(fields[i], sizeof fields[i], "%s", if_none_match(every_kind[i], NULL));
		assert_true(round == 0 || test_server_counter(EVICTIONS) > evictions + 4);
		statements = test_server_counter(STATEMENTS);
		for (int again = 0; again < 3; again++)
			for (size_t i = 0; i < N_OF(every_kind); i++)
				ask_and_forget(again == 1 ? "HEAD" : "GET", every_kind[i], fields[i], 304);
		assert_int_equal(test_server_counter(STATEMENTS), statements);
	}
}

static void test_zero_keeps_nothing(void **state)
{
	const int64_t hits = test_server_counter(HITS);
	int64_t statements, bytes;

	(void)state;
	begin(0, /* related_rate= */ 0);
	for (size_t i = 0; i < N_OF(every_kind); i++) {
		ask_and_forget("GET", every_kind[i], NULL, 200);
		statements = test_server_counter(STATEMENTS);
		ask_and_forget("GET", every_kind[i], NULL, 200);
		if (strncmp(every_kind[i], "/v1/", 4) == 0)
			assert_true(test_server_counter(STATEMENTS) > statements);
	}
	assert_int_equal(test_server_counter(HITS), hits);
	bytes = test_server_metric(&server, "broadsheet_cache_bytes");
	assert_in_range(bytes, 1, N_OF(every_kind) * 8192);    /* validators */
}

/* However many different pages are asked for. */
static void test_bytes_are_bounded(void **state)
{
	enum { MOST = 256 << 10, VALIDATORS = 8 << 20 };
	const int64_t evictions = test_server_counter(EVICTIONS);
	int64_t largest = 0;

	(void)state;
	begin(MOST, /* related_rate= */ 0);
	for (int i = 1; i <= 1500; i++) {
		char path[100];

		snprintf(path, sizeof path, "/v1/articles?ids=%d,1,2,3,4", i);
		ask_and_forget("GET", path, i % 3 == 0 ? "Accept-Encoding: br" : NULL, 200);
		if (i % 100 == 0) {
			const int64_t bytes = test_server_metric(&server, "broadsheet_cache_bytes");

			largest = bytes > largest ? bytes : largest;
		}
	}
	assert_in_range(largest, MOST / 2, MOST + VALIDATORS);
	assert_true(test_server_counter(EVICTIONS) > evictions + 1000);
}

/* --- what a write makes stale --- */

/* Each has a letter. */
static const struct watched {
	char letter;
	const char *path;
} watched[] = {
	{ 'a', "/v1/articles" },
	{ 'q', "/v1/search?q=bridge&facets=section,tag&count=exact" },
	{ 'o', "/v1/articles?q=tournament&order=newest" },
	{ 't', "/v1/articles?facets=tag&count=exact" },
	{ 'k', "/v1/suggest?q=s" },
	{ 'n', "/v1/articles?section=national&count=exact" },
	{ 's', "/v1/articles?section=sports" },
	{ 'c', "/v1/articles?section=culture" },
	{ 'h', "/v1/articles?tag=harbour" },
	{ 'i', "/v1/articles?tag=ice,art" },
	{ 'w', "/v1/articles?source=wire" },
	{ 'u', "/v1/articles?author=ann-lee" },
	{ 'l', "/v1/articles?lang=fr" },
	{ 'f', "/v1/articles?featured=true" },
	{ 'm', "/v1/articles?section=national,culture" },
	{ 'g', "/v1/articles?section=!national" },
	{ '1', "/v1/articles/1?related=0" },
	{ '2', "/v1/articles/2?related=0" },
	{ '4', "/v1/articles/4?related=0" },
	{ 'x', "/v1/articles?ids=2,4,77" },
	{ 'N', "/v1/sections/national" },
	{ 'S', "/v1/sections/sports" },
	{ 'L', "/v1/sections" },
	{ 'A', "/v1/authors/ann-lee" },
	{ 'F', "/" },
	{ 'P', "/section/national" },
	{ 'Q', "/section/sports" },
	{ 'R', "/robots.txt" },
	{ 'T', "/static/site.css" },
};

/* Asks for all of them once; the letters of those that were made anew. */
static const char *made_anew(void)
{
	static char letters[N_OF(watched) + 1];
	size_t n = 0;

	for (size_t i = 0; i < N_OF(watched); i++) {
		const int64_t fills = test_server_counter(FILLS), hits = test_server_counter(HITS);
		const bool is_new = (ask_and_forget("GET", watched[i].path, NULL, 200), test_server_counter(FILLS) > fills);

		assert_int_equal(test_server_counter(HITS) - hits, !is_new);
		if (is_new)
			letters[n++] = watched[i].letter;
	}
	letters[n] = '\0';
	return letters;
}

static void test_what_a_write_makes_stale(void **state)
{
	static const struct {
		const char *what, *line, *stale;
	} rows[] = {
		{ "nothing new",
		    "{'guid':'4','title':'Youth tournament','section':'Sports','source':'Wire','published_at':'2016-01-04T00:00:00Z'," TEAMS "}", "" },
		{ "a draft", "{'guid':'d','title':'Secret','section':'Sports','source':'Wire','tags':['Ice','Draft tag'],'status':'draft'}", "" },
		{ "a draft, edited", "{'guid':'d','title':'Secret still','section':'National','source':'Wire','tags':['Ice'],'status':'draft'}", "" },
		{ "a title", "{'guid':'2','title':'Engineers look again','section':'National','source':'Courier','published_at':'2016-01-02T00:00:00Z'," STEEL "}",
		    "aqotknmg2xNLFP" },
		{ "tags", "{'guid':'4','title':'Youth tournament','section':'Sports','source':'Wire','tags':['Ice'],'published_at':'2016-01-04T00:00:00Z'," TEAMS "}",
		    "aqotksiwg4xSLFQ" },
		{ "a move", "{'guid':'2','title':'Engineers look again','section':'Sports','source':'Courier','published_at':'2016-01-02T00:00:00Z'," STEEL "}",
		    "aqotknsmg2xNSLFPQ" },
		{ "another source and language", "{'guid':'5','source':'Wire','title':'Museum','section':'Culture','tags':['Art'],'lang':'en','published_at':'2016-01-05T00:00:00Z'}",
		    "aqotkciwlmgLF" },
		{ "an author", "{'guid':'1','title':'Bridge closed','slug':'bridge','section':'National','source':'Courier','tags':['Harbour'],'authors':['Bo Ray'],"
		    "'published_at':'2016-01-01T00:00:00Z'," HARBOUR "}\n"
		    "{'guid':'6','title':'Other','section':'Weather','source':'Gauge','authors':['Ann Lee'],'published_at':'2016-01-01T00:00:00Z'}",
		    "aqotknhumg1NLAFPQ" },    /* and a section more in the bar */
		{ "withdrawn", "{'guid':'4','title':'Youth tournament','section':'Sports','source':'Wire','status':'withdrawn'}", NULL },
	};

	(void)state;
	begin(64 << 20, /* related_rate= */ 0);
	assert_int_equal(strlen(made_anew()), N_OF(watched));
	assert_string_equal(made_anew(), "");
	for (size_t i = 0; i < N_OF(rows) && rows[i].stale != NULL; i++) {
		const char *letters;

		test_server_put(&server, rows[i].line);
		letters = made_anew();
		if (strcmp(letters, rows[i].stale) != 0)
			fail_msg("%s: \"%s\" is made anew instead of \"%s\"", rows[i].what, letters, rows[i].stale);
		assert_string_equal(made_anew(), "");
	}
}

/* Brought in withdrawn, from an archive where readers had seen it: what was unknown is gone from then on, and that is no listing's business. */
static void test_what_is_gone_was_unknown(void **state)
{
	static const char line[] =
	    "{'guid':'gone','title':'Gone','section':'Sports','source':'Wire','status':'withdrawn','published_at':'2016-01-01T00:00:00Z','body_text':'Gone.'}";
	const int64_t next_id = test_server_metric(&server, "broadsheet_article_id_last") + 1;
	char path[60], json[100];
	const struct step step = { .path = path, .json = json };

	(void)state;
	begin(64 << 20, /* related_rate= */ 0);
	snprintf(path, sizeof path, "/v1/articles?ids=1,%d", (int)next_id);
	snprintf(json, sizeof json, "{'meta':{'missing':[{'id':%d,'status':404}]}}", (int)next_id);
	run_steps(&server, &step, 1);
	made_anew();
	test_server_put(&server, line);
	snprintf(json, sizeof json, "{'meta':{'missing':[{'id':%d,'status':410}]}}", (int)next_id);
	run_steps(&server, &step, 1);
	assert_string_equal(made_anew(), "");
}

/* A listing by section and tag changes only when both do. */
static void test_both_must_change(void **state)
{
	static const char path[] = "/v1/articles?section=culture&tag=art";
	const char *unchanged;

	(void)state;
	begin(64 << 20, /* related_rate= */ 0);
	test_server_put(&server, "{'guid':'7','title':'A','section':'Culture','source':'Wire','published_at':'2016-02-01T00:00:00Z'}");
	unchanged = if_none_match(path, NULL);
	for (int i = 0; i < 3; i++) {
		char line[200];
		int64_t fills;

		snprintf(line, sizeof line, "{'guid':'7','title':'B%d','section':'Culture','source':'Wire','published_at':'2016-02-01T00:00:00Z'}", i);
		test_server_put(&server, line);
		fills = test_server_counter(FILLS);
		ask_and_forget("GET", path, unchanged, 304);
		assert_int_equal(test_server_counter(FILLS), fills);
	}
	/* Nor is it another reply when it has to be made anew. */
	begin(64 << 20, /* related_rate= */ 0);
	ask_and_forget("GET", path, unchanged, 304);
}

/* What the background finds changes the list of related articles and the detail that shows it, and nothing else. */
static void test_related_answers(void **state)
{
	struct reply before, after;

	(void)state;
	begin(64 << 20, /* related_rate= */ 100000);
	test_server_settle(&server);
	made_anew();
	ask("GET", "/v1/articles/1", NULL, 200, &before);
	assert_null(strstr(before.body.bytes, "Third ship"));
	test_server_put(&server, "{'guid':'8','title':'Third ship strikes harbour bridge','section':'Shipping','source':'Sea','published_at':'2016-01-06T00:00:00Z',"
	                         "'body_text':'A freighter struck the northern pier of the harbour bridge again, and the damaged steel will be inspected once more.'}");
	test_server_settle(&server);
	ask("GET", "/v1/articles/1", NULL, 200, &after);
	assert_non_null(strstr(after.body.bytes, "Third ship"));
	assert_string_not_equal(reply_header(&before, "ETag"), reply_header(&after, "ETag"));
	reply_done(&before);
	reply_done(&after);
	assert_string_equal(made_anew(), "aqotkgLFPQ");    /* those of all, and the bar has one more section */
	run_steps(&server, &(struct step){ .path = "/v1/articles/1/related?limit=20", .json = "{'data':'*'}" }, 1);
}

/* An age is counted from the hour: with it the reply ends. */
static void test_an_hour_ends(void **state)
{
	static const char path[] = "/v1/articles/1/related?max_age=P365D&section=same";
	const int64_t now = test_now;
	struct reply before, after;
	const char *unchanged;

	(void)state;
	begin(64 << 20, /* related_rate= */ 0);
	unchanged = if_none_match(path, NULL);
	test_now = now - now % 3600 + 3599;
	ask_and_forget("GET", path, unchanged, 304);
	ask("GET", path, NULL, 200, &before);
	test_now = now - now % 3600 + 3600;
	ask("GET", path, unchanged, 200, &after);
	assert_string_not_equal(reply_header(&before, "ETag"), reply_header(&after, "ETag"));
	reply_done(&before);
	reply_done(&after);
	test_now = now;
}

/* The clock strikes while the answer is made: it is of one hour throughout. */
static void test_an_hour_ends_meanwhile(void **state)
{
	static const char path[] = "/v1/articles/2/related?max_age=P365D&section=same";
	const int64_t hour = test_now - test_now % 3600;
	struct reply before, meanwhile, after;

	(void)state;
	begin(64 << 20, /* related_rate= */ 0);
	test_now = hour;
	ask("GET", path, NULL, 200, &before);
	begin(64 << 20, /* related_rate= */ 0);
	test_now = hour + 3599;
	test_ticks = 1;    /* each look at the clock finds a second more */
	ask("GET", path, NULL, 200, &meanwhile);
	test_ticks = 0;
	test_now = hour + 3600;
	ask("GET", path, NULL, 200, &after);
	assert_string_equal(reply_header(&before, "ETag"), reply_header(&meanwhile, "ETag"));
	assert_string_not_equal(reply_header(&before, "ETag"), reply_header(&after, "ETag"));
	reply_done(&before);
	reply_done(&meanwhile);
	reply_done(&after);
	test_now = hour;
}

/* A request that names the version twice, first with nothing, must not decide for how long others may keep the file. */
static void test_version_of_a_file(void **state)
{
	char path[100], odd[100];
	struct reply page, file;
	const char *version;

	(void)state;
	begin(64 << 20, /* related_rate= */ 0);
	ask("GET", "/", NULL, 200, &page);
	version = strstr(page.body.bytes, "site.css?v=");
	assert_non_null(version);
	version += strlen("site.css?v=");
	snprintf(path, sizeof path, "/static/site.css?v=%.16s", version);
	snprintf(odd, sizeof odd, "/static/site.css?v=&v=%.16s", version);
	reply_done(&page);
	for (int i = 0; i < 4; i++) {
		ask("GET", i % 2 == 0 ? odd : path, NULL, 200, &file);
		expect_header(path, &file, "Cache-Control", "public, max-age=31536000, immutable");
		reply_done(&file);
	}
	for (int i = 0; i < 2; i++) {
		ask("GET", i == 0 ? "/static/site.css?v=0" : "/static/site.css", NULL, 200, &file);
		expect_header(path, &file, "Cache-Control", "public, max-age=10, stale-while-revalidate=30, stale-if-error=3600");
		reply_done(&file);
	}
}

/* Where a file has one address for ever, a version that somebody names means nothing, least of all for the next reader. */
static void test_version_of_a_file_that_has_none(void **state)
{
	static const char *const paths[] = { "/robots.txt", "/favicon.ico" };

	(void)state;
	begin(64 << 20, /* related_rate= */ 0);
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		char named[100];
		struct reply file;

		ask("GET", paths[i], NULL, 200, &file);
		snprintf(named, sizeof named, "%s?v=%016llx", paths[i],
		    (unsigned long long)XXH3_64bits(file.body.bytes, file.body.length));
		reply_done(&file);
		test_server_restart(&server);
		for (int n = 0; n < 2; n++) {
			ask("GET", n == 0 ? named : paths[i], NULL, 200, &file);
			expect_header(paths[i], &file, "Cache-Control", "public, max-age=10, stale-while-revalidate=30, stale-if-error=3600");
			reply_done(&file);
		}
	}
}

/* Whether the reply is kept makes no difference to what is refused. */
static void test_defaults_beside_ids(void **state)
{
	static const char *const paths[] = { "/v1/articles?ids=1&order=newest", "/v1/articles?ids=1", "/v1/articles?ids=1&order=newest", "/v1/articles?ids=1&limit=20" };
	struct reply reply;

	(void)state;
	begin(64 << 20, /* related_rate= */ 0);
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		ask("GET", paths[i], NULL, 200, &reply);
		reply_done(&reply);
	}
	ask("GET", "/v1/articles?ids=1&order=oldest", NULL, 400, &reply);
	reply_done(&reply);
}

/* Section a is rarer than tag t, and hundreds of its articles lack it. Whether there is a page before the cursor's then depends on how far was looked, and
 * so on articles that are not in the list: its ETag may not stay when they change that. */
static void test_what_lies_beyond_a_page(void **state)
{
	enum { PLAIN = 240, TAGGED = 700 };
	struct reply first, second, before, after;
	struct text lines = TEXT_EMPTY;
	char next[700];

	(void)state;
	begin(64 << 20, /* related_rate= */ 0);
	for (int i = 0; i < TAGGED; i++)
		text_printf(&lines, "{'guid':'o-%d','title':'Other','section':'Other','source':'S','tags':['t'],'published_at':'2012-01-01T00:00:00Z'}\n", i);
	for (int i = 0; i < 2; i++)
		text_printf(&lines, "{'guid':'m-%d','title':'Both','section':'Beyond','source':'S','tags':['t'],'published_at':'201%d-06-01T00:00:00Z'}\n", i, 5 - i * 2);
	for (int i = 0; i < PLAIN; i++)
		text_printf(&lines, "{'guid':'p-%d','title':'Plain','section':'Beyond','source':'S','published_at':'2014-01-01T00:00:00Z'}\n", i);
	test_server_put(&server, lines.bytes);

	ask("GET", "/v1/articles?section=beyond&tag=t&limit=1&fields=id", NULL, 200, &first);
	snprintf(next, sizeof next, "%s", reply_link(&first, "next"));
	test_server_put(&server, "{'guid':'m-0','title':'Both','section':'Beyond','source':'S','status':'withdrawn'}");
	ask("GET", next, NULL, 200, &before);
	text_clear(&lines);
	for (int i = 0; i < 40; i++)
		text_printf(&lines, "{'guid':'q-%d','title':'Plain','section':'Beyond','source':'S','published_at':'2016-01-01T00:00:00Z'}\n", i);
	test_server_put(&server, lines.bytes);
	ask("GET", next, NULL, 200, &after);
	if (strcmp(reply_header(&before, "ETag"), reply_header(&after, "ETag")) == 0)
		assert_string_equal(before.body.bytes, after.body.bytes);
	test_server_restart(&server);
	ask("GET", next, NULL, 200, &second);
	if (strcmp(reply_header(&second, "ETag"), reply_header(&after, "ETag")) == 0)
		assert_string_equal(second.body.bytes, after.body.bytes);
	text_done(&lines);
	reply_done(&first);
	reply_done(&second);
	reply_done(&before);
	reply_done(&after);
}

/* --- codings --- */

static void decode(const struct reply *reply, char *ret_bytes, size_t *ret_length)
{
	const char *coding = reply_header(reply, "Content-Encoding");

	if (coding == NULL) {
		assert_true(reply->body.length <= *ret_length);
		memcpy(ret_bytes, reply->body.bytes, reply->body.length);
		*ret_length = reply->body.length;
	} else if (strcmp(coding, "br") == 0) {
		assert_int_equal(BrotliDecoderDecompress(reply->body.length, (const uint8_t *)reply->body.bytes, ret_length, (uint8_t *)ret_bytes),
		    BROTLI_DECODER_RESULT_SUCCESS);
	} else {
		z_stream stream = { .next_in = (Bytef *)reply->body.bytes, .avail_in = (uInt)reply->body.length, .next_out = (Bytef *)ret_bytes, .avail_out = (uInt)*ret_length };

		assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
		assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
		*ret_length = stream.total_out;
		inflateEnd(&stream);
	}
}

static bool ends_with(const char *text, const char *end)
{
	return strlen(text) >= strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

static void expect_form(const char *path, const char *accept_encoding, const char *coding, const char *etag_end, const struct reply *identity)
{
	static char bytes[1 << 20];
	size_t length = sizeof bytes;
	struct reply reply;

	ask("GET", path, accept_encoding, 200, &reply);
	expect_header(path, &reply, "Content-Encoding", coding);
	expect_header(path, &reply, "Vary", "Accept-Encoding");
	if (!ends_with(reply_header(&reply, "ETag"), etag_end))
		fail_msg("%s, %s: %s instead of %s", path, accept_encoding, reply_header(&reply, "ETag"), etag_end);
	decode(&reply, bytes, &length);
	assert_int_equal(length, identity->body.length);
	assert_memory_equal(bytes, identity->body.bytes, length);
	reply_done(&reply);
}

static void test_codings(void **state)
{
	static const struct {
		const char *accept_encoding, *coding, *etag_end;
	} rows[] = {
		{ NULL, NULL, "-i\"" },
		{ "Accept-Encoding: identity", NULL, "-i\"" },
		{ "Accept-Encoding: br;q=0.3, gzip;q=0.7", "gzip", "-gz1\"" },
		{ "Accept-Encoding: gzip, deflate, br", "br", "-br1\"" },
	};
	static const char path[] = "/v1/articles?order=updated";
	struct reply identity;

	(void)state;
	begin(64 << 20, /* related_rate= */ 0);
	ask("GET", path, NULL, 200, &identity);
	for (size_t i = 0; i < N_OF(rows); i++)
		expect_form(path, rows[i].accept_encoding, rows[i].coding, rows[i].etag_end, &identity);
	reply_done(&identity);

	/* Hardly smaller than its headers. */
	ask("GET", "/v1/sections/national", "Accept-Encoding: br", 200, &identity);
	expect_header("small", &identity, "Content-Encoding", NULL);
	expect_header("small", &identity, "Vary", "Accept-Encoding");
	assert_true(ends_with(reply_header(&identity, "ETag"), "-i\""));
	reply_done(&identity);
}

/* Asks until the form is there. */
static bool comes_as(const char *path, const char *accept_encoding, const char *etag_end)
{
	const int64_t deadline = clock_monotonic_us() + 20000000;
	bool has_come = false;

	while (!has_come && clock_monotonic_us() < deadline) {
		struct reply reply;

		ask("GET", path, accept_encoding, 200, &reply);
		has_come = ends_with(reply_header(&reply, "ETag"), etag_end);
		reply_done(&reply);
		if (!has_come)
			poll(NULL, 0, /* milliseconds= */ 1);
	}
	return has_come;
}

/* The first answer waits for no slow coding; whoever holds the quick form need not fetch the thorough one. */
static void test_quick_first_and_thorough_later(void **state)
{
	static const char *const rows[][3] = { { "Accept-Encoding: br", "-br1\"", "-br9\"" }, { "Accept-Encoding: gzip", "-gz1\"", "-gz9\"" } };
	static const char path[] = "/v1/articles?limit=19";
	struct reply identity;

	(void)state;
	begin(64 << 20, /* related_rate= */ 0);
	ask("GET", path, NULL, 200, &identity);
	for (size_t i = 0; i < 2; i++) {
		char quick[300];

		snprintf(quick, sizeof quick, "%s\n%s", rows[i][0], if_none_match(path, rows[i][0]));
		assert_true(ends_with(quick, rows[i][1]));
		assert_true(comes_as(path, rows[i][0], rows[i][2]));
		expect_form(path, rows[i][0], i == 0 ? "br" : "gzip", rows[i][2], &identity);
		ask_and_forget("GET", path, quick, 304);
	}
	reply_done(&identity);
}

/* A 304 for what the client holds and can read; the coding that it would not be given now is no help to it. */
static void test_304_for_any_form_held(void **state)
{
	static const char path[] = "/v1/articles?limit=18";
	static const char *const codings[] = { "Accept-Encoding: identity", "Accept-Encoding: gzip", "Accept-Encoding: br" };
	char held[3][200];

	(void)state;
	for (int round = 0; round < 2; round++) {
		begin(round == 0 ? 64 << 20 : 0, /* related_rate= */ 0);
		for (size_t i = 0; i < 3; i++)
			snprintf(held[i], sizeof held[i], "%s", if_none_match(path, codings[i]));
		for (size_t i = 0; i < 3; i++)
			for (size_t asked = 0; asked < 3; asked++) {
				char headers[700];
				struct reply reply;
				const bool is_held = i == 0 || i == asked;

				snprintf(headers, sizeof headers, "%s\n%s", codings[asked], held[i]);
				ask("GET", path, headers, is_held ? 304 : 200, &reply);
				if (is_held)
					expect_header(path, &reply, "ETag", held[i] + strlen("If-None-Match: "));
				expect_header(path, &reply, "Vary", "Accept-Encoding");
				expect_header(path, &reply, "Broadsheet-Seq", "*");
				reply_done(&reply);
			}
	}
}

/* RFC 9110 9.3.2: as GET, but for the body. */
static void test_head(void **state)
{
	static const char *const codings[] = { "Accept-Encoding: identity", "Accept-Encoding: gzip", "Accept-Encoding: br" };
	static const char *const names[] = { "ETag", "Content-Encoding", "Content-Type", "Content-Length", "Vary", "Cache-Control", "Link", "Broadsheet-Seq",
		"Cache-Groups", "Content-Security-Policy", "Access-Control-Allow-Origin" };

	(void)state;
	begin(64 << 20, /* related_rate= */ 0);
	for (size_t p = 0; p < N_OF(every_kind); p++)
		for (size_t i = 0; i < 3; i++) {
			struct reply head, get;

			ask("HEAD", every_kind[p], codings[i], 200, &head);    /* the first makes it */
			ask("GET", every_kind[p], codings[i], 200, &get);
			for (size_t n = 0; n < N_OF(names); n++)
				expect_header(every_kind[p], &head, names[n], reply_header(&get, names[n]));
			assert_int_equal(head.body.length, 0);
			reply_done(&head);
			reply_done(&get);
		}
}

/* A kept reply has the fields of one that is made for this request alone, in every form and as 304. */
static void test_fields_are_those_of_a_fresh_reply(void **state)
{
	static const char *const names[] = { "Content-Type", "Content-Length", "Vary", "Link", "Broadsheet-Seq", "Cache-Groups", "Surrogate-Key",
		"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Content-Encoding",
		"Last-Modified", "Connection" };

	(void)state;
	begin(64 << 20, /* related_rate= */ 0);
	for (size_t p = 0; p < N_OF(every_kind); p++)
		for (int i = 0; i < 4; i++) {
			const char *coding = i % 2 == 0 ? "Accept-Encoding: identity" : "Accept-Encoding: gzip";
			char headers[200], fresh_headers[300];
			struct reply kept, fresh;

			snprintf(headers, sizeof headers, "%s%s%s", coding, i < 2 ? "" : "\n", i < 2 ? "" : "If-None-Match: *");
			snprintf(fresh_headers, sizeof fresh_headers, "%s\nAuthorization: Basic eDp4", headers);
			ask("GET", every_kind[p], headers, i < 2 ? 200 : 304, &kept);
			ask("GET", every_kind[p], fresh_headers, i < 2 ? 200 : 304, &fresh);
			for (size_t n = 0; n < N_OF(names); n++)
				if (i < 2 || strcmp(names[n], "Content-Length") != 0)
					expect_header(every_kind[p], &kept, names[n], reply_header(&fresh, names[n]));
			expect_header(every_kind[p], &fresh, "Cache-Control", "private, no-store");
			reply_done(&kept);
			reply_done(&fresh);
		}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hits_ask_nothing),
		cmocka_unit_test(test_other_spellings),
		cmocka_unit_test(test_what_is_not_kept),
		cmocka_unit_test(test_304_without_a_body),
		cmocka_unit_test(test_zero_keeps_nothing),
		cmocka_unit_test(test_bytes_are_bounded),
		cmocka_unit_test(test_codings),
		cmocka_unit_test(test_quick_first_and_thorough_later),
		cmocka_unit_test(test_304_for_any_form_held),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_fields_are_those_of_a_fresh_reply),
		cmocka_unit_test(test_what_a_write_makes_stale),
		cmocka_unit_test(test_what_is_gone_was_unknown),
		cmocka_unit_test(test_both_must_change),
		cmocka_unit_test(test_related_answers),
		cmocka_unit_test(test_an_hour_ends),
		cmocka_unit_test(test_an_hour_ends_meanwhile),
		cmocka_unit_test(test_version_of_a_file),
		cmocka_unit_test(test_version_of_a_file_that_has_none),
		cmocka_unit_test(test_defaults_beside_ids),
		cmocka_unit_test(test_what_lies_beyond_a_page),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

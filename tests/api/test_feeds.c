/* SPDX-License-Identifier: MIT */
/*
 * Feeds and sitemaps through real sockets: what is in them, pages, removals, validators that change with the filter and with nothing else, and the hub's
 * links. What the bytes are like is tests/feed/test_formats.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>

#include "api_steps.h"
#include "receiver.h"

static struct test_server server;

static const char articles[] =
    "{'id':1,'guid':'1','title':'One','section':'Sport','source':'Wire','tags':['Ice'],'published_at':'2016-01-01T00:00:00Z','body_html':'<p>The first text.</p>'}\n"
    "{'id':2,'guid':'2','title':'Two','section':'Sport','source':'Post','tags':['Ice'],'published_at':'2016-01-02T00:00:00Z','body_html':'<p>The second text.</p>'}\n"
    "{'id':3,'guid':'3','title':'Three','section':'Local','source':'Wire','published_at':'2016-01-03T00:00:00Z','body_html':'<p>The third text.</p>'}\n";

static int set_up(void **state)
{
	(void)state;
	test_server_start(&server, NULL);
	return test_server_try(&server, articles) ? 0 : -1;
}

static int set_up_with_hub(void **state)
{
	(void)state;
	test_server_start(&server, (const char *const[]){ "--websub-hub", "https://hub.invalid/?a=1", NULL });
	return test_server_try(&server, articles) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

static void get(const char *target, long status, struct reply *ret_reply)
{
	client_get(server.public, target, ret_reply);
	if (ret_reply->status != status)
		fail_msg("%s: %ld instead of %ld: %.300s", target, ret_reply->status, status, ret_reply->body.bytes);
}

/* Ids of the articles in a feed, in order: "3 2 1", and of those that are gone: "-4". */
static const char *ids_in(const char *body)
{
	static char ids[1000];
	const char *at = body;
	size_t n = 0;

	ids[0] = '\0';
	for (;;) {
		static const char name[] = TEST_BASE_URL "/article/";

		at = strstr(at, name);
		if (at == NULL)
			return ids;
		const bool is_gone = at - body > 5 && strncmp(at - 5, "ref=\"", 5) == 0;

		at += strlen(name);
		if (*at >= '0' && *at <= '9')
			n += (size_t)snprintf(ids + n, sizeof ids - n, "%s%s%.*s", n > 0 ? " " : "", is_gone ? "-" : "", (int)strspn(at, "0123456789"), at);
	}
}

/* Of what is kept, and of what would be made now. */
static void expect_ids_in(const char *target, const char *wanted)
{
	for (int i = 0; i < 2; i++) {
		struct reply reply;

		client_ask(server.public, "GET", target, i == 0 ? NULL : "Authorization: Basic eDp4", NULL, &reply);
		assert_int_equal(reply.status, 200);
		if (strcmp(ids_in(reply.body.bytes), wanted) != 0)
			fail_msg("%s: \"%s\" instead of \"%s\"", target, ids_in(reply.body.bytes), wanted);
		reply_done(&reply);
	}
}

static char *etag_of(const char *target)
{
	struct reply reply;
	char *etag;

	get(target, 200, &reply);
	etag = strdup(reply_header(&reply, "ETag"));
	reply_done(&reply);
	return etag;
}

static const char *const endings[] = { "rss", "atom", "json" };
static const char *const types[] = { "application/rss+xml; charset=utf-8", "application/atom+xml; charset=utf-8", "application/feed+json" };

static void test_filters(void **state)
{
	static const struct {
		const char *path, *query, *ids, *title;
	} rows[] = {
		{ "/feed.", "", "3 2 1", "The Test" },
		{ "/section/sport/feed.", "", "2 1", "Sport — The Test" },
		{ "/tag/ice/feed.", "?utm_source=x", "2 1", "Ice — The Test" },
		{ "/source/wire/feed.", "", "3 1", "Wire — The Test" },
		{ "/search/feed.", "?q=third", "3", "“third” — The Test" },
		{ "/search/feed.", "?q=text&fbclid=1", "3 2 1", "“text” — The Test" },
		{ "/search/feed.", "?q=nothing+like+it", "", "“nothing like it” — The Test" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (size_t f = 0; f < 3; f++) {
			char target[100];
			struct reply reply;

			snprintf(target, sizeof target, "%s%s%s", rows[i].path, endings[f], rows[i].query);
			get(target, 200, &reply);
			assert_string_equal(reply_header(&reply, "Content-Type"), types[f]);
			assert_string_equal(ids_in(reply.body.bytes), rows[i].ids);
			assert_non_null(strstr(reply.body.bytes, rows[i].title));
			assert_null(reply_header(&reply, "Last-Modified"));
			assert_null(reply_header(&reply, "Link"));
			assert_null(strstr(reply.body.bytes, "hub"));
			assert_null(strchr(reply.body.bytes, CONTROL_BASE_URL));
			reply_done(&reply);
		}
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *target;
		long status;
	} rows[] = {
		{ "/section/nothing/feed.rss", 404 }, { "/tag/Ice/feed.atom", 404 }, { "/search/feed.rss", 400 }, { "/search/feed.rss?q=", 400 }, { "/author/ann/feed.rss", 404 },
		{ "/feed.xml", 404 }, { "/feed.rss?before=x", 400 }, { "/feed.rss?before=1-", 400 }, { "/feed.rss?before=1-0", 400 }, { "/feed.rss?before=01-1", 400 },
		{ "/feed.rss?before=1-1x", 400 }, { "/feed.rss?before=99999999999999999999-1", 400 }, { "/feed.rss/", 308 }, { "/sitemap/1.xml", 404 }, { "/sitemap/00.xml", 404 },
		{ "/sitemap/x.xml", 404 }, { "/sitemap/99999999999999999999.xml", 404 }, { "/sitemap/.xml", 404 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reply reply;

		get(rows[i].target, rows[i].status, &reply);
		reply_done(&reply);
	}
}

/* --- pages --- */

static void put_many(int n)
{
	struct text lines = TEXT_EMPTY;

	for (int i = 0; i < n; i++)
		text_printf(&lines, "{'guid':'m%d','title':'Many %d','section':'Many','source':'Wire','published_at':'2016-02-%02dT00:00:%02dZ'}\n", i, i, 1 + i / 50, i / 2 % 60);
	test_server_put(&server, lines.bytes);
	text_done(&lines);
}

/* The target of the next page; NULL at the end. */
static char *next_of(const char *body)
{
	const char *mark = strstr(body, "rel=\"next\""), *href = mark != NULL ? strstr(mark, "href=\"" TEST_BASE_URL) : NULL;

	if (href == NULL)
		return NULL;
	href += strlen("href=\"" TEST_BASE_URL);
	return strndup(href, strcspn(href, "\""));
}

/* Each article once, newest first, whatever comes in meanwhile. */
static void test_pages(void **state)
{
	struct text all = TEXT_EMPTY;
	char *target = strdup("/section/many/feed.atom");
	size_t n_pages = 0, n = 0;

	(void)state;
	put_many(120);
	while (target != NULL) {
		struct reply reply;

		get(target, 200, &reply);
		text_printf(&all, " %s", ids_in(reply.body.bytes));
		free(target);
		target = next_of(reply.body.bytes);
		reply_done(&reply);
		if (n_pages++ == 0)
			test_server_put(&server, "{'guid':'late','title':'Late','section':'Many','source':'Wire','published_at':'2016-05-01T00:00:00Z'}\n");
	}
	assert_int_equal(n_pages, 3);
	for (int id = 4; id < 124; id++) {
		char one[16];

		snprintf(one, sizeof one, " %d", id);
		const char *found = strstr(all.bytes, one);

		while (found != NULL && found[strlen(one)] >= '0' && found[strlen(one)] <= '9')
			found = strstr(found + 1, one);
		assert_non_null(found);
	}
	for (const char *c = all.bytes; *c != '\0'; c++)
		n += *c == ' ';
	assert_int_equal(n, 120);
	text_done(&all);
}

/* --- removals (RFC 6721) --- */

static void withdraw(const char *id)
{
	char target[50];
	struct reply reply;

	snprintf(target, sizeof target, "/v1/articles/%s", id);
	client_ask(server.writer, "DELETE", target, NULL, NULL, &reply);
	assert_int_equal(reply.status, 200);
	reply_done(&reply);
}

static void edit(const char *id, const char *patch)
{
	char target[50];
	struct reply reply;

	snprintf(target, sizeof target, "/v1/articles/%s", id);
	client_ask(server.writer, "PATCH", target, "If-Match: *\nContent-Type: application/json", patch, &reply);
	if (reply.status != 200)
		fail_msg("%s: %ld %s", patch, reply.status, reply.body.bytes);
	reply_done(&reply);
}

static void test_removals(void **state)
{
	char *before, *after;
	struct reply reply;

	(void)state;
	expect_ids_in("/feed.atom", "3 2 1");
	withdraw("2");
	expect_ids_in("/feed.atom", "-2 3 1");
	expect_ids_in("/feed.rss", "3 1");
	expect_ids_in("/section/sport/feed.atom", "-2 1");
	expect_ids_in("/tag/ice/feed.atom", "-2 1");
	expect_ids_in("/section/local/feed.atom", "3");
	expect_ids_in("/feed.atom?before=1451779200-3", "1");    /* they stand on the first page alone */

	/* What nobody sees changes no feed, not even those of a section that it goes to. */
	before = etag_of("/section/local/feed.atom");
	edit("2", "{\"section\":\"Local\",\"title\":\"Unseen\"}");
	expect_ids_in("/section/local/feed.atom", "3");
	expect_ids_in("/section/sport/feed.atom", "-2 1");
	after = etag_of("/section/local/feed.atom");
	assert_string_equal(before, after);
	free(before);
	free(after);

	/* It comes back elsewhere: here it is gone still. */
	edit("2", "{\"status\":\"published\"}");
	expect_ids_in("/feed.atom", "3 2 1");
	expect_ids_in("/section/local/feed.atom", "3 2");
	expect_ids_in("/section/sport/feed.atom", "-2 1");
	expect_ids_in("/tag/ice/feed.atom", "2 1");
	withdraw("3");
	withdraw("2");
	expect_ids_in("/feed.atom", "-2 -3 1");
	/* No article has it any more, but readers of its feed are told so. What drafts alone have is no term at all. */
	expect_ids_in("/section/local/feed.atom", "-2 -3");
	expect_ids_in("/section/local/feed.json", "");
	get("/section/local/feed.atom", 200, &reply);
	assert_non_null(strstr(reply.body.bytes, "<title>The Test</title>"));    /* a name may be why they went */
	assert_null(strstr(reply.body.bytes, "Local"));
	reply_done(&reply);
	get("/section/local", 404, &reply);
	reply_done(&reply);
	test_server_put(&server, "{'guid':'secret','title':'Secret','section':'Secret','source':'Wire','status':'draft'}\n");
	get("/section/secret/feed.atom", 404, &reply);
	reply_done(&reply);
}

static void expect_time(const char *target, const char *wanted)
{
	struct reply reply;

	get(target, 200, &reply);
	if (strstr(reply.body.bytes, wanted) == NULL)
		fail_msg("%s: no %s in %.700s", target, wanted, reply.body.bytes);
	reply_done(&reply);
}

/* A feed's own time goes on when the article that changed last goes. */
static void test_feed_time(void **state)
{
	(void)state;
	test_server_clock(&server, 1464782400);
	edit("3", "{\"title\":\"Another\"}");
	expect_time("/feed.rss", "<lastBuildDate>Wed, 01 Jun 2016 12:00:00 GMT<");
	test_server_clock(&server, 1464782400 + 60);
	withdraw("3");
	expect_time("/feed.rss", "<lastBuildDate>Wed, 01 Jun 2016 12:01:00 GMT<");
	expect_time("/feed.atom", "<updated>2016-06-01T12:01:00Z</updated>\n<author>");
	expect_time("/section/local/feed.rss", "<lastBuildDate>Wed, 01 Jun 2016 12:01:00 GMT<");
}

/* What a CDN purges by when an article goes. */
static void test_keys(void **state)
{
	static const char *const rows[][2] = {
		{ "/feed.rss", "articles-list" }, { "/section/sport/feed.atom", "articles-list section-sport" }, { "/search/feed.json?q=text", "articles-list" },
		{ "/sitemap.xml", "articles-list" }, { "/sitemap/0.xml", "articles-list" }, { "/sitemap-news.xml", "articles-list" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reply reply;

		get(rows[i][0], 200, &reply);
		assert_non_null(reply_header(&reply, "Cache-Groups"));
		assert_string_equal(reply_header(&reply, "Surrogate-Key"), rows[i][1]);
		reply_done(&reply);
	}
}

/* Withdrawn from one section, published again in another, and then moved back: it stands in the first again, and is gone from it no more. */
static void test_moved_back(void **state)
{
	(void)state;
	withdraw("3");
	edit("3", "{\"status\":\"published\",\"section\":\"Sport\"}");
	edit("3", "{\"section\":\"Local\"}");
	expect_ids_in("/section/local/feed.atom", "3");
	expect_ids_in("/section/sport/feed.atom", "2 1");
	expect_ids_in("/feed.atom", "3 2 1");
}

/* --- validators --- */

static void expect_unchanged(const char *target, const char *etag, bool is_wanted)
{
	char headers[100];
	struct reply reply;

	snprintf(headers, sizeof headers, "If-None-Match: %s", etag);
	client_ask(server.public, "GET", target, headers, NULL, &reply);
	if (reply.status != (is_wanted ? 304 : 200))
		fail_msg("%s: %ld for %s", target, reply.status, etag);
	reply_done(&reply);
}

/* A feed changes with the listing of its filter; a sitemap's page with its own articles. */
static void test_validators(void **state)
{
	static const struct {
		const char *target;
		bool changes;
	} rows[] = {
		{ "/feed.rss", true }, { "/feed.atom", true }, { "/feed.json", true }, { "/section/sport/feed.rss", false }, { "/section/local/feed.atom", true }, { "/tag/ice/feed.json", false },
		{ "/source/wire/feed.atom", true }, { "/source/post/feed.atom", false }, { "/search/feed.rss?q=third", true }, { "/sitemap.xml", true }, { "/sitemap/0.xml", true },
		{ "/sitemap/1.xml", false }, { "/sitemap-news.xml", true }, { "/v1/articles.ninjs?section=sport", false }, { "/v1/articles.ninjs", true }, { "/v1/articles/1.ninjs", false },
		{ "/v1/articles/3.ninjs", true }, { "/v1/articles/3.jsonld", true }, { "/v1/articles/2.jsonld", false },
	};
	enum { N = sizeof rows / sizeof *rows };
	char *etags[N];

	(void)state;
	test_server_put(&server, "{'id':10007,'guid':'far','title':'Far','section':'Sport','source':'Post','published_at':'2015-01-03T00:00:00Z'}\n");
	for (size_t i = 0; i < N; i++) {
		etags[i] = etag_of(rows[i].target);
		expect_unchanged(rows[i].target, etags[i], true);
	}
	edit("3", "{\"title\":\"Three and a half\"}");
	for (size_t i = 0; i < N; i++) {
		expect_unchanged(rows[i].target, etags[i], !rows[i].changes);
		free(etags[i]);
	}
}

static void test_kept(void **state)
{
	static const char *const targets[] = { "/feed.rss", "/section/sport/feed.atom", "/search/feed.json?q=text", "/sitemap.xml", "/sitemap/0.xml", "/sitemap-news.xml", "/v1/articles.ninjs", "/v1/articles/1.jsonld" };

	(void)state;
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		struct reply reply;
		int64_t hits;

		get(targets[i], 200, &reply);
		reply_done(&reply);
		hits = test_server_counter("broadsheet_cache_hits_total");
		get(targets[i], 200, &reply);
		reply_done(&reply);
		if (test_server_counter("broadsheet_cache_hits_total") != hits + 1)
			fail_msg("%s was made twice", targets[i]);
	}
}

/* --- sitemaps --- */

static void test_sitemaps(void **state)
{
	struct reply reply;

	(void)state;
	test_server_put(&server, "{'id':25000,'guid':'far','title':'Far','section':'Sport','source':'Post','published_at':'2015-01-03T00:00:00Z'}\n"
	                         "{'id':35000,'guid':'hidden','title':'Hidden','source':'Post','status':'draft'}\n");
	get("/sitemap.xml", 200, &reply);
	assert_non_null(strstr(reply.body.bytes, "<loc>" TEST_BASE_URL "/sitemap/0.xml</loc>"));
	assert_null(strstr(reply.body.bytes, "/sitemap/1.xml"));
	assert_non_null(strstr(reply.body.bytes, "<loc>" TEST_BASE_URL "/sitemap/2.xml</loc>\n<lastmod>2"));
	assert_null(strstr(reply.body.bytes, "/sitemap/3.xml"));
	reply_done(&reply);
	get("/sitemap/0.xml", 200, &reply);
	assert_non_null(strstr(reply.body.bytes, "<loc>" TEST_BASE_URL "/article/three</loc>"));
	assert_null(strstr(reply.body.bytes, "/article/far"));
	reply_done(&reply);
	get("/sitemap/3.xml", 404, &reply);
	reply_done(&reply);
	/* Ids may be anything, such as times: what lies between them is stepped over. */
	test_server_put(&server, "{'id':202601150001,'guid':'time','title':'Time','section':'Sport','source':'Post','published_at':'2015-01-04T00:00:00Z'}\n"
	                         "{'id':999999999990001,'guid':'end','title':'End','section':'Sport','source':'Post','published_at':'2015-01-05T00:00:00Z'}\n");
	get("/sitemap.xml", 200, &reply);
	assert_non_null(strstr(reply.body.bytes, "<loc>" TEST_BASE_URL "/sitemap/2.xml</loc>"));
	assert_non_null(strstr(reply.body.bytes, "<loc>" TEST_BASE_URL "/sitemap/20260115.xml</loc>"));
	assert_non_null(strstr(reply.body.bytes, "<loc>" TEST_BASE_URL "/sitemap/99999999999.xml</loc>"));
	reply_done(&reply);
	get("/sitemap/20260115.xml", 200, &reply);
	assert_non_null(strstr(reply.body.bytes, "<loc>" TEST_BASE_URL "/article/time</loc>"));
	reply_done(&reply);
	get("/robots.txt", 200, &reply);
	assert_non_null(strstr(reply.body.bytes, "\nSitemap: " TEST_BASE_URL "/sitemap.xml\nSitemap: " TEST_BASE_URL "/sitemap-news.xml\n"));
	reply_done(&reply);
}

static bool is_news(const char *slug)
{
	struct reply reply;
	bool is_in;

	get("/sitemap-news.xml", 200, &reply);
	if (strstr(reply.body.bytes, "/article/fresh-story<") != NULL)
		assert_non_null(strstr(reply.body.bytes, "<news:language>pt-BR</news:language>\n</news:publication>\n"
		                                         "<news:publication_date>2016-05-30T12:30:00Z</news:publication_date>\n<news:title>Fresh story</news:title>"));
	is_in = strstr(reply.body.bytes, slug) != NULL;
	reply_done(&reply);
	return is_in;
}

/* Two days, counted from the hour: a reply that is kept gives way to the next one when the hour is over. */
static void test_news(void **state)
{
	(void)state;
	test_server_put(&server, "{'guid':'a','title':'Fresh story','lang':'pt-BR','image':{'url':'/static/a.jpg'},'section':'Sport','source':'Post','published_at':'2016-05-30T12:30:00Z'}\n"
	                         "{'guid':'b','title':'Old story','section':'Sport','source':'Post','published_at':'2016-05-30T11:59:59Z'}\n");
	test_server_clock(&server, 1464782400);
	assert_true(is_news("fresh-story"));
	assert_false(is_news("old-story"));
	test_server_clock(&server, 1464782400 + 3599);
	assert_true(is_news("fresh-story"));
	test_server_clock(&server, 1464782400 + 3600);
	assert_false(is_news("fresh-story"));
}

/* --- WebSub, and the pages' links --- */

static void test_hub(void **state)
{
	static const char link[] = "<https://hub.invalid/?a=1>; rel=\"hub\", <" TEST_BASE_URL "%s>; rel=\"self\"";
	static const char *const targets[] = { "/feed.rss", "/section/sport/feed.atom", "/tag/ice/feed.json" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char wanted[200];
		struct reply reply;

		get(targets[i], 200, &reply);
		snprintf(wanted, sizeof wanted, link, targets[i]);
		assert_string_equal(reply_header(&reply, "Link"), wanted);
		assert_string_equal(reply_header(&reply, "Cache-Control"), "public, max-age=10, s-maxage=0");
		assert_non_null(strstr(reply.body.bytes, "https://hub.invalid/?a=1"));
		reply_done(&reply);
	}
}

/* It is told of no search and of no later page: who subscribed to one would never hear. */
static void test_without_hub(void **state)
{
	static const char *const parts[][2] = { { "/search", "?q=text" }, { "", "?before=1451779200-3" }, { "/section/sport", "?before=1451779200-3" } };

	(void)state;
	for (size_t i = 0; i < 9; i++) {
		char target[100];
		struct reply reply;

		snprintf(target, sizeof target, "%s/feed.%s%s", parts[i / 3][0], endings[i % 3], parts[i / 3][1]);
		get(target, 200, &reply);
		assert_null(reply_header(&reply, "Link"));
		assert_null(strstr(reply_header(&reply, "Cache-Control"), "s-maxage"));
		assert_null(strstr(reply.body.bytes, "hub"));
		reply_done(&reply);
	}
}

/* From the write to the hub. */
static void test_hub_is_told(void **state)
{
	struct receiver *hub = receiver_start(NULL, NULL);
	char url[64];

	(void)state;
	snprintf(url, sizeof url, "http://127.0.0.1:%u/", receiver_port(hub));
	test_server_start(&server, (const char *const[]){ "--websub-hub", url, "--webhook-allow", "127.0.0.0/8", NULL });
	/* A hub that is new is told of nothing that was before it was first looked for. */
	for (int i = 0; i < 2000 && receiver_count(hub) == 0; i++) {
		char line[200];

		snprintf(line, sizeof line, "{'guid':'%d','title':'One','section':'Sport','source':'Wire','tags':['Ice'],'published_at':'2016-01-01T00:00:00Z'}\n", i);
		test_server_put(&server, line);
		poll(NULL, 0, /* milliseconds= */ 5);
	}
	receiver_wait(hub, 1);
	assert_non_null(strstr(receiver_got(hub, 0)->body.bytes, "hub.url=https%3A%2F%2Fnews.example%2Ftag%2Fice%2Ffeed.rss"));
	test_server_stop(&server);
	receiver_stop(hub);
}

static void test_alternates(void **state)
{
	static const char *const pages[][2] = {
		{ "/", "href=\"/feed.atom\"" }, { "/section/sport", "href=\"/section/sport/feed.rss\"" }, { "/tag/ice", "href=\"/tag/ice/feed.json\"" },
		{ "/source/wire", "title=\"Wire (Atom)\" href=\"/source/wire/feed.atom\"" }, { "/article/one", "title=\"The Test (Atom)\" href=\"/feed.atom\"" },
		{ "/article/one", "title=\"Sport (RSS)\" href=\"/section/sport/feed.rss\"" },
		{ "/search?q=first+%26+%22text", "title=\"“first &amp; &quot;text” (RSS)\" href=\"/search/feed.rss?q=first%20%26%20%22text\"" },
	};
	/* A search that is narrowed down has no feed of its own. */
	static const char *const without[] = { "/search", "/search?q=text&section=sport", "/search?q=text&published_after=2015-01-01" };
	struct reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		get(pages[i][0], 200, &reply);
		assert_non_null(strstr(reply.body.bytes, pages[i][1]));
		reply_done(&reply);
	}
	for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
		get(without[i], 200, &reply);
		assert_null(strstr(reply.body.bytes, "rel=\"alternate\""));
		reply_done(&reply);
	}
	get("/article/one", 200, &reply);
	assert_non_null(strstr(reply.body.bytes, "\"@id\":\"" TEST_BASE_URL "/article/1\""));
	reply_done(&reply);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_filters),
		TEST(test_refused),
		TEST(test_pages),
		TEST(test_removals),
		TEST(test_moved_back),
		TEST(test_feed_time),
		TEST(test_keys),
		TEST(test_validators),
		TEST(test_kept),
		TEST(test_sitemaps),
		TEST(test_news),
		cmocka_unit_test_setup_teardown(test_hub, set_up_with_hub, tear_down),
		cmocka_unit_test_setup_teardown(test_without_hub, set_up_with_hub, tear_down),
		cmocka_unit_test(test_hub_is_told),
		TEST(test_alternates),
	};

	return cmocka_run_group_tests_name("feeds", tests, NULL, NULL);
}

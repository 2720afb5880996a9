/* SPDX-License-Identifier: MIT */
/* What holds at every address: methods, validators, codings, conditions, CORS, addresses in links, bodies where none belong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <curl/curl.h>

#include "api_steps.h"

static struct test_server server;

/* Enough text for a body that is worth compressing. */
static bool put_articles(void)
{
	struct text lines = TEXT_EMPTY;
	bool fine;

	for (int i = 1; i <= 12; i++)
		text_printf(&lines, "{'guid':'%d','title':'The title of article %d','section':'National','source':'The Canadian Press','tags':['Oil','Gas'],"
		    "'authors':['Ann Lee'],'published_at':'2016-01-%02dT10:30:15+02:00','body_text':'Some text that stands in article %d.'}\n", i, i, i, i);
	fine = test_server_try(&server, lines.bytes);
	text_done(&lines);
	return fine;
}

static int set_up(void **state)
{
	(void)state;
	test_server_start(&server, NULL);
	if (!put_articles())
		return -1;
	test_server_settle(&server);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

static const char *const addresses[] = { "/v1/articles", "/v1/articles?limit=2&count=exact", "/v1/articles/1", "/v1/articles/1?related=0",
	"/v1/articles/1/related", "/v1/articles/1/next", "/v1/articles/2/prev", "/v1/suggest?q=o",
	"/v1/search?q=title&facets=section,tag,source,author,year&count=exact", "/v1/articles?q=text&order=newest", "/v1/articles?facets=tag&count=exact", "/v1/sections", "/v1/sections/national", "/v1/tags", "/v1/tags/oil",
	"/v1/sources", "/v1/sources/the-canadian-press", "/v1/authors", "/v1/authors/ann-lee" };

enum { N_ADDRESSES = sizeof addresses / sizeof addresses[0] };

/* clang-format off */

static void test_usual_headers(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles", .reply_headers = "Content-Type: application/json\nCache-Control: public, max-age=10, stale-while-revalidate=30, stale-if-error=3600\n"
		  "Vary: Accept-Encoding\nAccess-Control-Allow-Origin: *\nAccess-Control-Expose-Headers: ETag, Link, Retry-After, Broadsheet-Seq\nBroadsheet-Seq: 12\n"
		  "Cache-Groups: \"articles-list\"\nSurrogate-Key: articles-list\nDate\n-Set-Cookie\n-Server\n-Last-Modified\n-Pragma\n-Age" },
		{ "/v1/articles?section=national&tag=oil", .reply_headers = "Surrogate-Key: articles-list section-national tag-oil\n"
		  "Cache-Groups: \"articles-list\", \"section-national\", \"tag-oil\"" },
		{ "/v1/articles/1", .reply_headers = "Surrogate-Key: article-1 section-national source-the-canadian-press author-ann-lee tag-oil tag-gas",
		  .json = "{'data':{'published_at':'2016-01-01T08:30:15Z','updated_at':'2016-01-01T08:30:15Z'}}" },
		{ "/v1/articles/1/related", .headers = "Accept: text/html" },
		/* problems */
		{ "/v1/nothing", 404, .json = "{'type':'/problems/not-found','title':'*','status':404,'detail':'*','instance':'/v1/nothing','errors':null}",
		  .reply_headers = "Content-Type: application/problem+json\nCache-Control: no-store\n-ETag\n-Link\n-Retry-After" },
		{ "/v1", .status = 404 },
		{ "/v1/", .status = 404 },
		{ "/v1/articles/?limit=1", .status = 308, .reply_headers = "Location: /v1/articles?limit=1" },
		{ "/v1//articles", .status = 404 },
		{ "/v1/Articles", .status = 404 },
		{ "/v1/articles/1%2Fnext", 400, .json = "{'type':'/problems/invalid'}" },
		{ "/v1/articles/..", .status = 400 },
		{ "/v1/articles/%", .status = 400 },
		{ "/v1/articles/a%00", .status = 400 },
		{ "/v1/articles/%ff", .status = 400 },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

/* Whoever asked for a page gets a page to read, also when the target was refused before it was known what it says. */
static void test_refused_targets(void **state)
{
	static char long_page[6000] = "/article/", long_call[6000] = "/v1/articles/";
	const struct step pages[] = {
		{ "/article/nothing", .status = 404 },
		{ "/article/%zz", .status = 400 },
		{ "/%", .status = 400 },
		{ "/section/a%2Fb", .status = 400 },
		{ "/tag/%ff", .status = 400 },
		{ "/static/../secret", .status = 400 },
		{ "/v1x/%zz", .status = 400 },
		{ "/?utm_source=%zz", .status = 400 },
		{ "http://news.example/article/%zz", .status = 400 },
		{ long_page, .status = 414 },
	};
	const struct step calls[] = {
		{ "/v1/%zz", .status = 400 },
		{ "/v1?a=%zz", .status = 400 },
		{ "/v1/articles?section=%zz", .status = 400 },
		{ "http://news.example/v1/%zz", .status = 400 },
		{ "nonsense", .status = 400 },
		{ long_call, .status = 414 },
	};

	(void)state;
	memset(long_page + strlen(long_page), 'x', 5000);
	memset(long_call + strlen(long_call), 'x', 5000);
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		struct step step = pages[i];

		step.reply_headers = "Content-Type: text/html; charset=utf-8\nCache-Control: no-store\n-ETag";
		run_step(server.public, &step, NULL);
	}
	RUN_STEPS(&server, calls);    /* problems, as is checked of every reply there */
}

static void test_methods(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles", 405, .method = "DELETE", .json = "{'type':'/problems/method-not-allowed','status':405}", .reply_headers = "Allow: GET, HEAD, POST, OPTIONS" },
		{ "/v1/articles", 405, .method = "PUT", .body = "{}", .reply_headers = "Allow: GET, HEAD, POST, OPTIONS" },
		{ "/v1/articles/1", 405, .method = "POST", .body = "", .reply_headers = "Allow: GET, HEAD, PUT, PATCH, DELETE, OPTIONS" },
		{ "/v1/articles/1/related", 405, .method = "POST", .body = "", .reply_headers = "Allow: GET, HEAD, OPTIONS" },
		{ "/v1/sections", 405, .method = "POST", .body = "x", .reply_headers = "Allow: GET, HEAD, OPTIONS" },
		{ "/v1/search", 405, .method = "PUT", .body = "{}", .reply_headers = "Allow: GET, HEAD, OPTIONS" },
		{ "/v1/articles", 501, .method = "BREW", .json = "{'type':'/problems/method-unknown'}" },
		{ "/v1/nothing", 404, .method = "DELETE", .reply_headers = "-Allow" },
		{ "/v1/articles", 204, .method = "OPTIONS", .reply_headers = "Allow: GET, HEAD, POST, OPTIONS\n-Content-Type\n-ETag\nCache-Control: no-store" },
		{ "/v1/articles/batch", 204, .method = "OPTIONS", .reply_headers = "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" },
		{ "*", 204, .method = "OPTIONS", .reply_headers = "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" },
		{ "/v1/nothing", 404, .method = "OPTIONS", .json = "{'type':'/problems/not-found'}" },
		/* a browser's preflight */
		{ "/v1/articles/1", 204, .method = "OPTIONS", .headers = "Origin: https://elsewhere.example\nAccess-Control-Request-Method: GET\nAccess-Control-Request-Headers: if-none-match",
		  .reply_headers = "Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: GET, HEAD, OPTIONS\nAccess-Control-Allow-Headers: *\nAccess-Control-Max-Age: 86400\n"
		                   "-Access-Control-Allow-Credentials" },
		{ "/v1/articles/1", .headers = "Origin: https://elsewhere.example", .reply_headers = "Access-Control-Allow-Origin: *\n-Access-Control-Allow-Credentials" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_bodies_where_none_belong(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles", 400, .body = "x", .json = "{'type':'/problems/invalid'}" },
		{ "/v1/articles/1", 400, .body = "{}", .headers = "Content-Type: application/json" },
		{ "/v1/tags", 400, .method = "HEAD", .headers = "Content-Length: 5" },
		{ "/v1/articles", 200, .body = "" },
		{ "/v1/nothing", 404, .body = "x" },
	};

	(void)state;
	RUN_STEPS(&server, steps);
}

static void test_links_come_from_the_base_url(void **state)
{
	static const struct step steps[] = {
		{ "/v1/articles?limit=1", .headers = "Host: evil.example", .json = "{'data':[{'url':'https://news.example/article/the-title-of-article-12'}],"
		  "'links':{'self':'https://news.example/v1/articles?limit=1','next':'~https://news.example/v1/articles?limit=1&cursor='}}" },
		{ "/v1/articles/12", .headers = "Host: evil.example\nX-Forwarded-Host: evil.example\nForwarded: host=evil.example;proto=http",
		  .json = "{'data':{'url':'https://news.example/article/the-title-of-article-12'}}" },
		{ "http://evil.example/v1/tags?limit=1", .json = "{'links':{'self':'https://news.example/v1/tags?limit=1'}}", .headers = "Host: evil.example" },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		run_step(server.public, &steps[i], NULL);
}

/* clang-format on */

static void test_head_says_what_get_says(void **state)
{
	static const char *const names[] = { "Content-Length", "Content-Type", "ETag", "Link", "Cache-Control", "Vary", "Surrogate-Key", "Cache-Groups" };

	(void)state;
	for (size_t i = 0; i < N_ADDRESSES; i++) {
		struct reply get, head;

		run_step(server.public, &(struct step){ .path = addresses[i] }, &get);
		run_step(server.public, &(struct step){ .path = addresses[i], .method = "HEAD" }, &head);
		check_conventions("HEAD", addresses[i], &head);
		for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
			expect_header(addresses[i], &head, names[n], reply_header(&get, names[n]));
		reply_done(&get);
		reply_done(&head);
	}
	run_steps(&server, &(struct step){ .path = "/v1/articles/77", .status = 404, .method = "HEAD" }, 1);
	run_steps(&server, &(struct step){ .path = "/v1/articles?x=1", .status = 400, .method = "HEAD" }, 1);
}

static void test_conditions(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ADDRESSES; i++) {
		const struct step get = { .path = addresses[i] };
		struct reply reply, again;
		char etag[80], conditions[6][200];

		run_step(server.public, &get, &reply);
		snprintf(etag, sizeof etag, "%s", reply_header(&reply, "ETag"));
		snprintf(conditions[0], sizeof conditions[0], "If-None-Match: %s", etag);
		snprintf(conditions[1], sizeof conditions[1], "If-None-Match: *");
		snprintf(conditions[2], sizeof conditions[2], "If-None-Match: \"other\", %s", etag);
		snprintf(conditions[3], sizeof conditions[3], "If-None-Match: W/%s", etag);
		snprintf(conditions[4], sizeof conditions[4], "If-None-Match: \"other\"");
		snprintf(conditions[5], sizeof conditions[5], "If-None-Match: %.*s", (int)strlen(etag) - 2, etag);
		for (int c = 0; c < 6; c++) {
			const struct step step = { .path = addresses[i], .status = c < 4 ? 304 : 200, .headers = conditions[c],
				.method = c % 2 == 0 ? "GET" : "HEAD" };

			run_step(server.public, &step, &again);
			check_conventions(step.method, addresses[i], &again);
			expect_header(addresses[i], &again, "ETag", etag);
			if (c < 4)
				expect_header(addresses[i], &again, "Content-Type", NULL);
			reply_done(&again);
		}
		reply_done(&reply);
	}
	/* An error has no validator, so that no condition turns it into a 304. */
	run_steps(&server, &(struct step){ .path = "/v1/articles/77", .status = 404, .headers = "If-None-Match: *" }, 1);
	/* Where there is no Last-Modified, If-Modified-Since says nothing. */
	run_steps(&server, &(struct step){ .path = "/v1/articles", .headers = "If-Modified-Since: Wed, 01 Jun 2096 12:00:00 GMT" }, 1);
}

static void test_codings(void **state)
{
	/* clang-format off */
	static const struct {
		const char *accept, *coding;
	} cases[] = {
		{ "br", "br" }, { "gzip", "gzip" }, { "gzip, br", "br" }, { "gzip;q=1.0, br;q=0.5", "gzip" }, { "br;q=0, gzip", "gzip" },
		{ "br;q=0.8, gzip;q=0.8", "br" }, { "identity", NULL }, { "identity, gzip;q=0.5", NULL }, { "*", "br" }, { "*;q=0", NULL },
		{ "br;q=0, *", "gzip" }, { "deflate", NULL }, { "deflate, gzip;q=0.1", "gzip" }, { "GZIP", "gzip" }, { "gzip;q=0", NULL },
		{ "gzip;q=0.001", "gzip" }, { "gzip;q=2", NULL }, { "", NULL },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char header[80], *tag;
		struct reply reply;

		snprintf(header, sizeof header, cases[i].accept[0] != '\0' ? "Accept-Encoding: %s" : "Accept-Encoding;", cases[i].accept);
		client_ask(server.public, "GET", "/v1/articles", header, NULL, &reply);
		assert_int_equal(reply.status, 200);
		expect_header(header, &reply, "Content-Encoding", cases[i].coding);
		expect_header(header, &reply, "Vary", "Accept-Encoding");
		tag = strrchr(reply_header(&reply, "ETag"), '-');
		assert_non_null(tag);
		/* With little effort, or with much when it has been asked for before. */
		if (cases[i].coding == NULL)
			assert_string_equal(tag, "-i\"");
		else if (strcmp(cases[i].coding, "br") == 0)
			assert_true(strcmp(tag, "-br1\"") == 0 || strcmp(tag, "-br9\"") == 0);
		else
			assert_true(strcmp(tag, "-gz1\"") == 0 || strcmp(tag, "-gz9\"") == 0);
		reply_done(&reply);
	}
}

/* Coded or not it is the same text, each form has an ETag of its own, and each its 304 for whoever can read it. */
static void test_coded_bodies(void **state)
{
	static const char *const codings[] = { "gzip", "br" };
	const bool has_brotli = (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_BROTLI) != 0;
	struct reply plain, coded;

	(void)state;
	for (size_t i = 0; i < N_ADDRESSES; i++) {
		client_get(server.public, addresses[i], &plain);
		for (size_t c = 0; c < (has_brotli ? 2 : 1); c++) {
			const bool is_small = plain.body.length < 1024;
			char condition[200];

			client_get_coded(server.public, addresses[i], codings[c], &coded);
			assert_int_equal(coded.status, 200);
			assert_string_equal(coded.body.bytes, plain.body.bytes);
			expect_header(addresses[i], &coded, "Content-Encoding", is_small ? NULL : codings[c]);
			assert_true(is_small == (strcmp(reply_header(&coded, "ETag"), reply_header(&plain, "ETag")) == 0));
			snprintf(condition, sizeof condition, "Accept-Encoding: %s\nIf-None-Match: %s", codings[c], reply_header(&coded, "ETag"));
			run_step(server.public, &(struct step){ .path = addresses[i], .status = 304, .headers = condition,
			    .reply_headers = "-Content-Encoding\nVary: Accept-Encoding" }, NULL);
			snprintf(condition, sizeof condition, "Accept-Encoding: %s\nIf-None-Match: %s", codings[c], reply_header(&plain, "ETag"));
			run_step(server.public, &(struct step){ .path = addresses[i], .status = 304, .headers = condition }, NULL);
			snprintf(condition, sizeof condition, "If-None-Match: %s", reply_header(&coded, "ETag"));
			run_step(server.public, &(struct step){ .path = addresses[i], .status = is_small ? 304 : 200, .headers = condition }, NULL);
			reply_done(&coded);
		}
		reply_done(&plain);
	}
}

static void test_answers_to_a_key_are_private(void **state)
{
	struct reply reply;

	(void)state;
	run_step(server.public, &(struct step){ .path = "/v1/articles", .headers = "Authorization: Basic eDp4",
	    .reply_headers = "Cache-Control: private, no-store" }, &reply);
	reply_done(&reply);
	run_step(server.writer, &(struct step){ .path = "/v1/articles/1", .reply_headers = "Cache-Control: private, no-store\n-Access-Control-Allow-Origin" }, &reply);
	reply_done(&reply);
}

static void test_long_targets_and_headers(void **state)
{
	struct text target = TEXT_EMPTY, header = TEXT_EMPTY;

	(void)state;
	text_string(&target, "/v1/articles?section=");
	while (target.length < 4096)
		text_char(&target, 'a');
	run_step(server.public, &(struct step){ .path = target.bytes, .status = 400 }, NULL);
	text_char(&target, 'a');
	run_step(server.public, &(struct step){ .path = target.bytes, .status = 414, .json = "{'type':'/problems/target-too-long'}" }, NULL);

	text_string(&header, "X-Long: ");
	while (header.length < 9000)
		text_char(&header, 'a');
	run_step(server.public, &(struct step){ .path = "/v1/tags", .status = 431, .headers = header.bytes, .json = "{'type':'/problems/headers-too-large'}" }, NULL);
	text_done(&target);
	text_done(&header);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usual_headers),
		cmocka_unit_test(test_refused_targets),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_bodies_where_none_belong),
		cmocka_unit_test(test_links_come_from_the_base_url),
		cmocka_unit_test(test_head_says_what_get_says),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_codings),
		cmocka_unit_test(test_coded_bodies),
		cmocka_unit_test(test_answers_to_a_key_are_private),
		cmocka_unit_test(test_long_targets_and_headers),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

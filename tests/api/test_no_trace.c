/* SPDX-License-Identifier: MIT */
/*
 * What is not public leaves no trace: every GET route is asked before and after articles come in that readers may not see, each of whose fields holds a
 * word of its own, and every answer must be the same to the byte: status, headers (validators and Broadsheet-Seq among them) and body.
 *
 * A route that is in the table of routes and not in the one below fails the test, so that nobody can add one and forget it.
 *
 * In a second part articles were public and are no more. Then validators and Broadsheet-Seq are others, for readers saw something change; all else
 * must be as if they had never been.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api.h"
#include "api_steps.h"

/* Article 1 is set beside 21, which comes later and is a draft. */
static const char open[] =
    "{'id':1,'guid':'1','title':'Ferry to the island','section':'National','source':'Wire','tags':['Ferry'],'authors':['Ann'],'lang':'en',"
    "'published_at':'2016-01-01T00:00:00Z','body_html':'<p>The ferry went to the island with cars.</p>','related_ids':[21,2]}\n"
    "{'id':2,'guid':'2','title':'Ferry late again','section':'National','source':'Wire','tags':['Ferry','Harbour'],'featured':true,"
    "'published_at':'2016-01-02T00:00:00Z','body_html':'<p>The ferry to the island was late with cars.</p>'}\n"
    "{'id':3,'guid':'3','title':'Handball','section':'Sports','source':'Post','published_at':'2016-01-03T00:00:00Z','body_html':'<p>A match.</p>'}\n"
    "{'id':4,'guid':'4','title':'Gone','section':'Sports','source':'Post','published_at':'2016-01-04T00:00:00Z'}\n"
    "{'guid':'4','title':'Gone','section':'Sports','source':'Post','status':'withdrawn','removed_at':'2016-02-01T00:00:00Z','reason':'Wrong','replaced_by':21}\n";

#define CANARY(id, status)                                                                                                                       \
	"{'id':" id ",'guid':'zyxcanary-" id "','slug':'zyxcanary-" id "','title':'Zyxcanary headline of the ferry to the island'," status              \
	",'summary':'Zyxcanary standfirst','section':'Zyxcanary section','source':'Zyxcanary source','byline':'By Zyxcanary',"                      \
	"'authors':['Zyxcanary author','Ann'],'dateline':'ZYXCANARY','tags':['Zyxcanary tag','Ferry'],'lang':'eo','featured':true,"                  \
	"'image':{'url':'https://zyxcanary.example/a.jpg','alt':'Zyxcanary'},'source_url':'https://zyxcanary.example/1',"                             \
	"'body_html':'<p>Zyxcanary text: the ferry went to the island with cars.</p>','rights':{'holder':'Zyxcanary'},"                              \
	"'corrections':[{'at':'2016-01-03T00:00:00Z','kind':'update','text':'Zyxcanary correction'}],'related_ids':[1,2]}\n"

/* None of them was ever public. */
static const char *const hidden[] = { CANARY("21", "'status':'draft'"), CANARY("22", "'status':'scheduled','publish_at':'2016-07-01T00:00:00Z'"), CANARY("23", "'status':'withdrawn','reason':'Zyxcanary reason'"), CANARY("24", "'published_at':'2099-01-01T00:00:00Z'"), CANARY("25", "'status':'draft'"), CANARY("25", "'status':'draft','expire_at':'2030-01-01T00:00:00Z'"), NULL };

static const char *const shown[] = { CANARY("31", "'published_at':'2016-03-01T00:00:00Z'"), CANARY("32", "'published_at':'2016-03-02T00:00:00Z'"), CANARY("33", "'published_at':'2016-03-03T00:00:00Z'"), NULL };
static const char *const taken_back[] = { CANARY("31", "'status':'draft'"), CANARY("32", "'status':'withdrawn','published_at':'2016-03-02T00:00:00Z','removed_at':'2016-04-01T00:00:00Z'"), CANARY("33", "'status':'scheduled','publish_at':'2017-01-01T00:00:00Z'"), NULL };

enum { TARGETS_MOST = 40 };

/* clang-format off */
static const struct row {
	const char *path;
	const char *targets[TARGETS_MOST];
} rows[] = {
	{ "/v1/articles", {
		"/v1/articles", "/v1/articles?count=exact", "/v1/articles?facets=section,tag,source,author,year", "/v1/articles?order=oldest", "/v1/articles?order=updated",
		"/v1/articles?limit=1", "/v1/articles?section=zyxcanary-section", "/v1/articles?section=national&count=exact", "/v1/articles?section=!zyxcanary-section",
		"/v1/articles?tag=zyxcanary-tag&count=exact", "/v1/articles?tag=ferry&count=exact", "/v1/articles?tag_all=ferry,zyxcanary-tag",
		"/v1/articles?source=zyxcanary-source", "/v1/articles?author=ann", "/v1/articles?author=zyxcanary-author", "/v1/articles?lang=eo", "/v1/articles?featured=true",
		"/v1/articles?ids=21,22,23,24,25,31,32,33", "/v1/articles?ids=99", "/v1/articles?q=zyxcanary", "/v1/articles?q=ferry&count=exact&facets=tag",
		"/v1/articles?include=body", "/v1/articles?status=draft", "/v1/articles?published_after=2016-06-01", "/v1/articles?min_seq=9000000" } },
	{ "/v1/articles/{ref}", {
		"/v1/articles/1", "/v1/articles/2", "/v1/articles/1?related=20", "/v1/articles/4", "/v1/articles/21", "/v1/articles/22", "/v1/articles/23", "/v1/articles/24",
		"/v1/articles/25", "/v1/articles/zyxcanary-21", "/v1/articles/zyxcanary-25", "/v1/articles/nothing" } },
	{ "/v1/articles.ninjs", { "/v1/articles.ninjs", "/v1/articles.ninjs?version=2&tag=ferry", "/v1/articles.ninjs?section=zyxcanary-section", "/v1/articles.ninjs?order=oldest&limit=1", "/v1/articles.ninjs?status=draft" } },
	{ "/v1/articles.ndjson", { "/v1/articles.ndjson" } },
	{ "/v1/articles/{ref}.ninjs", { "/v1/articles/1.ninjs", "/v1/articles/4.ninjs", "/v1/articles/21.ninjs", "/v1/articles/zyxcanary-22.ninjs", "/v1/articles/nothing.ninjs" } },
	{ "/v1/articles/{ref}.jsonld", { "/v1/articles/1.jsonld", "/v1/articles/21.jsonld", "/v1/articles/zyxcanary-25.jsonld" } },
	{ "/v1/articles/{ref}/related", { "/v1/articles/1/related", "/v1/articles/2/related?limit=20", "/v1/articles/3/related", "/v1/articles/21/related", "/v1/articles/zyxcanary-22/related" } },
	{ "/v1/articles/{ref}/next", { "/v1/articles/1/next", "/v1/articles/3/next", "/v1/articles/3/next?tag=zyxcanary-tag", "/v1/articles/21/next", "/v1/articles/1/next?status=draft" } },
	{ "/v1/articles/{ref}/prev", { "/v1/articles/1/prev", "/v1/articles/3/prev", "/v1/articles/22/prev" } },
	{ "/v1/articles/{ref}/revisions", { "/v1/articles/1/revisions", "/v1/articles/4/revisions", "/v1/articles/21/revisions", "/v1/articles/zyxcanary-25/revisions" } },
	{ "/v1/articles/{ref}/revisions/{rev}", { "/v1/articles/1/revisions/1", "/v1/articles/21/revisions/1", "/v1/articles/25/revisions/2" } },
	{ "/v1/articles/{ref}/revisions/{rev}/diff", { "/v1/articles/1/revisions/1/diff", "/v1/articles/25/revisions/2/diff" } },
	{ "/v1/previews/{token}", { "/v1/previews/nothing", "/v1/previews/AQAAAAAAAAAVAAAAAAAAAAAAAAAAcAAAAAAAAAAAAAAAAAAAAAAAAA", "/v1/previews/21" } },
	{ "/v1/search", {
		"/v1/search?q=zyxcanary", "/v1/search?q=zyxcanry", "/v1/search?q=zyxcan*", "/v1/search?q=ferry&count=exact&facets=section,tag,source,author,year", "/v1/search?q=island+cars",
		"/v1/search?q=title:headline", "/v1/search?q=byline:zyxcanary", "/v1/search?q=-zyxcanary+ferry", "/v1/search?q=headlin", "/v1/search?q=ferry&order=newest&limit=1",
		"/v1/search?q=ferry&status=draft" } },
	{ "/v1/changes", {
		"/v1/changes", "/v1/changes?since=now", "/v1/changes?limit=2", "/v1/changes?since=2", "/v1/changes?section=zyxcanary-section", "/v1/changes?tag=ferry&include=body",
		"/v1/changes?tag=!zyxcanary-tag&include=article", "/v1/changes?since=4&wait=1" } },
	{ "/v1/events", { "/v1/events?since=999999999999999999" } },
	{ "/v1/suggest", { "/v1/suggest?q=zyx", "/v1/suggest?q=ferry", "/v1/suggest?q=z", "/v1/suggest?q=head", "/v1/suggest?q=ann" } },
	{ "/v1/collections", { "/v1/collections" } },
	{ "/v1/collections/{name}", { "/v1/collections/front-page" } },
	{ "/v1/keys", { "/v1/keys" } },
	{ "/v1/webhooks", { "/v1/webhooks" } },
	{ "/v1/webhooks/{id}", { "/v1/webhooks/1" } },
	{ "/v1/webhooks/{id}/deliveries", { "/v1/webhooks/1/deliveries" } },
	{ "/v1/sections", { "/v1/sections", "/v1/sections?order=count", "/v1/sections?q=zyx" } },
	{ "/v1/sections/{slug}", { "/v1/sections/zyxcanary-section", "/v1/sections/national", "/v1/sections/nothing" } },
	{ "/v1/tags", { "/v1/tags", "/v1/tags?order=count&limit=1", "/v1/tags?q=zyx" } },
	{ "/v1/tags/{slug}", { "/v1/tags/zyxcanary-tag", "/v1/tags/ferry" } },
	{ "/v1/sources", { "/v1/sources", "/v1/sources?q=zyx" } },
	{ "/v1/sources/{slug}", { "/v1/sources/zyxcanary-source", "/v1/sources/wire" } },
	{ "/v1/authors", { "/v1/authors", "/v1/authors?q=zyx" } },
	{ "/v1/authors/{slug}", { "/v1/authors/zyxcanary-author", "/v1/authors/ann" } },
	{ "/", { "/" } },
	{ "/section/{slug}", { "/section/national", "/section/zyxcanary-section" } },
	{ "/tag/{slug}", { "/tag/ferry", "/tag/zyxcanary-tag" } },
	{ "/source/{slug}", { "/source/wire", "/source/zyxcanary-source" } },
	{ "/author/{slug}", { "/author/ann", "/author/zyxcanary-author" } },
	{ "/article/{ref}", { "/article/ferry-to-the-island", "/article/1", "/article/gone", "/article/zyxcanary-21", "/article/21", "/article/zyxcanary-22", "/article/nothing" } },
	{ "/preview/{token}", { "/preview/nothing", "/preview/21" } },
	{ "/search", { "/search?q=zyxcanary", "/search?q=ferry", "/search?q=zyxcanry", "/search" } },
	{ "/desk", { "/desk" } },
	{ "/static/{path...}", { "/static/site.css" } },
	{ "/openapi.json", { "/openapi.json" } },
	{ "/docs", { "/docs" } },
	{ "/problems/{code}", { "/problems/withdrawn", "/problems/nothing" } },
	{ "/llms.txt", { "/llms.txt" } },
	{ "/robots.txt", { "/robots.txt" } },
	{ "/favicon.ico", { "/favicon.ico" } },
	{ "/feed.rss", { "/feed.rss", "/feed.rss?before=1451606400-1" } },
	{ "/feed.atom", { "/feed.atom", "/feed.atom?before=1451606400-1" } },
	{ "/feed.json", { "/feed.json", "/feed.json?before=1451606400-1" } },
	{ "/section/{slug}/feed.rss", { "/section/national/feed.rss", "/section/zyxcanary-section/feed.rss" } },
	{ "/section/{slug}/feed.atom", { "/section/national/feed.atom", "/section/zyxcanary-section/feed.atom" } },
	{ "/section/{slug}/feed.json", { "/section/national/feed.json", "/section/zyxcanary-section/feed.json" } },
	{ "/tag/{slug}/feed.rss", { "/tag/ferry/feed.rss", "/tag/zyxcanary-tag/feed.rss" } },
	{ "/tag/{slug}/feed.atom", { "/tag/ferry/feed.atom", "/tag/zyxcanary-tag/feed.atom" } },
	{ "/tag/{slug}/feed.json", { "/tag/ferry/feed.json", "/tag/zyxcanary-tag/feed.json" } },
	{ "/source/{slug}/feed.rss", { "/source/wire/feed.rss", "/source/zyxcanary-source/feed.rss" } },
	{ "/source/{slug}/feed.atom", { "/source/wire/feed.atom", "/source/zyxcanary-source/feed.atom" } },
	{ "/source/{slug}/feed.json", { "/source/wire/feed.json", "/source/zyxcanary-source/feed.json" } },
	{ "/search/feed.rss", { "/search/feed.rss?q=zyxcanary", "/search/feed.rss?q=ferry" } },
	{ "/search/feed.atom", { "/search/feed.atom?q=zyxcanary", "/search/feed.atom?q=ferry" } },
	{ "/search/feed.json", { "/search/feed.json?q=zyxcanary", "/search/feed.json?q=ferry" } },
	{ "/sitemap.xml", { "/sitemap.xml" } },
	{ "/sitemap/{page}.xml", { "/sitemap/0.xml", "/sitemap/1.xml" } },
	{ "/sitemap-news.xml", { "/sitemap-news.xml" } },
	/* Not for readers: on the admin address alone, whose port says so. By the public one there is nothing. */
	{ "/healthz", { "/healthz" } },
	{ "/readyz", { "/readyz" } },
	{ "/metrics", { "/metrics" } },
};
/* clang-format on */

enum { N_ROWS = sizeof rows / sizeof rows[0] };

/* --- what is answered --- */

struct answer {
	char *head, *body;
};

static struct answer answers[N_ROWS][TARGETS_MOST];
static struct test_server server;

static bool is_field(const char *line, const char *name)
{
	return strncasecmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':';
}

/* Without what is another one each time, or, in the second part, may be. */
static char *head_of(const struct reply *reply, bool with_seq)
{
	struct text text = TEXT_EMPTY;

	for (const char *line = reply->head.bytes; *line != '\0'; line += strcspn(line, "\n") + 1) {
		const size_t length = strcspn(line, "\n");

		if (!is_field(line, "Date") && (with_seq || (!is_field(line, "Broadsheet-Seq") && !is_field(line, "ETag") && !is_field(line, "Content-Length"))))
			text_append(&text, line, length + 1);
		if (line[length] == '\0')
			break;
	}
	return text_take(&text);
}

/* How alike two public articles are was reckoned when it was last asked, by how rare words were among what was public then. */
static void forget_scores(char *body)
{
	static const char member[] = "\"score\":";

	for (char *at = body; (at = strstr(at, member)) != NULL;) {
		at += sizeof member - 1;
		memmove(at, at + strspn(at, "0123456789."), strlen(at + strspn(at, "0123456789.")) + 1);
	}
}

static void forget_line(char *body, const char *start)
{
	char *from = strstr(body, start);

	if (from != NULL)
		memmove(from, from + strcspn(from, "\n"), strlen(from + strcspn(from, "\n")) + 1);
}

/* Feeds say of what was public that it is no more, by its number alone, as a 410 does, and when. */
static void forget_removals(char *body)
{
	char *from, *namespace = strstr(body, " xmlns:at=");

	forget_line(body, "<lastBuildDate>");
	if (strstr(body, "<feed ") != NULL)
		forget_line(body, "<updated>");
	while ((from = strstr(body, "<at:deleted-entry")) != NULL)
		memmove(from, from + strcspn(from, "\n") + 1, strlen(from + strcspn(from, "\n") + 1) + 1);
	if (namespace != NULL)
		memmove(namespace, strchr(namespace, '>'), strlen(strchr(namespace, '>')) + 1);
}

static struct answer ask(const char *method, const char *target, bool with_seq)
{
	struct answer answer;
	struct reply reply;

	/* It says the seq in words; or it is the feed of a term that readers knew, which goes on to say that articles have gone, and nothing more of the term. */
	if (!with_seq && (strstr(target, "min_seq") != NULL || (strstr(target, "zyxcanary-") != NULL && strstr(target, "/feed.") != NULL)))
		return (struct answer){ strdup(""), strdup("") };
	client_ask(server.public, method, target, NULL, NULL, &reply);
	answer.head = head_of(&reply, with_seq);
	answer.body = strdup(reply.body.length > 0 ? reply.body.bytes : "");
	if (!with_seq) {
		forget_scores(answer.body);
		forget_removals(answer.body);
	}
	reply_done(&reply);
	return answer;
}

static void answer_done(struct answer *answer)
{
	free(answer->head);
	free(answer->body);
}

static void remember(bool with_seq)
{
	for (size_t r = 0; r < N_ROWS; r++) {
		for (size_t t = 0; rows[r].targets[t] != NULL; t++) {
			answer_done(&answers[r][t]);
			answers[r][t] = ask("GET", rows[r].targets[t], with_seq);
		}
	}
}

static void compare(const char *when, const char *target, const struct answer *one, const struct answer *other)
{
	if (strcmp(one->head, other->head) != 0)
		fail_msg("%s, %s: the head\n%s\nwas\n%s", when, target, other->head, one->head);
	if (strcmp(one->body, other->body) != 0) {
		size_t at = 0;

		while (one->body[at] == other->body[at])
			at++;
		at -= at > 100 ? 100 : at;
		fail_msg("%s, %s: the body has\n%.300s\nand had\n%.300s", when, target, other->body + at, one->body + at);
	}
}

/* Of an answer that is made for the target: its validator is the target's. */
static void expect_same_but_etag(const char *target, struct answer *one, struct answer *other)
{
	struct answer *both[] = { one, other };

	for (size_t i = 0; i < 2; i++) {
		char *etag = strstr(both[i]->head, "ETag:");

		assert_non_null(etag);
		memmove(etag, etag + strcspn(etag, "\n"), strlen(etag + strcspn(etag, "\n")) + 1);
	}
	compare("ids", target, one, other);
}

static void expect_no_trace(const char *when, bool with_seq)
{
	for (size_t r = 0; r < N_ROWS; r++) {
		for (size_t t = 0; rows[r].targets[t] != NULL; t++) {
			struct answer now = ask("GET", rows[r].targets[t], with_seq);

			compare(when, rows[r].targets[t], &answers[r][t], &now);
			answer_done(&now);
		}
	}
}

/* --- the tests --- */

static void put_all(const char *const *lines)
{
	for (; *lines != NULL; lines++)
		test_server_put(&server, *lines);
}

static int set_up(void **state)
{
	(void)state;
	test_server_start(&server, NULL);
	if (!test_server_try(&server, open))
		return -1;
	test_server_settle(&server);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t r = 0; r < N_ROWS; r++)
		for (size_t t = 0; t < TARGETS_MOST; t++)
			answer_done(&answers[r][t]);
	test_server_stop(&server);
	return 0;
}

static void test_every_route_is_asked(void **state)
{
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < n_routes; i++) {
		bool is_there = false;

		if (routes[i].method != HTTP_GET)
			continue;
		n++;
		for (size_t r = 0; r < N_ROWS; r++)
			is_there = is_there || (strcmp(rows[r].path, routes[i].path) == 0 && rows[r].targets[0] != NULL);
		if (!is_there)
			fail_msg("nobody looks for traces at %s: add a row to this test", routes[i].path);
	}
	assert_int_equal(n, N_ROWS);
}

static void test_never_public(void **state)
{
	struct reply reply;

	(void)state;
	remember(/* with_seq= */ true);
	expect_no_trace("nothing has happened", true);
	put_all(hidden);
	expect_no_trace("at once", true);
	test_server_settle(&server);
	expect_no_trace("after the background's work", true);
	client_ask(server.writer, "POST", "/v1/articles/21/preview", NULL, NULL, &reply);
	assert_int_equal(reply.status, 201);
	reply_done(&reply);
	client_get(server.writer, "/v1/articles?status=draft,scheduled,withdrawn", &reply);
	expect_ids("they are there", &reply, "24 22 25 23 21 4");
	reply_done(&reply);
	expect_no_trace("after the newsroom has read", true);
	test_server_restart(&server);
	expect_no_trace("after a restart", true);
}

/* The names are of one length: where one stands the other does. */
static void rename_in(struct answer *answer, const char *name, const char *other)
{
	char *texts[] = { answer->head, answer->body };

	for (size_t i = 0; i < 2; i++)
		for (char *text = texts[i], *at; (at = strstr(text, name)) != NULL; text = at)
			memcpy(at, other, strlen(other));
}

/* An answer about what is hidden is that about what never was, whatever is asked of it. */
static void test_like_nothing(void **state)
{
	static const struct {
		const char *method, *before, *behind;
	} requests[] = {
		{ "GET", "/v1/articles/", "" }, { "HEAD", "/v1/articles/", "" }, { "GET", "/v1/articles/", "/related" }, { "GET", "/v1/articles/", "/next" },
		{ "GET", "/v1/articles/", "/prev" }, { "GET", "/v1/articles/", "/revisions" }, { "GET", "/v1/articles/", "/revisions/1" },
		{ "GET", "/v1/articles/", "/revisions/1/diff" }, { "GET", "/v1/articles?ids=", "" }, { "GET", "/article/", "" }, { "POST", "/v1/articles/", "/preview" },
		{ "PUT", "/v1/articles/", "" }, { "PATCH", "/v1/articles/", "" }, { "DELETE", "/v1/articles/", "" }, { "POST", "/v1/articles/", "" },
		{ "OPTIONS", "/v1/articles/", "" }, { "DELETE", "/article/", "" },
	};
	static const char *const pairs[][2] = { { "21", "91" }, { "22", "92" }, { "23", "93" }, { "zyxcanary-22", "nothing-at92" }, { "zyxcanary-25", "nothing-at95" } };

	(void)state;
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
		for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++) {
			char there[100], nowhere[100];
			struct answer hidden_one, nothing;

			if (strchr(requests[i].before, '=') != NULL && pairs[p][0][0] == 'z')
				continue;
			snprintf(there, sizeof there, "%s%s%s", requests[i].before, pairs[p][0], requests[i].behind);
			snprintf(nowhere, sizeof nowhere, "%s%s%s", requests[i].before, pairs[p][1], requests[i].behind);
			hidden_one = ask(requests[i].method, there, true);
			nothing = ask(requests[i].method, nowhere, true);
			rename_in(&nothing, pairs[p][1], pairs[p][0]);
			rename_in(&hidden_one, pairs[p][1], pairs[p][0]);    /* a digest may happen to have it */
			if (strchr(requests[i].before, '=') != NULL)
				expect_same_but_etag(there, &nothing, &hidden_one);
			else
				compare(requests[i].method, there, &nothing, &hidden_one);
			answer_done(&hidden_one);
			answer_done(&nothing);
		}
	}
}

static void test_no_longer_public(void **state)
{
	(void)state;
	remember(/* with_seq= */ false);
	put_all(shown);
	test_server_settle(&server);
	put_all(taken_back);
	test_server_settle(&server);
	/* What was public is 410, and no more is said of it: its own addresses are asked for elsewhere. */
	for (size_t t = 0; rows[0].targets[t] != NULL; t++) {
		if (strstr(rows[0].targets[t], "ids=21") == NULL)
			continue;
		answer_done(&answers[0][t]);
		answers[0][t] = ask("GET", rows[0].targets[t], false);
		assert_null(strstr(answers[0][t].body, "zyxcanary"));
	}
	/* The change feed says that they are gone, under their numbers, to who may have them. */
	for (size_t r = 0; r < N_ROWS; r++) {
		for (size_t t = 0; strcmp(rows[r].path, "/v1/changes") == 0 && rows[r].targets[t] != NULL; t++) {
			answer_done(&answers[r][t]);
			answers[r][t] = ask("GET", rows[r].targets[t], false);
			assert_null(strstr(answers[r][t].body, "yxcanary"));
		}
	}
	expect_no_trace("taken back", false);
	test_server_restart(&server);
	expect_no_trace("taken back, after a restart", false);
}

/* --- and when they come out, everyone sees them: the test would notice --- */

static void test_the_looking_glass(void **state)
{
	struct answer now;

	(void)state;
	test_server_put(&server, CANARY("25", "'status':'published','published_at':'2016-05-01T00:00:00Z'"));
	test_server_settle(&server);
	now = ask("GET", "/v1/articles", true);
	assert_non_null(strstr(now.body, "Zyxcanary"));
	answer_done(&now);
	now = ask("GET", "/v1/suggest?q=zyx", true);
	assert_non_null(strstr(now.body, "zyxcanary-tag"));
	answer_done(&now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_route_is_asked),
		cmocka_unit_test(test_never_public),
		cmocka_unit_test(test_like_nothing),
		cmocka_unit_test(test_no_longer_public),
		cmocka_unit_test(test_the_looking_glass),
	};

	return cmocka_run_group_tests_name("no_trace", tests, set_up, tear_down);
}

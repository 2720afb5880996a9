/* SPDX-License-Identifier: MIT */
/*
 * Who may do what: every route of the table with every kind of key, at each door that it is open on.
 *
 * rows[] says of each route how it is asked and what it answers once it has let somebody in; a route without a row fails the test. What the answer must
 * be in each cell follows from the scope that the route table names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "api_steps.h"
#include "keys.h"
#include "raw_client.h"

/* clang-format off */
static const struct row {
	enum http_method method;
	const char *path;             /* of the route */
	const char *target;
	long status;                  /* for whom it lets in */
	const char *type, *body;
} rows[] = {
	{ HTTP_GET,    "/v1/articles",              "/v1/articles?limit=1",      200, NULL, NULL },
	{ HTTP_GET,    "/v1/articles.ninjs",        "/v1/articles.ninjs",       200, NULL, NULL },
	{ HTTP_GET,    "/v1/articles.ndjson",       "/v1/articles.ndjson",      200, NULL, NULL },
	{ HTTP_GET,    "/v1/articles/{ref}.ninjs",  "/v1/articles/1.ninjs",     200, NULL, NULL },
	{ HTTP_GET,    "/v1/articles/{ref}.jsonld", "/v1/articles/1.jsonld",    200, NULL, NULL },
	{ HTTP_GET,    "/v1/articles/{ref}",         "/v1/articles/1",            200, NULL, NULL },
	{ HTTP_POST,   "/v1/articles",              "/v1/articles",              422, "application/json", "{}" },
	{ HTTP_PUT,    "/v1/articles/{ref}",         "/v1/articles/1",            428, "application/json", "{}" },
	{ HTTP_PATCH,  "/v1/articles/{ref}",         "/v1/articles/1",            428, "application/merge-patch+json", "{}" },
	{ HTTP_DELETE, "/v1/articles/{ref}",         "/v1/articles/999",          404, NULL, NULL },
	{ HTTP_POST,   "/v1/articles/{ref}/revisions/{rev}/restore", "/v1/articles/1/revisions/1/restore", 428, NULL, NULL },
	{ HTTP_GET,    "/v1/articles/{ref}/revisions", "/v1/articles/1/revisions", 200, NULL, NULL },
	{ HTTP_GET,    "/v1/articles/{ref}/revisions/{rev}", "/v1/articles/1/revisions/1", 200, NULL, NULL },
	{ HTTP_GET,    "/v1/articles/{ref}/revisions/{rev}/diff", "/v1/articles/1/revisions/9/diff", 404, NULL, NULL },
	{ HTTP_POST,   "/v1/articles/{ref}/preview", "/v1/articles/999/preview",  404, NULL, NULL },
	{ HTTP_GET,    "/v1/previews/{token}",       "/v1/previews/nothing",      404, NULL, NULL },
	{ HTTP_GET,    "/v1/articles/{ref}/related", "/v1/articles/1/related",    200, NULL, NULL },
	{ HTTP_GET,    "/v1/articles/{ref}/next",    "/v1/articles/1/next",       200, NULL, NULL },
	{ HTTP_GET,    "/v1/articles/{ref}/prev",    "/v1/articles/2/prev",       200, NULL, NULL },
	{ HTTP_GET,    "/v1/search",                "/v1/search?q=one",          200, NULL, NULL },
	{ HTTP_GET,    "/v1/suggest",               "/v1/suggest?q=o",           200, NULL, NULL },
	{ HTTP_GET,    "/v1/collections",           "/v1/collections",           200, NULL, NULL },
	{ HTTP_GET,    "/v1/collections/{name}",     "/v1/collections/nothing",   404, NULL, NULL },
	{ HTTP_PUT,    "/v1/collections/{name}",     "/v1/collections/nothing",   422, "application/json", "{}" },
	{ HTTP_DELETE, "/v1/collections/{name}",     "/v1/collections/nothing",   404, NULL, NULL },
	{ HTTP_GET,    "/v1/sections",              "/v1/sections",              200, NULL, NULL },
	{ HTTP_PUT,    "/v1/sections/{slug}",        "/v1/sections/sport",        422, "application/json", "{}" },
	{ HTTP_GET,    "/v1/sections/{slug}",        "/v1/sections/sport",        200, NULL, NULL },
	{ HTTP_GET,    "/v1/tags",                  "/v1/tags",                  200, NULL, NULL },
	{ HTTP_GET,    "/v1/tags/{slug}",            "/v1/tags/harbour",          200, NULL, NULL },
	{ HTTP_GET,    "/v1/sources",               "/v1/sources",               200, NULL, NULL },
	{ HTTP_GET,    "/v1/sources/{slug}",         "/v1/sources/wire",          200, NULL, NULL },
	{ HTTP_GET,    "/v1/authors",               "/v1/authors",               200, NULL, NULL },
	{ HTTP_GET,    "/v1/authors/{slug}",         "/v1/authors/ann-lee",       200, NULL, NULL },
	{ HTTP_GET,    "/v1/changes",               "/v1/changes?limit=1",       200, NULL, NULL },
	{ HTTP_GET,    "/v1/events",                "/v1/events?since=999999999999999999", 410, NULL, NULL },
	{ HTTP_POST,   "/v1/articles/batch",         "/v1/articles/batch",        200, "application/x-ndjson", "\n" },
	{ HTTP_GET,    "/v1/keys",                  "/v1/keys",                  200, NULL, NULL },
	{ HTTP_POST,   "/v1/keys",                  "/v1/keys",                  422, "application/json", "{}" },
	{ HTTP_DELETE, "/v1/keys/{name}",            "/v1/keys/nobody",           404, NULL, NULL },
	{ HTTP_GET,    "/v1/webhooks",              "/v1/webhooks",              200, NULL, NULL },
	{ HTTP_POST,   "/v1/webhooks",              "/v1/webhooks",              422, "application/json", "{}" },
	{ HTTP_GET,    "/v1/webhooks/{id}",          "/v1/webhooks/9",            404, NULL, NULL },
	{ HTTP_PUT,    "/v1/webhooks/{id}",          "/v1/webhooks/9",            404, "application/json", "{\"url\":\"https://hooks.example/\"}" },
	{ HTTP_DELETE, "/v1/webhooks/{id}",          "/v1/webhooks/9",            404, NULL, NULL },
	{ HTTP_GET,    "/v1/webhooks/{id}/deliveries", "/v1/webhooks/9/deliveries", 404, NULL, NULL },
	{ HTTP_POST,   "/v1/webhooks/{id}/replay",   "/v1/webhooks/9/replay",     404, "application/json", "{\"since\":0}" },
	{ HTTP_POST,   "/v1/webhooks/{id}/test",     "/v1/webhooks/9/test",       404, NULL, NULL },
	{ HTTP_GET,    "/preview/{token}",           "/preview/nothing",          404, NULL, NULL },
	{ HTTP_GET,    "/",                         "/",                         200, NULL, NULL },
	{ HTTP_GET,    "/section/{slug}",            "/section/sport",            200, NULL, NULL },
	{ HTTP_GET,    "/tag/{slug}",                "/tag/harbour",              200, NULL, NULL },
	{ HTTP_GET,    "/source/{slug}",             "/source/wire",              200, NULL, NULL },
	{ HTTP_GET,    "/author/{slug}",             "/author/ann-lee",           200, NULL, NULL },
	{ HTTP_GET,    "/article/{ref}",             "/article/one",              200, NULL, NULL },
	{ HTTP_GET,    "/search",                   "/search?q=one",             200, NULL, NULL },
	{ HTTP_GET,    "/desk",                     "/desk",                     200, NULL, NULL },
	{ HTTP_GET,    "/static/{path...}",          "/static/site.css",          200, NULL, NULL },
	{ HTTP_GET,    "/openapi.json",             "/openapi.json",             200, NULL, NULL },
	{ HTTP_GET,    "/docs",                     "/docs",                     200, NULL, NULL },
	{ HTTP_GET,    "/problems/{code}",           "/problems/stale",           200, NULL, NULL },
	{ HTTP_GET,    "/llms.txt",                 "/llms.txt",                 200, NULL, NULL },
	{ HTTP_GET,    "/robots.txt",               "/robots.txt",               200, NULL, NULL },
	{ HTTP_GET,    "/favicon.ico",              "/favicon.ico",              200, NULL, NULL },
	{ HTTP_GET,    "/feed.rss",                 "/feed.rss",                200, NULL, NULL },
	{ HTTP_GET,    "/feed.atom",                "/feed.atom",               200, NULL, NULL },
	{ HTTP_GET,    "/feed.json",                "/feed.json",               200, NULL, NULL },
	{ HTTP_GET,    "/section/{slug}/feed.rss",  "/section/sport/feed.rss",  200, NULL, NULL },
	{ HTTP_GET,    "/section/{slug}/feed.atom", "/section/sport/feed.atom", 200, NULL, NULL },
	{ HTTP_GET,    "/section/{slug}/feed.json", "/section/sport/feed.json", 200, NULL, NULL },
	{ HTTP_GET,    "/tag/{slug}/feed.rss",      "/tag/harbour/feed.rss",    200, NULL, NULL },
	{ HTTP_GET,    "/tag/{slug}/feed.atom",     "/tag/harbour/feed.atom",   200, NULL, NULL },
	{ HTTP_GET,    "/tag/{slug}/feed.json",     "/tag/harbour/feed.json",   200, NULL, NULL },
	{ HTTP_GET,    "/source/{slug}/feed.rss",   "/source/wire/feed.rss",    200, NULL, NULL },
	{ HTTP_GET,    "/source/{slug}/feed.atom",  "/source/wire/feed.atom",   200, NULL, NULL },
	{ HTTP_GET,    "/source/{slug}/feed.json",  "/source/wire/feed.json",   200, NULL, NULL },
	{ HTTP_GET,    "/search/feed.rss",          "/search/feed.rss?q=one",   200, NULL, NULL },
	{ HTTP_GET,    "/search/feed.atom",         "/search/feed.atom?q=one",  200, NULL, NULL },
	{ HTTP_GET,    "/search/feed.json",         "/search/feed.json?q=one",  200, NULL, NULL },
	{ HTTP_GET,    "/sitemap.xml",              "/sitemap.xml",             200, NULL, NULL },
	{ HTTP_GET,    "/sitemap/{page}.xml",       "/sitemap/0.xml",           200, NULL, NULL },
	{ HTTP_GET,    "/sitemap-news.xml",         "/sitemap-news.xml",        200, NULL, NULL },
	{ HTTP_GET,    "/healthz",                  "/healthz",                  200, NULL, NULL },
	{ HTTP_GET,    "/readyz",                   "/readyz",                   200, NULL, NULL },
	{ HTTP_GET,    "/metrics",                  "/metrics",                  200, NULL, NULL },
};
/* clang-format on */

enum shown { NONE, OTHER_SCHEME, EMPTY, MALFORMED, UNKNOWN, WRONG_SECRET, EXPIRED, REVOKED, READ_DRAFTS, WRITE, ADMIN, ALL, N_SHOWN };

static const char *const shown_names[N_SHOWN] = {
	"no key", "another scheme", "an empty token", "a malformed one", "an unknown one", "a wrong secret", "an expired one", "a revoked one", "read_drafts", "write", "admin", "all scopes",
};
static const unsigned scopes_of[N_SHOWN] = { [READ_DRAFTS] = SCOPE_READ_DRAFTS, [WRITE] = SCOPE_WRITE, [ADMIN] = SCOPE_ADMIN, [ALL] = SCOPES_ALL };

static struct test_server server;
static char fields[N_SHOWN][120];    /* Authorization, or "" */

static void hold(enum shown shown, const char *key)
{
	snprintf(fields[shown], sizeof fields[shown], "Authorization: Bearer %s", key);
}

/* A key that has the kid of one and the secret of another, and is well-formed: its checksum is right. */
static void cross(const char *kid_of, const char *secret_of, char ret_key[KEY_LENGTH + 1])
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	const size_t n = KEY_LENGTH - KEY_CHECKSUM;
	unsigned long sum;

	memcpy(ret_key, secret_of, KEY_LENGTH + 1);
	memcpy(ret_key + 3, kid_of + 3, KEY_KID);
	sum = crc32(0, (const unsigned char *)ret_key, (unsigned)n);
	for (size_t i = KEY_LENGTH; i > n; i--, sum /= 62)
		ret_key[i - 1] = digits[sum % 62];
}

static int set_up(void **state)
{
	struct key_shown shown;
	char unknown[KEY_LENGTH + 1], crossed[KEY_LENGTH + 1], all[KEY_LENGTH + 1], key[KEY_LENGTH + 1];

	(void)state;
	test_server_start(&server, (const char *const[]){ "--auth-failures=0", NULL });
	test_server_put(&server, "{'title':'One','section':'Sport','source':'Wire','tags':['Harbour'],'authors':['Ann Lee'],'published_at':'2016-01-01T00:00:00Z'}\n"
	                         "{'title':'Two','section':'Sport','source':'Wire','tags':['Harbour'],'authors':['Ann Lee'],'published_at':'2016-01-02T00:00:00Z'}\n");
	snprintf(fields[OTHER_SCHEME], sizeof fields[OTHER_SCHEME], "Authorization: Basic YTpi");
	snprintf(fields[EMPTY], sizeof fields[EMPTY], "Authorization: Bearer");
	hold(MALFORMED, "abc");
	test_key(&server, "read", "'read_drafts'", NULL, key);
	hold(READ_DRAFTS, key);
	test_key(&server, "write", "'write'", NULL, key);
	hold(WRITE, key);
	test_key(&server, "admin", "'admin'", NULL, key);
	hold(ADMIN, key);
	test_key(&server, "all", "'read_drafts','write','admin'", NULL, all);
	hold(ALL, all);
	key_make(unknown, &shown);
	hold(UNKNOWN, unknown);
	cross(all, unknown, crossed);
	hold(WRONG_SECRET, crossed);
	test_key(&server, "expired", "'read_drafts','write','admin'", "2016-06-01T12:01:00Z", key);
	hold(EXPIRED, key);
	test_key(&server, "revoked", "'read_drafts','write','admin'", NULL, key);
	hold(REVOKED, key);
	run_step(server.writer, &(struct step){ "/v1/keys/revoked", .method = "DELETE" }, NULL);
	test_now += 60;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

/* --- the matrix --- */

static const char *method_name(enum http_method method)
{
	static const char *const names[] = { [HTTP_GET] = "GET", [HTTP_POST] = "POST", [HTTP_PUT] = "PUT", [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE" };

	return names[method];
}

static const struct row *row_of(const struct route *route)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].method == route->method && strcmp(rows[i].path, route->path) == 0)
			return &rows[i];
	fail_msg("%s %s is in the table of routes and has no row here", method_name(route->method), route->path);
	return NULL;
}

struct wanted {
	long status;
	const char *challenge;        /* what WWW-Authenticate begins with; NULL: there is none */
	const char *says;             /* in the problem, where it is no page; NULL: whatever */
	const char *caching;          /* Cache-Control; NULL: whatever */
};

static struct wanted wanted_of(const struct route *route, const struct row *row, enum shown shown)
{
	static const char unknown[] = "not a key that is known here";
	static const char invalid[] = "Bearer error=\"invalid_token\"";

	switch (shown) {
	case EMPTY: case MALFORMED: case UNKNOWN: case WRONG_SECRET:
		return (struct wanted){ 401, invalid, unknown, "no-store" };
	case EXPIRED:
		return (struct wanted){ 401, invalid, "has expired", "no-store" };
	case REVOKED:
		return (struct wanted){ 401, invalid, "has been revoked", "no-store" };
	case NONE: case OTHER_SCHEME:
		if (route->who == ANYONE)
			return (struct wanted){ row->status, NULL, NULL, NULL };
		return (struct wanted){ 401, "Bearer", scope_names[route->who / 2], "no-store" };
	default:
		if (route->who == ANYONE || (scopes_of[shown] & (unsigned)route->who) != 0)
			return (struct wanted){ row->status, NULL, NULL, "private, no-store" };
		return (struct wanted){ 403, "Bearer error=\"insufficient_scope\", scope=\"", scope_names[route->who / 2], "private, no-store" };
	}
}

static void ask(struct client *client, const struct route *route, const struct row *row, const char *authorization, struct reply *ret_reply)
{
	char headers[300];

	snprintf(headers, sizeof headers, "%s%s%s%s", authorization, authorization[0] != '\0' && row->type != NULL ? "\n" : "",
	    row->type != NULL ? "Content-Type: " : "", row->type != NULL ? row->type : "");
	client_ask(client, method_name(route->method), row->target, headers[0] != '\0' ? headers : NULL, row->body, ret_reply);
}

static void check_cell(struct client *client, const struct route *route, const struct row *row, enum shown shown, const struct wanted *wanted)
{
	struct reply reply;
	const char *challenge;
	char what[200];

	snprintf(what, sizeof what, "%s %s with %s", method_name(route->method), row->target, shown_names[shown]);
	ask(client, route, row, fields[shown], &reply);
	if (reply.status != wanted->status)
		fail_msg("%s: %ld instead of %ld: %s", what, reply.status, wanted->status, reply.body.length > 0 ? reply.body.bytes : "");
	challenge = reply_header(&reply, "WWW-Authenticate");
	if (wanted->challenge == NULL ? challenge != NULL : challenge == NULL || strncmp(challenge, wanted->challenge, strlen(wanted->challenge)) != 0)
		fail_msg("%s: WWW-Authenticate: %s", what, challenge != NULL ? challenge : "(none)");
	if (wanted->challenge != NULL && strcmp(wanted->challenge, "Bearer") == 0)
		assert_string_equal(challenge, "Bearer");
	if (wanted->says != NULL && reply.json != NULL && (reply.body.length == 0 || strstr(reply.body.bytes, wanted->says) == NULL))
		fail_msg("%s: \"%s\" is not said: %s", what, wanted->says, reply.body.length > 0 ? reply.body.bytes : "");
	if (wanted->caching != NULL)
		expect_header(what, &reply, "Cache-Control", wanted->caching);
	if (reply_header(&reply, "Cache-Control") == NULL)
		fail_msg("%s: no Cache-Control", what);
	reply_done(&reply);
}

static void test_every_route_with_every_key(void **state)
{
	size_t cells = 0;

	(void)state;
	for (size_t i = 0; i < n_routes; i++) {
		const struct row *row = row_of(&routes[i]);

		for (enum shown shown = 0; shown < N_SHOWN; shown++) {
			const struct wanted in = { row->status, NULL, NULL, NULL }, wanted = wanted_of(&routes[i], row, shown);

			if (routes[i].doors & DOOR_PUBLIC)
				check_cell(server.public, &routes[i], row, shown, &wanted);
			/* at the other doors keys mean nothing */
			if (routes[i].doors & DOOR_CONTROL)
				check_cell(server.writer, &routes[i], row, shown, &in);
			if (routes[i].doors & DOOR_ADMIN)
				check_cell(server.admin, &routes[i], row, shown, &in);
			cells++;
		}
	}
	assert_int_equal(cells, n_routes * N_SHOWN);
	assert_int_equal(sizeof rows / sizeof rows[0], n_routes);    /* and no row of a route that is gone */
}

static void test_the_scheme_is_without_case(void **state)
{
	static const char *const schemes[] = { "Bearer ", "bearer ", "BEARER ", "bEaReR   " };
	char headers[300];

	(void)state;
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		snprintf(headers, sizeof headers, "Authorization: %s%s", schemes[i], strrchr(fields[ADMIN], ' ') + 1);
		run_step(server.public, &(struct step){ "/v1/keys", .headers = headers }, NULL);
	}
	snprintf(headers, sizeof headers, "%s\n%s", fields[ADMIN], fields[WRITE]);
	run_step(server.public, &(struct step){ "/v1/keys", 401, .headers = headers }, NULL);
}

/* What a key is answered is neither taken from what is kept nor kept. */
static void test_kept_replies_are_for_nobody_in_particular(void **state)
{
	int64_t hits, fills;

	(void)state;
	for (int i = 0; i < 2; i++)
		run_step(server.public, &(struct step){ .path = "/v1/tags?limit=3" }, NULL);
	hits = test_server_counter("broadsheet_cache_hits_total");
	run_step(server.public, &(struct step){ .path = "/v1/tags?limit=3" }, NULL);
	assert_int_equal(test_server_counter("broadsheet_cache_hits_total"), hits + 1);
	fills = test_server_counter("broadsheet_cache_fills_total");
	for (int i = 0; i < 3; i++) {
		run_step(server.public, &(struct step){ "/v1/tags?limit=3", .headers = fields[READ_DRAFTS], .reply_headers = "Cache-Control: private, no-store" }, NULL);
		run_step(server.public, &(struct step){ "/v1/tags?limit=4", .headers = fields[READ_DRAFTS], .reply_headers = "Cache-Control: private, no-store" }, NULL);
		run_step(server.public, &(struct step){ "/v1/tags?limit=3", 401, .headers = fields[UNKNOWN] }, NULL);
	}
	assert_int_equal(test_server_counter("broadsheet_cache_hits_total"), hits + 1);
	assert_int_equal(test_server_counter("broadsheet_cache_fills_total"), fills);
}

static void test_revoking_counts_at_once(void **state)
{
	char key[KEY_LENGTH + 1], headers[120];

	(void)state;
	test_key(&server, "short-lived", "'write'", NULL, key);
	snprintf(headers, sizeof headers, "Authorization: Bearer %s\nContent-Type: application/x-ndjson", key);
	run_step(server.public, &(struct step){ "/v1/articles/batch", .method = "POST", .headers = headers, .body = "\n" }, NULL);
	run_step(server.public, &(struct step){ "/v1/keys/short-lived", .method = "DELETE", .headers = fields[ADMIN], .json = "{'data':{'name':'short-lived','revoked_at':'*','key':null,'digest':null}}" }, NULL);
	run_step(server.public, &(struct step){ "/v1/articles/batch", 401, .method = "POST", .headers = headers, .body = "\n", .json = "{'detail':'~revoked'}" }, NULL);
	run_step(server.public, &(struct step){ "/v1/keys/short-lived", .method = "DELETE", .headers = fields[ADMIN] }, NULL);
}

/* Writing is not reading: who may only write hears where a draft stands, and sees what they have just made, or what all see. */
static void test_writing_is_not_reading(void **state)
{
	char key[KEY_LENGTH + 1], headers[200];

	(void)state;
	test_key(&server, "hand", "'write'", NULL, key);
	snprintf(headers, sizeof headers, "Authorization: Bearer %s\nContent-Type: application/json\nIf-Match: *", key);
	const struct step steps[] = {
		{ "/v1/articles", 201, .method = "POST", .headers = headers, .body = "{'guid':'own','title':'Own draft','source':'Wire','section':'Sport','body_text':'Mine.'}",
		  .json = "{'data':{'status':'draft','body_text':'Mine.'}}" },
		{ "/v1/articles/own-draft", .method = "PATCH", .headers = headers, .body = "{}", .json = "{'data':{'rev':1,'status':'draft','title':null,'body_text':null}}" },
		{ "/v1/articles?on_conflict=skip", .method = "POST", .headers = headers, .body = "{'guid':'own','title':'Own draft','source':'Wire'}",
		  .json = "{'data':{'rev':1,'status':'draft','body_text':null}}" },
		{ "/v1/articles/own-draft", .method = "PATCH", .headers = headers, .body = "{'status':'published'}", .json = "{'data':{'rev':2,'body_text':'Mine.'}}" },
		{ "/v1/articles/own-draft", .method = "DELETE", .headers = headers, .body = "{'reason':'Gone'}",
		  .json = "{'data':{'rev':3,'status':'withdrawn','reason':'Gone','removed_at':'*','body_text':null}}" },
	};
	RUN_STEPS(&server, steps);
}

/* A body may be long in coming: the key is looked at again when all of it is there. */
static void test_revoked_while_the_body_comes(void **state)
{
	char key[KEY_LENGTH + 1];
	struct text head = TEXT_EMPTY;
	struct raw_reply reply;
	int fd;

	(void)state;
	test_key(&server, "slow", "'write'", NULL, key);
	text_printf(&head, "POST /v1/articles HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 29\r\n\r\n{\"titl", key);
	fd = raw_connect(test_server_url(&server) + strlen("http://"));
	raw_send(fd, head.bytes, head.length, false);
	run_step(server.writer, &(struct step){ "/v1/keys/slow", .method = "DELETE" }, NULL);
	raw_send(fd, "e\":\"A\",\"source\":\"S\"}   ", 23, false);
	assert_true(raw_read(fd, false, &reply));
	assert_int_equal(reply.status, 401);
	assert_non_null(strstr(reply.body.bytes, "revoked"));
	close(fd);
	raw_reply_done(&reply);
	text_done(&head);
}

/* --- /v1/keys --- */

static void test_making_keys(void **state)
{
	char headers[200];

	(void)state;
	snprintf(headers, sizeof headers, "%s\nContent-Type: application/json", fields[ADMIN]);
	/* clang-format off */
	const struct step steps[] = {
		{ "/v1/keys", 201, .method = "POST", .headers = headers, .body = "{'name':'Léa & Co','scopes':['write'],'expires_at':'2017-01-01T00:00:00+01:00'}",
		  .json = "{'data':{'name':'Léa & Co','kid':'*','scopes':['write'],'created_at':'2016-06-01T12:01:00Z','expires_at':'2016-12-31T23:00:00Z','key':'~bs_','digest':null}}",
		  .reply_headers = "Cache-Control: private, no-store\n-ETag" },
		{ "/v1/keys", 409, .method = "POST", .headers = headers, .body = "{'name':'Léa & Co','scopes':['write']}", .json = "{'type':'/problems/conflict'}" },
		{ "/v1/keys", 409, .method = "POST", .headers = headers, .body = "{'name':'revoked','scopes':['write']}", .json = "{'detail':'~revoked at'}" },
		{ "/v1/keys", 422, .method = "POST", .headers = headers, .body = "{'name':'x','scopes':['wirte','x'],'expires_at':'2016-01-01T00:00:00Z'}",
		  .json = "{'errors':[{'pointer':'/scopes/0','suggestion':'write'},{'pointer':'/scopes/1'},{'pointer':'/expires_at','code':'past'}]}" },
		{ "/v1/keys", 400, .method = "POST", .headers = headers, .body = "{" },
		{ "/v1/keys", 415, .method = "POST", .headers = fields[ADMIN], .body = "{}" },
		{ "/v1/keys/L%C3%A9a%20%26%20Co", .method = "DELETE", .headers = fields[ADMIN], .json = "{'data':{'revoked_at':'*'}}" },
		{ "/v1/keys/amdin", 404, .method = "DELETE", .headers = fields[ADMIN], .json = "{'detail':'~did you mean \\\"admin\\\"?'}" },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		run_step(server.public, &steps[i], NULL);
}

/* At most once a minute, by the writer, when nobody waits for it. */
static void test_uses_are_noted(void **state)
{
	char key[KEY_LENGTH + 1], headers[120], wanted[200];
	struct reply reply;
	json_t *row;
	size_t i;

	(void)state;
	test_key(&server, "noted", "'read_drafts'", NULL, key);
	snprintf(headers, sizeof headers, "Authorization: Bearer %s", key);
	for (int round = 0; round < 3; round++) {
		run_step(server.public, &(struct step){ "/v1/tags", .headers = headers }, NULL);
		/* the note goes through the writer's lane, and so does this, behind it */
		run_step(server.writer, &(struct step){ "/v1/articles/batch", .method = "POST", .headers = "Content-Type: application/x-ndjson", .body = "\n" }, NULL);
		test_now += 30;
	}
	run_step(server.writer, &(struct step){ .path = "/v1/keys" }, &reply);
	snprintf(wanted, sizeof wanted, "none");
	json_array_foreach(reply_member(&reply, "data"), i, row)
		if (strcmp(json_string_value(json_object_get(row, "name")), "noted") == 0 && json_object_get(row, "used_at") != NULL)
			snprintf(wanted, sizeof wanted, "%s", json_string_value(json_object_get(row, "used_at")));
	reply_done(&reply);
	test_now -= 90;
	assert_string_equal(wanted, "2016-06-01T12:02:00Z");    /* 12:01:00 and, a minute later, 12:02:00 */
}

/* --- before there is a key --- */

static void test_until_a_first_key_exists(void **state)
{
	struct test_server fresh;
	char key[KEY_LENGTH + 1];

	(void)state;
	test_server_start(&fresh, NULL);
	run_step(fresh.public, &(struct step){ "/v1/articles/batch", 401, .method = "POST", .json = "{'detail':'~broadsheet key add --name NAME --scope write'}",
	    .reply_headers = "WWW-Authenticate: Bearer" }, NULL);
	test_key(&fresh, "first", "'write'", NULL, key);
	run_step(fresh.public, &(struct step){ "/v1/articles/batch", 401, .method = "POST", .json = "{'detail':'~(Authorization: Bearer <key>)'}" }, NULL);
	test_server_stop(&fresh);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_route_with_every_key),
		cmocka_unit_test(test_the_scheme_is_without_case),
		cmocka_unit_test(test_kept_replies_are_for_nobody_in_particular),
		cmocka_unit_test(test_revoking_counts_at_once),
		cmocka_unit_test(test_revoked_while_the_body_comes),
		cmocka_unit_test(test_writing_is_not_reading),
		cmocka_unit_test(test_making_keys),
		cmocka_unit_test(test_uses_are_noted),
	};
	static const struct CMUnitTest first[] = { cmocka_unit_test(test_until_a_first_key_exists) };

	return cmocka_run_group_tests(tests, set_up, tear_down) + cmocka_run_group_tests(first, NULL, NULL);
}

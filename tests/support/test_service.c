/* SPDX-License-Identifier: MIT */
/*
 * The routes of test_service.h. Each shows one thing that a handler can do.
 */
#include "test_service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "clock.h"

_Atomic int test_smuggled;
_Atomic int test_contexts;
_Atomic int64_t test_seq = 7;
_Atomic int test_news_begun;
_Atomic(pthread_t) test_hello_thread;

static pthread_mutex_t hold_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t hold_changed = PTHREAD_COND_INITIALIZER;
static int hold_begun, hold_released;

void test_hold_wait(void)
{
	pthread_mutex_lock(&hold_lock);
	while (hold_begun == 0)
		pthread_cond_wait(&hold_changed, &hold_lock);
	hold_begun--;
	pthread_mutex_unlock(&hold_lock);
}

void test_hold_release(void)
{
	pthread_mutex_lock(&hold_lock);
	hold_released++;
	pthread_cond_broadcast(&hold_changed);
	pthread_mutex_unlock(&hold_lock);
}

/* GET /hold: answers when released, with a body larger than a socket's buffer. */
static bool hold(struct request *request, struct response *response, struct error *err)
{
	(void)request;
	(void)err;
	pthread_mutex_lock(&hold_lock);
	hold_begun++;
	pthread_cond_broadcast(&hold_changed);
	while (hold_released == 0)
		pthread_cond_wait(&hold_changed, &hold_lock);
	hold_released--;
	pthread_mutex_unlock(&hold_lock);

	response->content_type = "application/octet-stream";
	for (int i = 0; i < 100000; i++)
		text_string(&response->body, "0123456789");
	return true;
}

/* GET /v1/hello */
static bool hello(struct request *request, struct response *response, struct error *err)
{
	(void)request;
	(void)err;
	test_hello_thread = pthread_self();
	text_printf(&response->body, "{\"hello\":\"world\",\"at\":\"%c/v1/hello\"}", CONTROL_BASE_URL);
	return true;
}

static bool smuggled(struct request *request, struct response *response, struct error *err)
{
	(void)request;
	(void)err;
	test_smuggled++;
	text_string(&response->body, "{}");
	return true;
}

/* GET /v1/echo/{name}: path value and parameters as JSON. */
static bool echo(struct request *request, struct response *response, struct error *err)
{
	const char *name = request_path_value(request, "name");

	(void)err;
	text_string(&response->body, "{\"name\":");
	text_json(&response->body, name, strlen(name));
	for (size_t i = 0; i < request->n_parameters; i++) {
		text_char(&response->body, ',');
		text_json(&response->body, request->parameters[i].name, strlen(request->parameters[i].name));
		text_char(&response->body, ':');
		text_json(&response->body, request->parameters[i].value, strlen(request->parameters[i].value));
	}
	text_char(&response->body, '}');
	return true;
}

/* GET /v1/list: every kind of parameter. */
static const char *const orders[] = { "newest", "oldest", NULL };
static const char *const fields[] = { "id", "title", "section.name", NULL };

static const struct parameter list_parameters[] = {
	{ .name = "q", .kind = PARAMETER_TEXT, .most = 20 },
	{ .name = "limit", .kind = PARAMETER_INTEGER, .least = 1, .most = 100 },
	{ .name = "featured", .kind = PARAMETER_BOOLEAN },
	{ .name = "order", .kind = PARAMETER_CHOICE, .choices = orders },
	{ .name = "published_after", .kind = PARAMETER_TIME },
	{ .name = "max_age", .kind = PARAMETER_DURATION },
	{ .name = "tag", .kind = PARAMETER_SLUGS, .negatable = true },
	{ .name = "ids", .kind = PARAMETER_IDS, .most = 5 },
	{ .name = "fields", .kind = PARAMETER_CHOICES, .choices = fields },
	{ .name = "min_seq", .kind = PARAMETER_INTEGER, .most = INT64_MAX },
	{ .name = NULL },
};

static const struct parameter no_parameters[] = { { .name = NULL } };

static bool list(struct request *request, struct response *response, struct error *err)
{
	const char *const *tags;
	size_t n = request_list(request, "tag", &tags);

	(void)err;
	text_printf(&response->body, "{\"limit\":%lld,\"tags\":[", (long long)request_integer(request, "limit", 20));
	for (size_t i = 0; i < n; i++) {
		text_string(&response->body, i == 0 ? "" : ",");
		text_json(&response->body, tags[i], strlen(tags[i]));
	}
	text_string(&response->body, "]}");
	return true;
}

/* GET /v1/large: text worth compressing, with a revision and a time. */
static bool large(struct request *request, struct response *response, struct error *err)
{
	(void)request;
	(void)err;
	for (int i = 0; i < 200; i++)
		text_printf(&response->body, "%s{\"line\":%d}", i == 0 ? "[" : ",", i);
	text_char(&response->body, ']');
	response->rev = 3;
	response->last_modified = 1451582400;    /* 2015-12-31T17:20:00Z */
	response_header(response, "Link", "<%c/v1/large?page=2>; rel=\"next\"", CONTROL_BASE_URL);
	return true;
}

static bool moved(struct request *request, struct response *response, struct error *err)
{
	(void)request;
	(void)err;
	response_redirect(response, "\x01/v1/hello");
	return true;
}

/* GET /v1/broken: fails on our side, after it has filled half a response. */
static bool broken(struct request *request, struct response *response, struct error *err)
{
	(void)request;
	response->rev = 9;
	response_header(response, "Link", "<nowhere>");
	text_string(&response->body, "half a body");
	return error_set(err, ERROR_INTERNAL, "secret detail");
}

static bool busy(struct request *request, struct response *response, struct error *err)
{
	(void)request;
	(void)response;
	return error_set(err, ERROR_BUSY, "not now");
}

/* POST /v1/take: 201 with the length of the body. */
static bool take(struct request *request, struct response *response, struct error *err)
{
	(void)err;
	response->status = 201;
	response->caching = CACHING_NONE;
	text_printf(&response->body, "{\"length\":%zu}", request->body.length);
	return true;
}

/* POST /v1/pieces: swallows them on the writer's thread, and says at the end whether it has its own thread's context again. */
static bool pieces(struct request *request, struct response *response, struct error *err)
{
	static _Atomic(void *) lent;

	(void)err;
	request->body.length = 0;
	if (request->is_on_writer)
		lent = request->context;
	else
		text_string(&response->body, lent == NULL ? "no piece" : lent == request->context ? "lent" : "own");
	return true;
}

/* GET /v1/news: takes long, and has none before seq 100. Says whether it began each time on its own thread's context, and in no more memory. */
static const struct parameter news_parameters[] = {
	{ .name = "wait", .kind = PARAMETER_INTEGER, .most = 30 },
	{ .name = NULL },
};

static bool news(struct request *request, struct response *response, struct error *err)
{
	static _Atomic(void *) first_context;
	static _Atomic size_t first_used;
	static atomic_bool is_lent, grows;

	(void)err;
	if (!request->is_on_reader) {
		if (test_news_begun++ == 0) {
			first_context = request->context;
			first_used = arena_used(request->arena);
		}
		is_lent = is_lent || first_context != request->context;
		grows = grows || first_used != arena_used(request->arena);
	}
	if (!request_may_take_long(request))
		return false;
	arena_alloc(request->arena, 20000);
	response->is_quiet = test_seq < 100;
	text_printf(&response->body, "%s, %s", is_lent ? "lent" : "own", grows ? "grows" : "does not grow");
	return true;
}

/* GET /page: what a page is made of. */
static bool page(struct request *request, struct response *response, struct error *err)
{
	const char *of = request_parameter(request, "of");
	struct text body = TEXT_EMPTY;

	if (!serve_inner(request, of == NULL ? "/v1/hello" : of, &body, err))
		return false;
	response->content_type = "text/html; charset=utf-8";
	text_string(&response->body, "<p>");
	text_html(&response->body, body.bytes, body.length);
	text_done(&body);
	return true;
}

static bool admin(struct request *request, struct response *response, struct error *err)
{
	(void)request;
	(void)err;
	response->caching = CACHING_NONE;
	response->content_type = "text/plain; charset=utf-8";
	text_string(&response->body, "fine\n");
	return true;
}

static const struct route routes[] = {
	{ HTTP_GET, "/v1/hello", ANYONE, NEVER, HERE, DOOR_PUBLIC | DOOR_CONTROL, hello, no_parameters, 0, NULL },
	{ HTTP_GET, "/smuggled", ANYONE, NEVER, HERE, DOOR_PUBLIC, smuggled, NULL, 0, NULL },
	{ HTTP_GET, "/v1/echo/{name}", ANYONE, NEVER, HERE, DOOR_PUBLIC, echo, NULL, 0, NULL },
	{ HTTP_GET, "/v1/list", ANYONE, NEVER, HERE, DOOR_PUBLIC, list, list_parameters, 0, NULL },
	{ HTTP_GET, "/v1/large", ANYONE, NEVER, HERE, DOOR_PUBLIC, large, NULL, 0, NULL },
	{ HTTP_GET, "/v1/moved", ANYONE, NEVER, HERE, DOOR_PUBLIC, moved, NULL, 0, NULL },
	{ HTTP_GET, "/v1/broken", ANYONE, NEVER, HERE, DOOR_PUBLIC, broken, NULL, 0, NULL },
	{ HTTP_GET, "/v1/busy", ANYONE, NEVER, HERE, DOOR_PUBLIC, busy, NULL, 0, NULL },
	{ HTTP_POST, "/v1/take", ANYONE, NEVER, HERE, DOOR_PUBLIC, take, no_parameters, 64, "application/json" },
	{ HTTP_POST, "/v1/write", KEY_WRITE, NEVER, ON_WRITER, DOOR_PUBLIC | DOOR_CONTROL, take, no_parameters, 1000000,
	    NULL },
	{ HTTP_POST, "/v1/pieces", KEY_WRITE, NEVER, PIECES_ON_WRITER, DOOR_CONTROL, pieces, no_parameters, 4 << 20, NULL },
	{ HTTP_GET, "/v1/news", ANYONE, NEVER, HERE, DOOR_PUBLIC, news, news_parameters, 0, NULL },
	{ HTTP_GET, "/page", ANYONE, NEVER, HERE, DOOR_PUBLIC, page, NULL, 0, NULL },
	{ HTTP_GET, "/hold", ANYONE, NEVER, HERE, DOOR_PUBLIC, hold, NULL, 0, NULL },
	{ HTTP_GET, "/admin", ANYONE, NEVER, HERE, DOOR_ADMIN, admin, NULL, 0, NULL },
	{ HTTP_GET, "/static/{path...}", ANYONE, NEVER, HERE, DOOR_PUBLIC, hello, NULL, 0, NULL },
};

static void *context_new(void *arg, struct error *err)
{
	(void)arg;
	(void)err;
	test_contexts++;
	return malloc(1);
}

static void context_free(void *context)
{
	test_contexts--;
	free(context);
}

static int64_t public_seq(void *arg)
{
	(void)arg;
	return test_seq;
}

static void explain(struct request *request, struct response *response, const struct error *err)
{
	if (request->path == NULL || strncmp(request->path, "/v1", 3) == 0 || request->path[0] != '/') {
		problem_explain(request, response, err);
		return;
	}
	response->content_type = "text/html; charset=utf-8";
	text_printf(&response->body, "<title>%s</title>", error_title(err->code));
}

struct http_service test_service = {
	.routes = routes,
	.n_routes = sizeof routes / sizeof routes[0],
	.base_url = "http://news.example",
	.context_new = context_new,
	.context_free = context_free,
	.public_seq = public_seq,
	.explain = explain,
};

struct listener *test_listener(const char *address, enum http_door door)
{
	struct listener_settings settings = {
		.address = address,
		.door = door,
		.threads = 2,
		.connections_most = 1000,
		.idle_seconds = 20,
		.unix_mode = 0600,
	};
	struct error err;
	struct listener *listener = listener_start(&settings, &test_service, &err);

	if (listener == NULL) {
		fprintf(stderr, "%s\n", err.detail);
		abort();
	}
	return listener;
}

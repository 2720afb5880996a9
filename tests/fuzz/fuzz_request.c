/* SPDX-License-Identifier: MIT */
/*
 * What a stranger writes into a request. The input's first line is the target, the second an Accept-Encoding, the third an
 * If-None-Match; what is missing is empty.
 *
 * A target that is taken holds clean text in every part and means the same when its origin form is read again. Whatever is wrong
 * with it or its parameters, the problem that says so is valid JSON.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "http/http_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const choices[] = { "newest", "oldest", "updated", NULL };
static const char *const fields[] = { "id", "title", "section.name", NULL };

static const struct parameter parameters[] = {
	{ .name = "q", .kind = PARAMETER_TEXT },
	{ .name = "limit", .kind = PARAMETER_INTEGER, .least = 1, .most = 100 },
	{ .name = "featured", .kind = PARAMETER_BOOLEAN },
	{ .name = "order", .kind = PARAMETER_CHOICE, .choices = choices },
	{ .name = "after", .kind = PARAMETER_TIME },
	{ .name = "age", .kind = PARAMETER_DURATION },
	{ .name = "tag", .kind = PARAMETER_SLUGS, .negatable = true },
	{ .name = "ids", .kind = PARAMETER_IDS, .most = 5 },
	{ .name = "fields", .kind = PARAMETER_CHOICES, .choices = fields },
	{ .name = NULL },
};

static const struct route routes[] = {
	{ .method = HTTP_GET, .path = "/v1/articles", .doors = DOOR_PUBLIC, .parameters = parameters },
	{ .method = HTTP_GET, .path = "/v1/articles/{ref}/related", .doors = DOOR_PUBLIC, .parameters = parameters },
	{ .method = HTTP_GET, .path = "/static/{path...}", .doors = DOOR_PUBLIC },
};

static const struct http_service service = { .routes = routes, .n_routes = sizeof routes / sizeof routes[0] };

static void expect(bool holds, const char *what, const char *which)
{
	if (holds)
		return;
	fprintf(stderr, "%s: %s\n", what, which);
	abort();
}

static void expect_clean(const char *text, const char *what)
{
	expect(text_is_utf8(text, strlen(text)), "not UTF-8", what);
	for (const char *at = text; *at != '\0'; at++)
		expect((unsigned char)*at >= 0x20 && *at != 0x7f, "a control character", what);
}

static void expect_problem(struct request *request, const struct error *err)
{
	struct response response;
	json_t *problem;

	response_init(&response, request->arena);
	problem_explain(request, &response, err);
	problem = json_loadb(response.body.bytes, response.body.length, JSON_REJECT_DUPLICATES, NULL);
	expect(json_is_object(problem), "no JSON", response.body.bytes);
	json_decref(problem);
	response_done(&response);
}

/* Every reader of every kind copes with what the check let through. */
static void read_parameters(const struct request *request)
{
	const char *const *values;
	int64_t limit = request_integer(request, "limit", 1);
	size_t n = request_list(request, "tag", &values);

	expect(limit >= 1 && limit <= 100, "out of range", "limit");
	for (size_t i = 0; i < n; i++)
		expect(values[i][0] != '\0'
			&& strspn(values[i], "!abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(values[i]),
		    "no slug", values[i]);
	expect(request_list(request, "ids", &values) <= 5, "too many", "ids");
	request_list(request, "fields", &values);
	request_boolean(request, "featured", false);
	request_time(request, "after");
	request_duration(request, "age", 0);
}

static void try_parameters(struct request *request, const struct target *target)
{
	struct response response;
	struct error err;

	response_init(&response, request->arena);
	if (!router_match(request, target, &response, &err)) {
		expect_problem(request, &err);
		request->route = &routes[0];
	}
	if (!parameters_check(request, &err))
		expect_problem(request, &err);
	else if (request->route != NULL && request->route->parameters != NULL)    /* without one it leads on to another address */
		read_parameters(request);
}

static void try_target(struct arena *arena, const char *raw, size_t length)
{
	struct request request = { .service = &service, .arena = arena, .door = DOOR_PUBLIC, .method = HTTP_GET };
	struct target target, again;
	struct error err;

	if (!target_parse(arena, raw, length, &target, &err)) {
		expect_problem(&request, &err);
		return;
	}
	expect_clean(target.path, "the path");
	for (size_t i = 0; i < target.n_segments; i++) {
		expect(strchr(target.segments[i], '/') == NULL, "a slash in a segment", target.segments[i]);
		expect(strcmp(target.segments[i], "..") != 0, "a way up", target.path);
	}
	for (size_t i = 0; i < target.n_parameters; i++) {
		expect_clean(target.parameters[i].name, "a name");
		expect_clean(target.parameters[i].value, "a value");
	}

	expect(target_parse(arena, target.origin, strlen(target.origin), &again, &err), "the origin form is refused",
	    target.origin);
	expect(strcmp(target.path, again.path) == 0 && target.n_parameters == again.n_parameters, "read otherwise",
	    target.origin);
	try_parameters(&request, &target);
}

/* A list that an entity-tag is added to in front matches it, whatever else it says. */
static void try_fields(struct arena *arena, const char *accept_encoding, const char *if_none_match)
{
	static const char stem[] = "3.0123456789abcdef";
	enum coding coding = compression_choose(accept_encoding);
	char etag[ETAG_SIZE], held[ETAG_SIZE];

	expect(coding == CODING_IDENTITY || strpbrk(accept_encoding, "*zZrR") != NULL, "a coding that nobody asked for",
	    accept_encoding);
	conditional_match(if_none_match, stem, coding, held);
	conditional_etag(stem, coding, EFFORT_QUICK, etag);
	expect(conditional_match(arena_printf(arena, "W/%s,%s", etag, if_none_match), stem, coding, held), "no match", if_none_match);
	expect(strcmp(held, etag) == 0, "another form is held", held);
	gate_authority(if_none_match, strlen(if_none_match));
	gate_token(accept_encoding);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *lines[3] = { "", "", "" };
	size_t lengths[3] = { 0 };
	const char *at = (const char *)data, *end = at + size;

	for (int i = 0; i < 3 && at < end; i++) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));
		const char *stop = feed == NULL ? end : feed;

		lengths[i] = (size_t)(stop - at);
		lines[i] = arena_copy(arena, at, lengths[i]);
		at = stop + 1;
	}
	try_target(arena, lines[0], lengths[0]);
	try_fields(arena, lines[1], lines[2]);
	arena_free(arena);
	return 0;
}

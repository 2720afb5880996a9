/* SPDX-License-Identifier: MIT */
/* Which route answers what, at which door; what Allow says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/http_internal.h"

static const struct route routes[] = {
	{ .method = HTTP_GET, .path = "/", .doors = DOOR_PUBLIC },
	{ .method = HTTP_GET, .path = "/v1/things", .doors = DOOR_PUBLIC | DOOR_CONTROL },
	{ .method = HTTP_POST, .path = "/v1/things", .doors = DOOR_CONTROL },
	{ .method = HTTP_POST, .path = "/v1/things/batch", .doors = DOOR_PUBLIC },
	{ .method = HTTP_GET, .path = "/v1/things/{ref}.json", .doors = DOOR_PUBLIC },
	{ .method = HTTP_GET, .path = "/v1/things/{ref}", .doors = DOOR_PUBLIC },
	{ .method = HTTP_DELETE, .path = "/v1/things/{ref}", .doors = DOOR_PUBLIC },
	{ .method = HTTP_GET, .path = "/v1/things/{ref}/parts/{part}", .doors = DOOR_PUBLIC },
	{ .method = HTTP_GET, .path = "/static/{path...}", .doors = DOOR_PUBLIC },
	{ .method = HTTP_GET, .path = "/metrics", .doors = DOOR_ADMIN },
};

static const struct http_service service = { .routes = routes, .n_routes = sizeof routes / sizeof routes[0] };

/* "/v1/things/{ref} ref=a", or "308 /v1/things", or "404", or "405 GET, HEAD, OPTIONS". */
static void describe(enum http_method method, enum http_door door, const char *raw, char *ret_text, size_t size)
{
	struct arena *arena = arena_new();
	struct request request = { .service = &service, .arena = arena, .method = method, .door = door };
	struct response response;
	struct target target;
	struct error err;

	response_init(&response, arena);
	assert_true(target_parse(arena, raw, strlen(raw), &target, &err));
	if (!router_match(&request, &target, &response, &err)) {
		const char *allow = response_header_value(&response, "Allow");

		snprintf(ret_text, size, "%u%s%s", error_status(err.code), allow == NULL ? "" : " ",
		    allow == NULL ? "" : allow);
	} else if (request.route == NULL) {
		router_lead_on(&request, &response);
		snprintf(ret_text, size, "%u %s", response.status, response_header_value(&response, "Location"));
	} else {
		size_t n = (size_t)snprintf(ret_text, size, "%s", request.route->path);

		for (size_t i = 0; i < request.n_path_values; i++)
			n += (size_t)snprintf(ret_text + n, size - n, " %s=%s", request.path_values[i].name,
			    request.path_values[i].value);
	}
	response_done(&response);
	arena_free(arena);
}

static void test_routes(void **state)
{
	static const struct {
		enum http_method method;
		enum http_door door;
		const char *raw, *expected;
	} rows[] = {
		{ HTTP_GET, DOOR_PUBLIC, "/", "/" },
		{ HTTP_GET, DOOR_PUBLIC, "/?utm_source=x", "/" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things", "/v1/things" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/", "308 /v1/things" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/?a=/b/&c=%2F", "308 /v1/things?a=/b/&c=%2F" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/?", "308 /v1/things?" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/caf%C3%A9/?x=é", "308 /v1/things/caf%C3%A9?x=%C3%A9" },
		{ HTTP_GET, DOOR_PUBLIC, "http://elsewhere.example/v1/things/7/", "308 /v1/things/7" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/7/parts/9/", "308 /v1/things/7/parts/9" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things//", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "//elsewhere.example/", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "//v1/things/", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "///", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "//", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "/nothing/", "404" },
		{ HTTP_POST, DOOR_PUBLIC, "/v1/things/batch/", "404" },
		{ HTTP_DELETE, DOOR_PUBLIC, "/v1/things/7/", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "/metrics/", "404" },
		{ HTTP_GET, DOOR_ADMIN, "/metrics/", "308 /metrics" },
		{ HTTP_GET, DOOR_PUBLIC, "/static/desk/", "/static/{path...} path=desk/" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1//things", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "//v1/things", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "/V1/things", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/thing", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/thingss", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/7", "/v1/things/{ref} ref=7" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/7.json", "/v1/things/{ref}.json ref=7" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/7.json/", "308 /v1/things/7.json" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/a.b.json?x=1", "/v1/things/{ref}.json ref=a.b" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/7%2ejson", "/v1/things/{ref}.json ref=7" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/.json", "/v1/things/{ref} ref=.json" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/json", "/v1/things/{ref} ref=json" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/7.jsonx", "/v1/things/{ref} ref=7.jsonx" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/7.JSON", "/v1/things/{ref} ref=7.JSON" },
		{ HTTP_DELETE, DOOR_PUBLIC, "/v1/things/7.json", "/v1/things/{ref} ref=7.json" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/batch", "/v1/things/{ref} ref=batch" },
		{ HTTP_POST, DOOR_PUBLIC, "/v1/things/batch", "/v1/things/batch" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/caf%C3%A9", "/v1/things/{ref} ref=café" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/7/parts/9", "/v1/things/{ref}/parts/{part} ref=7 part=9" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/7/parts", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/7/parts/", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "/v1/things/7/parts/9/x", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "/static/a.css", "/static/{path...} path=a.css" },
		{ HTTP_GET, DOOR_PUBLIC, "/static/desk/a.css", "/static/{path...} path=desk/a.css" },
		{ HTTP_GET, DOOR_PUBLIC, "/static/", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "/static", "404" },
		{ HTTP_GET, DOOR_PUBLIC, "/metrics", "404" },
		{ HTTP_GET, DOOR_ADMIN, "/metrics", "/metrics" },
		{ HTTP_GET, DOOR_ADMIN, "/v1/things", "404" },
		{ HTTP_POST, DOOR_CONTROL, "/v1/things", "/v1/things" },
		{ HTTP_POST, DOOR_PUBLIC, "/v1/things", "405 GET, HEAD, OPTIONS" },
		{ HTTP_PUT, DOOR_CONTROL, "/v1/things", "405 GET, HEAD, POST, OPTIONS" },
		{ HTTP_PATCH, DOOR_PUBLIC, "/v1/things/7", "405 GET, HEAD, DELETE, OPTIONS" },
		{ HTTP_GET, DOOR_PUBLIC, "*", "400" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[256];

		describe(rows[i].method, rows[i].door, rows[i].raw, text, sizeof text);
		if (strcmp(text, rows[i].expected) != 0)
			fail_msg("%s: \"%s\" instead of \"%s\"", rows[i].raw, text, rows[i].expected);
	}
}

static void test_allow_of_everything(void **state)
{
	struct arena *arena = arena_new();
	struct request request = { .service = &service, .arena = arena, .door = DOOR_PUBLIC };
	struct target target = { .is_asterisk = true };

	(void)state;
	assert_string_equal(router_allow(&request, &target), "GET, HEAD, POST, DELETE, OPTIONS");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_allow_of_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

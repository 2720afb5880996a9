/* SPDX-License-Identifier: MIT */
/*
 * Which row of the route table answers a request?
 *
 * A path is compared segment by segment, already decoded, with each row in the order of the table; the first row that
 * fits path, method and door wins, so a row with a literal segment stands before one with {name}. {name} takes one
 * segment that is not empty, {name...} at the end of a path the rest of it, slashes and all, {name}.xml one that ends so and is longer: such
 * a row stands before the one with {name} alone. A table is some dozens of rows long and a comparison mostly ends at the first byte, so there is
 * no tree.
 *
 * A row that is not open on the door a request came in by does not exist for it: on the public door an admin-only path
 * is a 404 like any other. A path that exists for other methods alone is a 405, which names them (RFC 9110 15.5.6).
 *
 * Nor does a path with one slash too many at its end, as people type it and other software links it, exist; but where a GET
 * without the slash would meet a row, router_match() leaves request->route NULL and router_lead_on() answers 308. Only one slash
 * is taken off, and every segment that is left is one of the row's or a name that is not empty: the address led to begins
 * with one slash, never with "//host".
 */
#include "http_internal.h"

#include <assert.h>
#include <string.h>

static const char *const method_names[] = {
	[HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD", [HTTP_POST] = "POST", [HTTP_PUT] = "PUT",
	[HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE", [HTTP_OPTIONS] = "OPTIONS",
};

/* Segments [from, n) with slashes between. */
static const char *join(struct arena *arena, const struct target *target, size_t from)
{
	const char *joined = target->segments[from];

	for (size_t i = from + 1; i < target->n_segments; i++)
		joined = arena_printf(arena, "%s/%s", joined, target->segments[i]);
	return joined;
}

/* "{ref}.ninjs" and "812.ninjs" -> 3, for "812"; 0 when the segment does not end so or has nothing before that. */
static size_t value_length(const char *piece, size_t length, const char *segment)
{
	const size_t name = (size_t)((const char *)memchr(piece, '}', length) - piece) + 1, suffix = length - name, whole = strlen(segment);

	return whole > suffix && memcmp(segment + whole - suffix, piece + name, suffix) == 0 ? whole - suffix : 0;
}

/* The name in "{ref}.ninjs" or "{path...}". */
static const char *name_in(struct arena *arena, const char *piece, bool is_rest)
{
	return arena_copy(arena, piece + 1, strcspn(piece, "}") - (is_rest ? 4 : 1));
}

/* Does the path fit the pattern? Where `request` is given, its path values are filled in. */
static bool fits(const char *pattern, const struct target *target, struct request *request)
{
	const char *at = pattern + 1;
	size_t i = 0;

	assert(pattern[0] == '/');
	for (; *at != '\0'; i++) {
		size_t length = strcspn(at, "/");
		const char *segment = i < target->n_segments ? target->segments[i] : "";
		bool is_name = at[0] == '{',
		     is_rest = is_name && length > 5 && strncmp(at + length - 4, "...}", 4) == 0;

		if (i >= target->n_segments)
			return false;
		if (is_name ? value_length(at, length, segment) == 0 : strlen(segment) != length || memcmp(segment, at, length) != 0)
			return false;
		if (is_name && request != NULL) {
			request->path_values[request->n_path_values++] = (struct request_value){
				.name = name_in(request->arena, at, is_rest),
				.value = is_rest ? join(request->arena, target, i) : arena_copy(request->arena, segment, value_length(at, length, segment)),
			};
		}
		if (is_rest)
			return true;
		at += length;
		at += *at == '/';
	}
	return i == target->n_segments;
}

static bool is_open(const struct request *request, const struct route *route)
{
	return (route->doors & request->door) != 0;
}

char *router_allow(const struct request *request, const struct target *target)
{
	const struct http_service *service = request->service;
	struct arena *arena = request->arena;
	bool takes[HTTP_OPTIONS + 1] = { false };
	char *allow = NULL;

	for (size_t i = 0; i < service->n_routes; i++) {
		const struct route *route = &service->routes[i];

		if (is_open(request, route) && (target->is_asterisk || fits(route->path, target, NULL)))
			takes[route->method] = true;
	}
	takes[HTTP_HEAD] = takes[HTTP_GET];
	for (size_t method = HTTP_GET; method < HTTP_OPTIONS; method++) {
		if (takes[method])
			allow = arena_printf(arena, "%s%s, ", allow == NULL ? "" : allow, method_names[method]);
	}
	return allow == NULL ? NULL : arena_printf(arena, "%sOPTIONS", allow);
}

/* Does some row take this GET once the slash at its end is gone? */
static bool has_slash_too_many(const struct request *request, const struct target *target)
{
	const struct http_service *service = request->service;
	struct target shorter = *target;

	if (target->n_segments < 2 || target->segments[target->n_segments - 1][0] != '\0')
		return false;
	shorter.n_segments--;
	for (size_t i = 0; i < service->n_routes; i++) {
		const struct route *route = &service->routes[i];

		if (route->method == HTTP_GET && is_open(request, route) && fits(route->path, &shorter, NULL))
			return true;
	}
	return false;
}

/* A path, not an address with --base-url: it is the one that was asked for, at whatever host it was asked. */
void router_lead_on(const struct request *request, struct response *response)
{
	const char *target = request->target;
	size_t slash = strcspn(target, "?") - 1;
	struct text location = TEXT_EMPTY;

	assert(target[slash] == '/');
	for (size_t i = 0; target[i] != '\0'; i++) {
		if (i == slash)
			continue;
		if ((unsigned char)target[i] < 0x80)
			text_char(&location, target[i]);
		else
			text_percent(&location, target + i, 1);    /* typed as it is; no URI has it so (RFC 3986 2) */
	}
	response_redirect(response, arena_copy(request->arena, location.bytes, location.length));
	text_done(&location);
}

bool router_match(struct request *request, const struct target *target, struct response *response, struct error *err)
{
	const struct http_service *service = request->service;
	const char *allow;

	request->target = target->origin;
	request->path = target->path;
	request->parameters = target->parameters;
	request->n_parameters = target->n_parameters;
	if (target->is_asterisk && request->method != HTTP_OPTIONS)
		return error_set(err, ERROR_INVALID, "The target \"*\" is for OPTIONS alone");
	if (request->method == HTTP_OPTIONS)
		return true;    /* answered for any path that is there, see serve.c */

	for (size_t i = 0; i < service->n_routes; i++) {
		const struct route *route = &service->routes[i];

		if (route->method != request->method || !is_open(request, route) || !fits(route->path, target, NULL))
			continue;
		request->path_values =
		    arena_array(request->arena, target->n_segments + 1, sizeof *request->path_values);
		fits(route->path, target, request);
		request->route = route;
		return true;
	}

	allow = router_allow(request, target);
	if (allow == NULL && request->method == HTTP_GET && has_slash_too_many(request, target))
		return true;
	if (allow == NULL)
		return error_set(err, ERROR_NOT_FOUND, "There is nothing at this address");
	response_header(response, "Allow", "%s", allow);
	return error_set(err, ERROR_METHOD, "This address takes %s", allow);
}

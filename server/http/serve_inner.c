/* SPDX-License-Identifier: MIT */
/*
 * Requests that nobody sent: what a page is made of is asked of the API's own routes, and the next events of a stream of its route.
 *
 * They go through the router and the parameters' checks as any other, but not through the cache: what is made of them is kept as a whole, and stands on
 * the basis of the request that asks. A page sees what its reader may see; events are what everybody sees.
 */
#include "http_internal.h"

#include <string.h>

#include "clock.h"

/* Runs the route for `target`. A 308 (a thing's former address) is no failure: `ret_response` then says where to. */
static bool run_inner(struct request *outer, const char *target, struct response *ret_response, struct error *err)
{
	struct request inner = {
		.service = outer->service,
		.arena = outer->arena,
		.context = outer->context,
		.basis = outer->basis,
		.is_on_reader = outer->is_on_reader,
		.door = outer->door,
		.caller = outer->caller,
		.method = HTTP_GET,
		.started_us = outer->started_us,
	};
	struct target parsed;
	bool ok;

	if (!target_parse(outer->arena, target, strlen(target), &parsed, err)
	    || !router_match(&inner, &parsed, ret_response, err)
	    || !auth_allows(&inner, ret_response, err)
	    || !parameters_check(&inner, err))
		return false;
	if (inner.route == NULL) {
		router_lead_on(&inner, ret_response);
		return true;
	}
	canonical_take(&inner);
	ok = inner.route->handler(&inner, ret_response, err);
	outer->wants_reader |= inner.wants_reader;
	return ok;
}

bool serve_inner(struct request *outer, const char *target, struct text *ret_body, struct error *err)
{
	struct response response;
	bool ok;

	response_init(&response, outer->arena);
	ok = run_inner(outer, target, &response, err);
	if (ok && response.status == 308) {
		const char *location = response_header_value(&response, "Location");

		location += *location == CONTROL_BASE_URL;
		response_clear(&response);
		ok = run_inner(outer, location, &response, err);
	}
	if (ok && response.status != 200)
		ok = error_set(err, ERROR_NOT_FOUND, "%s answers %u", target, response.status);
	if (ok) {
		response_fill(&response, outer->service->base_url);
		*ret_body = response.body;
		response.body = TEXT_EMPTY;
	}
	response_done(&response);
	return ok;
}

bool serve_piece(const struct http_service *service, void *context, const char *target, int64_t at, struct text *ret_body, struct served_piece *ret_piece,
    struct error *err)
{
	struct arena *arena = arena_new();
	struct request request = {
		.service = service, .arena = arena, .context = context, .door = DOOR_PUBLIC, .method = HTTP_GET, .is_piece = true,
		.started_us = clock_monotonic_us(),
	};
	const char *whole = arena_printf(arena, "%s%csince=%lld", target, strchr(target, '?') != NULL ? '&' : '?', (long long)at);
	struct response response;
	struct target parsed;
	bool ok;

	response_init(&response, arena);
	ok = target_parse(arena, whole, strlen(whole), &parsed, err) && router_match(&request, &parsed, &response, err)
	    && parameters_check(&request, err);
	if (ok) {
		canonical_take(&request);
		ok = request.route->handler(&request, &response, err);
	}
	if (ok) {
		response_fill(&response, service->base_url);
		*ret_body = response.body;
		*ret_piece = (struct served_piece){ .end = response.stream_at, .is_last = response.is_quiet };
		response.body = TEXT_EMPTY;
	}
	response_done(&response);
	arena_free(arena);
	return ok;
}
